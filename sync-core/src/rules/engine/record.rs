//! A visit's record must be submitted inside a window: one obligation for each visit that has ended.

use super::{
    super::{Fact, FactKind, Obligation, Of, PassedOver, RecordWithin, Subject, Value, due},
    Asked,
};
use crate::time::Timestamp;

impl Asked<'_> {
    pub(super) fn record_touched(self, fact: &Fact) -> Vec<Subject> {
        match fact.kind {
            FactKind::VISIT => vec![Subject::Fact(fact.id)],
            FactKind::SUBMISSION => fact.about.map(Subject::Fact).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    pub(super) fn record(self, rule: &RecordWithin, subject: Subject) -> Option<Obligation> {
        let Subject::Fact(id) = subject else { return None };
        let visit = self.world.facts.get(id).filter(|fact| fact.kind == FactKind::VISIT)?;
        let ended = ended(visit)?;
        let day = self.day(ended)?;
        if !self.in_force(day) || self.pack.records_until.is_some_and(|until| until <= day) {
            return None;
        }
        let mut owed = self.obligation(subject);
        owed.owed_by = visit.actor.into_iter().collect();
        owed.opens = Some(ended);
        let due = match due(&rule.within, &self.pack.zone, self.world.calendar, ended) {
            Ok(due) => due,
            Err(error) => return Some(owed.not_evaluable(error.missing())),
        };
        owed.due = Some(due);
        for submission in self.world.facts.all(Of::About(visit.id), FactKind::SUBMISSION) {
            match (flag(submission, "accepted"), flag(submission, "complete")) {
                (Some(true), _) => owed.counted.push(submission.id),
                (Some(false), _) => owed.pass_over(submission, PassedOver::Refused),
                (None, Some(false)) => owed.pass_over(submission, PassedOver::Incomplete),
                (None, _) => owed.take(submission, Self::in_time_by(rule.time, submission, due)),
            }
        }
        Some(owed.settle(self.world.now))
    }
}

/// When a visit ended; nothing is owed before that.
fn ended(visit: &Fact) -> Option<Timestamp> {
    match visit.named("ended") {
        Some(Value::Time(ended)) => Some(*ended),
        _ => None,
    }
}

/// What an attribute says, if it says yes or no.
fn flag(fact: &Fact, name: &str) -> Option<bool> {
    match fact.named(name) {
        Some(Value::Flag(flag)) => Some(*flag),
        _ => None,
    }
}
