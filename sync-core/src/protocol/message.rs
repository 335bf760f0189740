//! The messages of a sync: pull and its answer. Commit and receipt are in [`crate::log`].

use minicbor::{Decode, Encode};

use crate::{
    directory::{Customer, User},
    encoding::Bytes,
    hash::Hash,
    id::{CustomerId, DeviceId, DocumentId, RunId},
    log::SignedAnchor,
    record::RecordStatus,
};

/// How far a device has read its feed. Opaque to the phone; 0 before the first pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Encode, Decode)]
#[cbor(transparent)]
pub struct Cursor(#[n(0)] pub u64);

/// What happened in my scopes since the cursor, and what time is it?
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PullRequest {
    /// Where the last pull ended.
    #[n(0)]
    pub cursor: Cursor,
    /// Random, echoed in the anchor.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub nonce: [u8; 16],
    /// Sequence number of the newest anchor this device received; absent before the first. A server that has not come
    /// as far was restored from a backup.
    #[n(2)]
    pub seen: Option<u64>,
    /// The newest anchors this device received, oldest first, for a server that said it was restored; else absent. At
    /// most [`OPEN_ANCHORS`](crate::log::limits::OPEN_ANCHORS).
    #[n(3)]
    pub shown: Option<Vec<SignedAnchor>>,
    /// The run of the server that answered the last pull; absent with cursor 0. A server that does not know it, or ended it
    /// before the cursor, was restored from a backup.
    #[n(4)]
    pub run: Option<RunId>,
}

/// One page of what happened.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PullResponse {
    /// What happened, oldest first.
    #[n(0)]
    pub items: Vec<FeedItem>,
    /// Where this page ends.
    #[n(1)]
    pub cursor: Cursor,
    /// Whether another pull will bring more at once.
    #[n(2)]
    pub more: bool,
    /// A fresh anchor, on the last page only; `None` also while the server takes no commits (disk full, clock in
    /// doubt), or for up to a minute when too many anchors are unanswered.
    #[n(3)]
    pub anchor: Option<SignedAnchor>,
    /// How many entries of this device's log the server holds: the index it expects next.
    #[n(4)]
    pub next_index: u64,
    /// Hash of the last of them. A phone whose log does not hold it was restored from a backup or cloned.
    #[n(5)]
    pub device_head: Hash,
    /// How many records the journal held: what this page says of records is at least as new. What a receipt says of them
    /// is as new as the commit it answers, and a receipt that is given a second time may be older than this page.
    #[n(6)]
    pub journal: u64,
    /// The run of the server whose story this is, to be stored with the cursor; absent from one that wrote nothing yet.
    #[n(7)]
    pub run: Option<RunId>,
}

/// One thing that happened in a scope of this device.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum FeedItem {
    /// Accepted changes that another device wrote to a document.
    #[n(0)]
    Changes {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// The device that wrote them; admission on the phone checks the actor against it.
        #[n(1)]
        author: DeviceId,
        /// Raw Automerge change chunks, in the order in which they were accepted.
        #[n(2)]
        changes: Vec<Bytes>,
    },
    /// What the server now says of a record, whole; replaces what it said before.
    #[n(1)]
    Record(#[n(0)] Box<RecordStatus>),
    /// A customer was added or altered.
    #[n(2)]
    Customer(#[n(0)] Customer),
    /// A customer is no longer in this device's scope.
    #[n(3)]
    CustomerGone {
        /// The customer.
        #[n(0)]
        id: CustomerId,
    },
    /// A user this device should know was added or altered.
    #[n(4)]
    User(#[n(0)] User),
    /// A rule pack is in force: its TOML text.
    #[n(5)]
    Pack {
        /// The whole file.
        #[n(0)]
        toml: String,
    },
    /// The holiday calendar of one year: its iCalendar text.
    #[n(6)]
    Calendar {
        /// The year.
        #[n(0)]
        year: i16,
        /// The whole file.
        #[n(1)]
        ics: String,
    },
}
