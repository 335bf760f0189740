//! What the server says of a record: to the phone in receipts and the feed, to the manager on pages.

use minicbor::{Decode, Encode};

use crate::{
    document::{DocumentKind, Heads},
    hash::Hash,
    id::{DeviceId, DocumentId, UserId},
    record::{Decision, Phase, Standing, Version},
    rules::{Evidence, Reason, Verdict},
    time::Timestamp,
};

/// What the server says of a record.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RecordStatus {
    /// The record.
    #[n(0)]
    pub document: DocumentId,
    /// When the visit ended, as pinned; `None` until an end has arrived.
    #[n(1)]
    pub ended: Option<Timestamp>,
    /// By when it has to be submitted.
    #[n(2)]
    pub deadline: Option<Timestamp>,
    /// Where it stands.
    #[n(3)]
    pub phase: Phase,
    /// Its sealed versions, oldest first.
    #[n(4)]
    pub seals: Vec<Seal>,
    /// Its submits in the order of arrival.
    #[n(5)]
    pub submits: Vec<SubmitStatus>,
    /// Where it comes from; absent for visits that say when they began, ended or are planned.
    #[n(6)]
    pub origin: Option<Origin>,
}

/// Where a document comes from, so that everybody who has it reads the same facts in it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Origin {
    /// Who first wrote it, or for whom the server entered it.
    #[n(0)]
    pub owner: UserId,
    /// When its first page arrived, or it was entered.
    #[n(1)]
    pub created: Timestamp,
    /// When the first change was written; absent if the server entered it.
    #[n(2)]
    pub evidence: Option<Evidence>,
}

/// What the server says of one submit.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SubmitStatus {
    /// Hash of the submit entry.
    #[n(0)]
    pub entry: Hash,
    /// Who submitted.
    #[n(1)]
    pub by: UserId,
    /// On which device.
    #[n(2)]
    pub device: DeviceId,
    /// When it arrived.
    #[n(3)]
    pub arrived: Timestamp,
    /// What the rule says of it.
    #[n(4)]
    pub verdict: Verdict,
    /// Where it stands.
    #[n(5)]
    pub standing: Standing,
    /// The frontier that was submitted.
    #[n(6)]
    pub heads: Heads,
    /// What the rep gave as reason, if any.
    #[n(7)]
    pub reason: Option<Reason>,
    /// What was decided about it, oldest first.
    #[n(8)]
    pub decisions: Vec<Decision>,
}

/// A version of a record that will never change again.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Seal {
    /// The version.
    #[n(0)]
    pub version: Version,
    /// Hash of the field values at its heads.
    #[n(1)]
    pub value: Hash,
}

impl RecordStatus {
    /// The version that holds now; `None` while there is none.
    pub fn official(&self) -> Option<&Seal> {
        self.seals.last()
    }

    /// The submit with that entry hash.
    pub fn submit(&self, entry: Hash) -> Option<&SubmitStatus> {
        self.submits.iter().find(|submit| submit.entry == entry)
    }

    /// The submit by which a form counts: the last one that handed in something else than the one before it.
    pub fn handed_in(&self) -> Option<&SubmitStatus> {
        let mut counts: Option<&SubmitStatus> = None;
        for submit in &self.submits {
            if counts.is_none_or(|before| before.heads != submit.heads) {
                counts = Some(submit);
            }
        }
        counts
    }

    /// Where the version is by which it counts: of a visit the sealed one, of a form the one that was handed in.
    pub fn heads_that_count(&self) -> Option<&Heads> {
        match DocumentKind::of(self.document)? {
            DocumentKind::Visit => self.official().map(|seal| &seal.version.heads),
            DocumentKind::Form => self.handed_in().map(|submit| &submit.heads),
            _ => None,
        }
    }

    /// Whether an amendment waits for a decision.
    pub fn amendment_waiting(&self) -> bool {
        self.submits.iter().any(|submit| submit.standing == Standing::Amendment)
    }
}
