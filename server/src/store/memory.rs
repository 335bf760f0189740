//! The store in memory: the contract in its shortest form, for tests and simulations.

use std::{
    collections::BTreeMap,
    ops::Bound,
    sync::{Mutex, MutexGuard, PoisonError},
};

use sync_core::{hash::Hash, log::JournalRoot};

use super::{
    Append, Appended, BoxFuture, Direction, IndexEntry, IndexRead, MAX_SCAN, Store, StoreError,
    index::{self, is_empty},
};
use crate::journal::{Position, empty_root, root_after};

/// A store that is gone with its process.
#[derive(Debug)]
pub struct MemoryStore {
    contents: Mutex<Contents>,
}

#[derive(Debug)]
struct Contents {
    records: Vec<Vec<u8>>,
    root: JournalRoot,
    index: BTreeMap<Vec<u8>, Vec<u8>>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryStore {
    /// Makes an empty store.
    pub fn new() -> Self {
        let contents = Contents { records: Vec::new(), root: empty_root(), index: BTreeMap::new() };
        Self { contents: Mutex::new(contents) }
    }

    /// Hashes all of the index.
    pub fn index_digest(&self) -> Result<Hash, StoreError> {
        let contents = self.lock();
        index::digest(contents.index.iter().map(|(key, value)| Ok((key.clone(), value.clone()))))
    }

    fn lock(&self) -> MutexGuard<'_, Contents> {
        // Nothing in here panics between two changes that belong together.
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl IndexRead for MemoryStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.lock().index.get(key).cloned())
    }

    fn scan(
        &self,
        from: Bound<&[u8]>,
        until: &[u8],
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<IndexEntry>, StoreError> {
        if is_empty(from, until) {
            return Ok(Vec::new());
        }
        let contents = self.lock();
        let range = contents.index.range::<[u8], _>((from, Bound::Excluded(until)));
        let entries = range.map(|(key, value)| (key.clone(), value.clone()));
        let limit = limit.min(MAX_SCAN);
        Ok(match direction {
            Direction::Forward => entries.take(limit).collect(),
            Direction::Backward => entries.rev().take(limit).collect(),
        })
    }
}

impl Store for MemoryStore {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, StoreError>> {
        Box::pin(async move {
            append.check()?;
            let mut contents = self.lock();
            let root = root_after(contents.root, &append.record);
            let position = Position::new(root.size);
            contents.root = root;
            contents.records.push(append.record);
            for write in append.writes {
                match write.at(position) {
                    (key, Some(value)) => contents.index.insert(key, value),
                    (key, None) => contents.index.remove(&key),
                };
            }
            Ok(Appended { position, root })
        })
    }

    fn root(&self) -> JournalRoot {
        self.lock().root
    }

    fn read_journal(&self, from: Position, limit: usize) -> Result<Vec<(Position, Vec<u8>)>, StoreError> {
        let contents = self.lock();
        let positions = (1..).map(Position::new).zip(contents.records.iter().cloned());
        Ok(positions.skip_while(|(position, _)| *position < from).take(limit).collect())
    }
}
