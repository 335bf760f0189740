//! Fills the views from the index: names resolved, every answer bounded, nothing outside the reader's line.

pub(super) mod closing;
pub(super) mod device;
mod history;
mod names;
pub(super) mod obligation;
pub(super) mod obligations;
pub(super) mod overview;
mod owed;
pub(super) mod record;
mod refused;
