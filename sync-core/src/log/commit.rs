//! A commit: a signed push of the entries up to a head, in one page or several.

use minicbor::{Decode, Encode};

use crate::{
    encoding::{self, Bytes},
    hash::Hash,
    id::{DeviceId, TenantId},
};

/// What the device's key signs: my log from here to there, ending with the anchor of this session.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Statement {
    /// The company.
    #[n(0)]
    pub tenant: TenantId,
    /// The device whose log this is.
    #[n(1)]
    pub device: DeviceId,
    /// Index of the last entry. That entry is the [anchor](crate::log::EntryKind::Anchor) of this session.
    #[n(2)]
    pub last: u64,
    /// Hash of the last entry.
    #[n(3)]
    pub head: Hash,
    /// The anchor the server handed out in this session.
    #[n(4)]
    pub anchor: Hash,
}

impl Statement {
    /// What is signed.
    pub fn hash(&self) -> Hash {
        Hash::of("fieldbook/statement/1", &[&encoding::encode(self)])
    }
}

/// One page of a commit: the statement, its signature and some consecutive entries.
///
/// Small commits are one page. A long log is sent in pages under the same statement; only the last page reaches its
/// head. Each page gets a receipt of its own, so a broken transfer resumes at the first entry without one.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Commit {
    /// What was signed.
    #[n(0)]
    pub statement: Statement,
    /// ECDSA P-256 over the statement's hash: r and s, 64 bytes.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub signature: [u8; 64],
    /// Index of the first entry of this page.
    #[n(2)]
    pub first: u64,
    /// Canonical bytes of the entries.
    #[n(3)]
    pub entries: Vec<Bytes>,
}
