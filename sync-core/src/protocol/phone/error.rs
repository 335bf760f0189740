//! What ends a sync early, and what the phone does next.

use crate::log::BadSignature;

/// A sync cannot go on. Nothing is lost: the log stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SyncError {
    /// An answer is not signed by the pinned server. Drop it and try again later.
    #[error(transparent)]
    BadSignature(#[from] BadSignature),
    /// An answer belongs to another device, request or page. Drop it and try again later.
    #[error("the answer does not belong to this request: {what} differs")]
    WrongAnswer {
        /// What differs.
        what: &'static str,
    },
    /// The server's time or sequence numbers went back, although it was told how far they had come. Tell the operator.
    #[error("the server's anchor {found} is not newer than anchor {seen}")]
    AnchorWentBack {
        /// Sequence number of the newest anchor that was seen before.
        seen: u64,
        /// Sequence number of the anchor in the answer.
        found: u64,
    },
    /// The server promises more without getting on. Try again later.
    #[error("the server promises more but its cursor does not move")]
    CursorStuck,
    /// The server holds entries that this log does not: it was restored from a backup or cloned. Enrol again.
    #[error("the server holds {held} entries that do not stand in this log")]
    Forked {
        /// How many entries of this device the server holds.
        held: u64,
    },
    /// The server gave receipts for entries it does not hold any more: it was restored from a backup.
    ///
    /// Start again from cursor 0 with [`Start::receipted`](super::Start::receipted) at `held` and
    /// [`Start::shown`](super::Start::shown) filled to hand them over again.
    #[error("the server holds {held} entries, but gave receipts for {receipted}")]
    ServerBehind {
        /// How many entries of this device the server holds.
        held: u64,
        /// How many it gave receipts for.
        receipted: u64,
    },
    /// An entry is larger than any page may be. It never leaves this phone.
    #[error("entry {index} has {found} bytes")]
    EntryTooLarge {
        /// Index of the entry.
        index: u64,
        /// How many bytes it has.
        found: usize,
    },
    /// The caller handed in something else than the last step asked for.
    #[error("the sync is not waiting for {what}")]
    OutOfStep {
        /// What was handed in.
        what: &'static str,
    },
}
