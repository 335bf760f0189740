//! The open journal: where records are appended, durably and in order.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use sync_core::log::JournalRoot;

use super::{
    JournalError, MAX_RECORD_BYTES, Position,
    acknowledged::{Acknowledged, AcknowledgedFile},
    folder, record,
    recovery::{self, Tail},
    segment::{HEADER_BYTES, SegmentFile},
};
use crate::disk::{Access, Disk, DiskFile, Open};

/// How much is written again at a time when a journal is opened.
const REWRITE_BYTES: usize = 256 * 1024;

/// How a journal is kept.
#[derive(Debug, Clone)]
pub struct JournalOptions {
    /// The size at which the next batch goes to a new segment.
    pub segment_bytes: u64,
}

impl Default for JournalOptions {
    fn default() -> Self {
        Self { segment_bytes: 64 * 1024 * 1024 }
    }
}

/// The journal of a data folder, open for appending; the caller holds the lock of the folder.
#[derive(Debug)]
pub struct Journal {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    options: JournalOptions,
    segment: Box<dyn DiskFile>,
    segment_path: PathBuf,
    segment_len: u64,
    acknowledged: AcknowledgedFile,
    root: JournalRoot,
    closed: bool,
}

impl Journal {
    /// Opens the journal of a data folder, checking every byte of it, or begins one.
    ///
    /// A torn tail of records that were never acknowledged is cut off; any other flaw is [`JournalError::Damaged`].
    pub fn open(disk: Arc<dyn Disk>, data: &Path, options: JournalOptions) -> Result<Self, JournalError> {
        let folder = folder(data);
        disk.create_folder(&folder, Access::Usual).map_err(JournalError::io("create", &folder))?;
        // A start that was killed may have made the folder and not come to this.
        disk.sync_folder(data).map_err(JournalError::io("sync", data))?;
        let scan = recovery::scan(&*disk, &folder)?;
        match &scan.tail {
            Tail::Complete => {}
            Tail::Damaged(damage) => return Err(JournalError::Damaged(damage.clone())),
            Tail::Torn(damage) => {
                tracing::warn!(
                    segment = damage.segment,
                    position = damage.position.get(),
                    offset = damage.offset,
                    "cut records that were never acknowledged from the end of the journal"
                );
                remove_after(&*disk, &folder, Position::new(scan.root.size).next(), scan.segments.last())?;
            }
        }
        if scan.acknowledged == Acknowledged::Unknown && scan.root.size > 0 {
            tracing::warn!(
                size = scan.root.size,
                "the mark of the last acknowledged record was missing; set it again"
            );
        }
        let (segment, segment_path, segment_len) = match scan.segments.last() {
            Some(last) => {
                (open_at(&*disk, last, scan.synced_len, scan.good_len)?, last.path.clone(), scan.good_len)
            }
            None => {
                let first = SegmentFile::new(&folder, Position::FIRST);
                (first.create(&*disk, recovery::empty_root())?, first.path, HEADER_BYTES)
            }
        };
        let acknowledged = AcknowledgedFile::create(&*disk, &folder, scan.root)?;
        let root = scan.root;
        Ok(Self {
            disk,
            folder,
            options,
            segment,
            segment_path,
            segment_len,
            acknowledged,
            root,
            closed: false,
        })
    }

    /// Gives the root after the last durable record.
    pub fn root(&self) -> JournalRoot {
        self.root
    }

    /// Appends a batch of records and gives the root after each; they are durable when this returns.
    ///
    /// After the first error of the operating system nothing is tried again: every later call is
    /// [`JournalError::Closed`], because a failed sync may have dropped the very bytes that a second one reports safe.
    pub fn append(&mut self, payloads: &[&[u8]]) -> Result<Vec<JournalRoot>, JournalError> {
        if self.closed {
            return Err(JournalError::Closed);
        }
        if let Some(large) = payloads.iter().find(|payload| payload.len() > MAX_RECORD_BYTES) {
            return Err(JournalError::TooLarge { bytes: large.len() });
        }
        let mut bytes = Vec::with_capacity(payloads.iter().map(|p| record::encoded_len(p.len())).sum());
        let mut root = self.root;
        let mut roots = Vec::with_capacity(payloads.len());
        for payload in payloads {
            root = record::root_after(root, payload);
            record::encode(payload, root, &mut bytes);
            roots.push(root);
        }
        self.closed = true;
        self.write(&bytes)?;
        self.acknowledged.set(root)?;
        self.closed = false;
        self.root = root;
        Ok(roots)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), JournalError> {
        if self.segment_len >= self.options.segment_bytes {
            let next = SegmentFile::new(&self.folder, Position::new(self.root.size).next());
            self.segment = next.create(&*self.disk, self.root)?;
            self.segment_path = next.path;
            self.segment_len = HEADER_BYTES;
        }
        self.segment
            .write_at(bytes, self.segment_len)
            .and_then(|()| self.segment.sync())
            .map_err(JournalError::io("write", &self.segment_path))?;
        self.segment_len += bytes.len() as u64;
        Ok(())
    }

    #[cfg(test)]
    pub(super) fn break_writes(&mut self) {
        self.segment = self.disk.open(&self.segment_path, Open::Read).unwrap();
    }
}

/// Opens the segment where writing goes on, and makes all of it durable.
///
/// What lies behind the mark may so far live in memory only: a sync that failed can leave it there, marked as written,
/// where no later sync would touch it. So it is written again.
fn open_at(
    disk: &dyn Disk,
    segment: &SegmentFile,
    synced_len: u64,
    length: u64,
) -> Result<Box<dyn DiskFile>, JournalError> {
    let open = || {
        let file = disk.open(&segment.path, Open::Write)?;
        if file.len()? != length {
            file.set_len(length)?;
        }
        let mut bytes = vec![0; REWRITE_BYTES];
        let mut offset = synced_len;
        while offset < length {
            let wanted = bytes.len().min(usize::try_from(length - offset).unwrap_or(usize::MAX));
            let read = file.read_at(&mut bytes[..wanted], offset)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            file.write_at(&bytes[..read], offset)?;
            offset += read as u64;
        }
        file.sync()?;
        Ok(file)
    };
    open().map_err(JournalError::io("open", &segment.path))
}

/// Removes segments that hold nothing but records after the last good one.
fn remove_after(
    disk: &dyn Disk,
    folder: &Path,
    next: Position,
    last: Option<&SegmentFile>,
) -> Result<(), JournalError> {
    for segment in SegmentFile::list(disk, folder)? {
        if segment.first >= next && last.is_none_or(|last| last.path != segment.path) {
            disk.remove_file(&segment.path).map_err(JournalError::io("remove", &segment.path))?;
        }
    }
    disk.sync_folder(folder).map_err(JournalError::io("sync", folder))
}
