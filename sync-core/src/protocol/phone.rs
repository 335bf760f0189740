//! The phone's side of a sync: pull, append the anchor, sign the head, commit page by page. No IO, no clock.

mod error;
mod session;

pub use error::SyncError;
pub use session::{Finished, PhoneSession, SeenAnchor, Start, Step};
