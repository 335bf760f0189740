//! The index: keys in order, every answer bounded, and the mark of how far the journal is applied.

use std::{fmt::Debug, io, ops::Bound, path::Path};

use sync_core::{hash::Hash, log::JournalRoot};

use super::{StoreError, Write};
use crate::journal::Position;

/// The most entries one scan gives.
pub const MAX_SCAN: usize = 10_000;

/// A key of the index and its value.
pub type IndexEntry = (Vec<u8>, Vec<u8>);

/// From which end of its range a scan begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The smallest key first.
    Forward,
    /// The largest key first.
    Backward,
}

/// Reads of the index.
///
/// # Contract
///
/// Keys sort by their bytes. A scan gives at most `limit` and at most [`MAX_SCAN`] entries; the range is the same in both
/// directions: `from` is its lower end and `until`, which is excluded, its upper end. A range turned around is empty.
pub trait IndexRead: Send + Sync {
    /// Gives the value of a key.
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError>;

    /// Gives the entries of a range.
    fn scan(
        &self,
        from: Bound<&[u8]>,
        until: &[u8],
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<IndexEntry>, StoreError>;

    /// Gives the entries whose keys begin with a prefix, which is not empty and not all `0xFF`.
    fn scan_prefix(
        &self,
        prefix: &[u8],
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<IndexEntry>, StoreError> {
        self.scan(Bound::Included(prefix), &after_prefix(prefix), limit, direction)
    }
}

/// How far the journal is applied, and by which layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The layout of the index, as [`Projector::schema_version`](super::Projector::schema_version) names it.
    pub schema_version: u32,
    /// The root of the journal after the last record that is applied.
    pub root: JournalRoot,
}

/// An open index.
///
/// # Contract
///
/// - `apply` is atomic: all writes of all records and the mark, or nothing.
/// - A crash may lose what was applied since the last [`flush`](Self::flush), but only from the end: the index is then
///   as it was at an earlier mark, or it does not open.
/// - An entry that is not what was written is [`StoreError::Corrupt`] when it is read, never a wrong value.
pub trait Index: IndexRead + Debug + 'static {
    /// Gives the mark; none in a new index.
    fn mark(&self) -> Result<Option<Mark>, StoreError>;

    /// Applies the writes of records in order, together with the mark of the last one.
    fn apply(&self, records: Vec<(Position, Vec<Write>)>, mark: Mark) -> Result<(), StoreError>;

    /// Reads every entry and hashes them all; equal digests mean equal entries.
    fn digest(&self) -> Result<Hash, StoreError>;

    /// Tells whether the index holds nothing, not even a mark.
    fn is_empty(&self) -> Result<bool, StoreError>;

    /// Makes everything that was applied durable.
    fn flush(&self) -> Result<(), StoreError>;
}

/// Opens the index of a data folder.
pub trait Indexes: Debug + Send + Sync + 'static {
    /// Opens the index, or makes an empty one if there is none.
    fn open(&self, data: &Path) -> Result<Box<dyn Index>, IndexOpenError>;

    /// Removes the index; nothing happens if there is none. It is not open at that time.
    fn remove(&self, data: &Path) -> io::Result<()>;
}

/// Why an index does not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexOpenError {
    /// The disk is full; the index may be sound.
    DiskFull,
    /// The index cannot be used and has to be made again; why.
    Unusable(String),
}

/// Gives the first key behind all that begin with a prefix; empty if there is none.
pub fn after_prefix(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < u8::MAX {
            end.push(last + 1);
            break;
        }
    }
    end
}

/// Tells whether a range holds no key at all.
pub(super) fn is_empty(from: Bound<&[u8]>, until: &[u8]) -> bool {
    match from {
        Bound::Included(from) | Bound::Excluded(from) => from >= until,
        Bound::Unbounded => until.is_empty(),
    }
}

/// Hashes entries in the order they are given; equal digests mean equal indexes.
pub(super) fn digest<E>(
    entries: impl Iterator<Item = Result<(impl AsRef<[u8]>, impl AsRef<[u8]>), E>>,
) -> Result<Hash, E> {
    let mut digest = Hash::ZERO;
    for entry in entries {
        let (key, value) = entry?;
        let (key, value) = (key.as_ref(), value.as_ref());
        let key_len = (key.len() as u64).to_be_bytes();
        digest = Hash::of("fieldbook/index/1", &[digest.as_bytes(), &key_len, key, value]);
    }
    Ok(digest)
}
