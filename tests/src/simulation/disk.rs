//! The server's disk: what was synced is there after a power cut; what was not may be there, in part, or not at all.
//!
//! The fault model is the contract of [`server::disk::Disk`], taken at its word. Files are cut up in sectors of 512
//! bytes; each sector of an unsynced write survives a power cut or does not. Names of files are durable once their
//! folder was synced; before that each new name, each renaming and each removal survives by itself or does not.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use rand::rngs::StdRng;
use server::disk::{Access, Disk, DiskFile, DiskLock, Open};

use super::{
    chance::{chance, happens},
    reached::{Rare, Reached},
};

const SECTOR: usize = 512;

/// How much fits on it.
const ROOM_BYTES: u64 = 1 << 40;

/// A disk that loses what was not synced when its power goes.
#[derive(Debug)]
pub(super) struct SimulatedDisk {
    state: Mutex<State>,
    this: Weak<Self>,
}

/// Everything on a disk at one moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Image {
    folders: BTreeSet<PathBuf>,
    names: BTreeMap<PathBuf, usize>,
    synced_names: BTreeMap<PathBuf, usize>,
    unsynced_names: Vec<Renaming>,
    files: Vec<File>,
}

#[derive(Debug)]
struct State {
    image: Image,
    random: StdRng,
    survival: f64,
    locked: BTreeMap<PathBuf, Weak<()>>,
    power_until: Option<u32>,
    fail_at: Option<u32>,
    is_off: bool,
    has_failed: bool,
    is_full: bool,
    reached: Reached,
}

#[derive(Debug, Clone, Default)]
struct File {
    now: Vec<u8>,
    synced: Vec<u8>,
    unsynced: Vec<Writing>,
}

#[derive(Debug, Clone)]
enum Writing {
    Bytes { offset: usize, bytes: Vec<u8> },
    Length(usize),
}

/// A change of names in a folder that was not synced since.
#[derive(Debug, Clone)]
enum Renaming {
    Made { name: PathBuf, file: usize },
    Renamed { from: PathBuf, to: PathBuf, file: usize },
    Removed { name: PathBuf },
}

impl SimulatedDisk {
    /// A disk with something on it already, all of it durable.
    pub(super) fn new(image: Image, seed: u64, survival: f64) -> Arc<Self> {
        let state = State {
            image,
            random: chance(seed, "disk"),
            survival,
            locked: BTreeMap::new(),
            power_until: None,
            fail_at: None,
            is_off: false,
            has_failed: false,
            is_full: false,
            reached: Reached::default(),
        };
        Arc::new_cyclic(|this| Self { state: Mutex::new(state), this: Weak::clone(this) })
    }

    /// The power goes at the nth call that changes something from now on, counted from 0; none for never.
    pub(super) fn cut_power_at(&self, calls: Option<u32>) {
        self.state().power_until = calls;
    }

    /// The nth call that changes something from now on fails once; none for never.
    pub(super) fn fail_at(&self, calls: Option<u32>) {
        self.state().fail_at = calls;
    }

    /// Whether there is no room left.
    pub(super) fn set_full(&self, is_full: bool) {
        self.state().is_full = is_full;
    }

    /// Whether it is off, or something is going to happen to it.
    pub(super) fn is_troubled(&self) -> bool {
        let state = self.state();
        state.is_off
            || state.has_failed
            || state.is_full
            || state.power_until.is_some()
            || state.fail_at.is_some()
    }

    /// Whether the power is gone.
    pub(super) fn is_off(&self) -> bool {
        self.state().is_off
    }

    /// What happened to it since the last call.
    pub(super) fn reached(&self) -> Reached {
        std::mem::take(&mut self.state().reached)
    }

    /// The power went, and is back: what was not synced survives as chance has it.
    pub(super) fn power_cycle(&self) {
        let mut state = self.state();
        (state.is_off, state.has_failed, state.power_until) = (false, false, None);
        state.locked.clear();
        state.lose_unsynced();
    }

    /// What is on it now, all of it as if it were durable.
    pub(super) fn image(&self) -> Image {
        let mut image = self.state().image.clone();
        for file in &mut image.files {
            file.synced.clone_from(&file.now);
            file.unsynced.clear();
        }
        image.synced_names.clone_from(&image.names);
        image.unsynced_names.clear();
        image
    }

