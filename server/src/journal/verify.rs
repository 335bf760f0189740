//! Checking a journal without opening it for writing.

use std::path::Path;

use sync_core::log::JournalRoot;

use super::{
    Damage, JournalError, Position,
    acknowledged::Acknowledged,
    folder,
    recovery::{self, Tail},
};
use crate::disk::Disk;

/// What a check of the whole journal found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How many segments were read.
    pub segments: usize,
    /// The root after the last good record; its size is the number of good records.
    pub root: JournalRoot,
    /// The last acknowledged record; none if the mark is missing or broken.
    pub acknowledged: Option<Position>,
    /// Where records begin that were never acknowledged and do not check; harmless, and normal while a server writes.
    pub unfinished: Option<Damage>,
    /// The first acknowledged record that is not as it was written.
    pub damage: Option<Damage>,
}

/// Checks every byte of the journal of a data folder and changes nothing; a server may be running on it.
pub fn verify(disk: &dyn Disk, data: &Path) -> Result<Report, JournalError> {
    let scan = recovery::scan(disk, &folder(data))?;
    let acknowledged = match scan.acknowledged {
        Acknowledged::At { root, .. } => Some(Position::new(root.size)),
        Acknowledged::Unknown => None,
    };
    let (unfinished, damage) = match scan.tail {
        Tail::Complete => (None, None),
        Tail::Torn(damage) => (Some(damage), None),
        Tail::Damaged(damage) => (None, Some(damage)),
    };
    Ok(Report { segments: scan.segments.len(), root: scan.root, acknowledged, unfinished, damage })
}
