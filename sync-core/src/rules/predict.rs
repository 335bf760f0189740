//! Predicting: what a phone can tell its rep before a submit has arrived.

use super::{Evidence, PackRule, Verdict, judge};
use crate::time::Timestamp;

/// What will become of a submit that has not arrived yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prediction {
    /// It is proven on time if it reaches the server by then; `None` once that can no longer happen.
    pub provable_until: Option<Timestamp>,
    /// The verdict if it reached the server at the time of asking.
    pub if_sent_now: Verdict,
}

/// Predicts the verdict on a submit that is still on the phone, `now` being the phone's best idea of the time.
pub fn predict(rule: &PackRule<'_>, deadline: Timestamp, evidence: &Evidence, now: Timestamp) -> Prediction {
    let now = now.max(evidence.not_before);
    let arrived = evidence.arriving(now);
    Prediction {
        provable_until: (now <= deadline).then_some(deadline),
        if_sent_now: judge(rule, deadline, &arrived),
    }
}
