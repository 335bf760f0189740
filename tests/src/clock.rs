//! The simulated clock: the one true time of a world, which the server knows and the phones only think they know.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use anyhow::Context as _;
use jiff::{civil::DateTime, tz::TimeZone};
use server::clock::{Clock, SystemClock};
use sync_core::time::Timestamp;

/// Time that passes only when it is told to, until it is handed over to the system clock.
#[derive(Debug)]
pub struct SimulatedClock(Mutex<Hands>);

#[derive(Debug, Clone, Copy)]
struct Hands {
    now: Timestamp,
    monotonic_ms: u64,
    /// Since when real time is added.
    running: Option<Instant>,
}

impl SimulatedClock {
    /// Stands at an instant.
    pub fn at(now: Timestamp) -> Self {
        Self(Mutex::new(Hands { now, monotonic_ms: 0, running: None }))
    }

    /// Lets time pass.
    pub fn pass_ms(&self, ms: u64) {
        let mut hands = self.lock();
        hands.monotonic_ms += ms;
        hands.now = hands.now.plus_millis(i64::try_from(ms).unwrap_or(i64::MAX));
    }

    /// Sets the wall clock forward (back if negative) while no time passes, as a wrong time server does.
    pub fn jump_ms(&self, ms: i64) {
        let mut hands = self.lock();
        hands.now = hands.now.plus_millis(ms);
    }

    /// Lets time pass until an instant; none if it is over already.
    pub fn pass_until(&self, then: Timestamp) {
        let ms = then.millis_since(self.now());
        self.pass_ms(u64::try_from(ms).unwrap_or(0));
    }

    /// Lets time pass until the system clock's now, and then as the system clock does.
    pub fn hand_over(&self) {
        self.pass_until(SystemClock::new().now());
        self.lock().running = Some(Instant::now());
    }

    fn lock(&self) -> MutexGuard<'_, Hands> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        self.hands().0
    }

    fn monotonic_ms(&self) -> u64 {
        self.hands().1
    }

    fn hands(&self) -> (Timestamp, u64) {
        let hands = *self.lock();
        let real_ms = hands.running.map_or(0, |since| since.elapsed().as_millis() as u64);
        (hands.now.plus_millis(real_ms as i64), hands.monotonic_ms + real_ms)
    }
}

/// The instant of a date and time in Shanghai, such as `2026-09-07T09:00`.
pub fn shanghai(text: &str) -> anyhow::Result<Timestamp> {
    let local: DateTime = text.parse().with_context(|| format!("{text} is no date and time"))?;
    let zoned = local.to_zoned(TimeZone::get("Asia/Shanghai")?)?;
    Ok(Timestamp::from_millis(zoned.timestamp().as_millisecond()))
}
