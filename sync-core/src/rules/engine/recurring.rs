//! A form, report or meeting that falls due again and again: one obligation for each person and period.

use jiff::{ToSpan, civil::Date};

use super::{
    super::{
        Fact, Obligation, Of, PassedOver, Period, Subject, Value,
        part::{DueDay, Recurring},
    },
    Asked,
};

impl Asked<'_> {
    pub(super) fn recurring_subjects(self, part: &Recurring, span: Period) -> Vec<Subject> {
        let mut subjects = Vec::new();
        for period in part.every.between(span.first, span.last, self.world.company) {
            let Some((from, _)) = self.instants(period) else { continue };
            let holders = self.world.company.holders(&part.post, from);
            subjects.extend(holders.map(|person| Subject::Person(person, period)));
        }
        subjects
    }

    pub(super) fn recurring_touched(self, part: &Recurring, fact: &Fact) -> Vec<Subject> {
        let (Some(actor), true) = (fact.actor, fact.kind == part.act.kind) else { return Vec::new() };
        match self.covers(part, fact) {
            Covers::Period(period) => vec![Subject::Person(actor, period)],
            Covers::Whatever => {
                // It may be early for one period and late for the one before.
                let Some(day) = self.day(fact.at) else { return Vec::new() };
                let around = |days: i32| day.checked_add(i64::from(days).days()).unwrap_or(day);
                let periods = part.every.between(around(-366), around(366), self.world.company);
                let touches = |period: &Period| {
                    let opens = part.opens.map_or(Some(period.first), |opens| day_of(opens, *period));
                    opens.is_some_and(|opens| opens <= day)
                        && day_of(part.due, *period).is_some_and(|due| {
                            day <= due || part.every.around(day, self.world.company) == Some(*period)
                        })
                };
                periods.into_iter().filter(touches).map(|period| Subject::Person(actor, period)).collect()
            }
            Covers::Nothing => Vec::new(),
        }
    }

    pub(super) fn recurring(self, part: &Recurring, subject: Subject) -> Option<Obligation> {
        let Subject::Person(person, period) = subject else { return None };
        let (from, _) = self.instants(period)?;
        if !self.is_period(&part.every, period) || !self.world.company.holds(person, &part.post, from) {
            return None;
        }
        let mut owed = self.obligation(subject);
        owed.owed_by = vec![person];
        let due = self.end_of(day_of(part.due, period)?)?;
        let first_day = part.opens.map_or(Some(period.first), |opens| day_of(opens, period))?;
        let opens = self.pack.zone.start_of(first_day)?;
        (owed.opens, owed.due) = (Some(opens), Some(due));
        for act in self.world.facts.all(Of::Actor(person), part.act.kind) {
            let covers = self.covers(part, act);
            let is_meant = match covers {
                Covers::Period(covered) => covered == period,
                Covers::Whatever => opens <= act.at && act.at < due,
                Covers::Nothing => false,
            };
            if !is_meant || !self.takes(&part.act, act) {
                continue;
            }
            if part.opens.is_some() && act.at < opens {
                owed.pass_over(act, PassedOver::TooEarly);
            } else {
                owed.take_first(act, Self::in_time(act, due));
            }
        }
        Some(owed.settle(self.world.now))
    }

    /// For which period something was done.
    fn covers(self, part: &Recurring, act: &Fact) -> Covers {
        let Some(attribute) = act.kind.attribute("from") else { return Covers::Whatever };
        let period = match act.get(attribute) {
            Some(Value::Time(from)) => self.period(&part.every, *from),
            _ => None,
        };
        period.map_or(Covers::Nothing, Covers::Period)
    }
}

/// What something was done for.
enum Covers {
    /// The period that it names.
    Period(Period),
    /// It names none: the one it lies in.
    Whatever,
    /// It should name one and does not.
    Nothing,
}

fn day_of(due: DueDay, period: Period) -> Option<Date> {
    let (from, days) = match due {
        DueDay::FromFirst(days) => (period.first, days),
        DueDay::FromLast(days) => (period.last, days),
    };
    from.checked_add(i64::from(days).days()).ok()
}
