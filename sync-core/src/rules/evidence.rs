//! Evidence of time: the interval in which something was done, and how well it is known.

use minicbor::{Decode, Encode};

use crate::{hash::Hash, time::Timestamp};

/// When an entry was written, as far as anyone can know. Bounds are inclusive.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, serde::Serialize, serde::Deserialize)]
#[cbor(map)]
pub struct Evidence {
    /// It was not written before this: the newest anchor before it in the log, or the enrolment.
    #[n(0)]
    pub not_before: Timestamp,
    /// What `not_before` rests on: the hash of the anchor, or none for the enrolment.
    #[n(1)]
    pub anchor: Option<Hash>,
    /// It was not written after this: the arrival of the first commit that holds it. `None` until it has arrived.
    #[n(2)]
    pub not_after: Option<Timestamp>,
    /// What the boot clock measured since that anchor, if it ran through.
    #[n(3)]
    pub measured: Option<Measured>,
    /// What the wall clock said. Never decisive alone.
    #[n(4)]
    pub claimed: Timestamp,
    /// What is odd about it.
    #[n(5)]
    pub flags: Flags,
}

/// A time measured on the boot clock since an anchor of the same boot; inclusive, inside the proven interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, serde::Serialize, serde::Deserialize)]
#[cbor(map)]
pub struct Measured {
    /// The earliest time it can be if the operating system is honest.
    #[n(0)]
    pub earliest: Timestamp,
    /// The latest time it can be if the operating system is honest.
    #[n(1)]
    pub latest: Timestamp,
}

/// Oddities of the evidence, as a set of bits.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode, serde::Serialize, serde::Deserialize,
)]
#[cbor(transparent)]
#[serde(transparent)]
pub struct Flags(#[n(0)] u16);

impl Evidence {
    /// The wall clock's claim, held inside the proven interval.
    pub fn held_claim(&self) -> Timestamp {
        let held = self.claimed.max(self.not_before);
        self.not_after.map_or(held, |not_after| held.min(not_after))
    }

    /// The one instant to show or sort by: the latest that a trusted measurement allows, else the claim as it is held.
    pub fn best(&self) -> Timestamp {
        super::judge::trusted_measurement(self).map_or_else(|| self.held_claim(), |measured| measured.latest)
    }

    /// What this evidence becomes when the entry arrives at the server at an instant, as the server will reckon it.
    #[must_use]
    pub fn arriving(&self, arrived: Timestamp) -> Self {
        let mut flags = self.flags;
        if self.claimed > arrived {
            flags = flags.with(Flags::CLAIM_OUTSIDE_BOUNDS);
        }
        let measured = match self.measured {
            Some(measured) if measured.earliest > arrived => {
                flags = flags.with(Flags::BOOT_RATE_ODD);
                None
            }
            Some(Measured { earliest, latest }) => Some(Measured { earliest, latest: latest.min(arrived) }),
            None => None,
        };
        Self { not_after: Some(arrived), measured, flags, ..self.clone() }
    }
}

impl Flags {
    /// The wall clock jumped against the boot clock since the anchor. Says nothing against a measured time.
    pub const WALL_JUMP: Self = Self(1);
    /// The wall clock's claim lies outside the proven interval. Says nothing against a measured time.
    pub const CLAIM_OUTSIDE_BOUNDS: Self = Self(1 << 1);
    /// The phone restarted since the anchor, so nothing was measured.
    pub const REBOOT_SINCE_ANCHOR: Self = Self(1 << 2);
    /// Two anchors of one boot disagree with the boot clock between them: it does not run true.
    pub const BOOT_RATE_ODD: Self = Self(1 << 3);
    /// The phone fetched many anchors without ever committing against them.
    pub const ANCHORS_UNANSWERED: Self = Self(1 << 4);
    /// The server's own clock was in doubt when the commit arrived.
    pub const SERVER_TIME_SUSPECT: Self = Self(1 << 5);

    /// The flags under which a measured time decides nothing.
    pub const AGAINST_MEASURED: Self =
        Self(Self::BOOT_RATE_ODD.0 | Self::ANCHORS_UNANSWERED.0 | Self::SERVER_TIME_SUSPECT.0);

    /// Each single flag with its stable name, as the API and the pages show it.
    pub const NAMES: [(Self, &'static str); 6] = [
        (Self::WALL_JUMP, "wall_jump"),
        (Self::CLAIM_OUTSIDE_BOUNDS, "claim_outside_bounds"),
        (Self::REBOOT_SINCE_ANCHOR, "reboot_since_anchor"),
        (Self::BOOT_RATE_ODD, "boot_rate_odd"),
        (Self::ANCHORS_UNANSWERED, "anchors_unanswered"),
        (Self::SERVER_TIME_SUSPECT, "server_time_suspect"),
    ];

    /// No flags.
    pub const fn empty() -> Self {
        Self(0)
    }

    /// This set and the other together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether any flag of `other` is in this set.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The names of the flags in this set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().filter(move |(flag, _)| self.intersects(*flag)).map(|(_, name)| name)
    }
}
