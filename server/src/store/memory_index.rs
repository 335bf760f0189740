//! The index in memory: what is in it can be looked at, put back and broken, as a crash does.

use std::{
    collections::BTreeMap,
    io,
    ops::Bound,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sync_core::hash::Hash;

use super::{
    Direction, Index, IndexEntry, IndexOpenError, IndexRead, Indexes, MAX_SCAN, Mark, StoreError, Write,
    index::{digest, is_empty},
};
use crate::journal::Position;

/// Everything an index held at one moment, with its mark.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexSnapshot {
    // Shared, so that many snapshots of one index cost little more than one.
    entries: BTreeMap<Arc<[u8]>, Arc<[u8]>>,
    mark: Option<Mark>,
}

impl IndexSnapshot {
    /// How far the journal was applied; none if nothing was.
    pub fn mark(&self) -> Option<Mark> {
        self.mark
    }

    /// Hashes all entries, as [`Index::digest`] does.
    pub fn digest(&self) -> Hash {
        match digest::<std::convert::Infallible>(self.entries.iter().map(Ok)) {
            Ok(digest) => digest,
            Err(never) => match never {},
        }
    }
}

/// The index of one data folder, which outlives the store that has it open and is gone with the process.
#[derive(Debug, Default)]
pub struct MemoryIndexes(Mutex<Place>);

#[derive(Debug, Default)]
struct Place {
    index: MemoryIndex,
    unusable: Option<String>,
}

impl MemoryIndexes {
    /// Starts without an index.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Gives what the index holds now, whether it is open or not.
    pub fn snapshot(&self) -> IndexSnapshot {
        self.place().index.contents().clone()
    }

    /// Puts the index back to an earlier moment, as a crash that loses the end of it does.
    ///
    /// A store that still has it open writes into the void from now on.
    pub fn restore(&self, snapshot: IndexSnapshot) {
        self.place().index = MemoryIndex(Arc::new(Mutex::new(snapshot)));
    }

    /// Lets the index not open any more, for the given reason, until it is removed.
    pub fn break_with(&self, reason: impl Into<String>) {
        self.place().unusable = Some(reason.into());
    }

    fn place(&self) -> MutexGuard<'_, Place> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Indexes for MemoryIndexes {
    fn open(&self, _: &Path) -> Result<Box<dyn Index>, IndexOpenError> {
        let place = self.place();
        match &place.unusable {
            Some(reason) => Err(IndexOpenError::Unusable(reason.clone())),
            None => Ok(Box::new(place.index.clone())),
        }
    }

    fn remove(&self, _: &Path) -> io::Result<()> {
        *self.place() = Place::default();
        Ok(())
    }
}

/// A handle of the index.
#[derive(Debug, Clone, Default)]
struct MemoryIndex(Arc<Mutex<IndexSnapshot>>);

impl MemoryIndex {
    fn contents(&self) -> MutexGuard<'_, IndexSnapshot> {
        // Nothing in here panics between two changes that belong together.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Index for MemoryIndex {
    fn mark(&self) -> Result<Option<Mark>, StoreError> {
        Ok(self.contents().mark)
    }

    fn apply(&self, records: Vec<(Position, Vec<Write>)>, mark: Mark) -> Result<(), StoreError> {
        let mut contents = self.contents();
        for (position, writes) in records {
            for write in writes {
                match write.at(position) {
                    (key, Some(value)) => contents.entries.insert(key.into(), value.into()),
                    (key, None) => contents.entries.remove(key.as_slice()),
                };
            }
        }
        contents.mark = Some(mark);
        Ok(())
    }

    fn digest(&self) -> Result<Hash, StoreError> {
        Ok(self.contents().digest())
    }

    fn is_empty(&self) -> Result<bool, StoreError> {
        let contents = self.contents();
        Ok(contents.entries.is_empty() && contents.mark.is_none())
    }

    fn flush(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl IndexRead for MemoryIndex {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.contents().entries.get(key).map(|value| value.to_vec()))
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
        let contents = self.contents();
        let range = contents.entries.range::<[u8], _>((from, Bound::Excluded(until)));
        let entries = range.map(|(key, value)| (key.to_vec(), value.to_vec()));
        let limit = limit.min(MAX_SCAN);
        Ok(match direction {
            Direction::Forward => entries.take(limit).collect(),
            Direction::Backward => entries.rev().take(limit).collect(),
        })
    }
}
