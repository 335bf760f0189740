//! So many contacts in each period: one obligation for each customer or person and period.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    super::{
        Fact, Fulfilment, Obligation, Of, PassedOver, Period, Subject, Value,
        part::{By, Population, Quota, Segment},
    },
    Asked,
};
use crate::{
    id::{CustomerId, UserId},
    time::Timestamp,
};

impl Asked<'_> {
    pub(super) fn quota_subjects(self, part: &Quota, span: Period) -> Vec<Subject> {
        let mut subjects = Vec::new();
        for period in part.per.between(span.first, span.last, self.world.company) {
            match &part.of {
                Population::Customers(_) => {
                    let customers = self.world.company.customers.keys();
                    subjects.extend(customers.map(|customer| Subject::Customer(*customer, period)));
                }
                Population::Post(_) => {
                    let people = self.world.company.people().keys();
                    subjects.extend(people.map(|person| Subject::Person(*person, period)));
                }
                Population::Company(_) => subjects.push(Subject::Company(period)),
            }
        }
        subjects
    }

    pub(super) fn quota_touched(self, part: &Quota, fact: &Fact) -> Vec<Subject> {
        if !part.counted.iter().any(|counted| counted.kind == fact.kind) {
            return Vec::new();
        }
        let Some(period) = self.period(&part.per, fact.at) else { return Vec::new() };
        match &part.of {
            Population::Customers(_) => {
                fact.customer.map(|customer| Subject::Customer(customer, period)).into_iter().collect()
            }
            Population::Post(_) => {
                fact.actor.map(|actor| Subject::Person(actor, period)).into_iter().collect()
            }
            Population::Company(_) => vec![Subject::Company(period)],
        }
    }

    pub(super) fn quota(self, part: &Quota, subject: Subject) -> Option<Obligation> {
        let (facts, company) = (self.world.facts, self.world.company);
        let kinds: BTreeSet<_> = part.counted.iter().map(|counted| counted.kind).collect();
        let (Subject::Customer(_, period) | Subject::Person(_, period) | Subject::Company(period)) = subject
        else {
            return None;
        };
        let (from, before) = self.instants(period)?;
        let of = match (&part.of, subject) {
            (Population::Customers(segment), Subject::Customer(customer, _)) => {
                if !self.is_in(segment, customer, from) {
                    return None;
                }
                Of::Customer(customer)
            }
            (Population::Post(post), Subject::Person(person, _)) => {
                if !company.holds(person, post, from) {
                    return None;
                }
                Of::Actor(person)
            }
            (Population::Company(_), Subject::Company(_)) => Of::Any,
            _ => return None,
        };
        if !self.is_period(&part.per, period) {
            return None;
        }
        let mut owed = self.obligation(subject);
        (owed.opens, owed.due) = (Some(from), Some(before));
        match self.who_owes(part, subject, from) {
            Ok(owers) => owed.owed_by = owers,
            Err(missing) => return Some(owed.not_evaluable(missing)),
        }
        let mut levels = BTreeSet::new();
        for fact in kinds.into_iter().flat_map(|kind| facts.between(of, kind, from, before)) {
            let met = words(fact, "level");
            let meets = |level: &str| met.iter().any(|word| **word == *level);
            let why = if !part.counted.iter().any(|counted| self.takes(counted, fact)) {
                PassedOver::Other
            } else if !part.each_level.is_empty() && !part.each_level.iter().any(|level| meets(level)) {
                // Nobody was met who was to be met.
                PassedOver::Other
            } else if !self.counts_for(part, fact) {
                PassedOver::ByAnother
            } else {
                owed.counted.push(fact.id);
                levels.extend(met);
                continue;
            };
            owed.pass_over(fact, why);
        }
        let count = u32::try_from(owed.counted.len()).unwrap_or(u32::MAX);
        owed.done = (count, part.at_least);
        let all_levels = part.each_level.iter().all(|level| levels.contains(&**level));
        owed.state = if count >= part.at_least && all_levels {
            Fulfilment::Met
        } else if self.world.now >= before {
            Fulfilment::Breached
        } else {
            Fulfilment::Pending
        };
        Some(owed)
    }

    fn is_in(self, segment: &Segment, customer: CustomerId, at: Timestamp) -> bool {
        let company = self.world.company;
        let tags = company.tags(customer);
        let has = |wanted: &Vec<Box<str>>| wanted.iter().any(|tag| tags.iter().any(|known| **known == **tag));
        let grade = company.grade_at(customer, at);
        (segment.grades.is_empty()
            || grade.is_some_and(|grade| segment.grades.iter().any(|of| **of == *grade)))
            && (segment.tags.is_empty() || has(&segment.tags))
            && !has(&segment.without)
    }

    /// Who owes it in a period that begins then.
    fn who_owes(self, part: &Quota, subject: Subject, from: Timestamp) -> Result<Vec<UserId>, String> {
        let company = self.world.company;
        match subject {
            Subject::Person(person, _) => Ok(vec![person]),
            Subject::Customer(customer, _) => {
                let owner = || company.owner_at(customer, from).ok_or_else(|| "customer.owner".to_owned());
                match &part.by {
                    By::Owner => Ok(vec![owner()?]),
                    By::OwnersSupervisor => {
                        Ok(vec![company.supervisor(owner()?).ok_or_else(|| "supervisor".to_owned())?])
                    }
                    By::Post(post) => Ok(company.holders(post, from).collect()),
                    _ => Ok(Vec::new()),
                }
            }
            _ => match &part.by {
                By::Post(post) => Ok(company.holders(post, from).collect()),
                _ => Ok(Vec::new()),
            },
        }
    }

    /// Whether it was done by one of those whose contacts count, as they stood at that time.
    fn counts_for(self, part: &Quota, fact: &Fact) -> bool {
        match self.owers(&part.by, fact) {
            Ok(owers) => owers.is_empty() || fact.actor.is_some_and(|by| owers.contains(&by)),
            Err(_) => false,
        }
    }
}

/// The words that an attribute holds.
pub(super) fn words(fact: &Fact, name: &str) -> Vec<Arc<str>> {
    match fact.named(name) {
        Some(Value::Text(word)) => vec![word.clone()],
        Some(Value::Words(words)) => words.to_vec(),
        _ => Vec::new(),
    }
}
