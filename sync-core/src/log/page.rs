//! A page of a commit after its checks: entries in their places, each with its hash.

use minicbor::{Decode, Encode};

use crate::{
    admission::{Refusal, RefusalCode},
    encoding::DecodeError,
    hash::Hash,
    log::{Chain, Entry},
};

/// What a page is known by: equal ids are the same page and get the same receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(map)]
pub struct PageId {
    /// Index of its first entry.
    #[n(0)]
    pub first: u64,
    /// Index of its last entry.
    #[n(1)]
    pub last: u64,
    /// Hash of its last entry, and by the chain of all before it.
    #[n(2)]
    pub head: Hash,
}

/// A page that continues the chain of its device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedPage {
    /// What it is known by.
    pub id: PageId,
    /// Its entries in order; never empty.
    pub entries: Vec<CheckedEntry>,
    /// Whether it reaches the signed head: the last page of its commit.
    pub complete: bool,
}

/// One entry of a checked page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedEntry {
    /// Its place in the log.
    pub index: u64,
    /// Hash of its bytes.
    pub hash: Hash,
    /// What it says, or why that cannot be read.
    pub content: Result<Entry, DecodeError>,
}

impl CheckedPage {
    /// The chain once this page is in it.
    pub fn chain(&self) -> Chain {
        Chain { next_index: self.id.last + 1, head: self.id.head }
    }

    /// The entries that can be read, with their hashes, in order.
    pub fn readable(&self) -> Vec<(Entry, Hash)> {
        self.entries
            .iter()
            .filter_map(|checked| checked.content.as_ref().ok().map(|entry| (entry.clone(), checked.hash)))
            .collect()
    }
}

impl CheckedEntry {
    /// The refusal of an entry that cannot be read; `None` for all others.
    pub fn refusal(&self) -> Option<Refusal> {
        let error = self.content.as_ref().err()?;
        Some(Refusal::new(RefusalCode::MalformedEntry, error.to_string()))
    }
}
