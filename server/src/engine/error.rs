//! What the engine cannot do, told by what the caller does next.

use sync_core::{
    id::{DeviceId, UserId},
    protocol::{Cursor, server::CommitError},
};

use crate::{
    auth::refresh::RefreshError, projection::FeedPlace, randomness::NoRandomness, store::StoreError,
    workers::Panicked,
};

/// A command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store did not do what was asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A page of a commit is not acceptable as a whole.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The device was revoked; it has to be enrolled again.
    #[error("device {0} was revoked")]
    DeviceRevoked(DeviceId),
    /// No such device was enrolled.
    #[error("device {0} was never enrolled here")]
    UnknownDevice(DeviceId),
    /// No such user.
    #[error("there is no user {0}")]
    UnknownUser(UserId),
    /// The phone has read what this journal does not hold: the server was restored from a backup.
    #[error("the phone has read to {}, which is not in this journal of {journal} records", FeedPlace::from(*.cursor).position)]
    CursorAhead {
        /// Where the phone has read to.
        cursor: Cursor,
        /// Where the journal ends.
        journal: u64,
    },
    /// The phone was given anchors that this journal does not know: the server was restored from a backup.
    #[error("the phone was given anchor {seen}, which this journal does not know")]
    AnchorAhead {
        /// The number of the newest anchor that the phone was given.
        seen: u64,
    },
    /// There is no such thing, or not for this user.
    #[error("there is no such thing here")]
    NotFound,
    /// The user may see it but not do this.
    #[error("this user may not do that")]
    NotPermitted,
    /// The submit waits for no ruling of this kind; perhaps somebody else was faster.
    #[error("nothing waits for this ruling")]
    NothingToDecide,
    /// A text is too long.
    #[error("the {what} has more than {limit} characters")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// How long it may be.
        limit: usize,
    },
    /// A value does not fit the rest of the directory.
    #[error("{0}")]
    Invalid(String),
    /// The name and password or the code do not open anything.
    #[error("these credentials do not open anything")]
    BadCredentials,
    /// The refresh token is not accepted; the user has to sign in again.
    #[error(transparent)]
    Refresh(#[from] RefreshError),
    /// The operating system has no random bytes.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// A pack or a calendar does not parse.
    #[error("{0}")]
    Rules(String),
    /// The server is stopping.
    #[error("the server is stopping")]
    Stopping,
    /// A bug: the work panicked and nothing was kept of it.
    #[error("the work panicked: {0}")]
    Panicked(String),
}

impl From<Panicked> for EngineError {
    fn from(Panicked(what): Panicked) -> Self {
        Self::Panicked(what)
    }
}
