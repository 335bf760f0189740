//! Forgeries: changes that no honest phone writes, with checksums that are right.

use anyhow::anyhow;
use automerge::{ActorId, Change, ExpandedChange};
use p256::ecdsa::Signature;
use sha2::{Digest as _, Sha256};
use sync_core::document::Actor;

/// Takes a change apart, alters it and puts it together again.
pub fn forge(change: &[u8], alter: impl FnOnce(&mut ExpandedChange)) -> anyhow::Result<Vec<u8>> {
    let mut expanded = Change::try_from(change).map_err(|error| anyhow!("{error}"))?.decode();
    alter(&mut expanded);
    Ok(Change::from(expanded).raw_bytes().to_vec())
}

/// Puts another's name under a change.
pub fn in_the_name_of(victim: Actor, change: &[u8]) -> anyhow::Result<Vec<u8>> {
    forge(change, |change| change.actor_id = ActorId::from(*victim.as_bytes()))
}

/// A change that overwrites, as if it did not see what it overwrites.
pub fn blind(change: &[u8]) -> anyhow::Result<Vec<u8>> {
    forge(change, |change| {
        for operation in &mut change.operations {
            operation.pred = Vec::new().into();
        }
    })
}

/// The change with one run encoded as a repeat: it reads the same and is not the canonical form.
pub fn in_another_form(honest: &[u8]) -> anyhow::Result<Vec<u8>> {
    // Behind magic, checksum, type and the length, which ends with the first byte without the high bit.
    let length_ends = honest[9..].iter().position(|byte| byte & 0x80 == 0).map(|at| 10 + at);
    let body = length_ends.and_then(|at| honest.get(at..)).ok_or_else(|| anyhow!("this is no chunk"))?;
    let forms = (0..body.len()).filter(|&at| body[at] == 0x7f).map(|at| {
        let mut body = body.to_vec();
        body[at] = 1;
        chunk(1, &body)
    });
    let reads_alike = |form: &Vec<u8>| {
        Change::try_from(form.as_slice())
            .is_ok_and(|change| Change::from(change.decode()).raw_bytes() == honest)
    };
    forms.into_iter().find(reads_alike).ok_or_else(|| anyhow!("there is no other form"))
}

/// A change of some hundred bytes that says it holds `rows` operations, all of them the same.
pub fn row_bomb(author: Actor, rows: u64) -> Vec<u8> {
    columns(
        author,
        &[
            (0x15, [signed(rows), vec![1, b'a']].concat()),
            (0x34, unsigned(rows)),
            (0x42, [signed(rows), vec![1]].concat()),
            (0x56, [signed(rows), vec![0]].concat()),
            (0x70, [signed(rows), vec![0]].concat()),
        ],
    )
}

/// A change whose every operation claims endless predecessors.
pub fn predecessor_bomb(author: Actor) -> Vec<u8> {
    let count = [signed(10_000), unsigned(u64::MAX)].concat();
    columns(author, &[(0x42, [signed(10_000), vec![1]].concat()), (0x70, count)])
}

/// A compressed chunk: whatever it would inflate to, it is not looked at.
pub fn deflate_bomb() -> Vec<u8> {
    chunk(2, &vec![0; 100_000])
}

/// The other signature that says the same: with s in the higher half.
pub fn high_s(signature: &[u8; 64]) -> anyhow::Result<[u8; 64]> {
    let low = Signature::from_slice(signature)?;
    let high = Signature::from_scalars(*low.r().as_ref(), -*low.s().as_ref())?;
    Ok(high.to_bytes().into())
}

fn columns(author: Actor, columns: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = vec![0, 16];
    bytes.extend(author.as_bytes());
    bytes.extend([1, 5, 0, 0, 0]);
    bytes.push(columns.len() as u8);
    for (specification, column) in columns {
        bytes.extend(unsigned(u64::from(*specification)));
        bytes.extend(unsigned(column.len() as u64));
    }
    bytes.extend(columns.iter().flat_map(|(_, column)| column.clone()));
    chunk(1, &bytes)
}

/// Wraps a body into a chunk with the right length and checksum.
pub fn chunk(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut hashed = vec![kind];
    hashed.extend(unsigned(body.len() as u64));
    hashed.extend(body);
    let mut bytes = vec![0x85, 0x6f, 0x4a, 0x83];
    bytes.extend(&Sha256::digest(&hashed)[..4]);
    bytes.extend(hashed);
    bytes
}

fn unsigned(mut value: u64) -> Vec<u8> {
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

fn signed(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x40 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}
