//! A verdict: what a rule says of an obligation, on what basis and on which evidence.

use minicbor::{Decode, Encode};

use crate::{encoding, hash::Hash, rules::Evidence, time::Timestamp};

/// Which rule was applied, to the byte.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, serde::Serialize, serde::Deserialize)]
#[cbor(map)]
pub struct RuleVersion {
    /// The rule's id, such as `S21-R17`.
    #[n(0)]
    pub rule: String,
    /// The pack it stands in.
    #[n(1)]
    pub pack: String,
    /// The pack's version.
    #[n(2)]
    pub version: u32,
}

/// What a rule says of one submit.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, serde::Serialize, serde::Deserialize)]
#[cbor(map)]
pub struct Verdict {
    /// The rule that was applied.
    #[n(0)]
    pub rule: RuleVersion,
    /// The last instant that is in time; `None` when the rule cannot be evaluated.
    #[n(1)]
    pub deadline: Option<Timestamp>,
    /// What came out.
    #[n(2)]
    pub outcome: Outcome,
    /// What it rests on.
    #[n(3)]
    pub basis: Basis,
    /// When the act was done, as far as anyone can know; `None` while nothing was submitted.
    #[n(4)]
    pub evidence: Option<Evidence>,
    /// Hash of everything the verdict was computed from: equal facts, equal verdict.
    #[n(5)]
    pub facts: Hash,
}

impl Verdict {
    /// What stands in the place of a verdict where no rule judges the submit by itself, as with forms: open, with the
    /// evidence, by no rule.
    pub fn of_no_rule(evidence: Evidence) -> Self {
        Self {
            rule: RuleVersion { rule: String::new(), pack: String::new(), version: 0 },
            deadline: None,
            outcome: Outcome::Open,
            basis: Basis::None,
            facts: Hash::of("fieldbook/facts/1", &[&encoding::encode(&evidence)]),
            evidence: Some(evidence),
        }
    }
}

/// What came out.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Met: done by the deadline.
    #[n(0)]
    OnTime,
    /// Breached: done after the deadline.
    #[n(1)]
    Late,
    /// Pending: the evidence does not decide, a person must.
    #[n(2)]
    NeedsReview,
    /// Pending: not done yet, or not arrived yet.
    #[n(3)]
    Open,
    /// Not evaluable, with the names of what is missing.
    #[n(4)]
    NotEvaluable {
        /// Fields, parameters or calendar years that are missing.
        #[n(0)]
        missing: Vec<String>,
    },
}

/// What an outcome rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, serde::Serialize, serde::Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The proven interval lies wholly on one side of the deadline.
    #[n(0)]
    Proven,
    /// The boot clock's measurement lies wholly on one side.
    #[n(1)]
    Measured,
    /// The wall clock's claim, held inside the proven interval.
    #[n(2)]
    Claimed,
    /// The arrival at the server alone.
    #[n(3)]
    Receipt,
    /// Nothing: there is no outcome yet.
    #[n(4)]
    None,
}
