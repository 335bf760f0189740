//! Documents in and out of the store, one at a time.

use rusqlite::Connection;
use sync_core::{
    document::{Document, Values, Visit},
    id::{CustomerId, DocumentId, UserId},
    time::Timestamp,
};

use crate::{
    error::Error,
    store::{self, DocumentRow},
    visit::{Phase, phase_of},
};

/// Loads a document; `None` if this book does not have it.
pub(crate) fn load(db: &Connection, id: DocumentId) -> Result<Option<Document>, Error> {
    store::saved(db, id)?.map(|saved| Document::load(id, &saved).map_err(Error::corrupt)).transpose()
}

/// Keeps a document's saved form with what lists show of its values.
pub(crate) fn keep_page(
    db: &Connection,
    id: DocumentId,
    values: &Values,
    saved: &[u8],
    now: Timestamp,
) -> Result<(), Error> {
    let visit = Visit::read(values);
    let made = store::document(db, id)?.map_or(now, |row| row.day);
    let (phase, submitted) = standing(db, id)?;
    let row = DocumentRow {
        id,
        customer: visit.customer.map(CustomerId::from_bytes),
        rep: visit.rep.map(UserId::from_bytes),
        planned: visit.planned,
        started: visit.started,
        ended: visit.ended,
        submitted,
        phase,
        day: visit.started.or(visit.planned).unwrap_or(made),
    };
    store::keep_document(db, &row, saved)
}

/// Where a record stands, and when it was last submitted from here.
pub(crate) fn standing(db: &Connection, id: DocumentId) -> Result<(Phase, Option<Timestamp>), Error> {
    let submit = store::last_submit(db, id)?;
    let waits = submit.as_ref().is_some_and(|row| !row.received);
    let phase = phase_of(store::record(db, id)?.as_ref(), waits);
    Ok((phase, submit.map(|row| row.written)))
}
