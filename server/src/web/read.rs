//! Fills the views from the index: names resolved, every answer bounded, nothing outside the reader's line.

pub(super) mod device;
mod history;
mod names;
pub(super) mod overview;
pub(super) mod record;
mod refused;
