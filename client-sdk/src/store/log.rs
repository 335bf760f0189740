//! The log on disk, which is also the outbox.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use sync_core::{
    admission::RefusalCode,
    hash::Hash,
    id::{DeviceId, DocumentId},
    log::{Chain, Entry, EntryKind},
    time::{ClockReading, Timestamp},
};

use crate::{
    error::Error,
    store::{to_i64, to_u64},
};

/// A wall clock that moved further than this against the boot clock was set by somebody.
const CLOCK_SET_MS: i64 = 60_000;

/// One entry with what became of it.
#[derive(Debug, Clone)]
pub(crate) struct LogRow {
    pub(crate) index: u64,
    pub(crate) hash: Hash,
    pub(crate) bytes: Vec<u8>,
    pub(crate) document: Option<DocumentId>,
    pub(crate) change: Option<Hash>,
    pub(crate) written: Timestamp,
    pub(crate) received: bool,
    pub(crate) refusal: Option<(RefusalCode, String)>,
}

const COLUMNS: &str = "number, hash, bytes, document, change, written_ms, received, refusal, detail";

/// Appends an entry and gives its hash; it goes behind a `Boot` or `ClockSet` entry where the clocks call for one.
///
/// `written` is the best estimate of the time, shown to the rep; the entry itself holds the clocks as they are.
pub(crate) fn append(
    db: &Connection,
    device: DeviceId,
    clock: ClockReading,
    written: Timestamp,
    kind: EntryKind,
    change: Option<Hash>,
) -> Result<Hash, Error> {
    let mut chain = Chain::EMPTY;
    let notice = match last(db, device)? {
        Some((last, head)) => {
            chain = Chain { next_index: last.index + 1, head };
            notice(&last, clock)
        }
        None => Some(EntryKind::Boot),
    };
    if let Some(notice) = notice {
        insert(db, device, &mut chain, clock, written, notice, None)?;
    }
    insert(db, device, &mut chain, clock, written, kind, change)
}

fn notice(last: &Entry, clock: ClockReading) -> Option<EntryKind> {
    if last.boot != clock.boot {
        return Some(EntryKind::Boot);
    }
    let elapsed = i64::try_from(clock.boot_ms.saturating_sub(last.boot_ms)).unwrap_or(i64::MAX);
    let delta_ms = clock.wall.millis_since(last.wall).saturating_sub(elapsed);
    (delta_ms.saturating_abs() > CLOCK_SET_MS).then_some(EntryKind::ClockSet { delta_ms })
}

fn insert(
    db: &Connection,
    device: DeviceId,
    chain: &mut Chain,
    clock: ClockReading,
    written: Timestamp,
    kind: EntryKind,
    change: Option<Hash>,
) -> Result<Hash, Error> {
    let (name, document) = match &kind {
        EntryKind::Boot => ("boot", None),
        EntryKind::ClockSet { .. } => ("clock_set", None),
        EntryKind::Anchor { .. } => ("anchor", None),
        EntryKind::CheckIn { document } => ("check_in", Some(*document)),
        EntryKind::CheckOut { document } => ("check_out", Some(*document)),
        EntryKind::Change { document, .. } => ("change", Some(*document)),
        EntryKind::Submit { document, .. } => ("submit", Some(*document)),
    };
    let (entry, bytes, hash) = chain.append(clock, kind);
    db.prepare_cached(
        "INSERT INTO entries (device, number, hash, bytes, kind, document, change, written_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        device.as_bytes(),
        to_i64(entry.index)?,
        hash.as_bytes(),
        bytes,
        name,
        document.as_ref().map(DocumentId::as_bytes),
        change.as_ref().map(Hash::as_bytes),
        written.as_millis(),
    ])?;
    Ok(hash)
}

