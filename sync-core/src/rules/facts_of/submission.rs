//! A submit as a fact: told so that a rule about records comes to what the official verdict says.

use super::{
    super::{Basis, Evidence, Fact, FactKind, Outcome, Value, Verdict},
    put,
};
use crate::record::{Ruling, Standing, SubmitStatus};

/// The fact that a record was handed in; about the visit.
pub(super) fn of(submit: &SubmitStatus, visit: &Fact) -> Fact {
    let (at, evidence) = match &submit.verdict.evidence {
        Some(evidence) => when(&submit.verdict, evidence),
        None => (submit.arrived, None),
    };
    let mut fact = Fact {
        id: submit.entry,
        kind: FactKind::SUBMISSION,
        at,
        evidence: evidence.map(Box::new),
        customer: visit.customer,
        actor: Some(submit.by),
        about: Some(visit.id),
        attributes: Box::default(),
    };
    let complete = !matches!(submit.verdict.outcome, Outcome::NotEvaluable { .. });
    put(&mut fact, "complete", Some(Value::Flag(complete)));
    put(&mut fact, "accepted", accepted(submit).map(Value::Flag));
    fact
}

/// What was decided about it, so far as that bears on whether the record was handed in: an amendment is no record.
fn accepted(submit: &SubmitStatus) -> Option<bool> {
    let ruling = submit.decisions.last()?.ruling;
    match (submit.standing, ruling) {
        (Standing::Approved, Ruling::AcceptLate | Ruling::Excuse) => Some(true),
        (Standing::Refused, _) => Some(false),
        _ => None,
    }
}

/// When it was handed in, and on which evidence, as the rule that judged it lets that count.
fn when(verdict: &Verdict, evidence: &Evidence) -> (crate::time::Timestamp, Option<Evidence>) {
    match (&verdict.outcome, verdict.basis) {
        // The rule takes the wall clock's word, or goes by the arrival: then that is the time.
        (_, Basis::Claimed) => (evidence.held_claim(), None),
        (_, Basis::Receipt) => (evidence.not_after.unwrap_or(evidence.claimed), None),
        // The rule decides nothing although a bound or a measurement would: a person has to.
        (Outcome::NeedsReview | Outcome::Open, Basis::None) => {
            (evidence.best(), Some(Evidence { not_after: None, measured: None, ..evidence.clone() }))
        }
        _ => (evidence.best(), Some(evidence.clone())),
    }
}
