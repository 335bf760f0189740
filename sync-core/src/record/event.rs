//! What happens to a record: commits that touch it, and decisions about its submits.

use minicbor::{Decode, Encode};

use crate::{
    document::Heads,
    hash::Hash,
    id::{DeviceId, UserId},
    rules::{Evidence, Reason},
    time::Timestamp,
};

/// One thing that happened to a record.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum RecordEvent {
    /// A commit arrived that touches the record.
    #[n(0)]
    Committed(#[n(0)] Committed),
    /// A supervisor ruled on a submit.
    #[n(1)]
    Decided(#[n(0)] Decision),
}

impl RecordEvent {
    /// When it happened: the arrival of a commit, the time of a decision.
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Committed(committed) => committed.arrived,
            Self::Decided(decision) => decision.at,
        }
    }
}

/// What one commit page brought for one record.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Committed {
    /// When the page arrived.
    #[n(0)]
    pub arrived: Timestamp,
    /// Whose log it is from.
    #[n(1)]
    pub device: DeviceId,
    /// Hash of the page's last entry: breaks ties between equal arrivals.
    #[n(2)]
    pub head: Hash,
    /// The end of the visit as it stood at the page's last accepted change of this record, seen from that change
    /// alone, so that it does not depend on what else arrived before.
    #[n(3)]
    pub ended: Option<Timestamp>,
    /// The submits in the page, in log order.
    #[n(4)]
    pub submits: Vec<Submitted>,
}

impl Committed {
    /// The end of the visit as far as it counts: none is later than the arrival of the commit that says so.
    pub fn ended_by_arrival(&self) -> Option<Timestamp> {
        self.ended.map(|ended| ended.min(self.arrived))
    }
}

/// One submit.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Submitted {
    /// Hash of the submit entry: its identity.
    #[n(0)]
    pub entry: Hash,
    /// The frontier that was submitted.
    #[n(1)]
    pub heads: Heads,
    /// Names of the fields that were set at those heads; without one that its rule requires it is not evaluable.
    #[n(2)]
    pub filled: Vec<String>,
    /// What the rep gave as reason, if any.
    #[n(3)]
    pub reason: Option<Reason>,
    /// When it was written; `not_after` is the arrival.
    #[n(4)]
    pub evidence: Evidence,
}

/// What a supervisor ruled on one submit. Never alters the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Decision {
    /// When.
    #[n(0)]
    pub at: Timestamp,
    /// Who.
    #[n(1)]
    pub by: UserId,
    /// The submit it is about.
    #[n(2)]
    pub submit: Hash,
    /// What was ruled.
    #[n(3)]
    pub ruling: Ruling,
    /// Why.
    #[n(4)]
    pub reason: Reason,
    /// In the supervisor's words; at most 500 characters.
    #[n(5)]
    pub note: String,
}

/// What can be ruled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, serde::Serialize, serde::Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Ruling {
    /// A held submit counts, and stays late.
    #[n(0)]
    AcceptLate,
    /// A held submit counts as if in time.
    #[n(1)]
    Excuse,
    /// A held submit does not count.
    #[n(2)]
    Refuse,
    /// An amendment becomes the official version.
    #[n(3)]
    Approve,
    /// An amendment does not become official; it stays in the history.
    #[n(4)]
    Reject,
}
