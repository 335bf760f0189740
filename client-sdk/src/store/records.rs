//! What the server says of each record.

use rusqlite::{Connection, OptionalExtension as _, params};
use sync_core::{encoding, id::DocumentId, record::RecordStatus};

use crate::error::Error;

/// Keeps what the server says now in place of what it said before.
pub(crate) fn keep_record(db: &Connection, status: &RecordStatus) -> Result<(), Error> {
    db.prepare_cached("INSERT OR REPLACE INTO records (document, status) VALUES (?1, ?2)")?
        .execute(params![status.document.as_bytes(), encoding::encode(status)])?;
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
