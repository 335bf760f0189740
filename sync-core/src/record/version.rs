//! A version: the official state of a record, fixed at given heads; versions are only ever added.

use minicbor::{Decode, Encode};

use super::Ruling;
use crate::{document::Heads, hash::Hash, time::Timestamp};

/// The official state of a record, fixed at given heads.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Version {
    /// Its number, from 1; a version of a number never changes.
    #[n(0)]
    pub number: u32,
    /// The heads it is fixed at.
    #[n(1)]
    pub heads: Heads,
    /// When it became official: the deadline, an arrival or a decision.
    #[n(2)]
    pub at: Timestamp,
    /// Why it became official.
    #[n(3)]
    pub cause: Cause,
    /// The submits it joins to the version before, in the order in which they arrived.
    #[n(4)]
    pub submits: Vec<Hash>,
    /// Whether it is a merge that nobody submitted as such, as when two devices of one rep submitted apart.
    #[n(5)]
    pub merged: bool,
}

/// Why a version became official.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum Cause {
    /// The deadline passed, and these submits had been made in time.
    #[n(0)]
    InTime,
    /// Made in time, arrived late.
    #[n(1)]
    ArrivedLate,
    /// Late or unproven, but the rule only makes a finding of that.
    #[n(2)]
    Finding,
    /// A supervisor's decision.
    #[n(3)]
    Decision {
        /// The submit it was about.
        #[n(0)]
        submit: Hash,
        /// What was ruled.
        #[n(1)]
        ruling: Ruling,
    },
}
