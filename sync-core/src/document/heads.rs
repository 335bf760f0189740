//! Heads: the hashes of the changes that nothing in a document comes after, sorted, each once.

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};

use crate::hash::Hash;

/// A frontier of a document's history; always sorted and without repeats.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Heads(Vec<Hash>);

impl Heads {
    /// How many heads a stored or received value may have.
    pub const MAX: usize = 64;

    /// Sorts the hashes and drops repeats.
    pub fn new(hashes: impl IntoIterator<Item = Hash>) -> Self {
        let mut hashes: Vec<Hash> = hashes.into_iter().collect();
        hashes.sort_unstable();
        hashes.dedup();
        Self(hashes)
    }

    /// The hashes in ascending order.
    pub fn as_slice(&self) -> &[Hash] {
        &self.0
    }

    /// Whether there are no heads, as in a document that has no change yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<C> Encode<C> for Heads {
    fn encode<W: encode::Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), encode::Error<W::Error>> {
        e.array(self.0.len() as u64)?;
        for hash in &self.0 {
            hash.encode(e, ctx)?;
        }
        Ok(())
    }
}

impl<'b, C> Decode<'b, C> for Heads {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Self, decode::Error> {
        let position = d.position();
        let count =
            d.array()?.ok_or_else(|| decode::Error::message("heads of unknown count").at(position))?;
        if count > Self::MAX as u64 {
            return Err(decode::Error::message("more than 64 heads").at(position));
        }
        let hashes = (0..count).map(|_| Hash::decode(d, ctx)).collect::<Result<Vec<_>, _>>()?;
        if !hashes.is_sorted_by(|a, b| a < b) {
            return Err(decode::Error::message("heads not in ascending order").at(position));
        }
        Ok(Self(hashes))
    }
}
