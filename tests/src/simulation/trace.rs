//! The trace: what happened in a world, line by line, and one hash over all of it.

use std::fmt;

use sync_core::{hash::Hash, time::Timestamp};

/// What happened in a world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    lines: Vec<String>,
    hash: Hash,
}

impl Trace {
    /// Nothing has happened yet.
    pub(super) fn new() -> Self {
        Self { lines: Vec::new(), hash: Hash::ZERO }
    }

    /// Adds a line.
    pub(super) fn line(&mut self, at: Timestamp, text: impl fmt::Display) {
        let line = format!("{at}  {text}");
        self.hash = Hash::of("simulation", &[self.hash.as_bytes(), line.as_bytes()]);
        self.lines.push(line);
    }

    /// The hash over all lines: equal hashes, equal worlds.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// The lines.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }
}
