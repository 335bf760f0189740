//! Documents in and out of the store, one at a time.

use rusqlite::Connection;
use sync_core::{
    document::{Document, DocumentKind, FieldValue, Values, Visit, envelope},
    id::{CustomerId, DocumentId, UserId},
    time::Timestamp,
};

use crate::{
    book::{Writer, facts::keep_facts},
    error::Error,
    store::{self, DocumentRow},
    visit::{Phase, phase_of},
};

/// Loads a document; `None` if this book does not have it.
pub(crate) fn load(db: &Connection, id: DocumentId) -> Result<Option<Document>, Error> {
    store::saved(db, id)?.map(|saved| Document::load(id, &saved).map_err(Error::corrupt)).transpose()
}

/// Keeps a document's saved form with what lists and rules see of it.
pub(crate) fn keep_page(
    db: &Connection,
    writer: &Writer<'_>,
    id: DocumentId,
    values: &Values,
    saved: &[u8],
) -> Result<(), Error> {
    let made = store::document(db, id)?.map_or(writer.now, |row| row.day);
    let (phase, submitted) = standing(db, id)?;
    // Kinds share the names of what they have in common; a visit alone has the rest.
    let visit = Visit::read(values);
    let is_visit = DocumentKind::of(id) == Some(DocumentKind::Visit);
    let day = if is_visit { visit.started.or(visit.planned) } else { time(values, envelope::AT) };
    let row = DocumentRow {
        id,
        customer: visit.customer.map(CustomerId::from_bytes),
        rep: visit.rep.map(UserId::from_bytes),
        planned: visit.planned,
        started: visit.started,
        ended: visit.ended,
        submitted,
        phase,
        day: day.unwrap_or(made),
        about: visit.about.map(DocumentId::from_bytes),
    };
    store::keep_document(db, &row, saved)?;
    keep_facts(db, writer, id, values, saved)
}

/// Notes anew where a record stands, and what rules see of it.
pub(crate) fn keep_standing(db: &Connection, writer: &Writer<'_>, id: DocumentId) -> Result<(), Error> {
    store::set_phase(db, id, standing(db, id)?.0)?;
    let Some(saved) = store::saved(db, id)? else { return Ok(()) };
    let document = Document::load(id, &saved).map_err(Error::corrupt)?;
    keep_facts(db, writer, id, &document.values(), &saved)
}

/// Where a record stands, and when it was last submitted from here.
pub(crate) fn standing(db: &Connection, id: DocumentId) -> Result<(Phase, Option<Timestamp>), Error> {
    let submit = store::last_submit(db, id)?;
    let waits = submit.as_ref().is_some_and(|row| !row.received);
    let phase = phase_of(store::record(db, id)?.as_ref(), waits);
    Ok((phase, submit.map(|row| row.written)))
}

fn time(values: &Values, name: &str) -> Option<Timestamp> {
    match values.get(name) {
        Some(FieldValue::Time(time)) => Some(*time),
        _ => None,
    }
}
