//! Something has to be done after something else happened, or before it: one obligation each, and shares of them.

use super::{
    super::{
        Fact, Fulfilment, Obligation, Of, PassedOver, Period, Subject, Value, due, lead,
        part::{Anchored, Window},
    },
    Asked,
};
use crate::time::Timestamp;

impl<'a> Asked<'a> {
    pub(super) fn anchored_subjects(self, part: &Anchored, span: Period) -> Vec<Subject> {
        let mut subjects: Vec<Subject> =
            self.facts_in(&part.anchor, span).map(|fact| Subject::Fact(fact.id)).collect();
        if let Some(coverage) = &part.coverage {
            let periods = coverage.per.between(span.first, span.last, self.world.company);
            subjects.extend(periods.into_iter().map(Subject::Company));
        }
        subjects
    }

    pub(super) fn anchored_touched(self, part: &Anchored, fact: &Fact) -> Vec<Subject> {
        let mut anchors: Vec<&Fact> = Vec::new();
        if fact.kind == part.anchor.kind {
            anchors.push(fact);
            // Another may be the first of its case now.
            if !part.one_per.is_empty() {
                anchors.extend(self.same_case(part, fact));
            }
        }
        if fact.kind == part.act.kind {
            anchors.extend(self.linked_back(part.linked, fact, part.anchor.kind));
        }
        let mut touched: Vec<Subject> = anchors.iter().map(|anchor| Subject::Fact(anchor.id)).collect();
        if let Some(coverage) = &part.coverage {
            let periods = anchors.iter().filter_map(|anchor| self.period(&coverage.per, anchor.at));
            touched.extend(periods.map(Subject::Company));
        }
        touched
    }

    pub(super) fn anchored(self, part: &Anchored, subject: Subject) -> Option<Obligation> {
        match subject {
            Subject::Fact(id) => {
                let anchor = self.world.facts.get(id)?;
                if self.let_off(part, anchor).is_some() { None } else { self.case(part, anchor) }
            }
            Subject::Company(period) => self.share(part, period),
            _ => None,
        }
    }

    /// Why nothing is owed on an anchor, if it is let off.
    fn let_off(self, part: &Anchored, anchor: &Fact) -> Option<PassedOver> {
        if part.except.iter().any(|except| self.takes(except, anchor)) {
            return Some(PassedOver::Exempt);
        }
        self.repeats(part, anchor).map(|first| PassedOver::Repeated(first.id))
    }

    /// What is owed on one anchor that is not let off.
    fn case(self, part: &Anchored, anchor: &Fact) -> Option<Obligation> {
        if !self.takes(&part.anchor, anchor) || !self.in_force(self.day(anchor.at)?) {
            return None;
        }
        let mut owed = self.obligation(Subject::Fact(anchor.id));
        owed.in_share = part.coverage.is_some();
        match self.owers(&part.by, anchor) {
            Ok(owers) => owed.owed_by = owers,
            Err(missing) => return Some(owed.not_evaluable(missing)),
        }
        let (opens, due) = match self.window(&part.window, anchor.at) {
            Ok(window) => window,
            Err(missing) => return Some(owed.not_evaluable(missing)),
        };
        (owed.opens, owed.due) = (opens, due);
        for act in self.linked(part.linked, anchor, part.act.kind) {
            if act.id == anchor.id {
                continue;
            }
            let why = if !self.takes(&part.act, act) {
                // Of what only has the same customer most has nothing to do with it.
                if part.linked == super::Link::About { PassedOver::Other } else { continue }
            } else if !owed.owed_by.is_empty() && !act.actor.is_some_and(|by| owed.owed_by.contains(&by)) {
                PassedOver::ByAnother
            } else if opens.is_some_and(|opens| act.at < opens) {
                PassedOver::TooEarly
            } else {
                owed.take_first(act, due.map_or(Some(true), |due| Self::in_time(act, due)));
                continue;
            };
            owed.pass_over(act, why);
        }
        Some(owed.settle(self.world.now))
    }

