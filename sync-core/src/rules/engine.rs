//! The engine: from facts, packs and calendars to obligations.
//!
//! Each part of a rule knows three things: which subjects it has over a span of days, which of them a fact touches, and
//! what becomes of one. All obligations are those of all subjects; after a fact changed, only those it touches are looked
//! at again, and that gives the same.

mod anchored;
mod band;
mod difference;
mod exceptions;
mod guard;
mod quota;
mod record;
mod recurring;
mod score;

use std::collections::BTreeSet;

use jiff::{ToSpan, civil::Date};

pub use band::grades;
pub use score::{Points, may_see, points};

use super::{
    Company, Every, Excepted, Fact, FactKind, Fulfilment, Obligation, Outcome, Pack, PassedOver, Period,
    Rule, RuleVersion, Selector, Subject, TimeMode,
    facts::{FactSource, Of},
    judge::weigh,
    part::{By, Link, Population, Quota},
    rule::Part,
};
use crate::{
    calendar::Calendar,
    id::{CustomerId, UserId},
    time::Timestamp,
};

/// All that the engine looks at.
#[derive(Debug, Clone, Copy)]
pub struct World<'a> {
    /// What happened.
    pub facts: &'a dyn FactSource,
    /// Who and whose.
    pub company: &'a Company,
    /// Which days are worked.
    pub calendar: &'a Calendar,
    /// The present.
    pub now: Timestamp,
}

/// One part of a rule, asked about a world.
#[derive(Clone, Copy)]
struct Asked<'a> {
    world: World<'a>,
    pack: &'a Pack,
    rule: &'a Rule,
    number: usize,
}

/// All obligations under a pack whose subjects lie in a span of days, one after the other: there may be millions.
pub fn obligations<'a>(
    world: World<'a>,
    pack: &'a Pack,
    span: Period,
) -> impl Iterator<Item = Obligation> + 'a {
    each_part(world, pack).flat_map(move |(asked, _, part)| {
        let subjects = asked.subjects(part, span);
        subjects.into_iter().filter_map(move |subject| asked.judge(part, subject))
    })
}

/// The subjects of one part of a rule that lie in a span of days.
pub fn subjects(world: World<'_>, pack: &Pack, rule: &str, part: usize, span: Period) -> Vec<Subject> {
    let found = pack.rule(rule).and_then(|rule| Some((rule, rule.parts().get(part)?)));
    found.map_or_else(Vec::new, |(rule, part_of)| {
        Asked { world, pack, rule, number: part }.subjects(part_of, span)
    })
}

/// What a fact touches: the rule's id, the number of the part, and the subjects. Of a fact that changed, ask for what it
/// was and for what it is.
pub fn touched<'p>(world: World<'_>, pack: &'p Pack, fact: &Fact) -> Vec<(&'p str, usize, Subject)> {
    let mut touched = Vec::new();
    for (asked, rule, part) in each_part(world, pack) {
        let subjects: BTreeSet<Subject> = asked.touched(part, fact).into_iter().collect();
        touched.extend(subjects.into_iter().map(|subject| (&*rule.id, asked.number, subject)));
    }
    touched
}

/// The quotas of a customer whose periods have one of some days: the rule's id, the number of the part, and the subject.
pub fn quotas_of<'p>(
    world: World<'_>,
    pack: &'p Pack,
    customer: CustomerId,
    days: Period,
) -> Vec<(&'p str, usize, Subject)> {
    let mut quotas = Vec::new();
    for (asked, rule, part) in each_part(world, pack) {
        let Part::Quota(quota) = part else { continue };
        if !matches!(quota.of, Population::Customers(_)) {
            continue;
        }
        let periods = quota.per.between(days.first, days.last, world.company);
        quotas.extend(
            periods.into_iter().map(|period| (&*rule.id, asked.number, Subject::Customer(customer, period))),
        );
    }
    quotas
}

/// What becomes of one subject; `None` if nothing is owed there (any more).
pub fn obligation(
    world: World<'_>,
    pack: &Pack,
    rule: &str,
    part: usize,
    subject: Subject,
) -> Option<Obligation> {
    let rule = pack.rule(rule)?;
    Asked { world, pack, rule, number: part }.judge(rule.parts().get(part)?, subject)
}

/// Each part of each rule; the rule lives as long as the pack, however short the look at the world is.
fn each_part<'a, 'p: 'a>(
    world: World<'a>,
    pack: &'p Pack,
) -> impl Iterator<Item = (Asked<'a>, &'p Rule, &'p Part)> {
    pack.rules.iter().flat_map(move |rule| {
        let parts = rule.parts().iter().enumerate();
        parts.map(move |(number, part)| (Asked { world, pack, rule, number }, rule, part))
    })
}

