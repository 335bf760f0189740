//! The mark of the last acknowledged record, in a file of its own: what tells a torn tail from damage.
//!
//! A batch of records is synced first, then the mark, then the answers go out. Two slots are written in turn. A slot
//! that is broken means that the power went while the mark of a batch was written, and so that the batch itself was
//! already durable: then the journal has no torn tail to cut.

use std::{
    io,
    path::{Path, PathBuf},
};

use sync_core::{hash::Hash, log::JournalRoot};

use super::JournalError;
use crate::disk::{Access, Disk, DiskFile, Open};

/// Names the format and its version.
const MAGIC: [u8; 8] = *b"FBACKD\x00\x01";
/// Magic (8), position (8), root hash (32), checksum (4).
const SLOT_BYTES: usize = 52;
/// The slots lie in different blocks, so that one torn write cannot break both.
const SLOT_DISTANCE: u64 = 4096;

/// What the file of the mark says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Acknowledged {
    /// The last acknowledged record; `torn` if one slot is broken.
    At { root: JournalRoot, torn: bool },
    /// There is no mark that can be read.
    Unknown,
}

/// The open file of the mark.
#[derive(Debug)]
pub(super) struct AcknowledgedFile {
    file: Box<dyn DiskFile>,
    path: PathBuf,
    slot: u64,
}

fn path_in(folder: &Path) -> PathBuf {
    folder.join("acknowledged")
}

/// Reads the mark of a journal folder.
pub(super) fn read(disk: &dyn Disk, folder: &Path) -> Result<Acknowledged, JournalError> {
    let path = path_in(folder);
    let bytes = match disk.read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Acknowledged::Unknown),
        other => other.map_err(JournalError::io("read", path))?,
    };
    let slots = [decode(&bytes, 0), decode(&bytes, SLOT_DISTANCE as usize)];
    let torn = slots.contains(&None);
    let newest = slots.into_iter().flatten().max_by_key(|root| root.size);
    Ok(newest.map_or(Acknowledged::Unknown, |root| Acknowledged::At { root, torn }))
}

impl AcknowledgedFile {
    /// Writes a new file in place of the old one, durably.
    pub(super) fn create(disk: &dyn Disk, folder: &Path, root: JournalRoot) -> Result<Self, JournalError> {
        let (path, new) = (path_in(folder), folder.join("acknowledged.new"));
        let mut bytes = encode(root);
        bytes.resize(SLOT_DISTANCE as usize, 0);
        bytes.extend(encode(root));
        bytes.resize(2 * SLOT_DISTANCE as usize, 0);
        let write = || {
            let file = disk.open(&new, Open::Replace(Access::Usual))?;
            file.write_at(&bytes, 0)?;
            file.sync()?;
            disk.rename(&new, &path)?;
            disk.sync_folder(folder)?;
            Ok(file)
        };
        let file = write().map_err(JournalError::io("write", &path))?;
        Ok(Self { file, path, slot: 0 })
    }

    /// Moves the mark, durably.
    pub(super) fn set(&mut self, root: JournalRoot) -> Result<(), JournalError> {
        self.slot = 1 - self.slot;
        self.file
            .write_at(&encode(root), self.slot * SLOT_DISTANCE)
            .and_then(|()| self.file.sync())
            .map_err(JournalError::io("write", &self.path))
    }
}

fn encode(root: JournalRoot) -> Vec<u8> {
    let mut bytes = [MAGIC.as_slice(), &root.size.to_be_bytes(), root.hash.as_bytes()].concat();
    let checksum = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&checksum.to_be_bytes());
    bytes
}

fn decode(file: &[u8], at: usize) -> Option<JournalRoot> {
    let slot = file.get(at..at + SLOT_BYTES)?;
    let size = u64::from_be_bytes(slot.get(8..16)?.try_into().ok()?);
    let hash = Hash::from_bytes(slot.get(16..48)?.try_into().ok()?);
    let root = JournalRoot { size, hash };
    (slot == encode(root)).then_some(root)
}
