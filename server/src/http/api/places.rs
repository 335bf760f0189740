//! Places: how many commits are worked on at the same time, and no more than one of each device.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::engine::DeviceSession;

/// The places for commits. A device that sends many at once takes one of them, however long it is worked on.
pub(super) struct Places {
    free: Semaphore,
    taken: Mutex<HashSet<DeviceSession>>,
}

/// A place, free again when dropped.
pub(super) struct Place<'a> {
    places: &'a Places,
    session: DeviceSession,
    _permit: SemaphorePermit<'a>,
}

impl Places {
    /// So many, all free.
    pub(super) fn new(count: usize) -> Self {
        Self { free: Semaphore::new(count), taken: Mutex::default() }
    }

    /// Takes a place for a device's commit; `None` if none is free or the device has one.
    pub(super) fn take(&self, session: DeviceSession) -> Option<Place<'_>> {
        let permit = self.free.try_acquire().ok()?;
        // Not made before it is known to be the device's only one: its drop frees the device.
        self.taken().insert(session).then(|| Place { places: self, session, _permit: permit })
    }

    fn taken(&self) -> MutexGuard<'_, HashSet<DeviceSession>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.places.taken().remove(&self.session);
    }
}

#[cfg(test)]
mod tests {
    use sync_core::id::{DeviceId, TenantId};

    use super::*;

    fn device(number: u8) -> DeviceSession {
        DeviceSession { tenant: TenantId::from_bytes([1; 16]), device: DeviceId::from_bytes([number; 16]) }
    }

    #[test]
    fn a_device_that_sends_many_commits_at_once_leaves_the_other_places_free() {
        let places = Places::new(2);
        let hoarder = places.take(device(1));
        assert!(hoarder.is_some());
        assert!((0..100).all(|_| places.take(device(1)).is_none()));
        let other = places.take(device(2));
        assert!(other.is_some() && places.take(device(3)).is_none());
        drop(hoarder);
        assert!(places.take(device(1)).is_some());
    }
}
