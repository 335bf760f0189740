//! A verdict with its evidence, ready for the time line.

use sync_core::{
    hash::Hash,
    rules::{Basis, Evidence, Flags, Measured, Outcome, Verdict},
    time::Timestamp,
};

/// What is known of the time of a submit, and what the rule made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceView {
    /// Not made before this.
    pub not_before: Timestamp,
    /// What that rests on: an anchor, or the enrolment when none.
    pub anchor: Option<Hash>,
    /// Not made after this; `None` until it has arrived.
    pub not_after: Option<Timestamp>,
    /// What the boot clock measured.
    pub measured: Option<Measured>,
    /// What the wall clock said.
    pub claimed: Timestamp,
    /// The last instant in time; `None` when the rule cannot be evaluated.
    pub deadline: Option<Timestamp>,
    /// What is odd.
    pub flags: Flags,
    /// What the outcome rests on.
    pub basis: Basis,
    /// What came out.
    pub outcome: Outcome,
    /// The rule and its version, such as `S21-R17 · key_account_visits 3`.
    pub rule: String,
}

impl EvidenceView {
    /// Reads it off a verdict; `None` for a verdict without evidence.
    pub fn of(verdict: &Verdict) -> Option<Self> {
        let rule = format!("{} · {} {}", verdict.rule.rule, verdict.rule.pack, verdict.rule.version);
        verdict.evidence.as_ref().map(|evidence| {
            Self::new(evidence, verdict.deadline, verdict.basis, verdict.outcome.clone(), rule)
        })
    }

    fn new(
        evidence: &Evidence,
        deadline: Option<Timestamp>,
        basis: Basis,
        outcome: Outcome,
        rule: String,
    ) -> Self {
        Self {
            not_before: evidence.not_before,
            anchor: evidence.anchor,
            not_after: evidence.not_after,
            measured: evidence.measured,
            claimed: evidence.claimed,
            deadline,
            flags: evidence.flags,
            basis,
            outcome,
            rule,
        }
    }
}
