//! The projector: what a record means for the index.

use super::{IndexRead, StoreError, Write};
use crate::journal::Position;

/// Gives the index writes of a record.
///
/// # Contract
///
/// A pure function of the index before the record, the position and the record: an append carries exactly what
/// `project` gives for it, so an index made again from the journal is the index that was.
pub trait Projector: Send + Sync {
    /// Gives the writes of one record, in the order in which they apply.
    fn project(
        &self,
        index: &dyn IndexRead,
        position: Position,
        record: &[u8],
    ) -> Result<Vec<Write>, ProjectError>;

    /// Names the layout of the index; an index of another layout is made again.
    fn schema_version(&self) -> u32 {
        1
    }
}

/// A record cannot be turned into index writes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProjectError {
    /// The record is not one that this version of the program writes.
    #[error("{0}")]
    Record(String),
    /// The index could not be read.
    #[error(transparent)]
    Index(#[from] StoreError),
}
