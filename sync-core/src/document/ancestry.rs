//! Ancestry: the graph of a document's changes, read once and then walked without asking Automerge again.

use std::collections::HashMap;

use automerge::Automerge;

use super::{Actor, replica::hash_of};
use crate::hash::Hash;

/// The changes of a document and what each builds on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ancestry {
    changes: Vec<Node>,
    by_hash: HashMap<Hash, usize>,
    by_actor: HashMap<Actor, Vec<usize>>,
}

#[derive(Debug, Clone)]
struct Node {
    deps: Vec<usize>,
    start_op: u64,
    max_op: u64,
}

/// A set of changes that contains everything behind each of its members.
#[derive(Debug, Clone, Default)]
pub(crate) struct Past(Vec<bool>);

impl Ancestry {
    pub(crate) fn of(state: &Automerge) -> Self {
        let mut ancestry = Self::default();
        for change in state.get_changes_meta(&[]) {
            // Every actor here passed admission or is the genesis actor, so it has sixteen bytes.
            let Some(actor) = Actor::read(&change.actor) else { continue };
            let deps: Vec<Hash> = change.deps.iter().map(hash_of).collect();
            ancestry.add(hash_of(&change.hash), actor, &deps, change.start_op, change.max_op);
        }
        ancestry
    }

    /// Adds a change after those it builds on; unknown dependencies are left out.
    pub(crate) fn add(&mut self, hash: Hash, actor: Actor, deps: &[Hash], start_op: u64, max_op: u64) {
        let at = self.changes.len();
        let deps = deps.iter().filter_map(|dep| self.by_hash.get(dep).copied()).collect();
        self.changes.push(Node { deps, start_op, max_op });
        self.by_hash.insert(hash, at);
        self.by_actor.entry(actor).or_default().push(at);
    }

    pub(crate) fn len(&self) -> usize {
        self.changes.len()
    }

    pub(crate) fn knows(&self, hash: &Hash) -> bool {
        self.by_hash.contains_key(hash)
    }

    /// The largest operation counter of a change and everything behind it; 0 for an unknown one.
    pub(crate) fn max_op(&self, hash: &Hash) -> u64 {
        self.by_hash.get(hash).map_or(0, |&at| self.changes[at].max_op)
    }

    /// How many changes the actor has made.
    pub(crate) fn last_seq(&self, actor: &Actor) -> u64 {
        self.by_actor.get(actor).map_or(0, |changes| changes.len() as u64)
    }

    /// The hashes and everything behind them; unknown hashes count for nothing.
    pub(crate) fn past(&self, hashes: &[Hash]) -> Past {
        self.walk(hashes.iter().filter_map(|hash| self.by_hash.get(hash).copied()).collect())
    }

    /// Everything behind the hashes, and of the hashes only those behind another one.
    pub(crate) fn strictly_behind(&self, hashes: &[Hash]) -> Past {
        let starts = hashes.iter().filter_map(|hash| self.by_hash.get(hash));
        self.walk(starts.flat_map(|&at| self.changes[at].deps.iter().copied()).collect())
    }

    fn walk(&self, mut open: Vec<usize>) -> Past {
        let mut seen = vec![false; self.changes.len()];
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut seen[at], true) {
                open.extend(&self.changes[at].deps);
            }
        }
        Past(seen)
    }
}

impl Past {
    /// Whether the change is in the set.
    pub(crate) fn has(&self, ancestry: &Ancestry, hash: &Hash) -> bool {
        ancestry.by_hash.get(hash).is_some_and(|&at| self.has_at(at))
    }

    /// Whether the actor's newest change, if it has any, is in the set.
    pub(crate) fn has_last_of(&self, ancestry: &Ancestry, actor: &Actor) -> bool {
        ancestry.by_actor.get(actor).and_then(|changes| changes.last()).is_none_or(|&at| self.has_at(at))
    }

    /// Whether the change that made this operation is in the set.
    pub(crate) fn has_operation(&self, ancestry: &Ancestry, counter: u64, actor: &Actor) -> bool {
        let Some(changes) = ancestry.by_actor.get(actor) else { return false };
        let after = changes.partition_point(|&at| ancestry.changes[at].start_op <= counter);
        let made_by = after.checked_sub(1).map(|index| changes[index]);
        made_by.is_some_and(|at| counter <= ancestry.changes[at].max_op && self.has_at(at))
    }

    /// Takes in the newest change of the ancestry, all of whose dependencies must be in the set.
    pub(crate) fn advance(&mut self, ancestry: &Ancestry) {
        self.0.resize(ancestry.changes.len(), false);
        if let Some(last) = self.0.last_mut() {
            *last = true;
        }
    }

    fn has_at(&self, at: usize) -> bool {
        self.0.get(at).copied().unwrap_or(false)
    }
}
