//! Submits in JSON: the verdict, the evidence it rests on, and what was decided.

use serde::{Deserialize, Serialize};
use sync_core::{
    hash::Hash,
    id::{DeviceId, UserId},
    record::{self, Decision, Standing, SubmitStatus},
    rules::{Basis, Evidence, Outcome, Reason, Verdict},
    time::Timestamp,
};
use utoipa::ToSchema;

use super::{
    Text,
    record::hashes,
    words::{
        BasisWord, FlagWord, HashText, IdText, Millis, OutcomeWord, ReasonWord, RulingWord, StandingWord,
    },
};
use crate::engine::NOTE_CHARS;

/// A submit.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct SubmitShown {
    /// Hash of its entry: its name in decisions.
    #[schema(value_type = HashText)]
    entry: Hash,
    /// Who submitted.
    #[schema(value_type = IdText)]
    by: UserId,
    /// On which device.
    #[schema(value_type = IdText)]
    device: DeviceId,
    /// When it arrived.
    #[schema(value_type = Millis)]
    arrived_ms: Timestamp,
    /// The heads that were submitted.
    #[schema(value_type = Vec<HashText>)]
    heads: Vec<Hash>,
    /// What the rep gave as reason.
    #[schema(value_type = Option<ReasonWord>)]
    reason: Option<Reason>,
    /// What the rule says of it.
    verdict: VerdictShown,
    /// Where it stands.
    #[schema(value_type = StandingWord)]
    standing: Standing,
    /// What was decided about it, oldest first.
    decisions: Vec<DecisionShown>,
}

impl From<SubmitStatus> for SubmitShown {
    fn from(submit: SubmitStatus) -> Self {
        Self {
            entry: submit.entry,
            by: submit.by,
            device: submit.device,
            arrived_ms: submit.arrived,
            heads: hashes(&submit.heads),
            reason: submit.reason,
            verdict: submit.verdict.into(),
            standing: submit.standing,
            decisions: submit.decisions.into_iter().map(DecisionShown::from).collect(),
        }
    }
}

/// What a rule says of a submit.
#[derive(Serialize, ToSchema)]
struct VerdictShown {
    /// The rule, such as `S21-R17`.
    rule: String,
    /// The pack it stands in.
    pack: String,
    /// The pack's version.
    pack_version: u32,
    /// The last instant that is in time.
    #[schema(value_type = Option<Millis>)]
    deadline_ms: Option<Timestamp>,
    /// What came out.
    #[schema(value_type = OutcomeWord)]
    outcome: &'static str,
    /// What is missing, if it is not evaluable.
    missing: Vec<String>,
    /// What it rests on.
    #[schema(value_type = BasisWord)]
    basis: Basis,
    /// When it was done, as far as anyone can know.
    evidence: Option<EvidenceShown>,
    /// Hash of everything it was computed from.
    #[schema(value_type = HashText)]
    facts: Hash,
}

impl From<Verdict> for VerdictShown {
    fn from(verdict: Verdict) -> Self {
        let (outcome, missing) = match verdict.outcome {
            Outcome::OnTime => ("on_time", Vec::new()),
            Outcome::Late => ("late", Vec::new()),
            Outcome::NeedsReview => ("needs_review", Vec::new()),
            Outcome::Open => ("open", Vec::new()),
            Outcome::NotEvaluable { missing } => ("not_evaluable", missing),
        };
        Self {
            rule: verdict.rule.rule,
            pack: verdict.rule.pack,
            pack_version: verdict.rule.version,
            deadline_ms: verdict.deadline,
            outcome,
            missing,
            basis: verdict.basis,
            evidence: verdict.evidence.map(EvidenceShown::from),
            facts: verdict.facts,
        }
    }
}

/// When something was done, as far as anyone can know; bounds are inclusive.
#[derive(Serialize, ToSchema)]
struct EvidenceShown {
    /// Not before this.
    #[schema(value_type = Millis)]
    not_before_ms: Timestamp,
    /// The anchor this rests on; absent if it is the enrolment.
    #[schema(value_type = Option<HashText>)]
    anchor: Option<Hash>,
    /// Not after this.
    #[schema(value_type = Option<Millis>)]
    not_after_ms: Option<Timestamp>,
    /// The earliest time by the boot clock, if it ran through.
    #[schema(value_type = Option<Millis>)]
    measured_earliest_ms: Option<Timestamp>,
    /// The latest time by the boot clock, if it ran through.
    #[schema(value_type = Option<Millis>)]
    measured_latest_ms: Option<Timestamp>,
    /// What the wall clock said; never decisive alone.
    #[schema(value_type = Millis)]
    claimed_ms: Timestamp,
    /// What is odd about it.
    #[schema(value_type = Vec<FlagWord>)]
    flags: Vec<&'static str>,
}

impl From<Evidence> for EvidenceShown {
    fn from(evidence: Evidence) -> Self {
        Self {
            not_before_ms: evidence.not_before,
            anchor: evidence.anchor,
            not_after_ms: evidence.not_after,
            measured_earliest_ms: evidence.measured.map(|measured| measured.earliest),
            measured_latest_ms: evidence.measured.map(|measured| measured.latest),
            claimed_ms: evidence.claimed,
            flags: evidence.flags.names().collect(),
        }
    }
}

/// What somebody decided about a submit.
#[derive(Serialize, ToSchema)]
struct DecisionShown {
    /// When.
    #[schema(value_type = Millis)]
    at_ms: Timestamp,
    /// Who.
    #[schema(value_type = IdText)]
    by: UserId,
    /// What was ruled.
    #[schema(value_type = RulingWord)]
    ruling: record::Ruling,
    /// Why.
    #[schema(value_type = ReasonWord)]
    reason: Reason,
    /// In their words.
    note: String,
}

impl From<Decision> for DecisionShown {
    fn from(decision: Decision) -> Self {
        let Decision { at, by, ruling, reason, note, .. } = decision;
        Self { at_ms: at, by, ruling, reason, note }
    }
}

/// A decision about a submit that waits for one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct Ruling {
    /// The entry hash of the submit.
    #[schema(value_type = HashText)]
    pub submit: Hash,
    /// What is ruled: `accept_late`, `excuse` or `refuse` for a held submit, `approve` or `reject` for an amendment.
    #[schema(value_type = RulingWord)]
    pub ruling: record::Ruling,
    /// Why.
    #[schema(value_type = ReasonWord)]
    pub reason: Reason,
    /// In words.
    #[serde(default)]
    #[schema(value_type = String, max_length = 500)]
    pub note: Text<NOTE_CHARS>,
}
