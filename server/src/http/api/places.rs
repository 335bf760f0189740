//! Places: how many commits are worked on at once, how many stand in line, and when newcomers are turned away for them.
//!
//! A device has one commit inside or in line, so that one that sends many at once takes no more room than another.
//! A sync that is turned away begins again from its first request. So what is cheap is refused first, before the server
//! has done anything for it: a token or a pull while commits wait too long. A commit, for which a pull was answered and
//! a log was carried over the network, is refused only when the line itself is full.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use super::Api;
use crate::{config::Limits, engine::DeviceSession, http::Problem};

/// Seconds after which a phone that met a full house tries again; it adds its own jitter.
const BUSY_RETRY_S: u64 = 2;

/// While commits wait that long for a place, nobody begins a sync.
const LONG_WAIT_MS: u64 = 500;

/// Who is inside, and who stands in line.
#[derive(Debug)]
pub(super) struct Places {
    working: Semaphore,
    newcomers: Arc<Semaphore>,
    waiting: AtomicUsize,
    most_waiting: usize,
    /// How long the commit waited that got a place last.
    last_wait_ms: AtomicU64,
    /// The devices that have a commit inside or in line.
    devices: Mutex<BTreeSet<DeviceSession>>,
}

/// A commit's place, free again when dropped.
#[derive(Debug)]
pub(super) struct Place<'a> {
    // Dropped in this order: who comes next may be of the same device.
    _permit: SemaphorePermit<'a>,
    _device: OneOfDevice<'a>,
}

impl Places {
    /// Makes the places that the settings give.
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            working: Semaphore::new(limits.concurrent_commits),
            newcomers: Arc::new(Semaphore::new(limits.waiting_commits)),
            waiting: AtomicUsize::new(0),
            most_waiting: limits.waiting_commits,
            last_wait_ms: AtomicU64::new(0),
            devices: Mutex::default(),
        }
    }

    /// Gives a commit a place once it is its turn; refuses it if the line is full or its device has another one here.
    pub(super) async fn commit(
        &self,
        session: DeviceSession,
        monotonic_ms: impl Fn() -> u64,
    ) -> Result<Place<'_>, Problem> {
        let _device = OneOfDevice::enter(self, session).ok_or_else(busy)?;
        if let Ok(_permit) = self.working.try_acquire() {
            self.last_wait_ms.store(0, Ordering::Relaxed);
            return Ok(Place { _permit, _device });
        }
        let _in_line = InLine::enter(self).ok_or_else(busy)?;
        let since_ms = monotonic_ms();
        let _permit = self.working.acquire().await.map_err(|_| busy())?;
        self.last_wait_ms.store(monotonic_ms().saturating_sub(since_ms), Ordering::Relaxed);
        Ok(Place { _permit, _device })
    }

    /// Lets in who only begins a sync, unless those who are further on fill the house.
    fn newcomer(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let waiting = self.waiting.load(Ordering::Relaxed);
        let waits_long = self.last_wait_ms.load(Ordering::Relaxed) >= LONG_WAIT_MS;
        if waiting > self.most_waiting / 2 || (waiting > 0 && waits_long) {
            return Err(busy());
        }
        Arc::clone(&self.newcomers).try_acquire_owned().map_err(|_| busy())
    }
}

/// The one commit of a device; the device may send another when it is dropped.
#[derive(Debug)]
struct OneOfDevice<'a>(&'a Places, DeviceSession);

impl<'a> OneOfDevice<'a> {
    fn enter(places: &'a Places, session: DeviceSession) -> Option<Self> {
        // Not made before it is known to be the only one: its drop frees the device.
        Self::devices(places).insert(session).then(|| Self(places, session))
    }

    fn devices(places: &Places) -> MutexGuard<'_, BTreeSet<DeviceSession>> {
        places.devices.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OneOfDevice<'_> {
    fn drop(&mut self) {
        Self::devices(self.0).remove(&self.1);
    }
}

/// A commit that stands in line; it leaves when dropped, as when the server stops.
struct InLine<'a>(&'a Places);

impl<'a> InLine<'a> {
    fn enter(places: &'a Places) -> Option<Self> {
        let room = |waiting: usize| (waiting < places.most_waiting).then_some(waiting + 1);
        places.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).ok().map(|_| Self(places))
    }
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The first argument of a handler with which a sync begins: a full house is said before anything is checked.
pub(super) struct Newcomer(
    #[expect(dead_code, reason = "held until the answer is made")] OwnedSemaphorePermit,
);

