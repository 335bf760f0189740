//! Reading a file from its beginning on, for everything that reads through [`io::Read`].

use std::io::{self, Read};

use super::DiskFile;

/// A file and how far it was read.
#[derive(Debug)]
pub(crate) struct Sequential {
    file: Box<dyn DiskFile>,
    offset: u64,
}

impl Sequential {
    /// Begins at the first byte.
    pub(crate) fn new(file: Box<dyn DiskFile>) -> Self {
        Self { file, offset: 0 }
    }
}

impl Read for Sequential {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(bytes, self.offset)?;
        self.offset += read as u64;
        Ok(read)
    }
}
