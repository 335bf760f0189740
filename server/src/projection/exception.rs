//! An exception with what its document says of it, for whoever asks why an obligation is let off.

use sync_core::{
    document::{Document, FieldValue, envelope},
    id::DocumentId,
    rules::Exception,
};

use crate::{
    projection::{StoredFact, View, corrupt},
    store::StoreError,
};

/// An exception with its document and words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredException {
    /// The exception.
    pub exception: Exception,
    /// The document that tells it.
    pub document: DocumentId,
    /// What its author wrote of it; may be empty.
    pub note: String,
}

impl StoredException {
    /// Reads the exception that a fact tells; `None` if it tells none.
    pub fn read(view: &View<'_>, stored: &StoredFact) -> Result<Option<Self>, StoreError> {
        let Some(exception) = Exception::read(&stored.fact) else { return Ok(None) };
        let id = stored.document;
        let record = view
            .record(id)?
            .ok_or_else(|| corrupt(format!("fact {} without its document", stored.fact.id)))?;
        let document = Document::load(id, &record.saved)
            .map_err(|error| corrupt(format!("document {id} does not load: {error}")))?;
        let note = match document.values().get(envelope::NOTE) {
            Some(FieldValue::Text(note)) => note.clone(),
            _ => String::new(),
        };
        Ok(Some(Self { exception, document: id, note }))
    }
}
