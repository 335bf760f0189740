//! The index on sled: one tree that also holds the mark of how far the journal is applied.

use std::{
    fs::{self, File},
    io,
    ops::Bound,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use sync_core::{hash::Hash, log::JournalRoot};

use super::{
    Direction, Index, IndexEntry, IndexOpenError, IndexRead, Indexes, MAX_SCAN, Mark, StoreError, Write,
    index::{digest, is_empty},
};
use crate::journal::Position;

/// Stands before every key of the index.
const ENTRY: u8 = 1;
/// Stands behind every key of the index.
const AFTER_ENTRIES: [u8; 1] = [2];
/// The key of the mark.
const MARK: [u8; 1] = [0];
/// How often the lock of an index that this process has just closed is tried again, and after what time.
const LOCK_ATTEMPTS: u32 = 250;
const LOCK_RETRY_MS: u64 = 20;

impl Mark {
    fn encode(self) -> Vec<u8> {
        let (version, size) = (self.schema_version.to_be_bytes(), self.root.size.to_be_bytes());
        [version.as_slice(), &size, self.root.hash.as_bytes()].concat()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (version, rest) = bytes.split_first_chunk()?;
        let (size, hash) = rest.split_first_chunk()?;
        let root =
            JournalRoot { size: u64::from_be_bytes(*size), hash: Hash::from_bytes(hash.try_into().ok()?) };
        Some(Self { schema_version: u32::from_be_bytes(*version), root })
    }
}

/// Indexes on sled, each in the folder `index` of its data folder, on the disk of the operating system.
#[derive(Debug, Clone)]
pub struct SledIndexes {
    /// How much memory sled uses for its cache.
    pub cache_bytes: u64,
}

impl Default for SledIndexes {
    fn default() -> Self {
        Self { cache_bytes: 64 * 1024 * 1024 }
    }
}

impl Indexes for SledIndexes {
    fn open(&self, data: &Path) -> Result<Box<dyn Index>, IndexOpenError> {
        let folder = folder(data);
        let mut attempts = 0;
        loop {
            let config =
                sled::Config::new().path(&folder).cache_capacity(self.cache_bytes).flush_every_ms(Some(1000));
            let error = match guarded(|| config.open()) {
                Ok(db) => return Ok(Box::new(SledIndex { db: Some(db), folder })),
                Err(error) => error,
            };
            attempts += 1;
            if error.disk_full {
                return Err(IndexOpenError::DiskFull);
            }
            // sled lets go of its lock a moment after it is dropped.
            if !error.text.contains("could not acquire lock") || attempts == LOCK_ATTEMPTS {
                return Err(IndexOpenError::Unusable(error.text));
            }
            std::thread::sleep(std::time::Duration::from_millis(LOCK_RETRY_MS));
        }
    }

    fn remove(&self, data: &Path) -> io::Result<()> {
        match fs::remove_dir_all(folder(data)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

fn folder(data: &Path) -> PathBuf {
    data.join("index")
}

/// An open index.
#[derive(Debug)]
struct SledIndex {
    /// Nothing only while it is dropped.
    db: Option<sled::Db>,
    folder: PathBuf,
}

impl SledIndex {
    fn db(&self) -> sled::Result<&sled::Db> {
        self.db.as_ref().ok_or_else(|| sled::Error::Unsupported("the index is closed".to_owned()))
    }
}

impl Drop for SledIndex {
    fn drop(&mut self) {
        // sled syncs its file as it is dropped, and panics where that fails.
        let db = self.db.take();
        let close = || {
            drop(db);
            Ok(())
        };
        if let Err(failure) = guarded(close) {
            tracing::warn!(reason = failure.text, "sled did not close its files in order");
        }
    }
}

impl Index for SledIndex {
    fn mark(&self) -> Result<Option<Mark>, StoreError> {
        let Some(bytes) = guarded(|| self.db()?.get(MARK)).map_err(corrupt)? else { return Ok(None) };
        Mark::decode(&bytes).map(Some).ok_or_else(|| corrupt("its mark is malformed".into()))
    }

    fn apply(&self, records: Vec<(Position, Vec<Write>)>, mark: Mark) -> Result<(), StoreError> {
        let mut batch = sled::Batch::default();
        for (position, writes) in records {
            for write in writes {
                match write.at(position) {
                    (key, Some(value)) => batch.insert(entry_key(&key), value),
                    (key, None) => batch.remove(entry_key(&key)),
                }
            }
        }
        batch.insert(&MARK, mark.encode());
        guarded(|| self.db()?.apply_batch(batch)).map_err(corrupt)
    }

    fn digest(&self) -> Result<Hash, StoreError> {
        guarded(|| {
            digest(self.db()?.range(vec![ENTRY]..AFTER_ENTRIES.to_vec()).map(|entry| {
                entry.map(|(key, value)| (key.get(1..).unwrap_or_default().to_vec(), value.to_vec()))
            }))
        })
        .map_err(corrupt)
    }

    fn is_empty(&self) -> Result<bool, StoreError> {
        guarded(|| self.db()?.iter().next().transpose()).map(|first| first.is_none()).map_err(corrupt)
    }

    fn flush(&self) -> Result<(), StoreError> {
        guarded(|| self.db()?.flush()).map_err(corrupt)?;
        // sled's own flush does not reach the disk for sure.
        sync_files(&self.folder)
            .map_err(|error| StoreError::Unavailable(format!("the index cannot be synced: {error}")))
    }
}

fn sync_files(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sync_files(&path)?;
        } else {
            File::open(&path)?.sync_all()?;
        }
    }
    File::open(folder)?.sync_all()
}

impl IndexRead for SledIndex {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let value = guarded(|| self.db()?.get(entry_key(key))).map_err(corrupt)?;
        Ok(value.map(|value| value.to_vec()))
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
        let from = match from {
            Bound::Unbounded => Bound::Included(vec![ENTRY]),
            bound => bound.map(entry_key),
        };
        let range = (from, Bound::Excluded(entry_key(until)));
        let limit = limit.min(MAX_SCAN);
        guarded(|| {
            let entries = self.db()?.range(range).map(|entry| {
                entry.map(|(key, value)| (key.get(1..).unwrap_or_default().to_vec(), value.to_vec()))
            });
            match direction {
                Direction::Forward => entries.take(limit).collect(),
                Direction::Backward => entries.rev().take(limit).collect(),
            }
        })
        .map_err(corrupt)
    }
}

fn entry_key(key: &[u8]) -> Vec<u8> {
    [[ENTRY].as_slice(), key].concat()
}

struct SledFailure {
    text: String,
    disk_full: bool,
}

impl From<&str> for SledFailure {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), disk_full: false }
    }
}

/// Runs a call into sled, which panics on some damaged files where others give an error.
fn guarded<T>(call: impl FnOnce() -> sled::Result<T>) -> Result<T, SledFailure> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => {
            let disk_full = matches!(&error, sled::Error::Io(io) if io.kind() == io::ErrorKind::StorageFull);
            Err(SledFailure { text: error.to_string(), disk_full })
        }
        Err(_) => Err("sled panicked".into()),
    }
}

fn corrupt(failure: SledFailure) -> StoreError {
    StoreError::Corrupt(format!(
        "the index cannot be read: {}; start the server again and it makes the index anew from the journal",
        failure.text
    ))
}
