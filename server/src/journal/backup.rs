//! Copying the journal to another data folder while the server goes on writing.

use std::path::Path;

use sync_core::log::JournalRoot;

use super::{
    Flaw, JournalError, Position, Report,
    acknowledged::{self, Acknowledged, AcknowledgedFile},
    folder,
    recovery::empty_root,
    segment::{SegmentFile, SegmentReader},
    verify,
};
use crate::disk::{Access, Disk, Open};

/// How often the mark is read again when it was being written at that moment.
const MARK_ATTEMPTS: usize = 16;
/// How much is copied at a time.
const COPY_BYTES: usize = 256 * 1024;

/// Copies every acknowledged record to a data folder that holds no journal yet, and checks the copy.
///
/// The copy can be opened as it is; its index is made at the first start. Damage in the original is an error.
pub fn backup(disk: &dyn Disk, data: &Path, to: &Path) -> Result<Report, JournalError> {
    let (from, target) = (folder(data), folder(to));
    let root = acknowledged_root(disk, &from)?;
    if disk.exists(&target).map_err(JournalError::io("read", &target))? {
        return Err(JournalError::NotEmpty(to.to_path_buf()));
    }
    disk.create_folder(&target, Access::Usual).map_err(JournalError::io("create", &target))?;
    let mut reached = empty_root();
    for segment in SegmentFile::list(disk, &from)? {
        if segment.first.get() > root.size.max(1) {
            break;
        }
        let mut reader = SegmentReader::open(disk, &segment, Some(reached))?;
        while reader.root().size < root.size && reader.next()?.is_some() {}
        reached = reader.root();
        copy(disk, &segment.path, &SegmentFile::new(&target, segment.first).path, reader.offset())?;
    }
    if reached != root {
        return Err(JournalError::BadCopy {
            copied: Position::new(reached.size),
            expected: Position::new(root.size),
        });
    }
    AcknowledgedFile::create(disk, &target, root)?;
    disk.sync_folder(&target).and_then(|()| disk.sync_folder(to)).map_err(JournalError::io("sync", to))?;
    let report = verify(disk, to)?;
    match report.damage {
        Some(damage) => Err(JournalError::Damaged(damage)),
        None => Ok(report),
    }
}

fn acknowledged_root(disk: &dyn Disk, folder: &Path) -> Result<JournalRoot, JournalError> {
    let mut torn_mark = None;
    for _ in 0..MARK_ATTEMPTS {
        match acknowledged::read(disk, folder)? {
            Acknowledged::At { root, torn: false } => return Ok(root),
            Acknowledged::At { root, torn: true } => torn_mark = Some(root),
            Acknowledged::Unknown => {}
        }
    }
    torn_mark.ok_or_else(|| {
        JournalError::Damaged(super::Damage {
            segment: "acknowledged".to_owned(),
            position: Position::FIRST,
            offset: 0,
            flaw: Flaw::Header,
        })
    })
}

/// Copies the first `length` bytes of a file; should it end before that, the check of the copy will tell.
fn copy(disk: &dyn Disk, from: &Path, to: &Path, length: u64) -> Result<(), JournalError> {
    let input = disk.open(from, Open::Read).map_err(JournalError::io("read", from))?;
    let output = disk.open(to, Open::New).map_err(JournalError::io("write", to))?;
    let mut buffer = vec![0; COPY_BYTES];
    let mut offset = 0;
    while offset < length {
        let wanted = buffer.len().min(usize::try_from(length - offset).unwrap_or(usize::MAX));
        let read = input.read_at(&mut buffer[..wanted], offset).map_err(JournalError::io("read", from))?;
        if read == 0 {
            break;
        }
        output.write_at(&buffer[..read], offset).map_err(JournalError::io("write", to))?;
        offset += read as u64;
    }
    output.sync().map_err(JournalError::io("write", to))
}
