//! What the server says of each record.

use rusqlite::{Connection, OptionalExtension as _, params};
use sync_core::{encoding, id::DocumentId, record::RecordStatus};

use crate::{error::Error, store::given};

/// Keeps what the server says, as of so many records of its journal, in place of what it said before.
pub(crate) fn keep_record(db: &Connection, status: &RecordStatus, as_of: u64) -> Result<(), Error> {
    db.prepare_cached("INSERT OR REPLACE INTO records (document, status, as_of) VALUES (?1, ?2, ?3)")?
        .execute(params![status.document.as_bytes(), encoding::encode(status), given(as_of)?])?;
    Ok(())
}

/// Whether what the server said as of so many records of its journal is older than what this book has.
pub(crate) fn is_older(db: &Connection, document: DocumentId, as_of: u64) -> Result<bool, Error> {
    let known = as_of_record(db, document)?;
    Ok(known.is_some_and(|known| given(as_of).is_ok_and(|as_of| as_of < known)))
}

/// Whether what the server said comes from before it went back to a backup.
pub(crate) fn is_of_another_journal(db: &Connection, document: DocumentId) -> Result<bool, Error> {
    Ok(as_of_record(db, document)? == Some(0))
}

/// How many records the journal had when the server said what this book has of a record.
fn as_of_record(db: &Connection, document: DocumentId) -> Result<Option<i64>, Error> {
    let as_of = db
        .prepare_cached("SELECT as_of FROM records WHERE document = ?1")?
        .query_row([document.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(as_of)
}

/// Lets whatever the server says next be the newest: it goes by another journal now.
pub(crate) fn forget_as_of(db: &Connection) -> Result<(), Error> {
    db.prepare_cached("UPDATE records SET as_of = 0")?.execute([])?;
    Ok(())
}

/// Forgets what the server said of a record.
pub(crate) fn forget_record(db: &Connection, document: DocumentId) -> Result<(), Error> {
    db.prepare_cached("DELETE FROM records WHERE document = ?1")?.execute([document.as_bytes()])?;
    Ok(())
}

/// What the server last said of a record.
pub(crate) fn record(db: &Connection, document: DocumentId) -> Result<Option<RecordStatus>, Error> {
    let bytes: Option<Vec<u8>> = db
        .prepare_cached("SELECT status FROM records WHERE document = ?1")?
        .query_row([document.as_bytes()], |row| row.get(0))
        .optional()?;
    bytes.map(|bytes| encoding::decode(&bytes).map_err(Error::corrupt)).transpose()
}
