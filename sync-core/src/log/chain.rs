//! A chain: how far a log goes, and the checks a page passes before it continues one.

use minicbor::{Decode, Encode};

use crate::{
    hash::Hash,
    log::{CheckedEntry, CheckedPage, Commit, Entry, EntryKind, PageId, limits},
    time::ClockReading,
};

/// How far a device's log goes. Phone and server each keep one per device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Chain {
    /// The index the next entry will have: how many entries there are.
    #[n(0)]
    pub next_index: u64,
    /// Hash of the last entry; [`Hash::ZERO`] while there is none.
    #[n(1)]
    pub head: Hash,
}

/// A page does not continue the chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// There is nothing in it.
    #[error("the page holds no entry")]
    Empty,
    /// It is larger than any page may be.
    #[error("{found} {what}, at most {limit} are taken")]
    OverLimit {
        /// What was counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        limit: usize,
    },
    /// Entries are missing between what is held and the page, or inside the page.
    #[error("entry {expected} is missing: the next one is {found}")]
    Gap {
        /// The index that should come.
        expected: u64,
        /// The index that came.
        found: u64,
    },
    /// An entry names another entry before it than the one that stands there.
    #[error("entry {index} does not follow the entry before it")]
    Forked {
        /// Index of the entry.
        index: u64,
    },
    /// It begins inside what is held and ends outside it, as no honest page does.
    #[error("the page begins at entry {first}, but the next entry is {next_index}")]
    Overlap {
        /// Index of the page's first entry.
        first: u64,
        /// The index that should come.
        next_index: u64,
    },
    /// It does not end where its statement says, or goes beyond that.
    #[error("the page ends at entry {last} otherwise than its statement says")]
    NotAsStated {
        /// Index of the page's last entry.
        last: u64,
    },
    /// The signed head is not the entry of the signed anchor.
    #[error("the last entry is not the anchor of this session")]
    AnchorMissing,
}

impl Chain {
    /// The chain of a log without entries.
    pub const EMPTY: Self = Self { next_index: 0, head: Hash::ZERO };

    /// Writes the next entry: gives it with its canonical bytes and its hash, and moves the chain on to it.
    ///
    /// The caller makes the bytes durable before anybody sees the chain.
    pub fn append(&mut self, clock: ClockReading, kind: EntryKind) -> (Entry, Vec<u8>, Hash) {
        let entry = Entry::new(self.next_index, self.head, clock, kind);
        let bytes = entry.encode();
        let hash = Entry::hash_of(&bytes);
        *self = Self { next_index: self.next_index + 1, head: hash };
        (entry, bytes, hash)
    }

    /// Recognises a page whose entries all lie in what is held already.
    ///
    /// It is a repetition if a receipt is stored under exactly this id, and then deserves that receipt again. If
    /// none is, the log was forked.
    pub fn repeated(&self, commit: &Commit) -> Option<PageId> {
        let last = last_index(commit)?;
        let bytes = commit.entries.last()?;
        (last < self.next_index).then(|| PageId { first: commit.first, last, head: Entry::hash_of(bytes) })
    }

    /// Checks that a page continues this chain and fits its statement. Signature and anchor are not checked here.
    ///
    /// The chain goes over raw bytes. So an entry that does not decode still has its place and its hash, the entries
    /// behind it can be read, and it alone is refused.
    pub fn verify_page(&self, commit: &Commit) -> Result<CheckedPage, ChainError> {
        check_size(commit)?;
        let last = last_index(commit).ok_or(ChainError::Empty)?;
        if commit.first > self.next_index {
            return Err(ChainError::Gap { expected: self.next_index, found: commit.first });
        }
        if commit.first < self.next_index {
            return Err(ChainError::Overlap { first: commit.first, next_index: self.next_index });
        }
        let mut chain = *self;
        let mut entries = Vec::with_capacity(commit.entries.len());
        for bytes in &commit.entries {
            entries.push(chain.step(bytes)?);
        }
        let complete = last == commit.statement.last;
        if last > commit.statement.last || (complete && chain.head != commit.statement.head) {
            return Err(ChainError::NotAsStated { last });
        }
        if complete && !entries.last().is_some_and(|entry| names_anchor(entry, commit.statement.anchor)) {
            return Err(ChainError::AnchorMissing);
        }
        let id = PageId { first: commit.first, last, head: chain.head };
        Ok(CheckedPage { id, entries, complete })
    }

    fn step(&mut self, bytes: &[u8]) -> Result<CheckedEntry, ChainError> {
        let (index, hash) = (self.next_index, Entry::hash_of(bytes));
        let content = Entry::decode(bytes);
        if let Ok(entry) = &content {
            if entry.index != index {
                return Err(ChainError::Gap { expected: index, found: entry.index });
            }
            if entry.previous != self.head {
                return Err(ChainError::Forked { index });
            }
        }
        *self = Self { next_index: index + 1, head: hash };
        Ok(CheckedEntry { index, hash, content })
    }
}

/// Refuses a page that is empty or larger than any page may be, before anything in it is looked at.
pub(crate) fn check_size(commit: &Commit) -> Result<(), ChainError> {
    let within = |what, found, limit| {
        if found > limit { Err(ChainError::OverLimit { what, found, limit }) } else { Ok(()) }
    };
    if commit.entries.is_empty() {
        return Err(ChainError::Empty);
    }
    within("entries in the page", commit.entries.len(), limits::PAGE_ENTRIES)?;
    let largest = commit.entries.iter().map(|bytes| bytes.len()).max().unwrap_or(0);
    within("bytes in one entry", largest, limits::ENTRY_BYTES)?;
    let total = commit.entries.iter().map(|bytes| bytes.len()).sum();
    within("bytes in the page", total, limits::PAGE_BYTES)
}

fn last_index(commit: &Commit) -> Option<u64> {
    let before_end = (commit.entries.len() as u64).checked_sub(1)?;
    // The largest index is kept free, so that there is always a next one.
    commit.first.checked_add(before_end).filter(|last| *last < u64::MAX)
}

fn names_anchor(entry: &CheckedEntry, expected: Hash) -> bool {
    matches!(&entry.content, Ok(Entry { kind: EntryKind::Anchor { anchor, .. }, .. }) if *anchor == expected)
}
