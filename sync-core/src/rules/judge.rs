//! Judging: from a rule, a deadline and evidence to a verdict, in integers only.

use super::{Basis, Evidence, Flags, Measured, Outcome, PackRule, TimeMode, Verdict, judged_facts::Facts};
use crate::time::Timestamp;

/// Judges when a submit was made against the deadline.
///
/// Proof on either side decides in every mode. Only where the deadline lies inside the proven interval does the
/// rule's [`TimeMode`] decide. A submit that has not arrived is open, unless it is proven late already.
pub fn judge(rule: &PackRule<'_>, deadline: Timestamp, evidence: &Evidence) -> Verdict {
    let (outcome, basis) = weigh(rule.rule.time, deadline, evidence);
    let version = rule.version();
    let facts = Facts::judged(rule, &version, deadline, evidence).hash();
    Verdict {
        rule: version,
        deadline: Some(deadline),
        outcome,
        basis,
        evidence: Some(evidence.clone()),
        facts,
    }
}

/// The verdict on a submit that cannot be judged because something is missing.
pub fn not_evaluable(
    rule: &PackRule<'_>,
    deadline: Option<Timestamp>,
    evidence: &Evidence,
    missing: Vec<String>,
) -> Verdict {
    let version = rule.version();
    let facts = Facts::incomplete(rule, &version, deadline, evidence, &missing).hash();
    Verdict {
        rule: version,
        deadline,
        outcome: Outcome::NotEvaluable { missing },
        basis: Basis::None,
        evidence: Some(evidence.clone()),
        facts,
    }
}

/// When a submit was made against the deadline, and what says so.
pub(super) fn weigh(mode: TimeMode, deadline: Timestamp, evidence: &Evidence) -> (Outcome, Basis) {
    if evidence.not_before > deadline {
        return (Outcome::Late, Basis::Proven);
    }
    // No anchor is issued on a clock in doubt, so the lower bound is sound; the arrival was read off that very clock.
    if evidence.flags.intersects(Flags::SERVER_TIME_SUSPECT) {
        return (Outcome::NeedsReview, Basis::None);
    }
    if evidence.not_after.is_some_and(|not_after| not_after <= deadline) {
        return (Outcome::OnTime, Basis::Proven);
    }
    if evidence.not_after.is_none() {
        return (Outcome::Open, Basis::None);
    }
    match mode {
        TimeMode::Receipt => (Outcome::Late, Basis::Receipt),
        TimeMode::Witnessed => match trusted_measurement(evidence) {
            Some(measured) if measured.latest <= deadline => (Outcome::OnTime, Basis::Measured),
            Some(measured) if measured.earliest > deadline => (Outcome::Late, Basis::Measured),
            _ => (Outcome::NeedsReview, Basis::None),
        },
        TimeMode::Claimed => {
            // Here not_before ≤ deadline < not_after, so the bounds are in order.
            let outcome = if evidence.held_claim() <= deadline { Outcome::OnTime } else { Outcome::Late };
            (outcome, Basis::Claimed)
        }
        TimeMode::Review => (Outcome::NeedsReview, Basis::None),
    }
}

/// The measurement, unless a flag speaks against it or it is not an interval.
pub(super) fn trusted_measurement(evidence: &Evidence) -> Option<Measured> {
    evidence
        .measured
        .filter(|measured| measured.earliest <= measured.latest)
        .filter(|_| !evidence.flags.intersects(Flags::AGAINST_MEASURED))
}