    /// Puts other contents on it.
    pub(super) fn put(&self, image: Image) {
        let mut state = self.state();
        state.image = image;
        state.locked.clear();
    }

    /// Removes a folder with all in it, durably.
    pub(super) fn remove(&self, folder: &Path) {
        self.state().image.remove(folder);
    }

    /// Flips one bit of a file that is durable; gives whether there was one under that name.
    pub(super) fn flip(&self, path: &Path, at: u64, bit: u8) -> bool {
        let mut state = self.state();
        let Some(file) = state.image.names.get(path).copied() else { return false };
        let file = &mut state.image.files[file];
        let at = at as usize % file.now.len().max(1);
        for bytes in [&mut file.now, &mut file.synced] {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << bit;
            }
        }
        true
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Image {
    fn remove(&mut self, folder: &Path) {
        self.folders.retain(|path| !path.starts_with(folder));
        self.names.retain(|path, _| !path.starts_with(folder));
        self.synced_names.retain(|path, _| !path.starts_with(folder));
    }

    /// The same with the folders in one folder put in the place of those of the same name in another.
    pub(super) fn moved(mut self, from: &Path, to: &Path) -> Self {
        let moved = |path: &Path| path.strip_prefix(from).map(|inside| to.join(inside));
        let folders: Vec<PathBuf> =
            self.folders.iter().filter_map(|path| moved(path).ok()).filter(|path| path != to).collect();
        for folder in &folders {
            self.remove(folder);
        }
        self.folders.extend(folders);
        for names in [&mut self.names, &mut self.synced_names] {
            *names = std::mem::take(names)
                .into_iter()
                .map(|(path, file)| (moved(&path).unwrap_or(path), file))
                .collect();
        }
        self
    }
}

impl State {
    /// A call that reads.
    fn reads(&self) -> io::Result<()> {
        if self.is_off { Err(io::Error::other("the power is off")) } else { Ok(()) }
    }

    /// A call that changes something: the power may go at it, and it may fail.
    fn changes(&mut self) -> io::Result<()> {
        self.reads()?;
        if count_down(&mut self.power_until) {
            self.is_off = true;
            self.reached.note(Rare::PowerCut);
            return Err(io::Error::other("the power went"));
        }
        if count_down(&mut self.fail_at) {
            self.has_failed = true;
            self.reached.note(Rare::DiskFailed);
            return Err(io::Error::from_raw_os_error(5));
        }
        Ok(())
    }

    fn file(&self, path: &Path) -> io::Result<usize> {
        self.image.names.get(path).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn make(&mut self, path: &Path) -> io::Result<usize> {
        if !path.parent().is_some_and(|folder| self.image.folders.contains(folder)) {
            return Err(io::ErrorKind::NotFound.into());
        }
        self.image.files.push(File::default());
        let file = self.image.files.len() - 1;
        self.image.names.insert(path.to_owned(), file);
        self.image.unsynced_names.push(Renaming::Made { name: path.to_owned(), file });
        Ok(file)
    }

    fn lose_unsynced(&mut self) {
        let Self { image, random, survival, reached, .. } = self;
        let mut names = std::mem::take(&mut image.synced_names);
        for renaming in std::mem::take(&mut image.unsynced_names) {
            if happens(random, *survival) {
                renaming.apply(&mut names);
            } else {
                reached.note(Rare::LostWrite);
            }
        }
        image.names = names.clone();
        image.synced_names = names;
        for file in &mut image.files {
            let mut kept = std::mem::take(&mut file.synced);
            for writing in std::mem::take(&mut file.unsynced) {
                match writing {
                    Writing::Length(length) if happens(random, *survival) => kept.resize(length, 0),
                    Writing::Length(_) => reached.note(Rare::LostWrite),
                    Writing::Bytes { offset, bytes } => {
                        let (mut lost, mut survived) = (false, false);
                        let mut at = offset;
                        while at < offset + bytes.len() {
                            let end = ((at / SECTOR + 1) * SECTOR).min(offset + bytes.len());
                            if happens(random, *survival) {
                                survived = true;
                                write(&mut kept, at, &bytes[at - offset..end - offset]);
                            } else {
                                lost = true;
                            }
                            at = end;
                        }
                        match (lost, survived) {
                            (true, true) => reached.note(Rare::TornWrite),
                            (true, false) => reached.note(Rare::LostWrite),
                            (false, _) => {}
                        }
                    }
                }
            }
            file.now.clone_from(&kept);
            file.synced = kept;
        }
    }
}

impl Writing {
    fn apply(self, file: &mut Vec<u8>) {
        match self {
            Self::Bytes { offset, bytes } => write(file, offset, &bytes),
            Self::Length(length) => file.resize(length, 0),
        }
    }
}

impl Renaming {
    fn folder(&self) -> Option<&Path> {
        match self {
            Self::Made { name, .. } | Self::Removed { name } => name.parent(),
            Self::Renamed { to, .. } => to.parent(),
        }
    }

