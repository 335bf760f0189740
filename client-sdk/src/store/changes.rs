//! Every change of every document, in causal order, with where it is known.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension as _, params};
use sync_core::{
    admission::Refusal,
    hash::Hash,
    id::{DeviceId, DocumentId},
    time::Timestamp,
};

use crate::{error::Error, store::log::code_name};

/// Where a change is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChangeState {
    /// Only in this book.
    Here,
    /// At the server too.
    There,
    /// Of an earlier enrolment and never heard of again: out of its document until it is made again.
    Aside,
    /// Kept, but not part of its document any more: refused, made again under another device, or of another phone and
    /// lost by the server.
    LeftOut,
}

impl ChangeState {
    const fn name(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::There => "there",
            Self::Aside => "aside",
            Self::LeftOut => "left_out",
        }
    }

    fn of(name: &str) -> Result<Self, Error> {
        [Self::Here, Self::There, Self::Aside, Self::LeftOut]
            .into_iter()
            .find(|state| state.name() == name)
            .ok_or_else(|| Error::corrupt(format!("change state {name:?}")))
    }
}

/// A change as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct ChangeRow {
    pub(crate) hash: Hash,
    pub(crate) author: DeviceId,
    pub(crate) bytes: Vec<u8>,
    pub(crate) state: ChangeState,
}

/// Keeps a change that was merged; gives whether it is new. One that was here already moves to the given state.
pub(crate) fn keep_change(
    db: &Connection,
    document: DocumentId,
    author: DeviceId,
    hash: Hash,
    bytes: &[u8],
    state: ChangeState,
) -> Result<bool, Error> {
    let inserted = db
        .prepare_cached(
            "INSERT OR IGNORE INTO changes (hash, document, author, bytes, state) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![hash.as_bytes(), document.as_bytes(), author.as_bytes(), bytes, state.name()])?;
    if inserted == 0 {
        set_change_state(db, hash, state)?;
        db.prepare_cached("DELETE FROM unconfirmed WHERE change = ?1")?.execute([hash.as_bytes()])?;
    }
    Ok(inserted > 0)
}

/// Notes where a change is known now.
pub(crate) fn set_change_state(db: &Connection, hash: Hash, state: ChangeState) -> Result<(), Error> {
    db.prepare_cached("UPDATE changes SET state = ?2 WHERE hash = ?1")?
        .execute(params![hash.as_bytes(), state.name()])?;
    Ok(())
}

/// Where a change is known, if this book has it.
pub(crate) fn change_state(db: &Connection, hash: Hash) -> Result<Option<ChangeState>, Error> {
    let name: Option<String> = db
        .prepare_cached("SELECT state FROM changes WHERE hash = ?1")?
        .query_row([hash.as_bytes()], |row| row.get(0))
        .optional()?;
    name.map(|name| ChangeState::of(&name)).transpose()
}

/// All changes of a document in the order in which they were kept: each after those it builds on.
pub(crate) fn changes_of(db: &Connection, document: DocumentId) -> Result<Vec<ChangeRow>, Error> {
    let mut statement = db.prepare_cached(
        "SELECT hash, author, bytes, state FROM changes WHERE document = ?1 ORDER BY position",
    )?;
    let mut rows = statement.query([document.as_bytes()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(ChangeRow {
            hash: Hash::from_bytes(row.get(0)?),
            author: DeviceId::from_bytes(row.get(1)?),
            bytes: row.get(2)?,
            state: ChangeState::of(&row.get::<_, String>(3)?)?,
        });
    }
    Ok(found)
}

/// Sets the changes aside that other enrolments than this one wrote and the server may not have; gives their documents.
pub(crate) fn set_aside(db: &Connection, current: DeviceId) -> Result<Vec<DocumentId>, Error> {
    let mut statement = db.prepare_cached(
        "UPDATE changes SET state = 'aside' WHERE state = 'here' AND author <> ?1 RETURNING document",
    )?;
    let ids = statement.query_map([current.as_bytes()], |row| row.get(0).map(DocumentId::from_bytes))?;
    let ids: BTreeSet<_> = ids.collect::<Result<_, _>>()?;
    Ok(ids.into_iter().collect())
}

/// Waits for the server to show this enrolment again what others wrote. What other phones wrote is left out until then;
/// gives the documents it was in.
pub(crate) fn await_confirmation(db: &Connection, current: DeviceId) -> Result<Vec<DocumentId>, Error> {
    db.prepare_cached(
        "INSERT OR IGNORE INTO unconfirmed (change)
         SELECT hash FROM changes WHERE state = 'there' AND author <> ?1",
    )?
    .execute([current.as_bytes()])?;
    let mut statement = db.prepare_cached(
        "UPDATE changes SET state = 'left_out'
         WHERE state = 'there' AND author NOT IN (SELECT device FROM enrolments) RETURNING document",
    )?;
    let ids = statement.query_map([], |row| row.get(0).map(DocumentId::from_bytes))?;
    let ids: BTreeSet<_> = ids.collect::<Result<_, _>>()?;
    Ok(ids.into_iter().collect())
}

/// Whether a device is an enrolment of this book.
pub(crate) fn is_own(db: &Connection, device: DeviceId) -> Result<bool, Error> {
    let own = db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM enrolments WHERE device = ?1)")?
        .query_row([device.as_bytes()], |row| row.get(0))?;
    Ok(own)
}

/// Takes the changes out that the server did not show in a whole pull, although it had them once: those of earlier
/// enrolments are set aside, to be made again; those of other phones are left out, as they make them again themselves.
/// Gives their documents, each with whether changes of earlier enrolments are among them.
pub(crate) fn take_lost(db: &Connection) -> Result<Vec<(DocumentId, bool)>, Error> {
    let mut statement = db.prepare_cached(
        "SELECT document, max(author IN (SELECT device FROM enrolments)) FROM changes
         WHERE hash IN (SELECT change FROM unconfirmed) GROUP BY document",
    )?;
    let lost =
        statement.query_map([], |row| Ok((DocumentId::from_bytes(row.get(0)?), row.get::<_, bool>(1)?)))?;
    let lost = lost.collect::<Result<Vec<_>, _>>()?;
    db.prepare_cached(
        "UPDATE changes
         SET state = CASE WHEN author IN (SELECT device FROM enrolments) THEN 'aside' ELSE 'left_out' END
         WHERE hash IN (SELECT change FROM unconfirmed)",
    )?
    .execute([])?;
    db.prepare_cached("DELETE FROM unconfirmed")?.execute([])?;
    Ok(lost)
}

/// The changes of other phones that are left out of a document.
pub(crate) fn foreign_left_out(db: &Connection, document: DocumentId) -> Result<Vec<Hash>, Error> {
    let mut statement = db.prepare_cached(
        "SELECT hash FROM changes
         WHERE document = ?1 AND state = 'left_out' AND author NOT IN (SELECT device FROM enrolments)",
    )?;
    let hashes = statement.query_map([document.as_bytes()], |row| row.get(0).map(Hash::from_bytes))?;
    Ok(hashes.collect::<Result<_, _>>()?)
}

/// Whether this book wrote something in a document, under any enrolment.
pub(crate) fn wrote_in(db: &Connection, document: DocumentId) -> Result<bool, Error> {
    let wrote = db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM changes
             WHERE document = ?1 AND author IN (SELECT device FROM enrolments))",
        )?
        .query_row([document.as_bytes()], |row| row.get(0))?;
    Ok(wrote)
}

