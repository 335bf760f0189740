//! Reading records of the journal from a position on.

use std::path::Path;

use sync_core::log::JournalRoot;

use super::{
    JournalError, Position, folder,
    segment::{SegmentFile, SegmentReader},
};
use crate::disk::Disk;

/// Reads records from a position on, in order and at most `limit`, up to the durable root `until`.
///
/// Every record passes its checksum and the running hash of its segment.
pub fn read(
    disk: &dyn Disk,
    data: &Path,
    from: Position,
    limit: usize,
    until: JournalRoot,
) -> Result<Vec<(Position, Vec<u8>)>, JournalError> {
    let mut records = Vec::new();
    visit(disk, data, from, until, |position, payload, _| {
        records.push((position, payload));
        Ok::<_, JournalError>(records.len() < limit)
    })?;
    Ok(records)
}

/// Visits records from a position on, with the root after each, until the visitor says stop.
pub(crate) fn visit<E: From<JournalError>>(
    disk: &dyn Disk,
    data: &Path,
    from: Position,
    until: JournalRoot,
    mut visitor: impl FnMut(Position, Vec<u8>, JournalRoot) -> Result<bool, E>,
) -> Result<(), E> {
    if from.get() > until.size {
        return Ok(());
    }
    let segments = SegmentFile::list(disk, &folder(data))?;
    let begin = segments.partition_point(|segment| segment.first <= from).saturating_sub(1);
    let mut before = None;
    for segment in segments.iter().skip(begin) {
        let mut reader = SegmentReader::open(disk, segment, before).map_err(JournalError::from)?;
        while reader.root().size < until.size {
            let Some(record) = reader.next().map_err(JournalError::from)? else { break };
            let position = Position::new(record.root.size);
            if position >= from && !visitor(position, record.payload, record.root)? {
                return Ok(());
            }
        }
        if reader.root().size >= until.size {
            return Ok(());
        }
        before = Some(reader.root());
    }
    Ok(())
}
