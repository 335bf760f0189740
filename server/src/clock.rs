//! The clock the server lives by, handed in everywhere so that a simulation can set it.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use sync_core::time::Timestamp;

/// Tells the time.
///
/// # Contract
/// `monotonic_ms` never goes back within one run of the server; `now` may, when an operator sets the clock.
pub trait Clock: Send + Sync + 'static {
    /// The instant on the wall clock.
    fn now(&self) -> Timestamp;

    /// Milliseconds on a clock that nobody can set, from an arbitrary start.
    fn monotonic_ms(&self) -> u64;

    /// Both at one moment, for who compares them.
    fn hands(&self) -> (Timestamp, u64) {
        (self.now(), self.monotonic_ms())
    }
}

/// The clock of the operating system.
#[derive(Debug)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// Starts the monotonic clock at zero.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the real clocks")]
    pub fn new() -> Self {
        Self { started: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the real clocks")]
    fn now(&self) -> Timestamp {
        let millis = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
        };
        Timestamp::from_millis(millis)
    }

    fn monotonic_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// A clock that stands still until it is told to move, for simulations and tests.
#[derive(Debug)]
pub struct ManualClock {
    now_ms: AtomicI64,
    monotonic_ms: AtomicU64,
    // Moves both hands as one step.
    moving: Mutex<()>,
}

impl ManualClock {
    /// Makes a clock that stands at `now`, its monotonic hand at zero.
    pub fn at(now: Timestamp) -> Self {
        Self {
            now_ms: AtomicI64::new(now.as_millis()),
            monotonic_ms: AtomicU64::new(0),
            moving: Mutex::new(()),
        }
    }

    /// Lets that many milliseconds pass on both hands.
    pub fn advance_ms(&self, elapsed_ms: u64) {
        let _moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        self.monotonic_ms.fetch_add(elapsed_ms, Ordering::SeqCst);
        let elapsed_ms = i64::try_from(elapsed_ms).unwrap_or(i64::MAX);
        let now = Timestamp::from_millis(self.now_ms.load(Ordering::SeqCst)).plus_millis(elapsed_ms);
        self.now_ms.store(now.as_millis(), Ordering::SeqCst);
    }

    /// Sets the wall clock, forward or back, and leaves the monotonic hand alone.
    pub fn set(&self, now: Timestamp) {
        let _moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        self.now_ms.store(now.as_millis(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.now_ms.load(Ordering::SeqCst))
    }

    fn monotonic_ms(&self) -> u64 {
        self.monotonic_ms.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_the_wall_clock_back_leaves_the_monotonic_hand_alone() {
        let clock = ManualClock::at(Timestamp::from_millis(10_000));
        clock.advance_ms(500);
        clock.set(Timestamp::from_millis(3));
        assert_eq!(clock.now(), Timestamp::from_millis(3));
        assert_eq!(clock.monotonic_ms(), 500);
    }
}