impl FromRequestParts<Arc<Api>> for Newcomer {
    type Rejection = Problem;

    async fn from_request_parts(_: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        api.places.newcomer().map(Self)
    }
}

fn busy() -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "Too many phones at once")
        .retry_after_s(BUSY_RETRY_S)
}

#[cfg(test)]
mod tests {
    use std::{
        pin::{Pin, pin},
        task::{Context, Waker},
    };

    use sync_core::id::{DeviceId, TenantId};

    use super::*;

    fn places(concurrent_commits: usize, waiting_commits: usize) -> Places {
        Places::new(&Limits { concurrent_commits, waiting_commits, ..Limits::default() })
    }

    fn device(number: u8) -> DeviceSession {
        DeviceSession { tenant: TenantId::from_bytes([1; 16]), device: DeviceId::from_bytes([number; 16]) }
    }

    /// Whether a future is still waiting after it was looked at.
    fn waits<F: Future>(future: Pin<&mut F>) -> bool {
        future.poll(&mut Context::from_waker(Waker::noop())).is_pending()
    }

    #[tokio::test]
    async fn a_commit_waits_for_its_turn_and_is_refused_only_when_the_line_is_full() {
        let places = places(1, 2);
        let working = places.commit(device(1), || 0).await.unwrap();
        let (mut first, mut second) =
            (pin!(places.commit(device(2), || 0)), Box::pin(places.commit(device(3), || 0)));
        assert!(waits(first.as_mut()) && waits(second.as_mut()));
        assert!(places.commit(device(4), || 0).await.is_err(), "two stand in line already");
        drop(second);
        let mut third = pin!(places.commit(device(5), || 0));
        assert!(waits(third.as_mut()), "one has left the line");
        drop(working);
        assert!(first.await.is_ok());
        assert!(!waits(third.as_mut()), "whoever is done makes room for the next");
    }

    #[tokio::test]
    async fn newcomers_are_turned_away_before_any_commit_is() {
        let places = places(1, 4);
        let working = places.commit(device(6), || 0).await.unwrap();
        let mut line: Vec<_> = (10..14).map(|n| Box::pin(places.commit(device(n), || 0))).collect();
        for commit in &mut line[..2] {
            assert!(waits(commit.as_mut()));
            assert!(places.newcomer().is_ok());
        }
        for commit in &mut line[2..] {
            assert!(waits(commit.as_mut()), "a commit still finds room in the line");
            assert!(places.newcomer().is_err());
        }
        drop((line, working));
        assert!(places.newcomer().is_ok());
    }

    #[tokio::test]
    async fn a_short_line_that_moves_slowly_turns_newcomers_away_until_it_is_gone() {
        let (places, now_ms) = (places(1, 100), AtomicU64::new(0));
        let clock = || now_ms.load(Ordering::Relaxed);
        let working = places.commit(device(7), clock).await.unwrap();
        let (mut first, mut second) =
            (pin!(places.commit(device(8), clock)), pin!(places.commit(device(9), clock)));
        assert!(waits(first.as_mut()) && waits(second.as_mut()));
        assert!(places.newcomer().is_ok(), "nobody has waited long yet");
        now_ms.store(LONG_WAIT_MS, Ordering::Relaxed);
        drop(working);
        let first = first.await.unwrap();
        assert!(places.newcomer().is_err(), "the next in line has waited as long");
        drop(first);
        drop(second.await.unwrap());
        assert!(places.newcomer().is_ok(), "nobody stands in line");
    }

    #[test]
    fn only_so_many_begin_at_the_same_time() {
        let places = places(1, 2);
        let (_one, two) = (places.newcomer().unwrap(), places.newcomer().unwrap());
        assert!(places.newcomer().is_err());
        drop(two);
        assert!(places.newcomer().is_ok());
    }

    #[tokio::test]
    async fn a_device_that_sends_many_commits_at_once_leaves_the_other_places_free() {
        let places = places(2, 100);
        let hoarder = places.commit(device(1), || 0).await.unwrap();
        for _ in 0..100 {
            assert!(places.commit(device(1), || 0).await.is_err());
        }
        assert!(places.commit(device(2), || 0).await.is_ok());
        drop(hoarder);
        assert!(places.commit(device(1), || 0).await.is_ok());
    }
}
