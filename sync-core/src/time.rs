//! Instants: milliseconds since 1970-01-01T00:00:00Z, always handed in, never read from a clock here.

use std::fmt;

use minicbor::{Decode, Encode};

/// An instant, in milliseconds since the Unix epoch (UTC).
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    serde::Serialize,
    serde::Deserialize,
)]
#[cbor(transparent)]
#[serde(transparent)]
pub struct Timestamp(#[n(0)] i64);

impl Timestamp {
    /// The last instant any part of the product accepts: 9999-12-30T22:00:00Z, the end of jiff's range.
    pub const MAX: Self = Self(253_402_207_200_000);

    /// Wraps milliseconds since the Unix epoch.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Gives milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// The instant that many milliseconds later (earlier if negative), held at the ends of the range.
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this instant; negative if `earlier` is later.
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(instant) => instant.fmt(f),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

/// What a phone's clocks said at one moment.
///
/// The boot clock counts from the last restart, sleeping included, and cannot be set by the user; the wall clock is
/// what the settings app says and is never more than a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockReading {
    /// Which run of the boot clock this is.
    pub boot: crate::id::BootId,
    /// Milliseconds on the boot clock.
    pub boot_ms: u64,
    /// The wall clock's claim.
    pub wall: Timestamp,
}
