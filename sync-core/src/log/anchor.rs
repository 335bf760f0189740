//! An anchor: the server's signed word, given to one device, on what time it is.

use minicbor::{Decode, Encode};

use crate::{
    encoding,
    hash::Hash,
    id::{DeviceId, TenantId},
    time::Timestamp,
};

/// A small statement of the time, signed by the server and given to one device at each contact.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Anchor {
    /// The company.
    #[n(0)]
    pub tenant: TenantId,
    /// The device it was given to.
    #[n(1)]
    pub device: DeviceId,
    /// Counts up per device, never reused.
    #[n(2)]
    pub sequence: u64,
    /// The server's time.
    #[n(3)]
    pub time: Timestamp,
    /// The phone's own random number, echoed: the answer is fresh.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub nonce: [u8; 16],
    /// The last entry of this device that the server holds; [`Hash::ZERO`] before the first commit.
    #[n(5)]
    pub device_head: Hash,
    /// Where the server's journal stood.
    #[n(6)]
    pub journal: JournalRoot,
}

/// A position in the server's journal and the hash of everything up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, serde::Serialize, serde::Deserialize)]
#[cbor(map)]
pub struct JournalRoot {
    /// How many records there are.
    #[n(0)]
    pub size: u64,
    /// The running hash over them.
    #[n(1)]
    pub hash: Hash,
}

impl Anchor {
    /// What the phone's log refers to, and what the server signs.
    pub fn hash(&self) -> Hash {
        Hash::of("fieldbook/anchor/1", &[&encoding::encode(self)])
    }
}
