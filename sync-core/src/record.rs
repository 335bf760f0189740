//! A record's official state: what holds, what is held, what waits, as a fold over what arrived.

mod event;
mod fold;
mod frontier;
mod ruled;
mod standing;
mod state;
mod status;
#[cfg(test)]
mod tests;
mod version;

pub use event::{Committed, Decision, RecordEvent, Ruling, Submitted};
pub use fold::official_state;
pub use frontier::{Frontier, Past};
pub use ruled::{Ignored, IgnoredDecision};
pub use standing::{Phase, Standing};
pub use state::{JudgedSubmit, RecordState};
pub use status::{Origin, RecordStatus, Seal, SubmitStatus};
pub use version::{Cause, Version};
