//! Rules: packs of company regulations as data, and the pure functions that judge by them.

mod company;
mod due;
pub mod engine;
mod evidence;
mod fact;
mod facts;
mod judge;
mod judged_facts;
mod names;
mod obligation;
mod pack;
mod pack_error;
pub mod packs;
mod parameters;
pub mod part;
mod period;
mod predict;
mod reason;
mod record_within;
mod rule;
mod selector;
#[cfg(test)]
pub(crate) mod tests;
mod verdict;
mod within;
mod zone;

pub use company::{Account, Company, Person};
pub use due::{RuleError, due, lead};
pub use evidence::{Evidence, Flags, Measured};
pub use fact::{Attribute, Fact, FactKind, Value};
pub use facts::Facts;
pub use judge::{judge, not_evaluable};
pub use obligation::{Fulfilment, Obligation, PassedOver, Subject};
pub use pack::{Pack, PackRule};
pub use pack_error::PackError;
pub use part::Link;
pub use period::{Every, Period};
pub use predict::{Prediction, predict};
pub use reason::Reason;
pub use record_within::{Act, Anchor, OnBreach, RecordWithin, TimeMode};
pub use rule::{Modality, Part, Rule, RuleKind, RuleState};
pub use selector::Selector;
pub use verdict::{Basis, Outcome, RuleVersion, Verdict};
pub use within::{Count, StartDay, Within};
pub use zone::{UnknownZone, Zone};
