//! The official state of a record, and each of its submits as it was judged.

use super::{Decision, IgnoredDecision, Phase, Ruling, Standing, Submitted, Version};
use crate::{document::Heads, hash::Hash, id::DeviceId, rules::Verdict, time::Timestamp};

/// The official state of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordState {
    /// Where the record stands.
    pub phase: Phase,
    /// The end of the visit as it is pinned; `None` while no commit has brought one.
    pub ended: Option<Timestamp>,
    /// The last instant that is in time; `None` without an end, or where the calendar cannot answer.
    pub deadline: Option<Timestamp>,
    /// Whether the deadline has passed.
    pub is_past_deadline: bool,
    /// What would be sealed if the deadline passed now; `None` after it, or when nothing was submitted in time.
    pub candidate: Option<Heads>,
    /// The official versions, from number 1 without gaps.
    pub versions: Vec<Version>,
    /// The submits, in the order in which they arrived.
    pub submits: Vec<JudgedSubmit>,
    /// The decisions that changed nothing.
    pub ignored: Vec<IgnoredDecision>,
}

/// One submit as it was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedSubmit {
    /// The submit.
    pub submit: Submitted,
    /// Whose log it is from.
    pub device: DeviceId,
    /// When it arrived.
    pub arrived: Timestamp,
    /// What the rule says of it; decisions never alter this.
    pub verdict: Verdict,
    /// Where it stands.
    pub standing: Standing,
    /// The decisions about it that took effect, oldest first.
    pub decisions: Vec<Decision>,
}

impl JudgedSubmit {
    /// Whether it is, or was decided as, an amendment of a sealed record, which no deadline applies to.
    pub fn is_amendment(&self) -> bool {
        match self.decisions.last() {
            Some(decision) => matches!(decision.ruling, Ruling::Approve | Ruling::Reject),
            None => self.standing == Standing::Amendment,
        }
    }
}

impl RecordState {
    /// The version that holds now; `None` while there is none.
    pub fn official(&self) -> Option<&Version> {
        self.versions.last()
    }

    /// When the state changes by the passing of time alone: just after this instant; `None` if it never will.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        if self.is_past_deadline { None } else { self.deadline }
    }

    /// Whether an amendment waits for a decision.
    pub fn amendment_waiting(&self) -> bool {
        self.submits.iter().any(|submit| submit.standing == Standing::Amendment)
    }

    /// Whether any submit waits for a decision.
    pub fn decision_waiting(&self) -> bool {
        self.submits.iter().any(|submit| submit.standing.waits())
    }

    /// The submit with that entry hash.
    pub fn submit(&self, entry: Hash) -> Option<&JudgedSubmit> {
        self.submits.iter().find(|submit| submit.submit.entry == entry)
    }
}
