//! The server's signed statements: anchors and receipts, kept for ever.

use rusqlite::{Connection, OptionalExtension as _, params};
use sync_core::{
    encoding,
    hash::Hash,
    id::{BootId, DeviceId},
    log::{SignedAnchor, SignedReceipt},
    protocol::phone::SeenAnchor,
    time::{ClockReading, Timestamp},
};

use crate::{
    error::Error,
    store::{given, to_i64, to_u64},
};

/// What an anchor said, and what the boot clock said when it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AnchorRow {
    pub(crate) time: Timestamp,
    pub(crate) boot: BootId,
    pub(crate) boot_ms: u64,
}

/// Keeps a verified anchor with the clocks at its arrival.
pub(crate) fn keep_anchor(db: &Connection, signed: &SignedAnchor, clock: ClockReading) -> Result<(), Error> {
    let anchor = &signed.anchor;
    db.prepare_cached(
        "INSERT OR IGNORE INTO anchors (hash, device, sequence, time_ms, boot, boot_ms, bytes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        anchor.hash().as_bytes(),
        anchor.device.as_bytes(),
        given(anchor.sequence)?,
        anchor.time.as_millis(),
        clock.boot.as_bytes(),
        to_i64(clock.boot_ms)?,
        encoding::encode(signed),
    ])?;
    Ok(())
}

/// The time an anchor states, if this book has it.
pub(crate) fn anchor_time(db: &Connection, hash: Hash) -> Result<Option<Timestamp>, Error> {
    let time: Option<i64> = db
        .prepare_cached("SELECT time_ms FROM anchors WHERE hash = ?1")?
        .query_row([hash.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(time.map(Timestamp::from_millis))
}

/// The anchor with the latest time.
pub(crate) fn newest_anchor(db: &Connection) -> Result<Option<AnchorRow>, Error> {
    let sql = "SELECT time_ms, boot, boot_ms FROM anchors ORDER BY time_ms DESC LIMIT 1";
    Ok(db.prepare_cached(sql)?.query_row([], read).optional()?)
}

/// The anchor with the latest time that came in this run of the boot clock.
pub(crate) fn newest_anchor_of_boot(db: &Connection, boot: BootId) -> Result<Option<AnchorRow>, Error> {
    let sql = "SELECT time_ms, boot, boot_ms FROM anchors WHERE boot = ?1 ORDER BY time_ms DESC LIMIT 1";
    Ok(db.prepare_cached(sql)?.query_row([boot.as_bytes()], read).optional()?)
}

/// The anchor this device received last, for the checks of the next one.
pub(crate) fn seen_anchor(db: &Connection, device: DeviceId) -> Result<Option<SeenAnchor>, Error> {
    let row: Option<(i64, i64)> = db
        .prepare_cached(
            "SELECT sequence, time_ms FROM anchors WHERE device = ?1 ORDER BY rowid DESC LIMIT 1",
        )?
        .query_row([device.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    row.map(|(sequence, time)| {
        Ok(SeenAnchor { sequence: to_u64(sequence)?, time: Timestamp::from_millis(time) })
    })
    .transpose()
}

/// The newest anchors this device received, oldest first, at most `count`.
pub(crate) fn anchors_of(
    db: &Connection,
    device: DeviceId,
    count: usize,
) -> Result<Vec<SignedAnchor>, Error> {
    let mut statement =
        db.prepare_cached("SELECT bytes FROM anchors WHERE device = ?1 ORDER BY rowid DESC LIMIT ?2")?;
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let newest = statement.query_map(params![device.as_bytes(), count], |row| row.get::<_, Vec<u8>>(0))?;
    let mut anchors = newest
        .map(|bytes| encoding::decode(&bytes?).map_err(Error::corrupt))
        .collect::<Result<Vec<SignedAnchor>, Error>>()?;
    anchors.reverse();
    Ok(anchors)
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<AnchorRow> {
    Ok(AnchorRow {
        time: Timestamp::from_millis(row.get(0)?),
        boot: BootId::from_bytes(row.get(1)?),
        boot_ms: row.get::<_, i64>(2)?.unsigned_abs(),
    })
}

/// Keeps a verified receipt.
pub(crate) fn keep_receipt(db: &Connection, signed: &SignedReceipt) -> Result<(), Error> {
    let receipt = &signed.receipt;
    db.prepare_cached("INSERT OR IGNORE INTO receipts (device, first, last, bytes) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![
            receipt.device.as_bytes(),
            given(receipt.first)?,
            given(receipt.last)?,
            encoding::encode(signed),
        ])?;
    Ok(())
}

/// When the server got an entry, by its receipt.
pub(crate) fn arrived(db: &Connection, device: DeviceId, index: u64) -> Result<Option<Timestamp>, Error> {
    let bytes: Option<Vec<u8>> = db
        .prepare_cached(
            "SELECT bytes FROM receipts WHERE device = ?1 AND first <= ?2 AND last >= ?2 LIMIT 1",
        )?
        .query_row(params![device.as_bytes(), to_i64(index)?], |row| row.get(0))
        .optional()?;
    let receipt = bytes.map(|bytes| encoding::decode::<SignedReceipt>(&bytes).map_err(Error::corrupt));
    Ok(receipt.transpose()?.map(|signed| signed.receipt.received))
}
