//! Facts in the index: written with the record that tells them, read by the rules as far as they ask.

use std::{cell::RefCell, fmt};

use elsa::FrozenMap;
use minicbor::{Decode, Encode};
use sync_core::{
    hash::Hash,
    id::{CustomerId, DocumentId},
    rules::{Fact, FactKind, FactSource, Of},
    time::Timestamp,
};

use crate::{
    projection::{Known, Version, View, Writes, key::room},
    store::StoreError,
};

/// A fact as the index keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct StoredFact {
    /// What happened.
    #[n(0)]
    pub fact: Fact,
    /// The document that tells it.
    #[n(1)]
    pub document: DocumentId,
    /// When the server first knew of it.
    #[n(2)]
    pub came: Timestamp,
}

/// What changed and was not looked at by the rules yet.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct Changed {
    /// Those that went or were different before, as they were.
    #[n(0)]
    pub before: Vec<Fact>,
    /// Those that are new or different.
    #[n(1)]
    pub now: Vec<Hash>,
    /// The customer that rules see otherwise now, if it is one that changed.
    #[n(2)]
    pub customer: Option<CustomerId>,
}

/// Writes what a record tells in the place of what it told before, and leaves word of what changed.
pub(super) fn put(
    view: &View<'_>,
    writes: &mut Writes,
    document: DocumentId,
    before: &[Hash],
    now: &[Fact],
    at: Timestamp,
) -> Result<(), StoreError> {
    let (keys, last) = (writes.keys(), view.last_closing()?);
    let mut changed = Changed::default();
    for id in before {
        let Some(old) = view.fact_version(*id)? else { continue };
        let fact = &old.value.fact;
        if now.contains(fact) {
            continue;
        }
        let places: Vec<_> = places(fact).map(|of| keys.fact_place(of, fact.kind, fact.at, *id)).collect();
        writes.keep(&old, last, &keys.fact(*id), places.iter().map(|place| (place.clone(), *id)));
        writes.delete(keys.fact(*id));
        places.into_iter().for_each(|place| writes.delete(place));
        changed.before.push(old.value.fact);
    }
    for fact in now {
        let old = view.fact_version(fact.id)?;
        if old.as_ref().is_some_and(|old| old.value.fact == *fact) {
            continue;
        }
        let came = old.map_or(at, |old| old.value.came);
        let told = StoredFact { fact: fact.clone(), document, came };
        writes.put(keys.fact(fact.id), &Version { value: told, behind: last });
        for of in places(fact) {
            writes.put(keys.fact_place(of, fact.kind, fact.at, fact.id), &fact.id);
        }
        changed.now.push(fact.id);
    }
    if changed != Changed::default() {
        writes.put_at(keys.room(room::CHANGED), &changed);
    }
    Ok(())
}

/// Under what a fact is found.
fn places(fact: &Fact) -> impl Iterator<Item = Of> {
    let more = [fact.customer.map(Of::Customer), fact.actor.map(Of::Actor), fact.about.map(Of::About)];
    std::iter::once(Of::Any).chain(more.into_iter().flatten())
}

/// The facts of a tenant, as they are or were known, read from the index when they are asked for and held for as long as
/// this lives.
pub struct IndexedFacts<'a> {
    known: Known<'a>,
    read: FrozenMap<Hash, Box<Fact>>,
    failed: RefCell<Option<StoreError>>,
}

impl<'a> IndexedFacts<'a> {
    /// Nothing is read yet.
    pub fn new(known: impl Into<Known<'a>>) -> Self {
        Self { known: known.into(), read: FrozenMap::new(), failed: RefCell::default() }
    }

    /// Whether everything that was asked for could be read; what was reckoned is worth nothing otherwise.
    pub fn check(&self) -> Result<(), StoreError> {
        self.failed.borrow().clone().map_or(Ok(()), Err)
    }

    fn or_failed<T: Default>(&self, read: Result<T, StoreError>) -> T {
        read.unwrap_or_else(|error| {
            self.failed.replace(Some(error));
            T::default()
        })
    }
}

impl fmt::Debug for IndexedFacts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IndexedFacts").field("tenant", &self.known.view().tenant()).finish_non_exhaustive()
    }
}

impl FactSource for IndexedFacts<'_> {
    fn get(&self, id: Hash) -> Option<&Fact> {
        if let Some(fact) = self.read.get(&id) {
            return Some(fact);
        }
        let fact = self.or_failed(self.known.fact(id))?.fact;
        Some(self.read.insert(id, Box::new(fact)))
    }

    fn between(
        &self,
        of: Of,
        kind: FactKind,
        from: Timestamp,
        before: Timestamp,
    ) -> Box<dyn Iterator<Item = &Fact> + '_> {
        let found = self.or_failed(self.known.facts_between(of, kind, from, before));
        Box::new(found.into_iter().filter_map(|id| self.get(id)))
    }
}
