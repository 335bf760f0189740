//! The facts of a company, found by kind, customer, person and what they are about.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    hash::{BuildHasher as _, RandomState},
};

use hashbrown::HashTable;

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

/// How many places are made at once: what there are millions of must not move when it grows, nor be there half empty.
const CHUNK: usize = 4096;

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
    all: Vec<Vec<Option<Fact>>>,
    free: Vec<Place>,
    /// Places only: the ids stand in the facts.
    by_id: HashTable<Place>,
    hasher: RandomState,
    /// All of a kind are many: they come in any order and go in no matter where.
    by_kind: BTreeMap<FactKind, BTreeSet<(Timestamp, Place)>>,
    by_customer: HashMap<(CustomerId, FactKind), Timeline>,
    by_actor: HashMap<(UserId, FactKind), Timeline>,
    /// Few are about any one fact.
    by_about: BTreeSet<(Hash, FactKind, Timestamp, Place)>,
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
        let place = self.free.pop().unwrap_or_else(|| self.new_place());
        self.list(&fact, place);
        let hash = self.hasher.hash_one(fact.id);
        if let Some(slot) = slot(&mut self.all, place) {
            *slot = Some(fact);
        }
        let Self { all, by_id, hasher, .. } = self;
        by_id.insert_unique(hash, place, |place| at(all, *place).map_or(0, |fact| hasher.hash_one(fact.id)));
        before
    }

    /// Takes a fact out.
    pub fn remove(&mut self, id: Hash) -> Option<Fact> {
        let place = self.place(id)?;
        let found = self.by_id.find_entry(self.hasher.hash_one(id), |known| *known == place);
        found.ok()?.remove();
        let fact = slot(&mut self.all, place)?.take()?;
        self.unlist(&fact, place);
        self.free.push(place);
        Some(fact)
    }

    fn new_place(&mut self) -> Place {
        if self.all.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.all.push(Vec::with_capacity(CHUNK));
        }
        let full = (self.all.len() - 1) * CHUNK;
        let place = self.all.last_mut().map_or(0, |chunk| {
            chunk.push(None);
            full + chunk.len() - 1
        });
        Place::try_from(place).unwrap_or(Place::MAX)
    }

    fn place(&self, id: Hash) -> Option<Place> {
        let is = |place: &Place| at(&self.all, *place).is_some_and(|fact| fact.id == id);
        self.by_id.find(self.hasher.hash_one(id), is).copied()
    }

    fn list(&mut self, fact: &Fact, place: Place) {
        self.by_kind.entry(fact.kind).or_default().insert((fact.at, place));
        if let Some(about) = fact.about {
            self.by_about.insert((about, fact.kind, fact.at, place));
        }
        self.each_timeline(fact, |timeline| {
            let next = timeline.partition_point(|known| *known <= (fact.at, place));
            timeline.insert(next, (fact.at, place));
        });
    }

    fn unlist(&mut self, fact: &Fact, place: Place) {
        self.by_kind.entry(fact.kind).or_default().remove(&(fact.at, place));
        if let Some(about) = fact.about {
            self.by_about.remove(&(about, fact.kind, fact.at, place));
        }
        self.each_timeline(fact, |timeline| {
            if let Ok(found) = timeline.binary_search(&(fact.at, place)) {
                timeline.remove(found);
            }
        });
    }

    fn each_timeline(&mut self, fact: &Fact, change: impl Fn(&mut Timeline)) {
        if let Some(customer) = fact.customer {
            change(self.by_customer.entry((customer, fact.kind)).or_default());
        }
        if let Some(actor) = fact.actor {
            change(self.by_actor.entry((actor, fact.kind)).or_default());
        }
    }
}

fn at(all: &[Vec<Option<Fact>>], place: Place) -> Option<&Fact> {
    all.get(place as usize / CHUNK)?.get(place as usize % CHUNK)?.as_ref()
}

fn slot(all: &mut [Vec<Option<Fact>>], place: Place) -> Option<&mut Option<Fact>> {
    all.get_mut(place as usize / CHUNK)?.get_mut(place as usize % CHUNK)
}

impl FactSource for Facts {
    fn get(&self, id: Hash) -> Option<&Fact> {
        at(&self.all, self.place(id)?)
    }

    fn between(
        &self,
        of: Of,
        kind: FactKind,
        from: Timestamp,
        before: Timestamp,
    ) -> Box<dyn Iterator<Item = &Fact> + '_> {
        let (from, before) = ((from, Place::MIN), (before.max(from), Place::MIN));
        let timeline = match of {
            Of::Any => {
                let found = self.by_kind.get(&kind).map(|all| all.range(from..before));
                return Box::new(found.into_iter().flatten().filter_map(|(_, place)| at(&self.all, *place)));
            }
            Of::About(about) => {
                let found =
                    self.by_about.range((about, kind, from.0, from.1)..(about, kind, before.0, before.1));
                return Box::new(found.filter_map(|(.., place)| at(&self.all, *place)));
            }
            Of::Customer(customer) => self.by_customer.get(&(customer, kind)),
            Of::Actor(actor) => self.by_actor.get(&(actor, kind)),
        };
        let timeline = timeline.map_or(&[][..], |timeline| timeline);
        let first = timeline.partition_point(|known| *known < from);
        let end = timeline.partition_point(|known| *known < before);
        Box::new(timeline[first..end.max(first)].iter().filter_map(|(_, place)| at(&self.all, *place)))
    }
}
