//! The engine: what the server does, as commands and questions. HTTP, pages and the command line only call it.

pub mod admit;
mod close;
mod commit;
mod decide;
mod device;
mod directory;
mod enter;
mod error;
mod except;
#[cfg(test)]
pub(crate) mod fixture;
mod founding;
mod judge;
pub mod line;
mod locks;
pub mod owed;
mod pull;
mod quarantine;
pub mod restated;
#[cfg(test)]
mod tests;
mod tick;
mod timekeeper;

use std::sync::Arc;

pub use decide::{NOTE_CHARS, Ruled, fits};
pub use device::{SignedIn, Ticket, TokenGrant};
pub use enter::Entering;
pub use error::EngineError;
pub use except::{Excepting, REQUIRED_MAX};
pub use founding::{Founded, Founding};
pub use quarantine::{QuarantinedPage, Released};
pub use timekeeper::ServerTime;

use locks::Locks;
use sync_core::{
    encoding,
    id::{DeviceId, RunId, TenantId, UserId},
    log::{JournalRoot, Receipt},
};
use timekeeper::Timekeeper;
use tokio::sync::{OnceCell, Semaphore};

use crate::{
    auth::authority::Authority,
    clock::Clock,
    event::{Event, EventKind},
    journal::Position,
    projection::{View, Writes, apply, corrupt},
    randomness::NoRandomness,
    store::{Append, Appended, IndexRead, Store},
    telemetry::Metrics,
    workers::Workers,
};

/// Who is syncing: proven by an access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeviceSession {
    /// The company.
    pub tenant: TenantId,
    /// The device.
    pub device: DeviceId,
}

/// What the server does.
pub struct Engine {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    authority: Arc<Authority>,
    metrics: Arc<Metrics>,
    timekeeper: Timekeeper,
    locks: Locks,
    workers: Workers,
    places: Semaphore,
    /// Whether this run is in the journal.
    run: OnceCell<()>,
}

impl Engine {
    /// Starts on an opened store.
    ///
    /// # Errors
    /// [`EngineError::Store`] when the last event cannot be read, [`EngineError::NoRandomness`].
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        authority: Arc<Authority>,
        metrics: Arc<Metrics>,
        workers: Workers,
    ) -> Result<Arc<Self>, EngineError> {
        let high_water = match store.root().size {
            0 => sync_core::time::Timestamp::from_millis(0),
            last => {
                let records = store.read_journal(Position::new(last), 1)?;
                let (_, record) =
                    records.first().ok_or_else(|| corrupt("the journal's last record is missing"))?;
                let event: Event = encoding::decode(record).map_err(|error| corrupt(error.to_string()))?;
                event.at
            }
        };
        let locks = Locks::new(authority.randomness.draw()?);
        let places = std::thread::available_parallelism().map_or(2, usize::from);
        Ok(Arc::new(Self {
            store,
            clock,
            authority,
            metrics,
            timekeeper: Timekeeper::new(high_water),
            locks,
            workers,
            places: Semaphore::new(places),
            run: OnceCell::new(),
        }))
    }

    /// One tenant's part of the index.
    pub fn view(&self, tenant: TenantId) -> View<'_> {
        View::new(self.index(), tenant)
    }

    /// What time it is.
    pub fn time(&self) -> ServerTime {
        self.timekeeper.read(&*self.clock)
    }

    /// Where the journal stands.
    pub fn root(&self) -> JournalRoot {
        self.store.root()
    }

    /// The public half of the key that signs anchors and receipts.
    pub fn server_key(&self) -> [u8; 32] {
        self.authority.keys.public()
    }

    fn index(&self) -> &dyn IndexRead {
        &*self.store
    }

    /// Makes an event durable and visible.
    async fn append(
        &self,
        tenant: TenantId,
        by: Option<UserId>,
        kind: EventKind,
    ) -> Result<Appended, EngineError> {
        let event = Event { tenant, at: self.time().now, by, kind };
        let writes = apply(&self.view(tenant), &event)?;
        self.append_prepared(event, writes).await
    }

    async fn append_prepared(&self, event: Event, writes: Writes) -> Result<Appended, EngineError> {
        self.begun().await?;
        self.write(event, writes).await
    }

    /// Sees to it that this run is in the journal.
    async fn begun(&self) -> Result<(), EngineError> {
        self.run.get_or_try_init(|| self.begin_run()).await?;
        Ok(())
    }

    /// Says in the journal that this run begins, before anything else of it is there.
    async fn begin_run(&self) -> Result<(), EngineError> {
        let kind = EventKind::RunBegan { run: RunId::from_bytes(self.draw()?) };
        let event = Event { tenant: TenantId::SERVER, at: self.time().now, by: None, kind };
        let writes = apply(&self.view(TenantId::SERVER), &event)?;
        self.write(event, writes).await?;
        Ok(())
    }

    async fn write(&self, event: Event, writes: Writes) -> Result<Appended, EngineError> {
        tracing::debug!(kind = event.kind.name(), "event");
        let append = Append { record: encoding::encode(&event), writes: writes.into_inner() };
        let appended = self.store.append(append).await?;
        self.metrics.journal_position(appended.position.get());
        Ok(appended)
    }

    /// Does work that takes a processor, beside the threads that wait for the network.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, EngineError> {
        let _place = self.places.acquire().await.map_err(|_| EngineError::Stopping)?;
        Ok(self.workers.run(work).await?)
    }

    /// Where callers do long work of their own, in as many places as they grant themselves.
    pub(crate) fn workers(&self) -> Workers {
        self.workers
    }

    fn draw<const N: usize>(&self) -> Result<[u8; N], NoRandomness> {
        self.authority.randomness.draw()
    }

    fn count_commit(&self, receipt: &Receipt) {
        let entries = receipt.last - receipt.first + 1;
        self.metrics.commit_entries("accepted", entries - receipt.refused.len() as u64);
        for refused in &receipt.refused {
            self.metrics.commit_entries(refused.code.name(), 1);
            tracing::info!(
                device = %receipt.device,
                index = refused.index,
                code = ?refused.code,
                detail = refused.detail,
                "an entry was refused"
            );
        }
    }
}
