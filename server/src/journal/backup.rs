//! Copying the journal to another data folder while the server goes on writing.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use sync_core::log::JournalRoot;

use super::{
    Flaw, JournalError, Position, Report,
    acknowledged::{self, Acknowledged, AcknowledgedFile},
    folder,
    recovery::empty_root,
    segment::{SegmentFile, SegmentReader},
    sync_folder, verify,
};

/// How often the mark is read again when it was being written at that moment.
const MARK_ATTEMPTS: usize = 16;

/// Copies every acknowledged record to a data folder that holds no journal yet, and checks the copy.
///
/// The copy can be opened as it is; its index is made at the first start. Damage in the original is an error.
pub fn backup(data: &Path, to: &Path) -> Result<Report, JournalError> {
    let (from, target) = (folder(data), folder(to));
    let root = acknowledged_root(&from)?;
    if target.exists() {
        return Err(JournalError::NotEmpty(to.to_path_buf()));
    }
    fs::create_dir_all(&target).map_err(JournalError::io("create", &target))?;
    let mut reached = empty_root();
    for segment in SegmentFile::list(&from)? {
        if segment.first.get() > root.size.max(1) {
            break;
        }
        let mut reader = SegmentReader::open(&segment, Some(reached))?;
        while reader.root().size < root.size && reader.next()?.is_some() {}
        reached = reader.root();
        copy(&segment.path, &SegmentFile::new(&target, segment.first).path, reader.offset())?;
    }
    if reached != root {
        return Err(JournalError::BadCopy {
            copied: Position::new(reached.size),
            expected: Position::new(root.size),
        });
    }
    AcknowledgedFile::create(&target, root)?;
    sync_folder(&target).and_then(|()| sync_folder(to)).map_err(JournalError::io("sync", to))?;
    let report = verify(to)?;
    match report.damage {
        Some(damage) => Err(JournalError::Damaged(damage)),
        None => Ok(report),
    }
}

fn acknowledged_root(folder: &Path) -> Result<JournalRoot, JournalError> {
    let mut torn_mark = None;
    for _ in 0..MARK_ATTEMPTS {
        match acknowledged::read(folder)? {
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

fn copy(from: &Path, to: &Path, length: u64) -> Result<(), JournalError> {
    let mut input = File::open(from).map_err(JournalError::io("read", from))?.take(length);
    let mut write = || {
        let mut output = File::options().write(true).create_new(true).open(to)?;
        io::copy(&mut input, &mut output)?;
        output.sync_all()
    };
    write().map_err(JournalError::io("write", to))
}
