//! What a store cannot do, told by what the caller does next.

use std::path::PathBuf;

use super::ProjectError;
use crate::journal::{JournalError, Position};

/// A store did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Try again.
    #[error("the store cannot answer now: {0}; try again")]
    Unavailable(String),
    /// Nothing was written and reading goes on; an operator has to make room.
    #[error("the disk is nearly full: {available_bytes} bytes free, {reserve_bytes} are kept in reserve")]
    Full {
        /// What is free.
        available_bytes: u64,
        /// What has to stay free.
        reserve_bytes: u64,
    },
    /// The bytes are not what was written; the message says what to do.
    #[error("{0}")]
    Corrupt(String),
    /// The store takes no more appends; the process has to be started again.
    #[error("the store is closed: {0}")]
    Closed(String),
    /// The caller asks for more than a store holds.
    #[error("a {what} of {bytes} bytes is larger than {limit}")]
    TooLarge {
        /// Record, key or value.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// The largest size.
        limit: usize,
    },
}

impl From<JournalError> for StoreError {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Closed => Self::Closed(error.to_string()),
            JournalError::TooLarge { bytes } => {
                Self::TooLarge { what: "record", bytes, limit: crate::journal::MAX_RECORD_BYTES }
            }
            JournalError::Io { .. } => Self::Unavailable(error.to_string()),
            other => Self::Corrupt(other.to_string()),
        }
    }
}

/// Why a running store wants its process to end; the next start heals what can be healed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A write or sync of the journal failed and is not tried again.
    #[error("the journal cannot be written: {0}")]
    Journal(String),
    /// The index is damaged; the next start makes it again.
    #[error("the index is damaged: {0}")]
    Index(String),
    /// A bug: writing a batch panicked, and how far it got is not known.
    #[error("the committer panicked: {0}")]
    Panicked(String),
}

/// A store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process uses the data folder.
    #[error("another process uses {}", .0.display())]
    Locked(PathBuf),
    /// There is too little room for the index even to be read.
    #[error(
        "the disk is full: {available_bytes} bytes free, {needed_bytes} needed to open the index; free some space and start again"
    )]
    DiskFull {
        /// What is free.
        available_bytes: u64,
        /// What is needed.
        needed_bytes: u64,
    },
    /// The journal is damaged or cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The operating system refused a file operation outside the journal.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// A record of the journal does not fit this version of the program.
    #[error("the index cannot be made from record {position} of the journal: {source}")]
    Project {
        /// The record.
        position: Position,
        /// What the projector said.
        source: ProjectError,
    },
    /// A fresh index does not work either.
    #[error("the index cannot be made: {0}")]
    Index(StoreError),
}

impl OpenError {
    /// Adds what was attempted, and on what, to an input-output error.
    pub(super) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}
