//! Reading the index: keys in order, every answer bounded.

use std::ops::Bound;

use sync_core::hash::Hash;

use super::StoreError;

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
pub(super) fn digest<E>(entries: impl Iterator<Item = Result<(Vec<u8>, Vec<u8>), E>>) -> Result<Hash, E> {
    let mut digest = Hash::ZERO;
    for entry in entries {
        let (key, value) = entry?;
        let key_len = (key.len() as u64).to_be_bytes();
        digest = Hash::of("fieldbook/index/1", &[digest.as_bytes(), &key_len, &key, &value]);
    }
    Ok(digest)
}
