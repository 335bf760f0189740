//! The notes of a shadow, as `shadow.c` writes them.

use std::{fs, io, path::Path};

use anyhow::{Context as _, bail};

/// Kind (4), length of the body (4), and three numbers (8 each).
const HEAD_BYTES: usize = 32;

/// One thing that was done to the files; files and folders are named by their inodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A file or folder was made.
    Created {
        /// Where.
        folder: u64,
        /// Under which name.
        name: String,
        /// What.
        file: u64,
        /// Its type and permissions.
        mode: u32,
    },
    /// Bytes were written.
    Wrote {
        /// To which file.
        file: u64,
        /// Where in it.
        offset: u64,
        /// Which.
        bytes: Vec<u8>,
    },
    /// A file was cut to a length.
    Cut {
        /// Which.
        file: u64,
        /// To which.
        length: u64,
    },
    /// A sync began.
    SyncBegun {
        /// Of which file or folder.
        file: u64,
        /// Names the sync.
        ticket: u64,
    },
    /// A sync ended: what was done before it began is durable.
    Synced {
        /// Of which file or folder.
        file: u64,
        /// Names the sync.
        ticket: u64,
    },
    /// A file got another name in its folder.
    Renamed {
        /// The folder.
        folder: u64,
        /// What it was called.
        from: String,
        /// What it is called now.
        to: String,
    },
    /// A name was removed.
    Removed {
        /// From which folder.
        folder: u64,
        /// Which.
        name: String,
    },
    /// A call was made to fail.
    Failed {
        /// Its number.
        call: u64,
        /// Which call on which file.
        what: String,
    },
    /// The program ended in order.
    Counted {
        /// After so many calls.
        calls: u64,
    },
}

/// Reads the notes of a run; one that the end of the program cut short was never acted upon.
pub fn read_notes(log: &Path) -> anyhow::Result<Vec<Note>> {
    let bytes = match fs::read(log) {
        // The program ended before it began.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        other => other?,
    };
    let mut rest = bytes.as_slice();
    let mut notes = Vec::new();
    while let Some((head, behind)) = rest.split_at_checked(HEAD_BYTES) {
        let length = word(head, 4)? as usize;
        let Some((body, behind)) = behind.split_at_checked(length) else { break };
        notes.push(read(head, body)?);
        rest = behind;
    }
    Ok(notes)
}

fn read(head: &[u8], body: &[u8]) -> anyhow::Result<Note> {
    let (file, first) = (number(head, 8)?, number(head, 16)?);
    let text = || String::from_utf8(body.to_vec()).context("a name is not UTF-8");
    Ok(match word(head, 0)? {
        1 => Note::Created { folder: file, name: text()?, file: first, mode: number(head, 24)? as u32 },
        2 => Note::Wrote { file, offset: first, bytes: body.to_vec() },
        3 => Note::Cut { file, length: first },
        4 => Note::SyncBegun { file, ticket: first },
        5 => Note::Synced { file, ticket: first },
        6 if file == first => {
            let names = text()?;
            let (from, to) = names.split_once('/').context("a new name is missing")?;
            Note::Renamed { folder: file, from: from.to_owned(), to: to.to_owned() }
        }
        6 => bail!("a move between folders is not modelled"),
        7 => Note::Removed { folder: file, name: text()? },
        8 => Note::Failed { call: first, what: text()? },
        9 => Note::Counted { calls: first },
        other => bail!("a note of the unknown kind {other}"),
    })
}

fn word(head: &[u8], at: usize) -> anyhow::Result<u32> {
    Ok(u32::from_ne_bytes(head.get(at..at + 4).context("a head is short")?.try_into()?))
}

fn number(head: &[u8], at: usize) -> anyhow::Result<u64> {
    Ok(u64::from_ne_bytes(head.get(at..at + 8).context("a head is short")?.try_into()?))
}
