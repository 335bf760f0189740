//! The host: everything the server needs from the machine it runs on, apart from the network.

use std::sync::Arc;

use crate::{
    clock::Clock,
    disk::{Disk, MemoryDisk, SystemDisk},
    randomness::{Randomness, SystemRandomness},
    store::{Committing, Indexes, MemoryIndexes, SledIndexes},
    workers::Workers,
};

/// What a server runs on.
///
/// On simulated parts, inline workers and a committer driven by hand, a server is a function of what it is asked: it
/// starts no thread and reads no clock of its own.
#[derive(Clone)]
pub struct Host {
    /// Where journal, markers and key are kept.
    pub disk: Arc<dyn Disk>,
    /// Where the index is kept.
    pub indexes: Arc<dyn Indexes>,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// What keys, ids, tokens and passwords are drawn from.
    pub randomness: Arc<dyn Randomness>,
    /// Where long work is done.
    pub workers: Workers,
    /// Who writes the journal.
    pub committing: Committing,
}

impl Host {
    /// The machine this program runs on, with a clock of the caller's.
    pub fn system(clock: Arc<dyn Clock>) -> Self {
        Self {
            disk: Arc::new(SystemDisk),
            indexes: Arc::new(SledIndexes::default()),
            clock,
            randomness: Arc::new(SystemRandomness),
            workers: Workers::Threads,
            committing: Committing::Thread,
        }
    }

    /// A machine whose disk and index are gone with it.
    pub fn in_memory(clock: Arc<dyn Clock>) -> Self {
        Self { disk: MemoryDisk::new(), indexes: MemoryIndexes::new(), ..Self::system(clock) }
    }
}

#[cfg(test)]
mod tests;
