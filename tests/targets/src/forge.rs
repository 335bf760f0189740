//! Forging: changes put together by hand, with checksums that are right.

use automerge::{Change, ExpandedChange};
use sha2::{Digest as _, Sha256};

/// What every chunk begins with.
pub const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];

/// Wraps a body into a chunk with the right length and checksum; type 1 is a plain change.
pub fn chunk(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut hashed = vec![kind];
    hashed.extend(unsigned(body.len() as u64));
    hashed.extend(body);
    let mut bytes = MAGIC.to_vec();
    bytes.extend(&Sha256::digest(&hashed)[..4]);
    bytes.extend(hashed);
    bytes
}

/// The body of a chunk; bytes that are no chunk are all body.
pub fn body(bytes: &[u8]) -> &[u8] {
    let Some(rest) = bytes.strip_prefix(&MAGIC).and_then(|rest| rest.get(5..)) else { return bytes };
    let length_bytes = rest.iter().take_while(|byte| **byte & 0x80 != 0).count() + 1;
    rest.get(length_bytes..).unwrap_or(bytes)
}

/// A change with the columns given, written as the first of an actor.
pub fn columns(actor: &[u8; 16], columns: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = vec![0, 16];
    bytes.extend(actor);
    bytes.extend([1, 5, 0, 0, 0]);
    bytes.push(columns.len() as u8);
    for (specification, column) in columns {
        bytes.extend(unsigned(u64::from(*specification)));
        bytes.extend(unsigned(column.len() as u64));
    }
    bytes.extend(columns.iter().flat_map(|(_, column)| column.clone()));
    chunk(1, &bytes)
}

/// Takes a change apart, alters it and puts it together again. `None` where the library does not read or write it.
pub fn altered(change: &[u8], alter: impl FnOnce(&mut ExpandedChange)) -> Option<Vec<u8>> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut expanded = Change::try_from(change).ok()?.decode();
        alter(&mut expanded);
        Some(Change::from(expanded).raw_bytes().to_vec())
    }))
    .ok()
    .flatten()
}

/// An unsigned LEB128 number.
pub fn unsigned(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        bytes.push(if value == 0 { low } else { low | 0x80 });
        if value == 0 {
            return bytes;
        }
    }
}

/// A signed LEB128 number that is not negative.
pub fn signed(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x40 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}
