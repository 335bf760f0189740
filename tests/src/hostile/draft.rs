//! A draft: a visit as a phone without the SDK writes it.

use anyhow::Context as _;
use client_sdk::{FieldValue, Timestamp, VisitId, field};
use sync_core::{
    admission::Author,
    document::{Document, DocumentKind, Edit, new_id},
};

/// A visit and the phone's copy of its document.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The visit.
    pub id: VisitId,
    /// With everything that was written so far.
    pub document: Document,
}

impl Draft {
    /// A new visit; the bytes make its id.
    pub fn new(random: [u8; 15]) -> anyhow::Result<Self> {
        Self::of(new_id(DocumentKind::Visit, random))
    }

    /// A visit of that id, as if nothing of it were known.
    pub fn of(id: VisitId) -> anyhow::Result<Self> {
        Ok(Self { id, document: Document::genesis(id)? })
    }

    /// Sets a field; gives the change.
    pub fn set(&mut self, author: &Author, name: &str, value: FieldValue) -> anyhow::Result<Vec<u8>> {
        let edit = Edit::Set { field: name.to_owned(), value };
        self.document.edit(author, &[edit])?.context("nothing changes")
    }

    /// Sets a field to a text; gives the change.
    pub fn write(&mut self, author: &Author, name: &str, text: &str) -> anyhow::Result<Vec<u8>> {
        self.set(author, name, FieldValue::Text(text.to_owned()))
    }

    /// Fills in all that the rule wants, ended at an instant; gives the changes.
    pub fn fill(&mut self, author: &Author, ended: Timestamp) -> anyhow::Result<Vec<Vec<u8>>> {
        Ok(vec![
            self.set(author, field::CUSTOMER, FieldValue::Id([9; 16]))?,
            self.write(author, field::CHANNEL, "on_site")?,
            self.write(author, field::RESULT, "一切正常")?,
            self.set(author, field::ENDED, FieldValue::Time(ended))?,
        ])
    }
}
