//! The disk of the operating system.

use std::{
    ffi::OsString,
    fs::{self, DirBuilder, File, Permissions, TryLockError},
    io,
    os::unix::fs::{
        DirBuilderExt as _, FileExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
    },
    path::Path,
};

use super::{Access, Disk, DiskFile, DiskLock, Open};

/// What the owner alone may do with a file and with a folder.
const OWNER_FILE: u32 = 0o600;
const OWNER_FOLDER: u32 = 0o700;

/// The disk of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemDisk;

impl Disk for SystemDisk {
    fn open(&self, path: &Path, how: Open) -> io::Result<Box<dyn DiskFile>> {
        let mut options = File::options();
        options.read(true);
        match how {
            Open::Read => {}
            Open::Write => {
                options.write(true);
            }
            Open::New => {
                options.write(true).create_new(true);
            }
            Open::Replace(Access::Usual) => {
                options.write(true).create(true).truncate(true);
            }
            Open::Replace(Access::Owner) => {
                options.write(true).create(true).truncate(true).mode(OWNER_FILE);
            }
        }
        let file = options.open(path)?;
        if how == Open::Replace(Access::Owner) {
            // One that was there keeps its old mode otherwise.
            file.set_permissions(Permissions::from_mode(OWNER_FILE))?;
        }
        Ok(Box::new(file))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn exists(&self, path: &Path) -> io::Result<bool> {
        fs::exists(path)
    }

    fn mode(&self, path: &Path) -> io::Result<u32> {
        Ok(fs::metadata(path)?.permissions().mode() & 0o777)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>> {
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.file_name())).collect()
    }

    fn create_folder(&self, folder: &Path, access: Access) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        if access == Access::Owner {
            builder.mode(OWNER_FOLDER);
        }
        builder.recursive(true).create(folder)?;
        let folder = folder.canonicalize()?;
        let device = fs::metadata(&folder)?.dev();
        // Also of a folder that was there: a run that was killed may have made it, and synced nothing.
        for above in folder.ancestors().skip(1) {
            // Nobody makes a folder where they may not read, nor the place where a disk is mounted.
            match File::open(above) {
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => break,
                Ok(above) if above.metadata()?.dev() == device => above.sync_all()?,
                Ok(_) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    fn available_bytes(&self, folder: &Path) -> io::Result<u64> {
        fs4::available_space(folder)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn DiskLock>>> {
        let file = File::options().write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

impl DiskFile for File {
    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        loop {
            match std::os::unix::fs::FileExt::read_at(self, bytes, offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        File::set_len(self, length)
    }

    fn sync(&self) -> io::Result<()> {
        // The length is among the data; what is not, such as times, nobody reads.
        self.sync_data()
    }
}

impl DiskLock for File {}
