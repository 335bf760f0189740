//! What was done is compared with what was planned: one obligation for each line of a plan.

use super::{
    super::{Fact, Obligation, Of, PassedOver, Subject, Value, part::Difference},
    Asked,
};
use crate::time::Timestamp;

impl Asked<'_> {
    pub(super) fn difference_touched(self, part: &Difference, fact: &Fact) -> Vec<Subject> {
        if fact.kind == part.planned.kind {
            return vec![Subject::Fact(fact.id)];
        }
        let (true, Some(customer), Some(day)) =
            (fact.kind == part.done.kind, fact.customer, self.day(fact.at))
        else {
            return Vec::new();
        };
        let lines = self.world.facts.all(Of::Customer(customer), part.planned.kind);
        let same_day = |line: &&Fact| self.day(planned(line)) == Some(day);
        lines.filter(same_day).map(|line| Subject::Fact(line.id)).collect()
    }

    pub(super) fn difference(self, part: &Difference, subject: Subject) -> Option<Obligation> {
        let Subject::Fact(id) = subject else { return None };
        let line = self.world.facts.get(id)?;
        let (when, day) = (planned(line), self.day(planned(line))?);
        if !self.takes(&part.planned, line) || !self.in_force(day) {
            return None;
        }
        let mut owed = self.obligation(subject);
        owed.owed_by = line.actor.into_iter().collect();
        let end = self.end_of(day)?;
        // Who comes too late cannot come in time any more; a reason may be given all day.
        let latest = part.minutes.filter(|_| part.excused_by.is_empty());
        let due = latest.map_or(end, |minutes| after(when, minutes).min(end));
        (owed.opens, owed.due) = (self.pack.zone.start_of(day), Some(due));
        let Some(customer) = line.customer else { return Some(owed.not_evaluable("customer")) };
        let from = self.pack.zone.start_of(day)?;
        let done = self.world.facts.between(Of::Customer(customer), part.done.kind, from, end);
        for act in done.filter(|act| self.takes(&part.done, act)) {
            if line.actor.is_some() && act.actor != line.actor {
                owed.pass_over(act, PassedOver::ByAnother);
            } else if self.is_kept(part, when, line, act) || is_excused(part, act) {
                owed.counted.push(act.id);
            } else {
                owed.pass_over(act, PassedOver::Other);
            }
        }
        Some(owed.settle(self.world.now))
    }

    fn is_kept(self, part: &Difference, when: Timestamp, line: &Fact, act: &Fact) -> bool {
        let in_time = part.minutes.is_none_or(|minutes| act.at <= after(when, minutes));
        let get = |fact: &'_ Fact, name: &str| -> Option<Value> { fact.named(name).cloned() };
        let same = |name: &String| get(line, name).is_none_or(|planned| get(act, name) == Some(planned));
        in_time && part.same.iter().all(same)
    }
}

/// Whether a change of plan was reported as it has to be.
fn is_excused(part: &Difference, act: &Fact) -> bool {
    let is_set = |name: &String| act.named(name).is_some_and(|value| *value != Value::Flag(false));
    !part.excused_by.is_empty() && part.excused_by.iter().all(is_set)
}

fn after(when: Timestamp, minutes: u32) -> Timestamp {
    when.plus_millis(i64::from(minutes) * 60_000)
}

/// When something is planned for; when it was written down, if it does not say.
fn planned(line: &Fact) -> Timestamp {
    match line.named("planned") {
        Some(Value::Time(planned)) => *planned,
        _ => line.at,
    }
}
