//! Rules: packs of company regulations as data, and the pure functions that judge by them.

mod due;
mod evidence;
mod facts;
mod judge;
mod pack;
mod pack_error;
pub mod packs;
mod predict;
mod reason;
mod record_within;
#[cfg(test)]
pub(crate) mod tests;
mod verdict;
mod within;
mod zone;

pub use due::{RuleError, due};
pub use evidence::{Evidence, Flags, Measured};
pub use judge::{judge, not_evaluable};
pub use pack::{Pack, PackRule, Rule};
pub use pack_error::PackError;
pub use predict::{Prediction, predict};
pub use reason::Reason;
pub use record_within::{Act, Anchor, OnBreach, RecordWithin, TimeMode};
pub use verdict::{Basis, Outcome, RuleVersion, Verdict};
pub use within::{Count, StartDay, Within};
pub use zone::{UnknownZone, Zone};