impl<'a> Asked<'a> {
    fn subjects(self, part: &Part, span: Period) -> Vec<Subject> {
        match part {
            Part::Anchored(part) => self.anchored_subjects(part, span),
            Part::Recurring(part) => self.recurring_subjects(part, span),
            Part::Quota(part) => self.quota_subjects(part, span),
            Part::Guard(part) => self.facts_in(&part.act, span).map(|fact| Subject::Fact(fact.id)).collect(),
            Part::Difference(part) => {
                self.facts_in(&part.planned, span).map(|fact| Subject::Fact(fact.id)).collect()
            }
            Part::Band(part) => {
                self.facts_in(&part.figures, span).map(|fact| Subject::Fact(fact.id)).collect()
            }
            Part::Record(_) => {
                let (from, before) = self.instants(span).unwrap_or((Timestamp::MAX, Timestamp::MAX));
                let visits = self.world.facts.between(Of::Any, FactKind::VISIT, from, before);
                visits.map(|visit| Subject::Fact(visit.id)).collect()
            }
            // Points and access are asked for by themselves.
            Part::Score(_) | Part::Access(_) => Vec::new(),
        }
    }

    fn touched(self, part: &Part, fact: &Fact) -> Vec<Subject> {
        let mut touched = self.excepted(part, fact);
        touched.extend(self.touched_by_shape(part, fact));
        touched
    }

    /// What becomes of a subject, with the exception that holds for it.
    fn judge(self, part: &Part, subject: Subject) -> Option<Obligation> {
        let owed = self.by_evidence(part, subject)?;
        let Some(exception) = self.exception(part, &owed) else { return Some(owed) };
        let (owed, let_off) = match (part, exception.ruled) {
            (Part::Quota(part), Excepted::Required(number)) => {
                (self.quota(&Quota { at_least: number, ..(**part).clone() }, subject)?, false)
            }
            _ => (owed, true),
        };
        Some(Obligation { exception: Some(exception.fact), let_off, ..owed })
    }

    fn touched_by_shape(self, part: &Part, fact: &Fact) -> Vec<Subject> {
        match part {
            Part::Anchored(part) => self.anchored_touched(part, fact),
            Part::Recurring(part) => self.recurring_touched(part, fact),
            Part::Quota(part) => self.quota_touched(part, fact),
            Part::Guard(part) => self.guard_touched(part, fact),
            Part::Difference(part) => self.difference_touched(part, fact),
            Part::Band(part) if fact.kind == part.figures.kind => vec![Subject::Fact(fact.id)],
            Part::Record(_) => self.record_touched(fact),
            Part::Band(_) | Part::Score(_) | Part::Access(_) => Vec::new(),
        }
    }

    /// What becomes of a subject as the evidence says.
    fn by_evidence(self, part: &Part, subject: Subject) -> Option<Obligation> {
        match part {
            Part::Anchored(part) => self.anchored(part, subject),
            Part::Recurring(part) => self.recurring(part, subject),
            Part::Quota(part) => self.quota(part, subject),
            Part::Guard(part) => self.guard(part, subject),
            Part::Difference(part) => self.difference(part, subject),
            Part::Band(part) => self.band(part, subject),
            Part::Record(part) => self.record(part, subject),
            Part::Score(_) | Part::Access(_) => None,
        }
    }

    // --- what all parts use ---

    fn obligation(self, subject: Subject) -> Obligation {
        let rule = RuleVersion {
            rule: self.rule.id.clone(),
            pack: self.pack.id.clone(),
            version: self.pack.version,
        };
        Obligation {
            rule,
            part: self.number,
            subject,
            owed_by: Vec::new(),
            opens: None,
            due: None,
            state: Fulfilment::Pending,
            done: (0, 1),
            in_share: false,
            counted: Vec::new(),
            passed_over: Vec::new(),
            exception: None,
            let_off: false,
        }
    }

    fn takes(self, selector: &Selector, fact: &Fact) -> bool {
        selector.takes(fact, self.world.company)
    }

    /// The day of an instant in the zone of the pack.
    fn day(self, at: Timestamp) -> Option<Date> {
        self.pack.zone.day_of(at)
    }

    /// The first instant of a period, and the first one after it.
    fn instants(self, period: Period) -> Option<(Timestamp, Timestamp)> {
        Some((self.pack.zone.start_of(period.first)?, self.end_of(period.last)?))
    }

    /// 24:00 of a day.
    fn end_of(self, day: Date) -> Option<Timestamp> {
        self.pack.zone.start_of(day.checked_add(1.day()).ok()?)
    }

    fn period(self, every: &Every, at: Timestamp) -> Option<Period> {
        every.around(self.day(at)?, self.world.company)
    }

    /// Whether a period is one of those of a rule that is in force when it begins.
    fn is_period(self, every: &Every, period: Period) -> bool {
        self.in_force(period.first) && every.around(period.first, self.world.company) == Some(period)
    }

    /// Whether the pack is in force on a day.
    fn in_force(self, day: Date) -> bool {
        self.pack.in_force(day)
    }

