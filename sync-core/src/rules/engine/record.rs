//! A visit's record must be submitted inside a window: one obligation for each visit that has ended.

use super::{
    super::{Fact, FactKind, Fulfilment, Obligation, Of, PassedOver, RecordWithin, Subject, Value, due},
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
        if !self.in_force(self.day(ended)?) {
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
        let mut unknown = false;
        for submission in self.world.facts.all(Of::About(visit.id), FactKind::SUBMISSION) {
            let complete = submission.kind.attribute("complete");
            if complete.and_then(|attribute| submission.get(attribute)) == Some(&Value::Flag(false)) {
                owed.pass_over(submission, PassedOver::Other);
                continue;
            }
            match Self::in_time(submission, due) {
                Some(true) => owed.counted.push(submission.id),
                Some(false) => owed.pass_over(submission, PassedOver::TooLate),
                None => {
                    unknown = true;
                    owed.pass_over(submission, PassedOver::TimeUnknown);
                }
            }
        }
        let met = !owed.counted.is_empty();
        owed.done = (u32::from(met), 1);
        owed.state = if met {
            Fulfilment::Met
        } else if self.world.now > due && !unknown {
            Fulfilment::Breached
        } else {
            Fulfilment::Pending
        };
        Some(owed)
    }
}

/// When a visit ended; nothing is owed before that.
fn ended(visit: &Fact) -> Option<Timestamp> {
    match visit.kind.attribute("ended").and_then(|attribute| visit.get(attribute)) {
        Some(Value::Time(ended)) => Some(*ended),
        _ => None,
    }
}
