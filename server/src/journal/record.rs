//! The bytes of a record: length, kind, checksum, payload, running hash.

use sync_core::{hash::Hash, log::JournalRoot};

use super::Flaw;

/// The largest payload of a record.
pub const MAX_RECORD_BYTES: usize = 4 * 1024 * 1024;

/// Length (4), kind (1) and checksum (4), all big-endian.
pub(super) const HEAD_BYTES: usize = 9;
/// The running hash behind the payload.
const HASH_BYTES: usize = 32;
/// The only kind there is: an opaque payload, chained with SHA-256.
const KIND: u8 = 1;

/// Gives the root after a payload.
pub(crate) fn root_after(root: JournalRoot, payload: &[u8]) -> JournalRoot {
    JournalRoot {
        size: root.size + 1,
        hash: Hash::of("fieldbook/journal/1", &[root.hash.as_bytes(), payload]),
    }
}

/// Gives how many bytes a payload takes in a segment.
pub(super) fn encoded_len(payload_len: usize) -> usize {
    HEAD_BYTES + payload_len + HASH_BYTES
}

/// Appends the bytes of a record; the payload has at most [`MAX_RECORD_BYTES`].
pub(super) fn encode(payload: &[u8], after: JournalRoot, out: &mut Vec<u8>) {
    // The bound on payloads keeps the length within 32 bits.
    let length = (payload.len() as u32).to_be_bytes();
    out.extend_from_slice(&length);
    out.push(KIND);
    out.extend_from_slice(&checksum(&length, KIND, payload, after.hash.as_bytes()).to_be_bytes());
    out.extend_from_slice(payload);
    out.extend_from_slice(after.hash.as_bytes());
}

/// The fixed bytes in front of a payload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    length: u32,
    kind: u8,
    checksum: u32,
}

impl Head {
    /// Reads the fixed bytes and bounds the length before anything is reserved for it.
    pub(super) fn decode(bytes: [u8; HEAD_BYTES]) -> Result<Self, Flaw> {
        let [l0, l1, l2, l3, kind, c0, c1, c2, c3] = bytes;
        let length = u32::from_be_bytes([l0, l1, l2, l3]);
        if length as usize > MAX_RECORD_BYTES {
            return Err(Flaw::Length(length));
        }
        Ok(Self { length, kind, checksum: u32::from_be_bytes([c0, c1, c2, c3]) })
    }

    /// Gives how many bytes follow: payload and running hash.
    pub(super) fn body_len(self) -> usize {
        self.length as usize + HASH_BYTES
    }

    /// Checks the bytes that follow against checksum and chain, cuts them to the payload, and gives the root after it.
    pub(super) fn check(self, body: &mut Vec<u8>, before: JournalRoot) -> Result<JournalRoot, Flaw> {
        let (payload, hash) = body.split_at_checked(self.length as usize).ok_or(Flaw::Short)?;
        if checksum(&self.length.to_be_bytes(), self.kind, payload, hash) != self.checksum {
            return Err(Flaw::Checksum);
        }
        if self.kind != KIND {
            return Err(Flaw::Kind(self.kind));
        }
        let after = root_after(before, payload);
        if after.hash.as_bytes() != hash {
            return Err(Flaw::Chain);
        }
        body.truncate(self.length as usize);
        Ok(after)
    }
}

fn checksum(length: &[u8; 4], kind: u8, payload: &[u8], hash: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(length);
    hasher.update(&[kind]);
    hasher.update(payload);
    hasher.update(hash);
    hasher.finalize()
}
