//! The best estimate of the time: the newest anchor carried on by the boot clock.

use rusqlite::Connection;
use sync_core::time::{ClockReading, Timestamp};

use crate::{error::Error, store};

/// Estimates the time.
///
/// Within the boot in which an anchor came, that is the anchor's time and what the boot clock counted since. Otherwise
/// the wall clock, but never before the newest anchor: the server has said it was later than that.
pub(crate) fn best_time(db: &Connection, clock: ClockReading) -> Result<Timestamp, Error> {
    if let Some(anchor) = store::newest_anchor_of_boot(db, clock.boot)?
        && let Some(elapsed) = clock.boot_ms.checked_sub(anchor.boot_ms)
    {
        return Ok(anchor.time.plus_millis(i64::try_from(elapsed).unwrap_or(i64::MAX)));
    }
    let newest = store::newest_anchor(db)?.map(|anchor| anchor.time);
    let earliest = newest.unwrap_or(Timestamp::from_millis(0));
    Ok(clock.wall.max(earliest).min(Timestamp::MAX))
}