    /// When an act may be done: from the first instant on, until the second.
    fn window(
        self,
        window: &Window,
        anchor: Timestamp,
    ) -> Result<(Option<Timestamp>, Option<Timestamp>), String> {
        let (zone, calendar) = (&self.pack.zone, self.world.calendar);
        match window {
            Window::Within(within) => {
                let due = due(within, zone, calendar, anchor).map_err(|error| error.missing())?;
                Ok((Some(anchor), Some(due)))
            }
            Window::Before(before) => {
                let due = lead(before, zone, calendar, anchor).map_err(|error| error.missing())?;
                Ok((None, Some(due)))
            }
            Window::Earlier(_) => Ok((None, Some(anchor))),
            Window::Later(_) => Ok((Some(anchor), None)),
        }
    }

    /// The first fact of the case that a fact belongs to, if that is another one.
    fn repeats(self, part: &Anchored, fact: &Fact) -> Option<&'a Fact> {
        if part.one_per.is_empty() {
            return None;
        }
        let first = self.same_case(part, fact).into_iter().min_by_key(|other| (other.at, other.id))?;
        ((first.at, first.id) < (fact.at, fact.id)).then_some(first)
    }

    /// The other facts of the same case.
    fn same_case(self, part: &Anchored, fact: &Fact) -> Vec<&'a Fact> {
        let case = |fact: &Fact| -> Vec<Option<Value>> {
            let attribute = |name: &String| fact.named(name).cloned();
            part.one_per.iter().map(attribute).collect()
        };
        let mine = case(fact);
        if mine.iter().any(Option::is_none) {
            return Vec::new();
        }
        let taken =
            |other: &&Fact| other.id != fact.id && self.takes(&part.anchor, other) && case(other) == mine;
        match fact.customer {
            Some(customer) => {
                self.world.facts.all(Of::Customer(customer), part.anchor.kind).filter(taken).collect()
            }
            None => self.world.facts.all(Of::Any, part.anchor.kind).filter(taken).collect(),
        }
    }

    /// The share of the anchors of a period that were met.
    fn share(self, part: &Anchored, period: Period) -> Option<Obligation> {
        let coverage = part.coverage.as_ref()?;
        let mut owed = self.obligation(Subject::Company(period));
        let (mut cases, mut open, mut missing) = (0u32, 0u32, Vec::new());
        for anchor in self.facts_in(&part.anchor, period) {
            if let Some(why) = self.let_off(part, anchor) {
                owed.pass_over(anchor, why);
                continue;
            }
            let Some(case) = self.case(part, anchor) else { continue };
            if self.is_let_off(&case) {
                owed.pass_over(anchor, PassedOver::Exempt);
                continue;
            }
            cases += 1;
            match case.state {
                Fulfilment::Met => owed.counted.push(anchor.id),
                Fulfilment::Pending => open += 1,
                Fulfilment::Breached => owed.pass_over(anchor, PassedOver::TooLate),
                Fulfilment::NotEvaluable(what) => missing.extend(what),
            }
        }
        if cases == 0 {
            return None;
        }
        let met = u32::try_from(owed.counted.len()).unwrap_or(u32::MAX);
        // The smallest number of cases that is that share or more.
        let needed = u64::from(cases) * u64::from(coverage.percent);
        let needed = u32::try_from(needed.div_ceil(100)).unwrap_or(u32::MAX);
        owed.done = (met, needed);
        let (from, end) = self.instants(period)?;
        (owed.opens, owed.due) = (Some(from), Some(end));
        let may_grow = self.world.now < end;
        let unknown = u32::try_from(missing.len()).unwrap_or(u32::MAX);
        owed.state = if may_grow {
            Fulfilment::Pending
        } else if met >= needed {
            Fulfilment::Met
        } else if met.saturating_add(open) >= needed {
            Fulfilment::Pending
        } else if met.saturating_add(open).saturating_add(unknown) >= needed {
            missing.sort();
            missing.dedup();
            Fulfilment::NotEvaluable(missing)
        } else {
            Fulfilment::Breached
        };
        Some(owed)
    }
}
