//! How many connections are open, in all and per address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Counts open connections.
#[derive(Debug)]
pub(super) struct Slots {
    most: usize,
    most_per_ip: usize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    per_ip: HashMap<IpAddr, usize>,
}

/// The right to have one connection open, given back when dropped.
#[derive(Debug)]
pub(super) struct Slot {
    slots: Arc<Slots>,
    ip: Option<IpAddr>,
}

impl Slots {
    pub(super) fn new(most: usize, most_per_ip: usize) -> Self {
        Self { most, most_per_ip, open: Mutex::default() }
    }

    /// Takes a slot, counted against the address if there is one; `None` if there is none left.
    pub(super) fn take(slots: &Arc<Self>, ip: Option<IpAddr>) -> Option<Slot> {
        let mut open = slots.open();
        if open.all >= slots.most {
            return None;
        }
        if let Some(ip) = ip {
            let of_ip = open.per_ip.entry(ip).or_insert(0);
            if *of_ip >= slots.most_per_ip {
                return None;
            }
            *of_ip += 1;
        }
        open.all += 1;
        drop(open);
        Some(Slot { slots: Arc::clone(slots), ip })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self.slots.open();
        open.all -= 1;
        if let Some(ip) = self.ip
            && let Some(of_ip) = open.per_ip.get_mut(&ip)
        {
            *of_ip -= 1;
            if *of_ip == 0 {
                open.per_ip.remove(&ip);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_connection_makes_room_for_another() {
        let slots = Arc::new(Slots::new(2, 1));
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let first = Slots::take(&slots, Some(one)).unwrap();
        assert!(Slots::take(&slots, Some(one)).is_none());
        let _second = Slots::take(&slots, Some(other)).unwrap();
        assert!(Slots::take(&slots, None).is_none());
        drop(first);
        assert!(Slots::take(&slots, Some(one)).is_some());
        assert_eq!(slots.open().per_ip.len(), 1);
    }
}
