//! Rebuilding: a document without the changes that were taken out, or of nothing but a part of its past.

use std::collections::HashSet;

use rusqlite::Connection;
use sync_core::{
    document::{Document, dependencies_of_change},
    hash::Hash,
    id::DocumentId,
};

use crate::{
    book::{Writer, keep_page},
    error::Error,
    store::{self, ChangeState},
};

/// Builds a document again from genesis and every change that is not left out or aside, nor builds on one that is. A
/// document of another phone of which nothing is left goes out of the lists.
pub(crate) fn rebuild(db: &Connection, writer: &Writer<'_>, id: DocumentId) -> Result<(), Error> {
    let mut left_out: HashSet<Hash> = HashSet::new();
    let mut kept = Vec::new();
    for row in store::changes_of(db, id)? {
        if matches!(row.state, ChangeState::LeftOut | ChangeState::Aside)
            || dependencies(&row.bytes)?.iter().any(|dependency| left_out.contains(dependency))
        {
            left_out.insert(row.hash);
        } else {
            kept.push(row.bytes);
        }
    }
    if kept.is_empty() && !store::wrote_in(db, id)? {
        writer.obligations_may_change();
        store::forget_facts(db, id)?;
        return store::forget_document(db, id);
    }
    let mut document = Document::genesis(id).map_err(Error::corrupt)?;
    document.apply_trusted(&kept).map_err(Error::corrupt)?;
    keep_page(db, writer, id, &document.values(), &document.save())
}

/// The changes one change builds on. For changes that were admitted before.
pub(crate) fn dependencies(change: &[u8]) -> Result<Vec<Hash>, Error> {
    dependencies_of_change(change).map_err(Error::corrupt)
}

/// A document of nothing but these changes and what they build on, refused or not.
pub(crate) fn past_of(db: &Connection, id: DocumentId, of: &[Hash]) -> Result<Document, Error> {
    let mut wanted: HashSet<Hash> = of.iter().copied().collect();
    let mut past = Vec::new();
    // Backwards, each change comes before those it builds on.
    for row in store::changes_of(db, id)?.into_iter().rev() {
        if wanted.contains(&row.hash) {
            wanted.extend(dependencies(&row.bytes)?);
            past.push(row.bytes);
        }
    }
    past.reverse();
    let mut document = Document::genesis(id).map_err(Error::corrupt)?;
    document.apply_trusted(&past).map_err(Error::corrupt)?;
    Ok(document)
}
