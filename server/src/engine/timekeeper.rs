//! The timekeeper: server time that never goes back, and that says when it cannot be trusted.

use std::sync::{Mutex, PoisonError};

use sync_core::time::Timestamp;

use crate::clock::Clock;

/// How far wall clock and monotonic clock may part between two looks before the time is suspect.
const JUMP_MS: i64 = 2_000;

/// How long the clocks must agree again before the time is trusted.
const CALM_MS: u64 = 60_000;

/// What time it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerTime {
    /// Never earlier than what was given before, also before the last restart.
    pub now: Timestamp,
    /// Whether the clock jumped lately or stands before the last event: no anchors are given meanwhile.
    pub suspect: bool,
}

/// Reads the clock and remembers the latest time it gave.
pub(super) struct Timekeeper {
    state: Mutex<State>,
}

struct State {
    high_water: Timestamp,
    last: Option<(Timestamp, u64)>,
    calm_since: Option<u64>,
}

impl Timekeeper {
    /// Starts behind the last event of the journal.
    pub(super) fn new(high_water: Timestamp) -> Self {
        Self { state: Mutex::new(State { high_water, last: None, calm_since: None }) }
    }

    /// Reads the clock.
    pub(super) fn read(&self, clock: &dyn Clock) -> ServerTime {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // Read under the lock: an older reading that is compared with a newer one would look like a jump.
        let (wall, monotonic) = clock.hands();
        let (last_wall, last_monotonic) = state.last.unwrap_or((wall, monotonic));
        let passed = monotonic.saturating_sub(last_monotonic) as i64;
        let jump = wall.millis_since(last_wall).saturating_sub(passed);
        if jump.abs() > JUMP_MS {
            tracing::error!(jump_ms = jump, "the server's clock jumped; no anchors until it is calm again");
            state.calm_since = Some(monotonic);
        }
        state.last = Some((wall, monotonic));
        if state.calm_since.is_some_and(|since| monotonic.saturating_sub(since) >= CALM_MS) {
            state.calm_since = None;
        }
        let calm = state.calm_since.is_none();
        let behind = state.high_water.millis_since(wall) > JUMP_MS;
        let suspect = behind || !calm;
        // A wrong reading must not carry time away: until the clock is calm again, time goes on by the monotonic
        // clock; while the clock stands behind, at half its rate, so that the two meet.
        state.high_water = match (calm, behind) {
            (true, false) => state.high_water.max(wall),
            (true, true) => state.high_water.plus_millis(passed / 2),
            (false, _) => state.high_water.plus_millis(passed),
        };
        ServerTime { now: state.high_water, suspect }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[derive(Default)]
    struct Hands {
        wall: AtomicI64,
        monotonic: AtomicI64,
    }

    impl Hands {
        fn pass(&self, wall: i64, monotonic: i64) {
            self.wall.fetch_add(wall, Ordering::Relaxed);
            self.monotonic.fetch_add(monotonic, Ordering::Relaxed);
        }
    }

    impl Clock for Hands {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(self.wall.load(Ordering::Relaxed))
        }

        fn monotonic_ms(&self) -> u64 {
            self.monotonic.load(Ordering::Relaxed) as u64
        }
    }

    #[test]
    fn a_clock_set_back_neither_turns_time_back_nor_is_trusted() {
        let (clock, keeper) = (Hands::default(), Timekeeper::new(Timestamp::from_millis(0)));
        clock.pass(1_000_000, 0);
        assert_eq!(
            keeper.read(&clock),
            ServerTime { now: Timestamp::from_millis(1_000_000), suspect: false }
        );
        clock.pass(-500_000, 10);
        assert_eq!(keeper.read(&clock), ServerTime { now: Timestamp::from_millis(1_000_010), suspect: true });
    }

    #[test]
    fn a_clock_set_forward_is_trusted_again_after_a_calm_minute() {
        let (clock, keeper) = (Hands::default(), Timekeeper::new(Timestamp::from_millis(0)));
        keeper.read(&clock);
        clock.pass(3_600_000, 10);
        let jumped = keeper.read(&clock);
        assert!(jumped.suspect);
        assert!(jumped.now < Timestamp::from_millis(60_000), "one wrong reading does not carry time away");
        clock.pass(59_000, 59_000);
        assert!(keeper.read(&clock).suspect);
        clock.pass(1_000, 1_000);
        assert!(!keeper.read(&clock).suspect);
    }

    #[test]
    fn a_clock_that_stands_before_the_last_event_is_suspect() {
        let (clock, keeper) = (Hands::default(), Timekeeper::new(Timestamp::from_millis(10_000)));
        assert_eq!(keeper.read(&clock), ServerTime { now: Timestamp::from_millis(10_000), suspect: true });
    }
}
