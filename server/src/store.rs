//! The store: one journal that is the truth, and an index over it that can always be made again.

mod committer;
mod embedded;
mod error;
mod index;
mod memory_index;
mod projector;
mod sled_index;
mod write;

pub use committer::Committing;
pub use embedded::{EmbeddedStore, StoreOptions};
pub use error::{Failure, OpenError, StoreError};
pub use index::{
    Direction, Index, IndexEntry, IndexOpenError, IndexRead, Indexes, MAX_SCAN, Mark, after_prefix,
};
pub use memory_index::{IndexSnapshot, MemoryIndexes};
pub use projector::{ProjectError, Projector};
pub use sled_index::SledIndexes;
pub use write::{Append, Appended, MAX_KEY_BYTES, MAX_VALUE_BYTES, Write};

use std::pin::Pin;

use sync_core::log::JournalRoot;

use crate::journal::Position;

/// A boxed future, so that a store can stand behind `dyn`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A journal of records and an index over them.
///
/// # Contract
///
/// - `append` is atomic: the record and all its writes, or neither. When it resolves the record survives a power cut and
///   the writes are visible to every reader. Positions are contiguous from 1, and writes apply in their order.
/// - Dropping the future of `append` does not take the record back.
/// - An error of `append` other than [`StoreError::Closed`] means that nothing was written; after `Closed` the record may
///   or may not be there.
/// - The index never shows a part of a record's writes, nor the writes of a record that is not durable.
/// - A read never returns a wrong value: damage is [`StoreError::Corrupt`].
pub trait Store: IndexRead + Send + Sync + 'static {
    /// Appends a record with its index writes.
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, StoreError>>;

    /// Gives the root after the last durable record.
    fn root(&self) -> JournalRoot;

    /// Reads at most `limit` records from a position on, in order.
    fn read_journal(&self, from: Position, limit: usize) -> Result<Vec<(Position, Vec<u8>)>, StoreError>;
}

#[cfg(test)]
pub(crate) mod conformance;
#[cfg(test)]
mod tests;
