//! Documents as saved bytes, with the columns that lists need.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use sync_core::{
    document::DocumentKind,
    id::{CustomerId, DocumentId, UserId},
    time::Timestamp,
};

use crate::{document::DocumentFilter, error::Error, visit::Phase};

/// What lists show of a document without loading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DocumentRow {
    pub(crate) id: DocumentId,
    pub(crate) customer: Option<CustomerId>,
    pub(crate) rep: Option<UserId>,
    pub(crate) planned: Option<Timestamp>,
    pub(crate) started: Option<Timestamp>,
    pub(crate) ended: Option<Timestamp>,
    /// When this book last submitted it, as well as the phone knew.
    pub(crate) submitted: Option<Timestamp>,
    pub(crate) phase: Phase,
    /// What it is sorted by: when it happened, for a visit its start or else its plan; else when it was made.
    pub(crate) day: Timestamp,
    /// The document it is about.
    pub(crate) about: Option<DocumentId>,
}

const COLUMNS: &str =
    "id, customer, rep, planned_ms, started_ms, ended_ms, submitted_ms, phase, day_ms, about";

/// Keeps a document's saved bytes with its columns.
pub(crate) fn keep_document(db: &Connection, row: &DocumentRow, saved: &[u8]) -> Result<(), Error> {
    let millis = |time: Option<Timestamp>| time.map(Timestamp::as_millis);
    db.prepare_cached(
        "INSERT OR REPLACE INTO documents
             (id, customer, rep, planned_ms, started_ms, ended_ms, submitted_ms, phase, day_ms, about, saved)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?
    .execute(params![
        row.id.as_bytes(),
        row.customer.as_ref().map(CustomerId::as_bytes),
        row.rep.as_ref().map(UserId::as_bytes),
        millis(row.planned),
        millis(row.started),
        millis(row.ended),
        millis(row.submitted),
        row.phase.name(),
        row.day.as_millis(),
        row.about.as_ref().map(DocumentId::as_bytes),
        saved,
    ])?;
    Ok(())
}

/// Takes a document out of the lists; its changes stay.
pub(crate) fn forget_document(db: &Connection, id: DocumentId) -> Result<(), Error> {
    db.prepare_cached("DELETE FROM documents WHERE id = ?1")?.execute([id.as_bytes()])?;
    Ok(())
}

/// Notes where a record stands now.
pub(crate) fn set_phase(db: &Connection, id: DocumentId, phase: Phase) -> Result<(), Error> {
    db.prepare_cached("UPDATE documents SET phase = ?2 WHERE id = ?1")?
        .execute(params![id.as_bytes(), phase.name()])?;
    Ok(())
}

/// One document's columns.
pub(crate) fn document(db: &Connection, id: DocumentId) -> Result<Option<DocumentRow>, Error> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM documents WHERE id = ?1"))?;
    let mut rows = statement.query([id.as_bytes()])?;
    rows.next()?.map(read).transpose()
}

/// One document's saved bytes.
pub(crate) fn saved(db: &Connection, id: DocumentId) -> Result<Option<Vec<u8>>, Error> {
    let bytes = db
        .prepare_cached("SELECT saved FROM documents WHERE id = ?1")?
        .query_row([id.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(bytes)
}

/// The ids of all documents, or of those of one kind.
pub(crate) fn documents(db: &Connection, kind: Option<DocumentKind>) -> Result<Vec<DocumentId>, Error> {
    let mut statement = db.prepare_cached("SELECT id FROM documents WHERE id >= ?1 ORDER BY id")?;
    let first = [kind.map_or(0, DocumentKind::code)];
    let ids = statement.query_map([&first[..]], |row| row.get(0).map(DocumentId::from_bytes))?;
    let of_kind = ids.take_while(|id| {
        let is_of_it = |id: &DocumentId| kind.is_none() || DocumentKind::of(*id) == kind;
        id.as_ref().map_or(true, is_of_it)
    });
    Ok(of_kind.collect::<Result<_, _>>()?)
}

/// The documents of a kind that a filter lets through, earliest first.
///
/// Each comes with the name of its customer, if the customer is in scope.
pub(crate) fn list(
    db: &Connection,
    kind: DocumentKind,
    filter: &DocumentFilter,
) -> Result<Vec<(DocumentRow, Option<String>)>, Error> {
    let (condition, mut values): (&str, Vec<rusqlite::types::Value>) = match filter {
        DocumentFilter::All => ("1", vec![]),
        DocumentFilter::Today => return Err(Error::fix_call("today is a span of time first")),
        DocumentFilter::Between { from, before } => {
            ("day_ms >= ?1 AND day_ms < ?2", vec![from.as_millis().into(), before.as_millis().into()])
        }
        DocumentFilter::Customer(customer) => ("customer = ?1", vec![customer.as_bytes().to_vec().into()]),
        DocumentFilter::About(document) => ("about = ?1", vec![document.as_bytes().to_vec().into()]),
        DocumentFilter::Phase(phase) => ("phase = ?1", vec![phase.name().to_owned().into()]),
        DocumentFilter::Unfinished => ("phase IN ('draft', 'submitted_here')", vec![]),
    };
    values.push(vec![kind.code()].into());
    let sql = format!(
        "SELECT {COLUMNS}, (SELECT name FROM customers WHERE customers.id = customer)
         FROM documents WHERE {condition} AND substr(id, 1, 1) = ?{} ORDER BY day_ms, id",
        values.len()
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((read(row)?, row.get(10)?));
    }
    Ok(found)
}

fn read(row: &Row<'_>) -> Result<DocumentRow, Error> {
    let time =
        |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_millis));
    Ok(DocumentRow {
        id: DocumentId::from_bytes(row.get(0)?),
        customer: row.get::<_, Option<[u8; 16]>>(1)?.map(CustomerId::from_bytes),
        rep: row.get::<_, Option<[u8; 16]>>(2)?.map(UserId::from_bytes),
        planned: time(3)?,
        started: time(4)?,
        ended: time(5)?,
        submitted: time(6)?,
        phase: Phase::of(&row.get::<_, String>(7)?)?,
        day: Timestamp::from_millis(row.get(8)?),
        about: row.get::<_, Option<[u8; 16]>>(9)?.map(DocumentId::from_bytes),
    })
}
