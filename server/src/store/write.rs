//! What an append carries: the record, and what it changes in the index.

use sync_core::log::JournalRoot;

use super::StoreError;
use crate::journal::{MAX_RECORD_BYTES, Position};

/// The longest key of the index.
pub const MAX_KEY_BYTES: usize = 1024;
/// The largest value of the index.
pub const MAX_VALUE_BYTES: usize = 4 * 1024 * 1024;

/// One change of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// Sets a key.
    Put {
        /// The key.
        key: Vec<u8>,
        /// Its value.
        value: Vec<u8>,
    },
    /// Removes a key, if it is there.
    Delete {
        /// The key.
        key: Vec<u8>,
    },
    /// Sets the key `prefix ‖ position of the record (8 bytes, big-endian) ‖ suffix`.
    PutAt {
        /// What stands before the position.
        prefix: Vec<u8>,
        /// What stands behind it.
        suffix: Vec<u8>,
        /// The value.
        value: Vec<u8>,
    },
}

impl Write {
    /// Gives the key, now that the position is known, and the value; none to remove the key.
    pub(super) fn at(self, position: Position) -> (Vec<u8>, Option<Vec<u8>>) {
        match self {
            Self::Put { key, value } => (key, Some(value)),
            Self::Delete { key } => (key, None),
            Self::PutAt { prefix, suffix, value } => {
                ([prefix.as_slice(), &position.to_bytes(), &suffix].concat(), Some(value))
            }
        }
    }

    fn key_len(&self) -> usize {
        match self {
            Self::Put { key, .. } | Self::Delete { key } => key.len(),
            Self::PutAt { prefix, suffix, .. } => prefix.len() + 8 + suffix.len(),
        }
    }

    fn value_len(&self) -> usize {
        match self {
            Self::Put { value, .. } | Self::PutAt { value, .. } => value.len(),
            Self::Delete { .. } => 0,
        }
    }

    /// Refuses keys and values beyond the limits.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        within("key", self.key_len(), MAX_KEY_BYTES)?;
        within("value", self.value_len(), MAX_VALUE_BYTES)
    }
}

/// A record and its index writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// The record; at most [`MAX_RECORD_BYTES`].
    pub record: Vec<u8>,
    /// What a [`Projector`](super::Projector) gives for it.
    pub writes: Vec<Write>,
}

impl Append {
    /// Refuses sizes beyond the limits.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        within("record", self.record.len(), MAX_RECORD_BYTES)?;
        self.writes.iter().try_for_each(Write::check)
    }
}

fn within(what: &'static str, bytes: usize, limit: usize) -> Result<(), StoreError> {
    if bytes > limit { Err(StoreError::TooLarge { what, bytes, limit }) } else { Ok(()) }
}

/// Where an appended record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Its position.
    pub position: Position,
    /// The root of the journal after it.
    pub root: JournalRoot,
}