fn last(db: &Connection, device: DeviceId) -> Result<Option<(Entry, Hash)>, Error> {
    let row: Option<(Vec<u8>, [u8; 32])> = db
        .prepare_cached("SELECT bytes, hash FROM entries WHERE device = ?1 ORDER BY number DESC LIMIT 1")?
        .query_row([device.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    row.map(|(bytes, hash)| Ok((Entry::decode(&bytes).map_err(Error::corrupt)?, Hash::from_bytes(hash))))
        .transpose()
}

/// How far a device's log goes.
pub(crate) fn chain(db: &Connection, device: DeviceId) -> Result<Chain, Error> {
    let end = last(db, device)?;
    Ok(end.map_or(Chain::EMPTY, |(entry, head)| Chain { next_index: entry.index + 1, head }))
}

/// The index of the first entry without a receipt.
pub(crate) fn first_open(db: &Connection, device: DeviceId) -> Result<u64, Error> {
    let first: Option<i64> = db
        .prepare_cached("SELECT min(number) FROM entries WHERE device = ?1 AND received = 0")?
        .query_row([device.as_bytes()], |row| row.get(0))?;
    match first {
        Some(first) => to_u64(first),
        None => Ok(chain(db, device)?.next_index),
    }
}

/// The hash and the bytes of one entry.
pub(crate) fn entry_at(
    db: &Connection,
    device: DeviceId,
    index: u64,
) -> Result<Option<(Hash, Vec<u8>)>, Error> {
    let Ok(index) = i64::try_from(index) else { return Ok(None) };
    let row = db
        .prepare_cached("SELECT hash, bytes FROM entries WHERE device = ?1 AND number = ?2")?
        .query_row(params![device.as_bytes(), index], |row| Ok((Hash::from_bytes(row.get(0)?), row.get(1)?)))
        .optional()?;
    Ok(row)
}

/// Hashes and bytes of the entries from `first` on, at most `count`.
pub(crate) fn entries_from(
    db: &Connection,
    device: DeviceId,
    first: u64,
    count: usize,
) -> Result<Vec<(Hash, Vec<u8>)>, Error> {
    let mut statement = db.prepare_cached(
        "SELECT hash, bytes FROM entries WHERE device = ?1 AND number >= ?2 ORDER BY number LIMIT ?3",
    )?;
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![device.as_bytes(), to_i64(first)?, count], |row| {
        Ok((Hash::from_bytes(row.get(0)?), row.get(1)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Notes that the server has a receipt for these entries; gives how many had none before.
pub(crate) fn mark_received(
    db: &Connection,
    device: DeviceId,
    first: u64,
    last: u64,
) -> Result<usize, Error> {
    Ok(db
        .prepare_cached(
            "UPDATE entries SET received = 1 WHERE device = ?1 AND number BETWEEN ?2 AND ?3 AND received = 0",
        )?
        .execute(params![device.as_bytes(), to_i64(first)?, to_i64(last)?])?)
}

/// Notes that the server lost what earlier enrolments have receipts for of a document: the changes that were set aside,
/// and the submits.
pub(crate) fn mark_lost(db: &Connection, document: DocumentId, current: DeviceId) -> Result<(), Error> {
    db.prepare_cached(
        "UPDATE entries SET received = 0
         WHERE document = ?1 AND device <> ?2
           AND (kind = 'submit' OR change IN (SELECT hash FROM changes WHERE state = 'aside'))",
    )?
    .execute(params![document.as_bytes(), current.as_bytes()])?;
    Ok(())
}

/// Notes why the server did not merge an entry; gives whether that is news.
pub(crate) fn refuse(
    db: &Connection,
    device: DeviceId,
    index: u64,
    code: RefusalCode,
    detail: &str,
) -> Result<bool, Error> {
    let changed = db.prepare_cached("UPDATE entries SET refusal = ?3, detail = ?4 WHERE device = ?1 AND number = ?2 AND refusal IS NULL")?.execute(params![device.as_bytes(), to_i64(index)?, code_name(code)?, detail])?;
    Ok(changed > 0)
}

/// Takes a change out of the outbox that was refused and made again.
pub(crate) fn dismiss_change(db: &Connection, change: Hash) -> Result<(), Error> {
    db.prepare_cached("UPDATE entries SET dismissed = 1 WHERE change = ?1 AND refusal IS NOT NULL")?
        .execute([change.as_bytes()])?;
    Ok(())
}

/// Takes a refused entry out of the outbox; gives whether there was one.
pub(crate) fn dismiss(db: &Connection, hash: Hash) -> Result<bool, Error> {
    let changed = db
        .prepare_cached(
            "UPDATE entries SET dismissed = 1 WHERE hash = ?1 AND refusal IS NOT NULL AND dismissed = 0",
        )?
        .execute([hash.as_bytes()])?;
    Ok(changed > 0)
}

/// The order of writing, newest first: by enrolment, then by index. The estimated time may run back.
const NEWEST_FIRST: &str =
    "(SELECT rowid FROM enrolments WHERE enrolments.device = entries.device) DESC, number DESC";
/// The same, oldest first.
const OLDEST_FIRST: &str = "(SELECT rowid FROM enrolments WHERE enrolments.device = entries.device), number";

/// What is unsent, and what any enrolment of this book had refused; in the order of writing.
pub(crate) fn open_rows(db: &Connection, device: DeviceId) -> Result<Vec<LogRow>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM entries
         WHERE document IS NOT NULL AND (
             (device = ?1 AND received = 0) OR (refusal IS NOT NULL AND dismissed = 0)
             OR (received = 0 AND change IN (SELECT hash FROM changes WHERE state IN ('here', 'aside'))))
         ORDER BY {OLDEST_FIRST}"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query([device.as_bytes()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// One entry of a device by its hash; two devices of one phone may begin with the same entries.
pub(crate) fn row_by_hash(db: &Connection, device: DeviceId, hash: Hash) -> Result<Option<LogRow>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM entries WHERE device = ?1 AND hash = ?2");
    one(db, &sql, params![device.as_bytes(), hash.as_bytes()])
}

/// This book's last submit of a record that was not refused.
pub(crate) fn last_submit(db: &Connection, document: DocumentId) -> Result<Option<LogRow>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM entries
         WHERE document = ?1 AND kind = 'submit' AND refusal IS NULL
           AND (received = 1 OR device IN (SELECT device FROM enrolments WHERE state <> 'past'))
         ORDER BY {NEWEST_FIRST} LIMIT 1"
    );
    one(db, &sql, params![document.as_bytes()])
}

/// The first entry about a document that this book wrote: its device, its index, when it was written as well as this
/// phone knew, and whether it was received.
pub(crate) fn first_entry(
    db: &Connection,
    document: DocumentId,
) -> Result<Option<(DeviceId, u64, Timestamp, bool)>, Error> {
    let sql = format!(
        "SELECT device, number, written_ms, received FROM entries WHERE document = ?1 ORDER BY {OLDEST_FIRST} LIMIT 1"
    );
    let row: Option<([u8; 16], i64, i64, bool)> = db
        .prepare_cached(&sql)?
        .query_row([document.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    row.map(|(device, index, written, received)| {
        Ok((DeviceId::from_bytes(device), to_u64(index)?, Timestamp::from_millis(written), received))
    })
    .transpose()
}

fn one(db: &Connection, sql: &str, key: impl rusqlite::Params) -> Result<Option<LogRow>, Error> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(key)?;
    rows.next()?.map(read).transpose()
}

fn read(row: &Row<'_>) -> Result<LogRow, Error> {
    let refusal: Option<String> = row.get(7)?;
    let detail: Option<String> = row.get(8)?;
    let refusal =
        refusal.map(|name| Ok::<_, Error>((code_of(&name)?, detail.unwrap_or_default()))).transpose()?;
    Ok(LogRow {
        index: to_u64(row.get(0)?)?,
        hash: Hash::from_bytes(row.get(1)?),
        bytes: row.get(2)?,
        document: row.get::<_, Option<[u8; 16]>>(3)?.map(DocumentId::from_bytes),
        change: row.get::<_, Option<[u8; 32]>>(4)?.map(Hash::from_bytes),
        written: Timestamp::from_millis(row.get(5)?),
        received: row.get(6)?,
        refusal,
    })
}

pub(crate) fn code_name(code: RefusalCode) -> Result<String, Error> {
    match serde_json::to_value(code) {
        Ok(serde_json::Value::String(name)) => Ok(name),
        other => Err(Error::corrupt(format!("refusal code {other:?}"))),
    }
}

fn code_of(name: &str) -> Result<RefusalCode, Error> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).map_err(Error::corrupt)
}
