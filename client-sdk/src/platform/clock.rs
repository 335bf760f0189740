//! The boot clock on desktops: Linux's own through `/proc`, a clock per process elsewhere.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use sync_core::{
    id::BootId,
    time::{ClockReading, Timestamp},
};

/// Reads the clock that counts since the last restart, sleep included, where the system shows it.
///
/// A reading is never below the one before, not even when the system fails to show its clock for once.
#[derive(Debug, Clone)]
pub struct BootClock {
    source: Source,
    last_ms: Arc<AtomicU64>,
}

#[derive(Debug, Clone)]
enum Source {
    Linux { boot: BootId },
    Process { boot: BootId, started: Instant },
}

impl BootClock {
    /// Finds the best boot clock; `fallback` names this process's own run where the system shows none.
    pub fn find(fallback: BootId) -> Self {
        let source = match (linux_boot_id(), linux_uptime_ms()) {
            (Some(boot), Some(_)) => Source::Linux { boot },
            _ => Source::Process { boot: fallback, started: Instant::now() },
        };
        Self { source, last_ms: Arc::default() }
    }

    /// Reads the boot clock and the wall clock.
    pub fn read(&self) -> ClockReading {
        let (boot, boot_ms) = match &self.source {
            Source::Linux { boot } => (*boot, linux_uptime_ms().unwrap_or(0)),
            Source::Process { boot, started } => (*boot, saturating_ms(started.elapsed().as_millis())),
        };
        let boot_ms = self.last_ms.fetch_max(boot_ms, Ordering::AcqRel).max(boot_ms);
        ClockReading { boot, boot_ms, wall: wall() }
    }
}

fn linux_boot_id() -> Option<BootId> {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    text.trim().replace('-', "").parse().ok()
}

/// The first number of `/proc/uptime` is `CLOCK_BOOTTIME` in seconds with two decimals.
fn linux_uptime_ms() -> Option<u64> {
    let text = fs::read_to_string("/proc/uptime").ok()?;
    let (seconds, hundredths) = text.split_whitespace().next()?.split_once('.')?;
    let hundredths: u64 = hundredths.get(..2)?.parse().ok()?;
    seconds.parse::<u64>().ok()?.checked_mul(1000)?.checked_add(hundredths * 10)
}

fn wall() -> Timestamp {
    let millis = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
    };
    Timestamp::from_millis(millis)
}

fn saturating_ms(millis: u128) -> u64 {
    u64::try_from(millis).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_reads_one_boot_whose_clock_never_runs_back() {
        let clock = BootClock::find(BootId::from_bytes([7; 16]));
        let (first, second) = (clock.read(), clock.read());
        assert_eq!(first.boot, second.boot);
        assert!(first.boot_ms <= second.boot_ms);
        assert!(first.wall > Timestamp::from_millis(0));
        clock.last_ms.store(second.boot_ms + 1_000_000, Ordering::Release);
        assert_eq!(clock.read().boot_ms, second.boot_ms + 1_000_000);
    }
}
