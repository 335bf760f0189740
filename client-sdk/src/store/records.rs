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
    let known: Option<i64> = db
        .prepare_cached("SELECT as_of FROM records WHERE document = ?1")?
        .query_row([document.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(known.is_some_and(|known| given(as_of).is_ok_and(|as_of| as_of < known)))
}

/// Lets whatever the server says next be the newest: it goes by another journal now.
pub(crate) fn forget_as_of(db: &Connection) -> Result<(), Error> {
    db.execute("UPDATE records SET as_of = 0", [])?;
    Ok(())
}

/// Forgets what the server said of a record.
pub(crate) fn forget_record(db: &Connection, document: DocumentId) -> Result<(), Error> {
    db.execute("DELETE FROM records WHERE document = ?1", [document.as_bytes()])?;
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
