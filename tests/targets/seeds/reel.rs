//! A reel: writes what a tape reads.

use std::iter;

/// Decisions, one after the other.
#[derive(Default)]
pub(crate) struct Reel(Vec<u8>);

impl Reel {
    /// Begins with these bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// Adds bytes as they are.
    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend(bytes);
        self
    }

    /// Adds bytes behind their length.
    pub(crate) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.extend(u16::try_from(bytes.len()).unwrap().to_le_bytes());
        self.0.extend(bytes);
        self
    }

    /// Adds damage: how, where, and a value.
    pub(crate) fn damage(mut self, how: u8, at: u16, value: u8) -> Self {
        self.0.extend(iter::once(how).chain(at.to_le_bytes()).chain([value]));
        self
    }

    /// Gives what was written.
    pub(crate) fn done(self) -> Vec<u8> {
        self.0
    }
}
