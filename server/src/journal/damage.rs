//! Damage: the first place where the journal does not say what was written.

use super::Position;

/// The first broken place of a journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("segment {segment}, record {position}, byte offset {offset}: {flaw}")]
pub struct Damage {
    /// The file name of the segment.
    pub segment: String,
    /// The record that stands, or should stand, there.
    pub position: Position,
    /// Where in the file the broken record or header begins.
    pub offset: u64,
    /// What is wrong.
    pub flaw: Flaw,
}

/// What is wrong with a record, a segment or the end of the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// The file ends inside the header or the record.
    #[error("the file ends too early")]
    Short,
    /// The header of the segment is not one that this program wrote.
    #[error("the header of the segment does not match its checksum")]
    Header,
    /// The segment does not continue the one before it.
    #[error("the segment does not continue the one before it")]
    Gap,
    /// The length is beyond [`MAX_RECORD_BYTES`](super::MAX_RECORD_BYTES).
    #[error("the record claims {0} bytes, more than any record has")]
    Length(u32),
    /// The kind of record is not known to this program.
    #[error("the record is of the unknown kind {0}")]
    Kind(u8),
    /// The bytes do not match their checksum.
    #[error("the record does not match its checksum")]
    Checksum,
    /// The running hash does not follow from the record before.
    #[error("the running hash does not follow from the record before")]
    Chain,
    /// The journal ends before the last acknowledged record.
    #[error("the journal ends before the last acknowledged record, which is {0}")]
    Missing(Position),
    /// The record is not the one that was acknowledged.
    #[error("the journal holds another record than the one that was acknowledged")]
    Replaced,
}
