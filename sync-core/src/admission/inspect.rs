//! Gate 1: looks at the raw bytes of a change and bounds them before any library sees them.

use sha2::{Digest, Sha256};

use super::{
    Limits, Refusal,
    chunk::{Chunk, Columns},
    column::{Cell, Reader, malformed, over_limit, tally_booleans, tally_runs},
};
use crate::{document::Actor, hash::Hash};

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const CHANGE_CHUNK: u8 = 1;

// Column specifications: the column's number, four bits up, and the type of its cells.
const OBJECT_ACTOR: u64 = 0x01;
const OBJECT_COUNTER: u64 = 0x02;
const KEY_ACTOR: u64 = 0x11;
const KEY_COUNTER: u64 = 0x13;
const KEY_NAME: u64 = 0x15;
const INSERT: u64 = 0x34;
const ACTION: u64 = 0x42;
const VALUE_LENGTH: u64 = 0x56;
const VALUE: u64 = 0x57;
const PREDECESSOR_COUNT: u64 = 0x70;
const PREDECESSOR_ACTOR: u64 = 0x71;
const PREDECESSOR_COUNTER: u64 = 0x73;

/// Checks that the bytes are one plain change chunk and that nothing in it can grow when it is expanded.
///
/// Takes time in proportion to the bytes, whatever they claim.
pub fn inspect(change: &[u8], limits: &Limits) -> Result<(), Refusal> {
    take_apart(change, limits).map(drop)
}

/// Inspects the bytes and gives what they are made of.
pub(super) fn take_apart<'a>(change: &'a [u8], limits: &Limits) -> Result<Chunk<'a>, Refusal> {
    if change.len() > limits.change_bytes {
        return Err(over_limit("bytes of a change", change.len() as u64, limits.change_bytes as u64));
    }
    let mut reader = Reader(change);
    if reader.take(4)? != MAGIC {
        return Err(malformed("not an Automerge chunk"));
    }
    let checksum = reader.take(4)?;
    let hashed = reader.0;
    let kind = reader.take(1)?[0];
    if kind != CHANGE_CHUNK {
        return Err(malformed(format!("chunk type {kind}; only plain changes (type 1) are accepted")));
    }
    let hash: [u8; 32] = Sha256::digest(hashed).into();
    if hash[..4] != *checksum {
        return Err(malformed("the checksum does not match"));
    }
    let body = reader.prefixed()?;
    if !reader.is_empty() {
        return Err(malformed("bytes after the chunk"));
    }
    take_apart_body(Hash::from_bytes(hash), &mut Reader(body), limits)
}

fn take_apart_body<'a>(hash: Hash, reader: &mut Reader<'a>, limits: &Limits) -> Result<Chunk<'a>, Refusal> {
    let dependencies = reader.unsigned()?;
    if dependencies > limits.dependencies {
        return Err(over_limit("dependencies", dependencies, limits.dependencies));
    }
    let dependencies = (0..dependencies).map(|_| read_hash(reader)).collect::<Result<Vec<_>, _>>()?;
    let mut actors = vec![read_actor(reader)?];
    let seq = reader.unsigned()?;
    let start_op = reader.unsigned()?;
    if start_op > u64::from(u32::MAX) / 2 {
        return Err(over_limit("operation counter", start_op, u64::from(u32::MAX) / 2));
    }
    if reader.signed()? != 0 {
        return Err(malformed("a change carries no time"));
    }
    if reader.unsigned()? != 0 {
        return Err(malformed("a change carries no message"));
    }
    let other_actors = reader.unsigned()?;
    if other_actors > limits.other_actors {
        return Err(over_limit("other actors", other_actors, limits.other_actors));
    }
    for _ in 0..other_actors {
        actors.push(read_actor(reader)?);
    }
    let (columns, operations) = take_apart_columns(reader, other_actors + 1, limits)?;
    if !reader.is_empty() {
        return Err(malformed("extra bytes after the columns"));
    }
    Ok(Chunk { hash, dependencies, actors, seq, start_op, operations, columns })
}

fn read_hash(reader: &mut Reader<'_>) -> Result<Hash, Refusal> {
    let bytes = reader.take(32)?.try_into().map_err(|_| malformed("a hash of another length"))?;
    Ok(Hash::from_bytes(bytes))
}

fn read_actor(reader: &mut Reader<'_>) -> Result<Actor, Refusal> {
    let bytes = reader.prefixed()?;
    let actor = bytes.try_into().map_err(|_| malformed(format!("an actor of {} bytes", bytes.len())))?;
    Ok(Actor::from_bytes(actor))
}

/// Gives the columns and how many operations they hold.
fn take_apart_columns<'a>(
    reader: &mut Reader<'a>,
    actors: u64,
    limits: &Limits,
) -> Result<(Columns<'a>, u64), Refusal> {
    let count = reader.unsigned()?;
    // Each of the known columns at most once.
    if count > 12 {
        return Err(malformed(format!("{count} columns")));
    }
    let mut described = Vec::with_capacity(12);
    for _ in 0..count {
        described.push((reader.unsigned()?, reader.unsigned()?));
    }
    if !described.is_sorted_by(|a, b| a.0 < b.0) {
        return Err(malformed("columns out of order"));
    }
    let mut columns = Columns::default();
    let mut value_bytes = 0;
    let mut operations = 0;
    for (specification, length) in described {
        let column = reader.take(length)?;
        let whole = |value| value;
        let runs = |cell| tally_runs(column, cell, limits.operations, whole);
        let place = match specification {
            OBJECT_ACTOR => &mut columns.object_actor,
            OBJECT_COUNTER => &mut columns.object_counter,
            KEY_ACTOR => &mut columns.key_actor,
            KEY_COUNTER => &mut columns.key_counter,
            KEY_NAME => &mut columns.key_name,
            INSERT => &mut columns.insert,
            ACTION => &mut columns.action,
            VALUE_LENGTH => &mut columns.value_length,
            VALUE => &mut columns.value,
            PREDECESSOR_COUNT => &mut columns.predecessor_count,
            PREDECESSOR_ACTOR => &mut columns.predecessor_actor,
            PREDECESSOR_COUNTER => &mut columns.predecessor_counter,
            other => return Err(malformed(format!("column {other:#x} is not used here"))),
        };
        *place = column;
        match specification {
            OBJECT_ACTOR | KEY_ACTOR | PREDECESSOR_ACTOR => {
                if runs(Cell::Unsigned)?.max >= actors {
                    return Err(malformed("an actor that is not listed"));
                }
            }
            ACTION => operations = runs(Cell::Unsigned)?.rows,
            KEY_COUNTER | PREDECESSOR_COUNTER => drop(runs(Cell::Signed)?),
            KEY_NAME => drop(runs(Cell::Text)?),
            INSERT => drop(tally_booleans(column, limits.operations)?),
            VALUE_LENGTH => {
                value_bytes = tally_runs(column, Cell::Unsigned, limits.operations, |meta| meta >> 4)?.sum;
            }
            PREDECESSOR_COUNT => {
                let predecessors = runs(Cell::Unsigned)?.sum;
                if predecessors > limits.operations {
                    return Err(over_limit("predecessors", predecessors, limits.operations));
                }
            }
            VALUE => {}
            _ => drop(runs(Cell::Unsigned)?),
        }
    }
    if value_bytes != columns.value.len() as u64 {
        return Err(malformed("the values are not as long as they say"));
    }
    if operations == 0 { Err(malformed("a change without operations")) } else { Ok((columns, operations)) }
}
