//! Frontiers: which heads lie behind which, and what several heads come to together.

use super::{Ancestry, Document, Heads};
use crate::hash::Hash;

/// The heads name a change this document does not have, or none at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the document has no change {missing:?}")]
pub struct UnknownHeads {
    /// The first change that is missing; `None` if there were no heads.
    pub missing: Option<Hash>,
}

/// The history of a document as it was at one moment, read once to answer any number of questions.
#[derive(Debug, Clone)]
pub struct DocumentFrontier {
    ancestry: Ancestry,
}

impl DocumentFrontier {
    /// The heads of the version that contains everything behind any of the given heads.
    ///
    /// No heads at all have an empty frontier. The order of the arguments does not matter. Nothing lies behind an
    /// unknown head, and it lies behind none.
    pub fn joint(&self, all: &[Heads]) -> Heads {
        let joined = Heads::new(all.iter().flat_map(Heads::as_slice).copied());
        let behind = self.ancestry.strictly_behind(joined.as_slice());
        Heads::new(joined.as_slice().iter().filter(|hash| !behind.has(&self.ancestry, hash)).copied())
    }

    /// Walks the past of some heads once; says of others whether each is one of them or lies behind one.
    ///
    /// False for unknown heads.
    pub fn past(&self, of: &Heads) -> impl Fn(&Heads) -> bool + use<'_> {
        let past = self.ancestry.past(of.as_slice());
        move |heads| heads.as_slice().iter().all(|hash| past.has(&self.ancestry, hash))
    }
}

impl Document {
    /// Reads the history, for many questions about frontiers; for a single one, the methods below will do.
    pub fn frontier(&self) -> DocumentFrontier {
        DocumentFrontier { ancestry: Ancestry::of(&self.state) }
    }

    /// As [`DocumentFrontier::joint`], but unknown heads are an error.
    pub fn joint_frontier(&self, all: &[Heads]) -> Result<Heads, UnknownHeads> {
        for heads in all {
            self.require(heads)?;
        }
        Ok(self.frontier().joint(all))
    }

    /// Whether every one of `heads` is one of `ancestors_of` or lies behind one; false for unknown heads.
    pub fn contains(&self, ancestors_of: &Heads, heads: &Heads) -> bool {
        self.frontier().past(ancestors_of)(heads)
    }

    pub(super) fn require(&self, heads: &Heads) -> Result<(), UnknownHeads> {
        if self.knows(heads) {
            return Ok(());
        }
        let unknown = |hash: &&Hash| !self.knows(&Heads::new([**hash]));
        Err(UnknownHeads { missing: heads.as_slice().iter().find(unknown).copied() })
    }
}
