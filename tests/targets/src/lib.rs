//! What must hold for every input from outside: the bodies of the fuzz targets.
//!
//! A body takes any bytes and panics when its property is broken. The fuzzer calls it with inputs that it makes up, the
//! tests with those that are kept in the repository.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a body that cannot go on has found something")]

pub mod forge;
pub mod memory;
pub mod tape;
pub mod world;

pub mod admission;
pub mod calendars;
pub mod chain;
pub mod imports;
pub mod inspection;
pub mod journal;
pub mod messages;
pub mod packs;
pub mod phone;
pub mod queries;
pub mod statements;
pub mod tokens;
pub mod verdicts;

/// What the product made of an input. Both are fine; which of them it was tells whether a kept input still means what
/// it was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Something in it was taken for good.
    Accepted,
    /// Nothing was.
    Refused,
}

impl Outcome {
    /// Accepted if the condition holds.
    pub fn accepted_if(accepted: bool) -> Self {
        if accepted { Self::Accepted } else { Self::Refused }
    }
}

/// A body: panics when its property is broken.
pub type Body = fn(&[u8]) -> Outcome;

/// Every target by its name.
pub const ALL: [(&str, Body); 13] = [
    ("admission", admission::run),
    ("calendars", calendars::run),
    ("chain", chain::run),
    ("imports", imports::run),
    ("inspection", inspection::run),
    ("journal", journal::run),
    ("messages", messages::run),
    ("packs", packs::run),
    ("phone", phone::run),
    ("queries", queries::run),
    ("statements", statements::run),
    ("tokens", tokens::run),
    ("verdicts", verdicts::run),
];
