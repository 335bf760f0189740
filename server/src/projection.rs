//! The projection: what the index holds, and which writes each event of the journal makes in it.

mod apply;
mod closing;
mod company;
mod entered;
mod exception;
mod facts;
mod handover;
pub mod key;
mod known;
pub mod ledger;
pub mod page;
pub mod points;
pub(crate) mod readers;
pub(crate) mod record;
pub mod restated;
mod rulebook;
mod state;
mod version;
mod view;
mod writes;

pub use apply::{apply, committed};
pub use closing::{Closing, ClosingNumber};
pub use exception::StoredException;
pub use facts::{Changed, IndexedFacts, StoredFact};
pub use key::{FeedPlace, Keys, Scope};
pub use known::{Known, Then};
pub use ledger::{LedgerState, StoredObligation};
pub use state::{
    Credential, EnrolledDevice, FeedEntry, Moment, MomentKind, RecordLine, RefusedEntry, StoredRecord, Told,
    Written,
};
pub use version::Version;
pub use view::{View, tenants};
pub use writes::Writes;

use std::sync::Arc;

use crate::{
    event::Event,
    journal::Position,
    store::{IndexRead, ProjectError, Projector, StoreError, Write},
};

/// Makes the index from the journal's events.
#[derive(Debug, Default)]
pub struct Projection;

impl Projection {
    /// The layout of the index; raised whenever the same events give other writes.
    const SCHEMA: u32 = 7;

    /// A projector to open a store with.
    pub fn shared() -> Arc<dyn Projector> {
        Arc::new(Self)
    }
}

impl Projector for Projection {
    fn project(&self, index: &dyn IndexRead, _: Position, record: &[u8]) -> Result<Vec<Write>, ProjectError> {
        let event: Event =
            sync_core::encoding::decode(record).map_err(|error| ProjectError::Record(error.to_string()))?;
        let writes = apply(&View::new(index, event.tenant), &event)?;
        Ok(writes.into_inner())
    }

    fn schema_version(&self) -> u32 {
        Self::SCHEMA
    }
}

/// What the index holds does not fit what the journal says.
pub(crate) fn corrupt(what: impl Into<String>) -> StoreError {
    StoreError::Corrupt(format!("{}; stop the server and run `fieldbook rebuild`", what.into()))
}
