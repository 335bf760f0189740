//! The position of a record in the journal.

use std::fmt;

/// Where a record stands in the journal; the first record is at 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(u64);

impl Position {
    /// Where the first record stands.
    pub const FIRST: Self = Self(1);

    /// Wraps a number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Gives the number.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Gives the position behind this one.
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Gives the eight bytes that sort like the position.
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
