//! A segment: one file of the journal, with a header that ties it to the segment before.

use std::{
    io::{BufReader, Read},
    path::{Path, PathBuf},
};

use sync_core::{hash::Hash, log::JournalRoot};

use super::{
    Damage, Flaw, JournalError, Position,
    record::{HEAD_BYTES, Head},
};
use crate::disk::{Disk, DiskFile, Open, Sequential};

/// Names the format and its version.
const MAGIC: [u8; 8] = *b"FBJRNL\x00\x01";
/// Magic (8), first position (8), root hash before it (32), checksum (4).
pub(super) const HEADER_BYTES: u64 = 52;

/// The name and first position of a segment file.
#[derive(Debug, Clone)]
pub(super) struct SegmentFile {
    pub(super) path: PathBuf,
    pub(super) first: Position,
}

impl SegmentFile {
    /// Names the segment that begins at a position.
    pub(super) fn new(folder: &Path, first: Position) -> Self {
        Self { path: folder.join(format!("{:020}.seg", first.get())), first }
    }

    /// Lists the segments of a folder in order; none if the folder is not there. A file of any other name is not ours.
    pub(super) fn list(disk: &dyn Disk, folder: &Path) -> Result<Vec<Self>, JournalError> {
        let names = match disk.list(folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(JournalError::io("list", folder))?,
        };
        let mut segments = Vec::new();
        for name in names {
            let digits = name.to_str().and_then(|name| name.strip_suffix(".seg"));
            let first = digits.and_then(|digits| digits.parse().ok()).map(Position::new);
            let segment =
                first.filter(|first| *first >= Position::FIRST).map(|first| Self::new(folder, first));
            segments.extend(segment.filter(|segment| segment.path == folder.join(&name)));
        }
        segments.sort_by_key(|segment| segment.first);
        Ok(segments)
    }

    /// Gives the file name, for messages.
    pub(super) fn name(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// Gives the file name of the first segment of any journal.
    pub(super) fn first_name() -> String {
        Self::new(Path::new(""), Position::FIRST).name()
    }

    /// Creates the file with its header, durably.
    pub(super) fn create(
        &self,
        disk: &dyn Disk,
        before: JournalRoot,
    ) -> Result<Box<dyn DiskFile>, JournalError> {
        let file = disk.open(&self.path, Open::New).map_err(JournalError::io("create", &self.path))?;
        file.write_at(&header(self.first, before), 0)
            .and_then(|()| file.sync())
            .map_err(JournalError::io("write", &self.path))?;
        if let Some(folder) = self.path.parent() {
            disk.sync_folder(folder).map_err(JournalError::io("sync", folder))?;
        }
        Ok(file)
    }
}

fn header(first: Position, before: JournalRoot) -> Vec<u8> {
    let mut bytes = [MAGIC.as_slice(), &first.to_bytes(), before.hash.as_bytes()].concat();
    let checksum = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&checksum.to_be_bytes());
    bytes
}

/// A record as it was read, with the root after it.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) payload: Vec<u8>,
    pub(super) root: JournalRoot,
}

/// Reads one segment from its first record on and checks everything on the way.
pub(super) struct SegmentReader {
    file: SegmentFile,
    input: BufReader<Sequential>,
    length: u64,
    offset: u64,
    root: JournalRoot,
}

/// What went wrong while a segment was read.
pub(super) enum ReadFailure {
    /// The bytes are not what was written.
    Broken(Damage),
    /// The bytes cannot be read.
    Unreadable(JournalError),
}

impl From<ReadFailure> for JournalError {
    fn from(failure: ReadFailure) -> Self {
        match failure {
            ReadFailure::Broken(damage) => Self::Damaged(damage),
            ReadFailure::Unreadable(error) => error,
        }
    }
}

impl SegmentReader {
    /// Opens a segment; `before` is the root that it must continue, or none to take the header's word.
    pub(super) fn open(
        disk: &dyn Disk,
        file: &SegmentFile,
        before: Option<JournalRoot>,
    ) -> Result<Self, ReadFailure> {
        let unreadable = |error| ReadFailure::Unreadable(JournalError::io("read", file.path.clone())(error));
        let input = disk.open(&file.path, Open::Read).map_err(unreadable)?;
        let length = input.len().map_err(unreadable)?;
        let broken = |flaw| {
            let damage = Damage { segment: file.name(), position: file.first, offset: 0, flaw };
            ReadFailure::Broken(damage)
        };
        let mut input = BufReader::with_capacity(256 * 1024, Sequential::new(input));
        let mut bytes = [0; HEADER_BYTES as usize];
        if length < HEADER_BYTES {
            return Err(broken(Flaw::Short));
        }
        input.read_exact(&mut bytes).map_err(unreadable)?;
        let mut hash = [0; 32];
        hash.copy_from_slice(&bytes[16..48]);
        let root = JournalRoot { size: file.first.get().saturating_sub(1), hash: Hash::from_bytes(hash) };
        if bytes.as_slice() != header(file.first, root) {
            return Err(broken(Flaw::Header));
        }
        if before.is_some_and(|before| before != root) {
            return Err(broken(Flaw::Gap));
        }
        Ok(Self { file: file.clone(), input, length, offset: HEADER_BYTES, root })
    }

    /// Gives where the next record begins in the file.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Gives the root after everything read so far.
    pub(super) fn root(&self) -> JournalRoot {
        self.root
    }

    /// Reads the next record; none at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<Record>, ReadFailure> {
        let remaining = self.length - self.offset;
        if remaining == 0 {
            return Ok(None);
        }
        if remaining < HEAD_BYTES as u64 {
            return Err(self.broken(Flaw::Short));
        }
        let mut head = [0; HEAD_BYTES];
        self.fill(&mut head)?;
        let head = Head::decode(head).map_err(|flaw| self.broken(flaw))?;
        let encoded = (HEAD_BYTES + head.body_len()) as u64;
        if remaining < encoded {
            return Err(self.broken(Flaw::Short));
        }
        let mut payload = vec![0; head.body_len()];
        self.fill(&mut payload)?;
        let root = head.check(&mut payload, self.root).map_err(|flaw| self.broken(flaw))?;
        self.offset += encoded;
        self.root = root;
        Ok(Some(Record { payload, root }))
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), ReadFailure> {
        let path = &self.file.path;
        self.input
            .read_exact(bytes)
            .map_err(|error| ReadFailure::Unreadable(JournalError::io("read", path)(error)))
    }

    fn broken(&self, flaw: Flaw) -> ReadFailure {
        ReadFailure::Broken(self.damage(flaw))
    }

    /// Names the place where the next record begins.
    pub(super) fn damage(&self, flaw: Flaw) -> Damage {
        let position = Position::new(self.root.size).next();
        Damage { segment: self.file.name(), position, offset: self.offset, flaw }
    }
}
