//! The disk the server keeps its files on, handed in so that a simulation can crash, fill or fail it.

mod memory;
mod sequential;
mod system;

pub use memory::MemoryDisk;
pub(crate) use sequential::Sequential;
pub use system::SystemDisk;

use std::{ffi::OsString, fmt::Debug, io, path::Path};

/// Opens, names and removes files, and makes what was done to folders durable.
///
/// # Contract
///
/// - A read sees every write that has returned, through whichever handle of the file.
/// - What [`DiskFile::write_at`] and [`DiskFile::set_len`] did is durable when a later [`DiskFile::sync`] of the file has
///   returned. A crash before that may keep all of it, none, or any part, in any order.
/// - That a file was made, renamed or removed is durable when a later [`sync_folder`](Self::sync_folder) of its folder has
///   returned. A crash before that may keep or lose each of these by itself. Syncing a file does not make its name durable,
///   nor does syncing its folder make its bytes durable.
/// - A rename is atomic: after a crash the new name stands for the file before or the file after, never for neither.
/// - After an error the operation may have happened in part; a later sync that succeeds says nothing about it.
/// - A missing file is [`io::ErrorKind::NotFound`], a full disk [`io::ErrorKind::StorageFull`].
pub trait Disk: Debug + Send + Sync + 'static {
    /// Opens or makes a file.
    fn open(&self, path: &Path, how: Open) -> io::Result<Box<dyn DiskFile>>;

    /// Gives a file another name in the same folder, in place of the file that has it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file; handles that are open go on working.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Tells whether a file or folder is there.
    fn exists(&self, path: &Path) -> io::Result<bool>;

    /// Gives the permission bits of a file; `0o600` where files have none.
    fn mode(&self, path: &Path) -> io::Result<u32>;

    /// Gives the names of the files in a folder, in any order.
    fn list(&self, folder: &Path) -> io::Result<Vec<OsString>>;

    /// Makes a folder and those above it, durably; nothing happens to those that are there.
    fn create_folder(&self, folder: &Path, access: Access) -> io::Result<()>;

    /// Makes durable which files a folder holds under which names.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;

    /// Gives how many bytes can still be written to the disk of a folder.
    fn available_bytes(&self, folder: &Path) -> io::Result<u64>;

    /// Takes the lock of a file, which is made if it is not there; none while another holder lives.
    ///
    /// Dropping the lock gives it back, and so does the end of the process.
    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn DiskLock>>>;

    /// Reads a whole file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let file = self.open(path, Open::Read)?;
        let too_large = |_| io::Error::from(io::ErrorKind::FileTooLarge);
        let mut bytes = vec![0; usize::try_from(file.len()?).map_err(too_large)?];
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match file.read_at(rest, filled as u64)? {
                // Somebody cut the file meanwhile.
                0 => break,
                read => filled += read,
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }
}

/// An open file.
///
/// The contract is that of [`Disk`].
pub trait DiskFile: Debug + Send + Sync {
    /// Gives the length in bytes.
    fn len(&self) -> io::Result<u64>;

    /// Tells whether there is nothing in it.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// Reads from an offset on and gives how many bytes were read: at least one, unless the file ends there.
    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize>;

    /// Writes all the bytes at an offset; the file grows as needed.
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Cuts the file, or lets it grow with zeros.
    fn set_len(&self, length: u64) -> io::Result<()>;

    /// Makes contents and length durable.
    fn sync(&self) -> io::Result<()>;
}

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// One that is there, to be read.
    Read,
    /// One that is there, to be read and written.
    Write,
    /// One that is not there yet, to be read and written.
    New,
    /// An empty one, whether it is there or not, to be read and written.
    Replace(Access),
}

/// Who may use what is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Whoever the system lets by default.
    Usual,
    /// The owner alone.
    Owner,
}

/// A lock that is held until it is dropped.
pub trait DiskLock: Debug + Send + Sync {}

#[cfg(test)]
mod tests;
