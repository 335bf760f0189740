//! A receipt: the server's signed answer to one page of a commit.

use minicbor::{Decode, Encode};

use crate::{
    admission::RefusalCode,
    encoding,
    hash::Hash,
    id::{DeviceId, DocumentId, TenantId},
    log::JournalRoot,
    record::RecordStatus,
    time::Timestamp,
};

/// What was accepted, what was refused and why. Kept for ever by both sides.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Receipt {
    /// The company.
    #[n(0)]
    pub tenant: TenantId,
    /// The device whose entries these are.
    #[n(1)]
    pub device: DeviceId,
    /// Index of the first entry answered.
    #[n(2)]
    pub first: u64,
    /// Index of the last entry answered.
    #[n(3)]
    pub last: u64,
    /// Hash of the last entry answered: everything up to it is now with the server.
    #[n(4)]
    pub head: Hash,
    /// When it arrived, by the server's clock.
    #[n(5)]
    pub received: Timestamp,
    /// The entries that were not merged; all others were.
    #[n(6)]
    pub refused: Vec<Refused>,
    /// What the server now says of each record this page touched: verdicts, seals, amendments.
    #[n(7)]
    pub records: Vec<RecordStatus>,
    /// Where the journal stood before this commit was written to it.
    #[n(8)]
    pub journal: JournalRoot,
}

/// One entry that was not merged. It stays on the phone and in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, serde::Serialize, serde::Deserialize)]
#[cbor(map)]
pub struct Refused {
    /// The entry's index.
    #[n(0)]
    pub index: u64,
    /// Its hash.
    #[n(1)]
    pub entry: Hash,
    /// The document it was about, if it was about one.
    #[n(2)]
    pub document: Option<DocumentId>,
    /// Which check it failed.
    #[n(3)]
    pub code: RefusalCode,
    /// What exactly was wrong, for a developer; at most 200 characters.
    #[n(4)]
    pub detail: String,
}

impl Receipt {
    /// What the server signs.
    pub fn hash(&self) -> Hash {
        Hash::of("fieldbook/receipt/1", &[&encoding::encode(self)])
    }
}
