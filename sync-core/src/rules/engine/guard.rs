//! An act is clean only if something is so: one obligation for each act, with every need that is not met named.

use std::sync::Arc;

use super::{
    super::{
        Fact, FactKind, Fulfilment, Obligation, Of, PassedOver, Subject, Value, lead,
        part::{Bound, By, Guard, Link, Need, Side},
    },
    Asked,
};
use crate::time::Timestamp;

/// What is so of one need.
enum Found {
    /// It is met, by these facts.
    Met(Vec<crate::hash::Hash>),
    /// It is not.
    Unmet,
    /// It cannot be said, because this is missing.
    Missing(String),
}

impl Found {
    fn from_bool(met: bool) -> Self {
        if met { Self::Met(Vec::new()) } else { Self::Unmet }
    }
}

impl Asked<'_> {
    pub(super) fn guard_touched(self, part: &Guard, fact: &Fact) -> Vec<Subject> {
        let mut touched = Vec::new();
        if fact.kind == part.act.kind {
            touched.push(fact.id);
        }
        for need in &part.needs {
            match need {
                Need::Earlier { what, linked, .. } if what.kind == fact.kind => {
                    touched.extend(self.linked_back(*linked, fact, part.act.kind).iter().map(|act| act.id));
                }
                Need::Agreed(_) | Need::Stages(_) => touched.extend(self.acts_around(part, fact)),
                _ => {}
            }
        }
        touched.into_iter().map(Subject::Fact).collect()
    }

    /// The acts whose requests, approvals or steps a fact is among.
    fn acts_around(self, part: &Guard, fact: &Fact) -> Vec<crate::hash::Hash> {
        if !matches!(fact.kind, FactKind::APPROVAL | FactKind::REQUEST | FactKind::STAGE) {
            return Vec::new();
        }
        let facts = self.world.facts;
        let mut around: Vec<crate::hash::Hash> = fact.about.into_iter().collect();
        // An approval is about a request, which is about the act.
        around.extend(fact.about.and_then(|about| facts.get(about)).and_then(|request| request.about));
        let beside =
            |about: &crate::hash::Hash| facts.all(Of::About(*about), part.act.kind).map(|act| act.id);
        let siblings: Vec<_> = around.iter().flat_map(beside).collect();
        around.retain(|id| facts.get(*id).is_some_and(|act| act.kind == part.act.kind));
        around.extend(siblings);
        around
    }

    pub(super) fn guard(self, part: &Guard, subject: Subject) -> Option<Obligation> {
        let Subject::Fact(id) = subject else { return None };
        let act = self.world.facts.get(id)?;
        if !self.takes(&part.act, act)
            || part.except.iter().any(|except| self.takes(except, act))
            || !self.in_force(self.day(act.at)?)
        {
            return None;
        }
        let mut owed = self.obligation(subject);
        owed.owed_by = act.actor.into_iter().collect();
        owed.due = Some(act.at);
        let (mut met, mut missing) = (0, Vec::new());
        for need in &part.needs {
            match self.need(need, act, &mut owed) {
                Found::Met(facts) => {
                    met += 1;
                    owed.counted.extend(facts);
                }
                Found::Unmet => {}
                Found::Missing(what) => missing.push(what),
            }
        }
        let needs = u32::try_from(part.needs.len()).unwrap_or(u32::MAX);
        let unknown = u32::try_from(missing.len()).unwrap_or(u32::MAX);
        owed.done = (met, needs);
        owed.state = if met == needs {
            Fulfilment::Met
        } else if met + unknown < needs {
            Fulfilment::Breached
        } else {
            Fulfilment::NotEvaluable(missing)
        };
        Some(owed)
    }

    fn need(self, need: &Need, act: &Fact, owed: &mut Obligation) -> Found {
        match need {
            Need::Fields(names) => {
                let is_set = |name: &String| act.named(name).is_some();
                Found::from_bool(names.iter().all(is_set))
            }
            Need::Like(selector) => Found::from_bool(self.takes(selector, act)),
            Need::Earlier { what, linked, by, lead: by_how_much } => {
                let latest = match by_how_much
                    .as_ref()
                    .map(|within| lead(within, &self.pack.zone, self.world.calendar, act.at))
                {
                    None => act.at,
                    Some(Ok(latest)) => latest,
                    Some(Err(error)) => return Found::Missing(error.missing()),
                };
                self.earlier((what, *linked), by, latest, act, owed)
            }
            Need::Agreed(posts) => self.agreed(posts, act, owed),
            Need::Hours { from, until } => self.in_hours(*from, *until, act),
            Need::Stages(names) => self.in_order(names, act),
            Need::Number(bound) => number(bound, act),
        }
    }

    fn earlier(
        self,
        (what, linked): (&super::Selector, Link),
        by: &By,
        latest: Timestamp,
        act: &Fact,
        owed: &mut Obligation,
    ) -> Found {
        let owers = match self.owers(by, act) {
            Ok(owers) => owers,
            Err(missing) => return Found::Missing(missing),
        };
        for fact in self.linked(linked, act, what.kind) {
            if fact.id == act.id || !self.takes(what, fact) {
                continue;
            }
            if !owers.is_empty() && !fact.actor.is_some_and(|by| owers.contains(&by)) {
                owed.pass_over(fact, PassedOver::ByAnother);
                continue;
            }
            match Self::in_time(fact, latest) {
                Some(true) => return Found::Met(vec![fact.id]),
                Some(false) => owed.pass_over(fact, PassedOver::TooLate),
                None => owed.pass_over(fact, PassedOver::TimeUnknown),
            }
        }
        Found::Unmet
    }

    /// Whether those with these posts agreed one after the other, and all of them before the act.
    fn agreed(self, posts: &[Box<str>], act: &Fact, owed: &mut Obligation) -> Found {
        let facts = self.world.facts;
        let mut about = vec![act.id];
        about.extend(act.about);
        about.extend(facts.all(Of::About(act.id), FactKind::REQUEST).map(|request| request.id));
        let mut approvals: Vec<&Fact> =
            about.iter().flat_map(|id| facts.all(Of::About(*id), FactKind::APPROVAL)).collect();
        approvals.sort_by_key(|approval| (approval.at, approval.id));
        approvals.dedup_by_key(|approval| approval.id);
        let (mut next, mut counted) = (posts.iter().peekable(), Vec::new());
        for approval in approvals {
            let Some(post) = next.peek() else { break };
            let is_post = |word: &Arc<str>| **word == ***post;
            let holds = super::quota::words(approval, "post").iter().any(is_post)
                || approval.actor.is_some_and(|by| self.world.company.posts(by).iter().any(is_post));
            let refused = FactKind::APPROVAL
                .attribute("agreed")
                .is_some_and(|attribute| approval.get(attribute) == Some(&Value::Flag(false)));
            if !holds {
                continue;
            }
            match Self::in_time(approval, act.at) {
                _ if refused => owed.pass_over(approval, PassedOver::Refused),
                Some(true) => {
                    counted.push(approval.id);
                    next.next();
                }
                Some(false) => owed.pass_over(approval, PassedOver::TooLate),
                None => owed.pass_over(approval, PassedOver::TimeUnknown),
            }
        }
        if next.peek().is_none() { Found::Met(counted) } else { Found::Unmet }
    }

    fn in_hours(self, from: (i8, i8), until: (i8, i8), act: &Fact) -> Found {
        let ends = act.named("ends");
        let mut instants = vec![act.at];
        if let Some(Value::Time(ends)) = ends {
            instants.push(*ends);
        }
        for instant in instants {
            let Some(day) = self.day(instant) else { return Found::Missing("time".to_owned()) };
            match self.world.calendar.is_working_day(day) {
                Ok(true) => {}
                Ok(false) => return Found::Unmet,
                Err(_) => return Found::Missing(format!("calendar.{}", day.year())),
            }
            let Some(start) = self.pack.zone.start_of(day) else {
                return Found::Missing("time".to_owned());
            };
            let at = |(hour, minute): (i8, i8)| {
                start.plus_millis((i64::from(hour) * 60 + i64::from(minute)) * 60_000)
            };
            if instant < at(from) || instant > at(until) {
                return Found::Unmet;
            }
        }
        Found::Met(Vec::new())
    }

    /// Whether steps about the act, or about what it is about, were reached in this order.
    fn in_order(self, names: &[Box<str>], act: &Fact) -> Found {
        let facts = self.world.facts;
        let mut stages: Vec<&Fact> = facts.all(Of::About(act.id), FactKind::STAGE).collect();
        if let Some(about) = act.about {
            stages.extend(facts.all(Of::About(about), FactKind::STAGE));
        }
        let (mut counted, mut reached) = (Vec::new(), None);
        for name in names {
            let named =
                |stage: &&&Fact| super::quota::words(stage, "name").iter().any(|word| **word == **name);
            let first = stages.iter().filter(named).min_by_key(|stage| (stage.at, stage.id));
            match first {
                Some(stage) if reached.is_none_or(|before| before <= stage.at) => {
                    reached = Some(stage.at);
                    counted.push(stage.id);
                }
                _ => return Found::Unmet,
            }
        }
        Found::Met(counted)
    }
}

fn number(bound: &Bound, act: &Fact) -> Found {
    let read = |name: &str| match act.named(name) {
        Some(Value::Number(number)) => Ok(*number),
        Some(Value::Words(words)) => i64::try_from(words.len()).map_err(|_| name.to_owned()),
        _ => Err(name.to_owned()),
    };
    let value = match read(&bound.value) {
        Ok(value) => value,
        Err(missing) => return Found::Missing(missing),
    };
    let of = match bound.of.as_deref().map(read) {
        None => 0,
        Some(Ok(of)) => of,
        Some(Err(missing)) => return Found::Missing(missing),
    };
    // In hundredths, so that percents stay whole.
    let (value, limit) =
        (i128::from(value) * 100, i128::from(of) * i128::from(bound.percent) + i128::from(bound.plus) * 100);
    Found::from_bool(match bound.must_be {
        Side::AtMost => value <= limit,
        Side::AtLeast => value >= limit,
        Side::Equal => value == limit,
    })
}
