//! A history: the changes of a document, each with what it builds on.

use std::collections::BTreeMap;

use anyhow::{Context as _, anyhow};
use automerge::Change;
use sync_core::{
    document::{Document, Values},
    encoding::Bytes,
    hash::Hash,
    id::DocumentId,
};

use super::Changes;

pub(super) struct History {
    document: DocumentId,
    genesis: Hash,
    changes: BTreeMap<Hash, (Vec<Hash>, Bytes)>,
}

impl History {
    pub(super) fn new(document: DocumentId) -> anyhow::Result<Self> {
        let heads = Document::genesis(document)?.heads();
        let genesis = *heads.as_slice().first().context("a genesis is a change")?;
        Ok(Self { document, genesis, changes: BTreeMap::new() })
    }

    /// Takes a change in, and gives its hash.
    pub(super) fn add(&mut self, bytes: &Bytes) -> anyhow::Result<Hash> {
        let change = Change::try_from(bytes.as_slice()).map_err(|error| anyhow!("{error}"))?;
        let builds_on = change.deps().iter().map(|dep| Hash::from_bytes(dep.0)).collect();
        let hash = Hash::from_bytes(change.hash().0);
        self.changes.insert(hash, (builds_on, bytes.clone()));
        Ok(hash)
    }

    pub(super) fn all(&self) -> Changes {
        self.changes.keys().copied().chain([self.genesis]).collect()
    }

    /// These changes and everything they build on.
    pub(super) fn past(&self, of: &[Hash]) -> Changes {
        let mut past = Changes::from([self.genesis]);
        let mut open = of.to_vec();
        while let Some(hash) = open.pop() {
            if past.insert(hash) {
                open.extend(self.changes.get(&hash).into_iter().flat_map(|(builds_on, _)| builds_on));
            }
        }
        past
    }

    /// The values of a document that holds exactly these changes.
    pub(super) fn values(&self, changes: &Changes) -> anyhow::Result<Values> {
        let mut bytes = Vec::new();
        for hash in changes.iter().filter(|hash| **hash != self.genesis) {
            let (_, change) = self.changes.get(hash).with_context(|| format!("there is no change {hash}"))?;
            bytes.push(change.as_slice());
        }
        let mut document = Document::genesis(self.document)?;
        document.apply_trusted(&bytes)?;
        Ok(document.values())
    }
}
