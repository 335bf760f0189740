//! Gate 2: decodes a change and accepts only the bytes that encoding it again gives.
//!
//! Encoding each change again is dear, and gate 6 does so anyway: loading a saved document encodes
//! every change anew and compares the hashes. So [`Decoded::check_form`] is asked only when a merge or its dry run failed,
//! to find the ones to blame.

use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::Change;

use super::{
    Limits, Refusal,
    chunk::{Chunk, Operations},
    column::malformed,
    inspect::take_apart,
};
use crate::{document::Actor, hash::Hash};

/// A change that passed gate 1 and was decoded, by us for the later gates and by the library for the merge.
#[derive(Debug, Clone)]
pub(super) struct Decoded<'a> {
    bytes: &'a [u8],
    chunk: Chunk<'a>,
    change: Change,
}

pub(super) fn decode<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Decoded<'a>, Refusal> {
    let chunk = take_apart(bytes, limits)?;
    let change = catch_unwind(|| Change::try_from(bytes))
        .map_err(|_| malformed("decoding it panicked"))?
        .map_err(|error| malformed(error.to_string()))?;
    let decoded = Decoded { bytes, chunk, change };
    if decoded.is_read_alike() { Ok(decoded) } else { Err(malformed("it can be read in two ways")) }
}

impl<'a> Decoded<'a> {
    pub(super) fn change(&self) -> &Change {
        &self.change
    }

    pub(super) fn hash(&self) -> Hash {
        self.chunk.hash
    }

    pub(super) fn actor(&self) -> Actor {
        self.chunk.actor()
    }

    pub(super) fn dependencies(&self) -> &[Hash] {
        &self.chunk.dependencies
    }

    pub(super) fn seq(&self) -> u64 {
        self.chunk.seq
    }

    pub(super) fn start_op(&self) -> u64 {
        self.chunk.start_op
    }

    pub(super) fn max_op(&self) -> u64 {
        self.chunk.max_op()
    }

    pub(super) fn operations(&self) -> Operations<'_> {
        Operations::of(&self.chunk)
    }

    /// Encodes the change again and compares.
    pub(super) fn check_form(&self) -> Result<(), Refusal> {
        let same = || Change::from(self.change.decode()).raw_bytes() == self.bytes;
        match catch_unwind(AssertUnwindSafe(same)) {
            Ok(true) => Ok(()),
            Ok(false) => Err(malformed("not in canonical form")),
            Err(_) => Err(malformed("encoding it again panicked")),
        }
    }

    /// Whether the library reads the same header as we do.
    fn is_read_alike(&self) -> bool {
        let (chunk, change) = (&self.chunk, &self.change);
        change.hash().0 == *chunk.hash.as_bytes()
            && change.actor_id().to_bytes() == chunk.actor().as_bytes()
            && change.seq() == chunk.seq
            && change.start_op().get() == chunk.start_op
            && change.len() as u64 == chunk.operations
            && change.deps().iter().map(|dep| &dep.0).eq(chunk.dependencies.iter().map(Hash::as_bytes))
    }
}