    fn facts_in<'s>(
        self,
        selector: &'s Selector,
        span: Period,
    ) -> impl Iterator<Item = &'a Fact> + use<'a, 's> {
        let (from, before) = self.instants(span).unwrap_or((Timestamp::MAX, Timestamp::MAX));
        let found = self.world.facts.between(Of::Any, selector.kind, from, before);
        found
            .filter(move |fact| self.takes(selector, fact))
            .filter(move |fact| self.day(fact.at).is_some_and(|day| self.in_force(day)))
    }

    /// The facts of a kind that are linked to a fact.
    fn linked(self, link: Link, to: &Fact, kind: FactKind) -> Vec<&'a Fact> {
        let of = match link {
            Link::About => Some(Of::About(to.id)),
            Link::Topic => {
                let topic = to.about.and_then(|about| self.world.facts.get(about));
                return topic.filter(|fact| fact.kind == kind).into_iter().collect();
            }
            Link::Sibling => to.about.map(Of::About),
            Link::Customer => to.customer.map(Of::Customer),
            Link::Actor => to.actor.map(Of::Actor),
        };
        of.map(|of| self.world.facts.all(of, kind).collect()).unwrap_or_default()
    }

    /// Those to whom a fact is linked the other way round: the facts of a kind that it may be an act on.
    fn linked_back(self, link: Link, from: &Fact, kind: FactKind) -> Vec<&'a Fact> {
        let back = match link {
            Link::About => Link::Topic,
            Link::Topic => Link::About,
            other => other,
        };
        self.linked(back, from, kind)
    }

    /// Who owes something on a fact; nobody means that anybody may do it. An error names what is missing.
    fn owers(self, by: &By, on: &Fact) -> Result<Vec<UserId>, String> {
        let company = self.world.company;
        let owner = || {
            let customer = on.customer.ok_or("customer")?;
            company.owner_at(customer, on.at).ok_or_else(|| "customer.owner".to_owned())
        };
        let supervisor = |person| company.supervisor(person).ok_or_else(|| "supervisor".to_owned());
        let holders = |post: &str| {
            let holders: Vec<UserId> = company.holders(post, on.at).collect();
            if holders.is_empty() { Err(format!("post.{post}")) } else { Ok(holders) }
        };
        match by {
            By::Anyone => Ok(Vec::new()),
            By::Owner => Ok(vec![owner()?]),
            By::OwnersSupervisor => Ok(vec![supervisor(owner()?)?]),
            By::Actor => Ok(vec![on.actor.ok_or("actor")?]),
            By::ActorsSupervisor => Ok(vec![supervisor(on.actor.ok_or("actor")?)?]),
            By::Post(post) => holders(post),
            By::Route { of, to } => match on.named(of) {
                Some(super::Value::Text(word)) => match to.get(&**word) {
                    Some(post) => holders(post),
                    None => Err(format!("route.{word}")),
                },
                _ => Err(of.clone()),
            },
        }
    }

    /// Whether a fact was in time; `None` if its evidence does not say.
    fn in_time(fact: &Fact, due: Timestamp) -> Option<bool> {
        Self::in_time_by(TimeMode::Witnessed, fact, due)
    }

    /// The same where a rule says how time is judged: by the judge of records, so that both say the same.
    fn in_time_by(mode: TimeMode, fact: &Fact, due: Timestamp) -> Option<bool> {
        let Some(evidence) = &fact.evidence else { return Some(fact.at <= due) };
        match weigh(mode, due, evidence) {
            (Outcome::OnTime, _) => Some(true),
            (Outcome::Late, _) => Some(false),
            _ => None,
        }
    }
}

impl Obligation {
    /// Takes an act for what is known of its time.
    fn take(&mut self, act: &Fact, in_time: Option<bool>) {
        match in_time {
            Some(true) => self.counted.push(act.id),
            Some(false) => self.pass_over(act, PassedOver::TooLate),
            None => self.pass_over(act, PassedOver::TimeUnknown),
        }
    }

    /// The same where the first act in time is enough, and more of them say nothing.
    fn take_first(&mut self, act: &Fact, in_time: Option<bool>) {
        if self.counted.is_empty() || in_time != Some(true) {
            self.take(act, in_time);
        }
    }

    /// Says what became of it: one act in time meets it, and it is open while there is time, or one may have been.
    fn settle(mut self, now: Timestamp) -> Self {
        let met = !self.counted.is_empty();
        let unknown = self.passed_over.iter().any(|(_, why)| why.is_open());
        self.done = (u32::from(met), 1);
        self.state = match self.due {
            _ if met => Fulfilment::Met,
            Some(due) if now > due && !unknown => Fulfilment::Breached,
            _ => Fulfilment::Pending,
        };
        self
    }

    fn pass_over(&mut self, fact: &Fact, why: PassedOver) {
        self.passed_over.push((fact.id, why));
    }

    fn not_evaluable(mut self, missing: impl Into<String>) -> Self {
        self.state = Fulfilment::NotEvaluable(vec![missing.into()]);
        self
    }
}
