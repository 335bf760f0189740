//! What decides in Fieldbook: documents, logs, admission, rules and seals, as pure functions.
//!
//! No clock, no disk, no network and no randomness of its own: time and random bytes are arguments. Phone and
//! server run this same crate, which is why they come to the same verdict.

pub mod admission;
pub mod calendar;
pub mod directory;
pub mod document;
pub mod encoding;
pub mod hash;
pub mod id;
pub mod log;
pub mod protocol;
pub mod record;
pub mod rules;
pub mod time;
