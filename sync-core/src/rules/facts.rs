//! The facts of a company, found by kind, customer, person and what they are about.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Fact, FactKind};
use crate::{
    hash::Hash,
    id::{CustomerId, UserId},
    time::Timestamp,
};

/// The place of a fact; places of facts that went are used again.
type Place = u32;
/// Places by time.
type Timeline = Vec<(Timestamp, Place)>;

/// All facts that the rules look at.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    all: Vec<Option<Fact>>,
    free: Vec<Place>,
    by_id: HashMap<Hash, Place>,
    /// All of a kind are many: they come in any order and go in no matter where.
    by_kind: BTreeMap<FactKind, BTreeSet<(Timestamp, Place)>>,
    by_customer: HashMap<(CustomerId, FactKind), Timeline>,
    by_actor: HashMap<(UserId, FactKind), Timeline>,
    by_about: HashMap<(Hash, FactKind), Timeline>,
}

impl Facts {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Takes a fact in, in the place of the one with the same id; gives that one.
    pub fn put(&mut self, fact: Fact) -> Option<Fact> {
        let before = self.remove(fact.id);
        let place = match self.free.pop() {
            Some(place) => place,
            None => {
                self.all.push(None);
                Place::try_from(self.all.len() - 1).unwrap_or(Place::MAX)
            }
        };
        self.by_id.insert(fact.id, place);
        self.by_kind.entry(fact.kind).or_default().insert((fact.at, place));
        self.each_timeline(&fact, |timeline, at| {
            let next = timeline.partition_point(|known| *known <= (at, place));
            timeline.insert(next, (at, place));
        });
        if let Some(slot) = self.all.get_mut(place as usize) {
            *slot = Some(fact);
        }
        before
    }

    /// Takes a fact out.
    pub fn remove(&mut self, id: Hash) -> Option<Fact> {
        let place = self.by_id.remove(&id)?;
        let fact = self.all.get_mut(place as usize)?.take()?;
        self.by_kind.entry(fact.kind).or_default().remove(&(fact.at, place));
        self.each_timeline(&fact, |timeline, at| {
            if let Ok(found) = timeline.binary_search(&(at, place)) {
                timeline.remove(found);
            }
        });
        self.free.push(place);
        Some(fact)
    }

    fn each_timeline(&mut self, fact: &Fact, change: impl Fn(&mut Timeline, Timestamp)) {
        if let Some(customer) = fact.customer {
            change(self.by_customer.entry((customer, fact.kind)).or_default(), fact.at);
        }
        if let Some(actor) = fact.actor {
            change(self.by_actor.entry((actor, fact.kind)).or_default(), fact.at);
        }
        if let Some(about) = fact.about {
            change(self.by_about.entry((about, fact.kind)).or_default(), fact.at);
        }
    }

    /// The fact with an id.
    pub fn get(&self, id: Hash) -> Option<&Fact> {
        self.at(*self.by_id.get(&id)?)
    }

    /// All of a kind, by time.
    pub fn of_kind(&self, kind: FactKind) -> impl Iterator<Item = &Fact> {
        self.by_kind.get(&kind).into_iter().flatten().filter_map(|(_, place)| self.at(*place))
    }

    /// All of a kind from one instant until before another, by time.
    pub fn of_kind_between(
        &self,
        kind: FactKind,
        from: Timestamp,
        before: Timestamp,
    ) -> impl Iterator<Item = &Fact> {
        let span = (from, Place::MIN)..(before.max(from), Place::MIN);
        let found = self.by_kind.get(&kind).map(|all| all.range(span));
        found.into_iter().flatten().filter_map(|(_, place)| self.at(*place))
    }

    /// All of a kind about a customer, by time.
    pub fn of_customer(&self, customer: CustomerId, kind: FactKind) -> impl Iterator<Item = &Fact> {
        self.walk(self.by_customer.get(&(customer, kind)))
    }

    /// All of a kind about a customer from one instant until before another, by time.
    pub fn of_customer_between(
        &self,
        customer: CustomerId,
        kind: FactKind,
        from: Timestamp,
        before: Timestamp,
    ) -> impl Iterator<Item = &Fact> {
        self.walk_between(self.by_customer.get(&(customer, kind)), from, before)
    }

    /// All of a kind that somebody did, by time.
    pub fn of_actor(&self, actor: UserId, kind: FactKind) -> impl Iterator<Item = &Fact> {
        self.walk(self.by_actor.get(&(actor, kind)))
    }

    /// All of a kind that somebody did from one instant until before another, by time.
    pub fn of_actor_between(
        &self,
        actor: UserId,
        kind: FactKind,
        from: Timestamp,
        before: Timestamp,
    ) -> impl Iterator<Item = &Fact> {
        self.walk_between(self.by_actor.get(&(actor, kind)), from, before)
    }

    /// All of a kind that are about a fact, by time.
    pub fn about(&self, id: Hash, kind: FactKind) -> impl Iterator<Item = &Fact> {
        self.walk(self.by_about.get(&(id, kind)))
    }

    fn at(&self, place: Place) -> Option<&Fact> {
        self.all.get(place as usize)?.as_ref()
    }

    fn walk<'a>(&'a self, timeline: Option<&'a Timeline>) -> impl Iterator<Item = &'a Fact> {
        timeline.into_iter().flatten().filter_map(|(_, place)| self.at(*place))
    }

    fn walk_between<'a>(
        &'a self,
        timeline: Option<&'a Timeline>,
        from: Timestamp,
        before: Timestamp,
    ) -> impl Iterator<Item = &'a Fact> {
        let timeline = timeline.map_or(&[][..], |timeline| timeline);
        let first = timeline.partition_point(|(at, _)| *at < from);
        let end = timeline.partition_point(|(at, _)| *at < before);
        timeline[first..end.max(first)].iter().filter_map(|(_, place)| self.at(*place))
    }
}
