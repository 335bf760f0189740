//! The handlers: read what was asked, let the engine do it, answer with a page.

pub(super) mod closing;
pub(super) mod device;
pub(super) mod language;
pub(super) mod obligation;
pub(super) mod record;
pub(super) mod sign_in;
