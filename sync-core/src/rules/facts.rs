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

/// Where the engine finds facts: in memory, or in a store that is read as far as it is asked.
pub trait FactSource: std::fmt::Debug {
    /// The fact with an id.
    fn get(&self, id: Hash) -> Option<&Fact>;

    /// Facts of a kind from one instant until before another, by time.
    fn between(
        &self,
        of: Of,
        kind: FactKind,
        from: Timestamp,
        before: Timestamp,
    ) -> Box<dyn Iterator<Item = &Fact> + '_>;

    /// All facts of a kind, by time.
    fn all(&self, of: Of, kind: FactKind) -> Box<dyn Iterator<Item = &Fact> + '_> {
        self.between(of, kind, Timestamp::from_millis(i64::MIN), Timestamp::from_millis(i64::MAX))
    }
}

/// Which facts of a kind are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Of {
    /// All of them.
    Any,
    /// Those about a customer.
    Customer(CustomerId),
    /// What somebody did.
    Actor(UserId),
    /// Those about another fact.
    About(Hash),
}

/// All facts that the rules look at, in memory.
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

    fn at(&self, place: Place) -> Option<&Fact> {
        self.all.get(place as usize)?.as_ref()
    }

    fn timeline(&self, of: Of, kind: FactKind) -> Option<&Timeline> {
        match of {
            Of::Any => None,
            Of::Customer(customer) => self.by_customer.get(&(customer, kind)),
            Of::Actor(actor) => self.by_actor.get(&(actor, kind)),
            Of::About(fact) => self.by_about.get(&(fact, kind)),
        }
    }
}

impl FactSource for Facts {
    fn get(&self, id: Hash) -> Option<&Fact> {
        self.at(*self.by_id.get(&id)?)
    }

    fn between(
        &self,
        of: Of,
        kind: FactKind,
        from: Timestamp,
        before: Timestamp,
    ) -> Box<dyn Iterator<Item = &Fact> + '_> {
        if of == Of::Any {
            let span = (from, Place::MIN)..(before.max(from), Place::MIN);
            let found = self.by_kind.get(&kind).map(|all| all.range(span));
            return Box::new(found.into_iter().flatten().filter_map(|(_, place)| self.at(*place)));
        }
        let timeline = self.timeline(of, kind).map_or(&[][..], |timeline| timeline);
        let first = timeline.partition_point(|(at, _)| *at < from);
        let end = timeline.partition_point(|(at, _)| *at < before);
        Box::new(timeline[first..end.max(first)].iter().filter_map(|(_, place)| self.at(*place)))
    }
}