/// Documents with changes that were set aside.
pub(crate) fn documents_aside(db: &Connection) -> Result<Vec<DocumentId>, Error> {
    let mut statement = db.prepare_cached("SELECT DISTINCT document FROM changes WHERE state = 'aside'")?;
    let ids = statement.query_map([], |row| row.get(0).map(DocumentId::from_bytes))?;
    Ok(ids.collect::<Result<_, _>>()?)
}

/// How much of what the server sent and this phone refused is kept: a hostile server must not fill the phone.
const DISTRUSTED: u32 = 1_000;

/// Keeps apart what the server sent and the phone's own checks refused; the oldest of it goes when it is much.
pub(crate) fn keep_distrusted(
    db: &Connection,
    document: DocumentId,
    author: DeviceId,
    bytes: &[u8],
    refusal: &Refusal,
    now: Timestamp,
) -> Result<(), Error> {
    db.prepare_cached(
        "INSERT INTO distrusted (document, author, bytes, code, detail, received_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        document.as_bytes(),
        author.as_bytes(),
        bytes,
        code_name(refusal.code)?,
        refusal.detail,
        now.as_millis()
    ])?;
    db.prepare_cached("DELETE FROM distrusted WHERE id <= last_insert_rowid() - ?1")?
        .execute([DISTRUSTED])?;
    Ok(())
}
