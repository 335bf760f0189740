//! The document itself: one Automerge document with its id, loaded, saved and brought forward.

use std::panic::{AssertUnwindSafe, catch_unwind};

use sha2::{Digest as _, Sha256};

use automerge::{Automerge, Change, ChangeHash, ReadDoc};

use super::{DocumentKind, Heads, UnknownKind};
use crate::{hash::Hash, id::DocumentId};

/// One document: a flat set of fields, see its kind's [schema](super::Schema), with its whole history.
#[derive(Debug, Clone)]
pub struct Document {
    pub(super) id: DocumentId,
    pub(super) kind: DocumentKind,
    pub(super) state: Automerge,
}

/// A document cannot be loaded or brought forward from bytes that were once good.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The document is of a kind this program does not know.
    #[error(transparent)]
    UnknownKind(#[from] UnknownKind),
    /// The bytes are damaged.
    #[error("document {document}: {reason}")]
    Damaged {
        /// Which document.
        document: DocumentId,
        /// What is wrong with it.
        reason: String,
    },
}

/// A change cannot be read from bytes that were once good.
#[derive(Debug, thiserror::Error)]
#[error("a damaged change: {reason}")]
pub struct DamagedChange {
    /// What is wrong with it.
    pub reason: String,
}

impl Document {
    /// Makes a document that has only its genesis change.
    pub fn genesis(id: DocumentId) -> Result<Self, UnknownKind> {
        let kind = DocumentKind::of(id).ok_or(UnknownKind { code: id.as_bytes()[0] })?;
        Ok(Self { id, kind, state: kind.genesis().state.clone() })
    }

    /// Loads what [`save`](Self::save) gave. For our own storage only: never for bytes from a client.
    pub fn load(id: DocumentId, saved: &[u8]) -> Result<Self, DocumentError> {
        let kind = DocumentKind::of(id).ok_or(UnknownKind { code: id.as_bytes()[0] })?;
        let damaged = |reason: String| DocumentError::Damaged { document: id, reason };
        let state = catch_unwind(|| Automerge::load(saved))
            .map_err(|_| damaged("loading it panicked".into()))?
            .map_err(|error| damaged(error.to_string()))?;
        if state.get_change_meta_by_hash(&kind.genesis().hash).is_none() {
            return Err(damaged("it does not start from the genesis of its kind".into()));
        }
        Ok(Self { id, kind, state })
    }

    /// Gives the whole document, history included, as bytes for our own storage.
    ///
    /// Not deflated: for a visit that takes most of the time of saving and makes it less than a third smaller.
    pub fn save(&self) -> Vec<u8> {
        self.state.save_nocompress()
    }

    /// The document's id.
    pub fn id(&self) -> DocumentId {
        self.id
    }

    /// The document's kind.
    pub fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// The current heads.
    pub fn heads(&self) -> Heads {
        Heads::new(self.state.get_heads().iter().map(hash_of))
    }

    /// Whether every one of the heads is a change of this document; never true of no heads at all.
    pub fn knows(&self, heads: &Heads) -> bool {
        let known = |hash: &Hash| self.state.get_change_meta_by_hash(&change_hash(hash)).is_some();
        !heads.is_empty() && heads.as_slice().iter().all(known)
    }

    /// Applies changes that were admitted before, in any order; repeats are harmless.
    ///
    /// For rebuilding from our own journal or log only. On an error the document is as it was.
    pub fn apply_trusted<B: AsRef<[u8]>>(&mut self, changes: &[B]) -> Result<(), DocumentError> {
        let damaged = |reason: String| DocumentError::Damaged { document: self.id, reason };
        let mut next = self.state.clone();
        catch_unwind(AssertUnwindSafe(|| {
            let changes = changes
                .iter()
                .map(|bytes| Change::try_from(bytes.as_ref()).map_err(|error| error.to_string()))
                .collect::<Result<Vec<_>, _>>()?;
            next.apply_changes(changes).map_err(|error| error.to_string())?;
            match next.get_missing_deps(&[]).first() {
                Some(missing) => Err(format!("change {missing} is missing")),
                None => Ok(()),
            }
        }))
        .map_err(|_| damaged("applying a change panicked".into()))?
        .map_err(damaged)?;
        self.state = next;
        Ok(())
    }

    /// Whether the document has only its genesis change.
    pub(crate) fn is_new(&self) -> bool {
        self.state.get_heads() == [self.kind.genesis().hash]
    }

    pub(crate) fn state(&self) -> &Automerge {
        &self.state
    }

    pub(crate) fn with_state(&self, state: Automerge) -> Self {
        Self { id: self.id, kind: self.kind, state }
    }
}

/// The hash by which heads name a change, from its raw chunk; [`Hash::ZERO`] for bytes too short to be one.
pub fn hash_of_change(change: &[u8]) -> Hash {
    // In front of what is hashed stand four bytes of magic and four of checksum.
    change.get(8..).map_or(Hash::ZERO, |hashed| Hash::from_bytes(Sha256::digest(hashed).into()))
}

/// The changes one change builds on, from its raw chunk. For changes that were admitted before: automerge reads them
/// without bounds.
pub fn dependencies_of_change(change: &[u8]) -> Result<Vec<Hash>, DamagedChange> {
    let change = Change::try_from(change).map_err(|error| DamagedChange { reason: error.to_string() })?;
    Ok(change.deps().iter().map(hash_of).collect())
}

pub(crate) fn hash_of(hash: &ChangeHash) -> Hash {
    Hash::from_bytes(hash.0)
}

pub(crate) fn change_hash(hash: &Hash) -> ChangeHash {
    ChangeHash(*hash.as_bytes())
}
