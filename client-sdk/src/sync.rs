//! Syncing: enrolment, tokens and the two requests that bring phone and server together.

mod apply;
mod backoff;
mod enrol;
mod page_size;
mod problem;
mod proof;
mod receipt;
mod session;
mod tokens;
mod transport;

use sync_core::hash::Hash;

use crate::error::Outcome;

pub use enrol::Credentials;
pub(crate) use page_size::PageSize;
pub(crate) use tokens::AccessToken;
pub use transport::{Answer, HttpTransport, Request, Response, Transport, Unreachable};

/// What one sync did. Details are among the [events](crate::Book::events).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncReport {
    /// How it ended. Whatever it brought before that is kept.
    pub outcome: Outcome,
    /// How many entries of the log the server took a receipt for, the refused ones among them.
    pub sent: usize,
    /// How many changes of others were merged.
    pub received: usize,
    /// The entries the server did not merge; see the [outbox](crate::Book::outbox).
    pub refused: Vec<Hash>,
    /// How many things from the server failed this phone's own checks and were kept apart.
    pub distrusted: usize,
    /// How many versions became official.
    pub seals: usize,
    /// How many verdicts are new or changed.
    pub verdicts: usize,
    /// How many decisions of supervisors are new.
    pub decisions: usize,
    /// How many visits had edits of an earlier enrolment made again.
    pub made_again: usize,
    /// How many HTTP requests it took.
    pub requests: u32,
}

impl SyncReport {
    fn empty() -> Self {
        Self {
            outcome: Outcome::Complete,
            sent: 0,
            received: 0,
            refused: Vec::new(),
            distrusted: 0,
            seals: 0,
            verdicts: 0,
            decisions: 0,
            made_again: 0,
            requests: 0,
        }
    }
}
