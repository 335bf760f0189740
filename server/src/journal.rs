//! The journal: append-only segment files that hold every record, and the only thing an acknowledgement rests on.

mod acknowledged;
mod backup;
mod damage;
mod error;
mod log;
mod position;
mod reader;
mod record;
mod recovery;
mod segment;
mod verify;

pub use backup::backup;
pub use damage::{Damage, Flaw};
pub use error::JournalError;
pub use log::{Journal, JournalOptions};
pub use position::Position;
pub use reader::read;
pub use record::MAX_RECORD_BYTES;
pub use verify::{Report, verify};

pub(crate) use reader::visit;
#[cfg(test)]
pub(crate) use record::root_after;
pub(crate) use recovery::empty_root;

use std::path::{Path, PathBuf};

/// The folder of the segments inside a data folder.
pub(crate) fn folder(data: &Path) -> PathBuf {
    data.join("journal")
}

#[cfg(test)]
mod tests;
