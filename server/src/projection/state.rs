//! What the index keeps of devices, passwords, codes and records.

use minicbor::{Decode, Encode};
use sync_core::{
    encoding::Bytes,
    hash::Hash,
    id::{CustomerId, DeviceId, DocumentId, UserId},
    log::{Refused, Witness},
    protocol::{DeviceState, FeedItem},
    record::{Phase, RecordEvent, RecordStatus},
    rules::Evidence,
    time::Timestamp,
};

use crate::{auth::refresh::RefreshFamily, projection::Scope};

/// A device that was enrolled, as the server knows it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct EnrolledDevice {
    /// How far its log is here, and the newest anchor it was given.
    #[n(0)]
    pub sync: DeviceState,
    /// Its user.
    #[n(1)]
    pub user: UserId,
    /// What the user calls it.
    #[n(2)]
    pub name: String,
    /// When it was enrolled.
    #[n(3)]
    pub enrolled: Timestamp,
    /// When it was revoked, if it was.
    #[n(4)]
    pub revoked: Option<Timestamp>,
    /// What its log told of time so far.
    #[n(5)]
    pub witness: Witness,
    /// The state of its refresh tokens.
    #[n(6)]
    pub refresh: RefreshFamily,
    /// When it last pulled or committed.
    #[n(7)]
    pub last_contact: Timestamp,
    /// How many pages arrived after it was revoked.
    #[n(8)]
    pub quarantined: u32,
    /// Who revoked it; `None` also for the operator at the console.
    #[n(9)]
    pub revoked_by: Option<UserId>,
}

impl EnrolledDevice {
    /// The device.
    pub fn id(&self) -> DeviceId {
        self.sync.device
    }
}

/// A user's password.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Credential {
    /// The argon2id hash as a PHC string.
    #[n(0)]
    pub hash: String,
    /// Whether it must be changed at the next sign-in.
    #[n(1)]
    pub one_time: bool,
    /// Counts the passwords; a web session is bound to one of them.
    #[n(2)]
    pub version: u32,
}

/// A record: the document and everything that happened to it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct StoredRecord {
    /// Whose record it is: the user who first wrote it.
    #[n(0)]
    pub owner: UserId,
    /// The document, saved.
    #[n(1)]
    pub saved: Bytes,
    /// When its first page arrived.
    #[n(2)]
    pub created: Timestamp,
    /// Commits that touched it, and decisions; at most [`StoredRecord::MAX_EVENTS`].
    #[n(3)]
    pub events: Vec<RecordEvent>,
    /// When the rep arrived at and left the customer, as the log witnesses it.
    #[n(4)]
    pub moments: Vec<Moment>,
    /// What the rules say now.
    #[n(5)]
    pub status: RecordStatus,
    /// When it has to be looked at again although nothing arrived.
    #[n(6)]
    pub look_again: Option<Timestamp>,
    /// The time its line is sorted by.
    #[n(7)]
    pub sorted_by: Timestamp,
    /// The pages that brought changes, in the order in which they arrived.
    #[n(8)]
    pub written: Vec<Written>,
    /// When its first change was written, as far as anyone can know; `None` for visits and for what was entered here.
    #[n(9)]
    pub evidence: Option<Evidence>,
    /// Who is told of it beside its owner, as its first page says, and whoever was handed its customer since.
    #[n(10)]
    pub readers: Vec<UserId>,
    /// The facts that it tells.
    #[n(11)]
    pub facts: Vec<Hash>,
}

impl StoredRecord {
    /// How many check-ins and check-outs one record may have; those beyond are refused as over the limit.
    pub const MAX_MOMENTS: usize = 200;

    /// How many submits one record may have; submits beyond are refused as over the limit.
    pub const MAX_SUBMITS: usize = 200;

    /// The instant for the next event: `now`, but later than every event there is. The official state goes by the
    /// times of events, so two of one record never share one.
    pub fn after_last(&self, now: Timestamp) -> Timestamp {
        let last = self.events.iter().map(RecordEvent::at).max();
        last.map_or(now, |last| now.max(last.plus_millis(1)))
    }

    /// A record of which nothing has arrived yet.
    pub fn new(document: DocumentId, owner: UserId, created: Timestamp) -> Self {
        Self {
            owner,
            saved: Vec::new().into(),
            created,
            events: Vec::new(),
            moments: Vec::new(),
            status: RecordStatus {
                document,
                ended: None,
                deadline: None,
                phase: Phase::Draft,
                seals: Vec::new(),
                submits: Vec::new(),
                origin: None,
            },
            look_again: None,
            sorted_by: created,
            written: Vec::new(),
            evidence: None,
            readers: Vec::new(),
            facts: Vec::new(),
        }
    }

    /// Who is told of it.
    pub fn scopes(&self) -> impl Iterator<Item = Scope> {
        std::iter::once(self.owner).chain(self.readers.iter().copied()).map(Scope::User)
    }

    /// How many events one record may have; entries beyond are refused as over the limit.
    pub const MAX_EVENTS: usize = 2_000;
}

/// What one page brought of a document. A device's changes arrive in their own order, so counts tell them apart.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Written {
    /// Which device.
    #[n(0)]
    pub device: DeviceId,
    /// When the page arrived.
    #[n(1)]
    pub arrived: Timestamp,
    /// What the wall clock said at the last of its changes: a claim.
    #[n(2)]
    pub claimed: Timestamp,
    /// How many changes of the document were accepted.
    #[n(3)]
    pub changes: u32,
}

/// A check-in or check-out.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Moment {
    /// Which of the two.
    #[n(0)]
    pub kind: MomentKind,
    /// Which device.
    #[n(1)]
    pub device: DeviceId,
    /// When, as far as anyone can know.
    #[n(2)]
    pub evidence: Evidence,
}

/// Arriving or leaving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum MomentKind {
    /// The rep arrived.
    #[n(0)]
    CheckIn,
    /// The rep left.
    #[n(1)]
    CheckOut,
}

/// A record in one line, for lists.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RecordLine {
    /// Whose record it is.
    #[n(0)]
    pub owner: UserId,
    /// The customer who was visited, if the record says.
    #[n(1)]
    pub customer: Option<CustomerId>,
    /// What sort of visit it was, if the record says.
    #[n(2)]
    pub class: Option<String>,
    /// What the rules say now.
    #[n(3)]
    pub status: RecordStatus,
}

/// A refused entry as managers see it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RefusedEntry {
    /// What was refused and why.
    #[n(0)]
    pub refused: Refused,
    /// Whose log it is in.
    #[n(1)]
    pub device: DeviceId,
    /// When it arrived.
    #[n(2)]
    pub arrived: Timestamp,
}

/// An item of a feed, with the device that need not be told.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct FeedEntry {
    /// The device that caused it and has it already.
    #[n(0)]
    pub author: Option<DeviceId>,
    /// What happened.
    #[n(1)]
    pub told: Told,
}

/// What an item of a feed tells.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Told {
    /// This, as it is.
    #[n(0)]
    Item(#[n(0)] Box<FeedItem>),
    /// What is said of this record by the time the feed is read.
    ///
    /// Not what was said when it was written: a device hears of its own commits by their receipts, and an item that
    /// another caused in between must not put an older word in the place of a newer one.
    #[n(1)]
    Record(#[n(0)] DocumentId),
}
