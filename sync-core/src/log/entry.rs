//! An entry: one line in a phone's log.

use minicbor::{Decode, Encode};

use crate::{
    document::Heads,
    encoding::{self, Bytes, DecodeError},
    hash::Hash,
    id::{BootId, DocumentId},
    rules::Reason,
    time::{ClockReading, Timestamp},
};

/// One line in a phone's log, chained to the line before it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Entry {
    /// Position in the log, from 0.
    #[n(0)]
    pub index: u64,
    /// Hash of the entry before; [`Hash::ZERO`] for the first.
    #[n(1)]
    pub previous: Hash,
    /// The run of the boot clock it was written in.
    #[n(2)]
    pub boot: BootId,
    /// Milliseconds on the boot clock when it was written.
    #[n(3)]
    pub boot_ms: u64,
    /// What the wall clock said: a claim.
    #[n(4)]
    pub wall: Timestamp,
    /// What happened.
    #[n(5)]
    pub kind: EntryKind,
}

/// What an entry says happened.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum EntryKind {
    /// The phone restarted, or the log begins.
    #[n(0)]
    Boot,
    /// The rep arrived at the customer.
    #[n(1)]
    CheckIn {
        /// The visit.
        #[n(0)]
        document: DocumentId,
    },
    /// The rep left the customer.
    #[n(2)]
    CheckOut {
        /// The visit.
        #[n(0)]
        document: DocumentId,
    },
    /// A document was edited.
    #[n(3)]
    Change {
        /// The document.
        #[n(0)]
        document: DocumentId,
        /// One raw, uncompressed Automerge change chunk.
        #[n(1)]
        change: Bytes,
    },
    /// The rep submitted a record, at given heads.
    #[n(4)]
    Submit {
        /// The record.
        #[n(0)]
        document: DocumentId,
        /// The frontier that was submitted.
        #[n(1)]
        heads: Heads,
        /// Hash of the field values at those heads.
        #[n(2)]
        value: Hash,
        /// Why, when the record was already sealed (an amendment) or is late.
        #[n(3)]
        reason: Option<Reason>,
    },
    /// The server's time statement that was received in this session.
    #[n(5)]
    Anchor {
        /// Hash of the anchor.
        #[n(0)]
        anchor: Hash,
        /// Boot-clock milliseconds between asking for it and writing this entry.
        #[n(1)]
        round_trip_ms: u32,
    },
    /// Somebody set the wall clock.
    #[n(6)]
    ClockSet {
        /// New time minus old time, in milliseconds.
        #[n(0)]
        delta_ms: i64,
    },
}

impl Entry {
    /// Writes the next entry behind `previous`.
    pub fn new(index: u64, previous: Hash, clock: ClockReading, kind: EntryKind) -> Self {
        Self { index, previous, boot: clock.boot, boot_ms: clock.boot_ms, wall: clock.wall, kind }
    }

    /// The canonical bytes: what is stored, sent and hashed.
    pub fn encode(&self) -> Vec<u8> {
        encoding::encode(self)
    }

    /// Reads canonical bytes; any other encoding of the same entry is an error.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        encoding::decode(bytes)
    }

    /// The hash of an entry's canonical bytes: its identity, and the next entry's `previous`.
    pub fn hash_of(bytes: &[u8]) -> Hash {
        Hash::of("fieldbook/entry/1", &[bytes])
    }
}
