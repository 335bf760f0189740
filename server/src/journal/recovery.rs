//! Reading a whole journal and deciding what its end is: complete, torn, or damaged.

use std::path::Path;

use sync_core::{hash::Hash, log::JournalRoot};

use super::{
    Damage, Flaw, JournalError, Position,
    acknowledged::{self, Acknowledged},
    segment::{ReadFailure, SegmentFile, SegmentReader},
};
use crate::disk::Disk;

/// What a reading of the whole journal found.
#[derive(Debug)]
pub(super) struct Scan {
    /// The root after the last good record.
    pub(super) root: JournalRoot,
    /// The segments up to the end; the last one is where writing goes on.
    pub(super) segments: Vec<SegmentFile>,
    /// How many bytes of the last segment are good.
    pub(super) good_len: u64,
    /// How many bytes of the last segment the mark covers: these were synced.
    pub(super) synced_len: u64,
    /// What stands behind the last good record.
    pub(super) tail: Tail,
    /// What the mark says.
    pub(super) acknowledged: Acknowledged,
}

/// What stands behind the last good record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tail {
    /// Nothing.
    Complete,
    /// Records that were never acknowledged, cut short by a crash; the place where they begin.
    Torn(Damage),
    /// Records that were, or may have been, acknowledged.
    Damaged(Damage),
}

/// The root of an empty journal.
pub(crate) const fn empty_root() -> JournalRoot {
    JournalRoot { size: 0, hash: Hash::ZERO }
}

/// Reads and checks every byte of the journal.
pub(super) fn scan(disk: &dyn Disk, folder: &Path) -> Result<Scan, JournalError> {
    // The mark is read first: a running server only ever adds records behind it.
    let acknowledged = acknowledged::read(disk, folder)?;
    let segments = SegmentFile::list(disk, folder)?;
    let last = segments.last().map(SegmentFile::name).unwrap_or_default();
    let mut scan = Scan {
        root: empty_root(),
        segments: Vec::new(),
        good_len: 0,
        synced_len: 0,
        tail: Tail::Complete,
        acknowledged,
    };
    let mut replaced = None;
    let mut first_flaw = None;
    'segments: for segment in segments {
        let mut reader = match SegmentReader::open(disk, &segment, Some(scan.root)) {
            Ok(reader) => reader,
            Err(ReadFailure::Unreadable(error)) => return Err(error),
            Err(ReadFailure::Broken(damage)) => {
                first_flaw = Some(damage);
                break;
            }
        };
        scan.segments.push(segment);
        scan.good_len = reader.offset();
        scan.synced_len = 0;
        loop {
            let place = reader.damage(Flaw::Replaced);
            match reader.next() {
                Ok(Some(record)) => {
                    scan.root = record.root;
                    scan.good_len = reader.offset();
                    if matches!(acknowledged, Acknowledged::At { root, .. } if scan.root.size <= root.size) {
                        scan.synced_len = scan.good_len;
                    }
                    if matches!(acknowledged, Acknowledged::At { root, .. }
                        if root.size == record.root.size && root != record.root)
                    {
                        replaced = Some(place);
                        break 'segments;
                    }
                }
                Ok(None) => break,
                Err(ReadFailure::Unreadable(error)) => return Err(error),
                Err(ReadFailure::Broken(damage)) => {
                    first_flaw = Some(damage);
                    break 'segments;
                }
            }
        }
    }
    scan.tail = match (replaced, first_flaw) {
        (Some(damage), _) => Tail::Damaged(damage),
        (None, flaw) => judge_tail(&scan, flaw, &last),
    };
    Ok(scan)
}

fn judge_tail(scan: &Scan, flaw: Option<Damage>, last: &str) -> Tail {
    let (acknowledged, may_be_torn) = match scan.acknowledged {
        Acknowledged::At { root, torn } => (root.size, !torn),
        Acknowledged::Unknown => (0, false),
    };
    // Writing goes on behind the last good record of the last segment and nowhere else, so only there can a crash have
    // cut it short.
    let is_end =
        |damage: &Damage| damage.segment == last && damage.position == Position::new(scan.root.size).next();
    match flaw {
        // Everything before the flaw is good and covers all that was acknowledged.
        Some(damage) if may_be_torn && scan.root.size >= acknowledged && is_end(&damage) => {
            Tail::Torn(damage)
        }
        // A crash during the very first start leaves a header cut short and no mark.
        Some(damage)
            if scan.acknowledged == Acknowledged::Unknown
                && scan.segments.is_empty()
                && damage.position == Position::FIRST
                && damage.flaw == Flaw::Short =>
        {
            Tail::Torn(damage)
        }
        Some(damage) => Tail::Damaged(damage),
        None if scan.root.size < acknowledged => Tail::Damaged(Damage {
            segment: scan.segments.last().map_or_else(SegmentFile::first_name, SegmentFile::name),
            position: Position::new(scan.root.size).next(),
            offset: scan.good_len,
            flaw: Flaw::Missing(Position::new(acknowledged)),
        }),
        None => Tail::Complete,
    }
}
