//! Errors: each one tells the app what to do next.

use sync_core::time::Timestamp;

/// Why a call did not do what it was asked. Being offline is not among them: see [`Outcome`](crate::Outcome).
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No phone is enrolled in this book yet: call [`enrol`](crate::Book::enrol).
    #[error("this book is not enrolled yet")]
    NotEnrolled,
    /// The server no longer takes this sign-in: let the user sign in, then call [`enrol`](crate::Book::enrol).
    #[error("sign in again: {reason}")]
    SignInAgain {
        /// What the server said.
        reason: String,
    },
    /// This device can deliver nothing more: call [`enrol`](crate::Book::enrol); unsent edits are made again.
    #[error("enrol this phone again: {cause}")]
    ReEnrol {
        /// What happened.
        cause: ReEnrolCause,
    },
    /// The call cannot work as it was made: a programming error, or a value that does not fit.
    #[error("{what}")]
    FixCall {
        /// What is wrong with it.
        what: String,
    },
    /// The record may not be submitted yet: ask the rep to fill in what is missing.
    #[error("required fields are empty: {}", missing.join(", "))]
    Incomplete {
        /// Names of the required fields that are empty.
        missing: Vec<String>,
    },
    /// The record is sealed, so this would be an amendment: ask the rep for a reason.
    #[error("the record is sealed; an amendment needs a reason")]
    ReasonNeeded,
    /// The server cannot be reached, and this call cannot do without it. Only `enrol` gives this.
    #[error("the server cannot be reached: {detail}")]
    Unreachable {
        /// What the network said.
        detail: String,
    },
    /// The server understood and said no: show it to the user.
    #[error("the server refused ({status} {code}): {detail}")]
    ServerRefused {
        /// The HTTP status.
        status: u16,
        /// The last part of the problem's type, such as `over_limit`; empty if the answer named none.
        code: String,
        /// What the server said, at most 400 characters.
        detail: String,
    },
    /// What answered is not the server this phone was enrolled with, or the answer was damaged. Nothing was kept.
    #[error("the answer cannot be trusted: {what}")]
    Untrusted {
        /// Which check failed.
        what: String,
    },
    /// The book was closed: open it again.
    #[error("the book is closed")]
    Closed,
    /// The phone's storage failed; nothing of the call was kept.
    #[error("storage: {0}")]
    Storage(#[from] StorageError),
    /// The platform's key store or random source failed.
    #[error("platform: {0}")]
    Platform(#[from] crate::platform::PlatformError),
}

/// Why a phone has to be enrolled again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReEnrolCause {
    /// The server holds entries this book does not have: the book is a copy, or came back from a backup.
    #[error("this book was copied or restored from a backup")]
    Forked,
    /// An administrator revoked this device.
    #[error("this device was revoked")]
    Revoked,
}

/// What the storage said, with the caller's next move.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The disk is full: free some space and try again.
    #[error("the disk is full")]
    Full,
    /// Another process holds the book: try again.
    #[error("the book is in use")]
    Busy,
    /// The file is damaged: keep it for support, enrol into a new one.
    #[error("the book is damaged: {detail}")]
    Corrupt {
        /// What was found.
        detail: String,
    },
    /// The file was written by a newer version of this SDK.
    #[error("the book has schema {found}, this SDK knows up to {known}")]
    Newer {
        /// The file's schema version.
        found: i64,
        /// The newest schema version this SDK knows.
        known: i64,
    },
    /// Anything else.
    #[error("{detail}")]
    Failed {
        /// What the database said.
        detail: String,
    },
}

impl From<rusqlite::Error> for StorageError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Corrupt { detail: error.to_string() }
            }
            _ => Self::Failed { detail: error.to_string() },
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Storage(error.into())
    }
}

impl Error {
    pub(crate) fn fix_call(what: impl Into<String>) -> Self {
        Self::FixCall { what: what.into() }
    }

    pub(crate) fn corrupt(detail: impl ToString) -> Self {
        Self::Storage(StorageError::Corrupt { detail: detail.to_string() })
    }

    pub(crate) fn untrusted(what: impl ToString) -> Self {
        Self::Untrusted { what: what.to_string() }
    }
}

/// How a sync ended, when nothing is wrong with this phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was sent and received.
    Complete,
    /// The server could not be reached; what arrived before that is kept.
    Offline {
        /// When to try again, by the phone's wall clock.
        retry_at: Timestamp,
    },
    /// The server is overloaded or takes no commits for the moment.
    Busy {
        /// When to try again, by the phone's wall clock.
        retry_at: Timestamp,
    },
}
