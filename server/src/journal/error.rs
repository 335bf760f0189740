//! Why the journal cannot be opened, read or written.

use std::{io, path::PathBuf};

use super::{Damage, Position};

/// The journal cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// An acknowledged record is not as it was written.
    #[error(
        "the journal is damaged at {0}. Nothing was changed. Restore the data folder from a backup; \
         `fieldbook verify` shows what can still be read"
    )]
    Damaged(Damage),
    /// The operating system refused a file operation.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A write failed before; the journal takes no more until it is opened again.
    #[error("the journal is closed after a failed write")]
    Closed,
    /// A record is larger than [`MAX_RECORD_BYTES`](super::MAX_RECORD_BYTES).
    #[error("a record of {bytes} bytes is larger than the journal takes")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// The folder of a backup already holds a journal.
    #[error("{} already holds a journal; a backup needs an empty folder", .0.display())]
    NotEmpty(PathBuf),
    /// The copy is not what was copied.
    #[error("the copy ends at record {copied} instead of {expected}")]
    BadCopy {
        /// The last good record of the copy.
        copied: Position,
        /// The last record that was to be copied.
        expected: Position,
    },
}

impl JournalError {
    /// Adds what was attempted, and on what, to an input-output error.
    pub(crate) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }
}