    fn apply(self, names: &mut BTreeMap<PathBuf, usize>) {
        match self {
            Self::Made { name, file } => {
                names.insert(name, file);
            }
            Self::Renamed { from, to, file } => {
                names.remove(&from);
                names.insert(to, file);
            }
            Self::Removed { name } => {
                names.remove(&name);
            }
        }
    }
}

impl Disk for SimulatedDisk {
    fn open(&self, path: &Path, how: Open) -> io::Result<Box<dyn DiskFile>> {
        let mut state = self.state();
        let file = match how {
            Open::Read | Open::Write => {
                state.reads()?;
                state.file(path)?
            }
            Open::New => {
                state.changes()?;
                if state.image.names.contains_key(path) {
                    return Err(io::ErrorKind::AlreadyExists.into());
                }
                state.make(path)?
            }
            Open::Replace(_) => {
                state.changes()?;
                match state.file(path) {
                    Ok(file) => {
                        let kept = &mut state.image.files[file];
                        kept.now.clear();
                        kept.unsynced.push(Writing::Length(0));
                        file
                    }
                    Err(_) => state.make(path)?,
                }
            }
        };
        Ok(Box::new(Handle { disk: self.this.clone(), file }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.changes()?;
        let file = state.image.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        state.image.names.insert(to.to_owned(), file);
        state.image.unsynced_names.push(Renaming::Renamed { from: from.to_owned(), to: to.to_owned(), file });
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.changes()?;
        state.image.names.remove(path).ok_or(io::ErrorKind::NotFound)?;
        state.image.unsynced_names.push(Renaming::Removed { name: path.to_owned() });
        Ok(())
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        let state = self.state();
        state.reads()?;
        Ok(state.image.names.contains_key(path) || state.image.folders.contains(path))
    }

    fn mode(&self, path: &Path) -> io::Result<u32> {
        let state = self.state();
        state.reads()?;
        state.file(path).map(|_| 0o600)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        let state = self.state();
        state.reads()?;
        if !state.image.folders.contains(folder) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let inside = state.image.names.keys().filter(|path| path.parent() == Some(folder));
        Ok(inside.filter_map(|path| path.file_name().map(OsString::from)).collect())
    }

    fn create_folder(&self, folder: &Path, _: Access) -> io::Result<()> {
        let mut state = self.state();
        state.changes()?;
        state.image.folders.extend(folder.ancestors().map(Path::to_path_buf));
        Ok(())
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let mut state = self.state();
        state.changes()?;
        let image = &mut state.image;
        for renaming in std::mem::take(&mut image.unsynced_names) {
            if renaming.folder() == Some(folder) {
                renaming.apply(&mut image.synced_names);
            } else {
                image.unsynced_names.push(renaming);
            }
        }
        Ok(())
    }

    fn available_bytes(&self, _: &Path) -> io::Result<u64> {
        let mut state = self.state();
        state.reads()?;
        if state.is_full {
            state.reached.note(Rare::DiskFull);
        }
        Ok(if state.is_full { 16 * 1024 * 1024 } else { ROOM_BYTES })
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn DiskLock>>> {
        let mut state = self.state();
        state.reads()?;
        if state.locked.get(path).is_some_and(|held| held.strong_count() > 0) {
            return Ok(None);
        }
        let held = Arc::new(());
        state.locked.insert(path.to_owned(), Arc::downgrade(&held));
        Ok(Some(Box::new(Held(held))))
    }
}

/// A file that is open, for as long as the power stays on.
#[derive(Debug)]
struct Handle {
    disk: Weak<SimulatedDisk>,
    file: usize,
}

impl Handle {
    fn with<T>(&self, call: impl FnOnce(&mut State, usize) -> io::Result<T>) -> io::Result<T> {
        let disk = self.disk.upgrade().ok_or_else(|| io::Error::other("the disk is gone"))?;
        call(&mut disk.state(), self.file)
    }
}

impl DiskFile for Handle {
    fn len(&self) -> io::Result<u64> {
        self.with(|state, file| {
            state.reads()?;
            Ok(state.image.files[file].now.len() as u64)
        })
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        self.with(|state, file| {
            state.reads()?;
            let rest = state.image.files[file].now.get(offset as usize..).unwrap_or_default();
            let read = rest.len().min(bytes.len());
            bytes[..read].copy_from_slice(&rest[..read]);
            Ok(read)
        })
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.with(|state, file| {
            let changed = state.changes();
            // Also a write that fails may have happened.
            if changed.is_ok() || state.has_failed || state.is_off {
                let file = &mut state.image.files[file];
                write(&mut file.now, offset as usize, bytes);
                file.unsynced.push(Writing::Bytes { offset: offset as usize, bytes: bytes.to_owned() });
            }
            changed
        })
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.with(|state, file| {
            state.changes()?;
            let file = &mut state.image.files[file];
            file.now.resize(length as usize, 0);
            file.unsynced.push(Writing::Length(length as usize));
            Ok(())
        })
    }

    fn sync(&self) -> io::Result<()> {
        self.with(|state, file| {
            let changed = state.changes();
            let is_off = state.is_off;
            let file = &mut state.image.files[file];
            if is_off {
                return changed;
            }
            // A failed sync drops what it was to keep, and the next one says that all is well: the system has marked
            // those pages clean. What reads the file sees them until the power goes.
            for writing in std::mem::take(&mut file.unsynced) {
                if changed.is_ok() {
                    writing.apply(&mut file.synced);
                }
            }
            changed
        })
    }
}

#[derive(Debug)]
struct Held(#[expect(dead_code, reason = "counted while it is held")] Arc<()>);

impl DiskLock for Held {}

fn write(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if file.len() < end {
        file.resize(end, 0);
    }
    file[offset..end].copy_from_slice(bytes);
}

fn count_down(calls: &mut Option<u32>) -> bool {
    match calls {
        Some(0) => {
            *calls = None;
            true
        }
        Some(left) => {
            *left -= 1;
            false
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use server::journal::{Journal, JournalOptions, verify};

    use super::*;

    const DATA: &str = "/data";

    fn open(disk: &Arc<SimulatedDisk>) -> Journal {
        Journal::open(Arc::clone(disk) as _, Path::new(DATA), JournalOptions::default()).unwrap()
    }

    fn disk() -> Arc<SimulatedDisk> {
        let disk = SimulatedDisk::new(Image::default(), 1, 0.0);
        disk.create_folder(Path::new(DATA), Access::Owner).unwrap();
        disk
    }

    #[test]
    fn what_was_not_synced_is_gone_after_a_power_cut() {
        let disk = disk();
        let path = Path::new(DATA).join("file");
        let file = disk.open(&path, Open::New).unwrap();
        file.write_at(b"synced", 0).unwrap();
        file.sync().unwrap();
        file.write_at(b" and not", 6).unwrap();
        disk.sync_folder(Path::new(DATA)).unwrap();
        disk.power_cycle();
        assert_eq!(disk.read(&path).unwrap(), b"synced");
    }

    #[test]
    fn what_a_failed_sync_left_in_memory_is_written_again_before_a_journal_builds_on_it() {
        let disk = disk();
        let mut journal = open(&disk);
        journal.append(&[b"one"]).unwrap();
        // The write succeeds, and its sync does not.
        disk.fail_at(Some(1));
        assert!(journal.append(&[b"two"]).is_err());
        let mut journal = open(&disk);
        assert_eq!(journal.root().size, 2, "it can be read, as long as the power stays on");
        journal.append(&[b"three"]).unwrap();
        disk.power_cycle();
        let report = verify(&*disk, Path::new(DATA)).unwrap();
        assert_eq!((report.damage, report.root), (None, journal.root()));
    }
}
