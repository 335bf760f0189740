//! Kinds of document: the first byte of a document's id names its kind, the kind names its schema.

use super::{Schema, visit};
use crate::id::DocumentId;

/// A kind of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum DocumentKind {
    /// One visit, call or reception.
    Visit = 1,
}

/// The document's first byte names no kind this program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no document kind has the code {code}")]
pub struct UnknownKind {
    /// The first byte of the document's id.
    pub code: u8,
}

impl DocumentKind {
    /// Every kind, in the order of their codes. A new kind is a variant, a line here and a line in [`Self::schema`].
    pub const ALL: &'static [Self] = &[Self::Visit];

    /// The kind of a document; `None` if this program does not know it.
    pub fn of(document: DocumentId) -> Option<Self> {
        let code = document.as_bytes()[0];
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// The first byte of the ids of this kind's documents.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The fields documents of this kind have.
    pub const fn schema(self) -> &'static Schema {
        match self {
            Self::Visit => &visit::SCHEMA,
        }
    }
}

/// Makes the id of a new document of this kind from fifteen random bytes.
pub const fn new_id(kind: DocumentKind, random: [u8; 15]) -> DocumentId {
    let mut bytes = [0; 16];
    bytes[0] = kind.code();
    let mut at = 0;
    while at < random.len() {
        bytes[at + 1] = random[at];
        at += 1;
    }
    DocumentId::from_bytes(bytes)
}
