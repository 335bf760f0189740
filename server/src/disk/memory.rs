//! A disk in memory that never crashes, for tests of what stands on it.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{Access, Disk, DiskFile, DiskLock, Open};

/// A disk that is gone with its last handle.
#[derive(Debug, Default)]
pub struct MemoryDisk {
    tree: Mutex<Tree>,
}

#[derive(Debug, Default)]
struct Tree {
    folders: BTreeSet<PathBuf>,
    files: BTreeMap<PathBuf, MemoryFile>,
}

#[derive(Debug, Clone, Default)]
struct MemoryFile {
    bytes: Arc<Mutex<Vec<u8>>>,
    // Held by a lock; one count is the file's own.
    lock: Arc<()>,
}

impl MemoryDisk {
    /// Makes an empty disk, which never fills.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    fn tree(&self) -> MutexGuard<'_, Tree> {
        self.tree.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tree {
    fn file(&self, path: &Path) -> io::Result<&MemoryFile> {
        self.files.get(path).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn make(&mut self, path: &Path) -> io::Result<MemoryFile> {
        if !self.folders.contains(&parent(path)) {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(self.files.entry(path.to_path_buf()).or_default().clone())
    }
}

impl Disk for MemoryDisk {
    fn open(&self, path: &Path, how: Open) -> io::Result<Box<dyn DiskFile>> {
        let mut tree = self.tree();
        let file = match how {
            Open::Read | Open::Write => tree.file(path)?.clone(),
            Open::New if tree.files.contains_key(path) => return Err(io::ErrorKind::AlreadyExists.into()),
            Open::New => tree.make(path)?,
            Open::Replace(_) => {
                let file = tree.make(path)?;
                file.bytes().clear();
                file
            }
        };
        Ok(Box::new(file))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut tree = self.tree();
        let file = tree.files.remove(from).ok_or(io::ErrorKind::NotFound)?;
        tree.files.insert(to.to_path_buf(), file);
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        self.tree().files.remove(path).map(drop).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        let tree = self.tree();
        Ok(tree.files.contains_key(path) || tree.folders.contains(path))
    }

    fn mode(&self, path: &Path) -> io::Result<u32> {
        self.tree().file(path).map(|_| 0o600)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        let tree = self.tree();
        if !tree.folders.contains(folder) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let inside = tree.files.keys().filter(|path| parent(path) == folder);
        Ok(inside.filter_map(|path| path.file_name().map(OsString::from)).collect())
    }

    fn create_folder(&self, folder: &Path, _: Access) -> io::Result<()> {
        self.tree().folders.extend(folder.ancestors().map(Path::to_path_buf));
        Ok(())
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        if self.exists(folder)? { Ok(()) } else { Err(io::ErrorKind::NotFound.into()) }
    }

    fn available_bytes(&self, _: &Path) -> io::Result<u64> {
        Ok(u64::MAX)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn DiskLock>>> {
        let mut tree = self.tree();
        tree.make(path)?;
        let Some(file) = tree.files.get(path) else { return Ok(None) };
        let is_free = Arc::strong_count(&file.lock) == 1;
        Ok(is_free.then(|| Box::new(MemoryLock(Arc::clone(&file.lock))) as _))
    }
}

#[derive(Debug)]
struct MemoryLock(#[expect(dead_code, reason = "counted while it is held")] Arc<()>);

impl DiskLock for MemoryLock {}

impl MemoryFile {
    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DiskFile for MemoryFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.bytes().len() as u64)
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let kept = self.bytes();
        let rest = kept.get(offset as usize..).unwrap_or_default();
        let read = rest.len().min(bytes.len());
        bytes[..read].copy_from_slice(&rest[..read]);
        Ok(read)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let mut kept = self.bytes();
        let (begin, end) = (offset as usize, offset as usize + bytes.len());
        if kept.len() < end {
            kept.resize(end, 0);
        }
        kept[begin..end].copy_from_slice(bytes);
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.bytes().resize(length as usize, 0);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

/// The folder that the name of a file or folder stands in.
fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}
