//! The embedded store: the journal on a disk and an index beside it, in one process.

mod healing;
mod open;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
    thread::JoinHandle,
};

use sync_core::{hash::Hash, log::JournalRoot};
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    Append, Appended, BoxFuture, Direction, Failure, Index, IndexEntry, IndexRead, OpenError, Projector,
    Store, StoreError,
    committer::{Committer, Request},
};
use crate::{
    disk::{Disk, DiskLock},
    host::Host,
    journal::{self, JournalOptions, Position},
};

/// How an embedded store is kept.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// What has to stay free on the disk; below it appends are [`StoreError::Full`].
    pub reserve_bytes: u64,
    /// How the journal is kept.
    pub journal: JournalOptions,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { reserve_bytes: 64 * 1024 * 1024, journal: JournalOptions::default() }
    }
}

/// What the store and its committer share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) data: PathBuf,
    /// Held for as long as anything of the store lives.
    #[expect(dead_code, reason = "dropping it is what it is for")]
    pub(super) lock: Box<dyn DiskLock>,
    pub(super) index: Box<dyn Index>,
    pub(super) root: RwLock<JournalRoot>,
    pub(super) failure: watch::Sender<Option<Failure>>,
}

impl Shared {
    pub(super) fn set_root(&self, root: JournalRoot) {
        *self.root.write().unwrap_or_else(PoisonError::into_inner) = root;
    }

    /// Tells the process to end; the first reason stands.
    pub(super) fn fail(&self, failure: Failure) {
        if matches!(failure, Failure::Index(_)) {
            healing::demand_rebuild(&*self.disk, &self.data);
        }
        self.failure.send_if_modified(|current| {
            let first = current.is_none();
            if first {
                tracing::error!(%failure, "the store failed; the process has to be started again");
                *current = Some(failure);
            }
            first
        });
    }

    fn watched<T>(&self, read: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(StoreError::Corrupt(reason)) = &read {
            self.fail(Failure::Index(reason.clone()));
        }
        read
    }
}

/// The store of a server that runs alone on its data folder.
#[derive(Debug)]
pub struct EmbeddedStore {
    shared: Arc<Shared>,
    requests: Option<mpsc::Sender<Request>>,
    writer: Writer,
}

/// Who holds the committer.
#[derive(Debug)]
enum Writer {
    /// A thread; none once it has ended.
    Thread(Option<JoinHandle<()>>),
    /// The store itself; none once it has failed.
    ByHand(Mutex<Option<Box<Committer>>>),
}

impl EmbeddedStore {
    /// Opens or creates the store in a data folder; an index that cannot be used is made again from the journal.
    ///
    /// Reads and checks the whole journal, and after an unclean end the whole index.
    pub fn open(
        host: &Host,
        data: &Path,
        projector: Arc<dyn Projector>,
        options: StoreOptions,
    ) -> Result<Self, OpenError> {
        open::open(host, data, &*projector, options, false)
    }

    /// Drops the index of a data folder and makes it again from the journal; nothing happens if the folder is in use.
    pub fn rebuild(
        host: &Host,
        data: &Path,
        projector: Arc<dyn Projector>,
        options: StoreOptions,
    ) -> Result<Self, OpenError> {
        open::open(host, data, &*projector, options, true)
    }

    /// Writes and answers one batch of the appends that wait, and gives how many there were; 0 when none waits.
    ///
    /// For stores opened with [`Committing::ByHand`](super::Committing::ByHand); with a thread of its own nothing ever
    /// waits for the caller.
    pub fn commit_waiting(&self) -> usize {
        let Writer::ByHand(committer) = &self.writer else { return 0 };
        let mut committer = committer.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(written) = committer.as_mut().and_then(|committer| committer.write_waiting()) else {
            return 0;
        };
        if !written.goes_on {
            // Dropping its receiver answers everything that still waits.
            *committer = None;
        }
        written.answered
    }

    /// Resolves when the store has failed and the process has to end.
    pub async fn failed(&self) -> Failure {
        let mut failure = self.shared.failure.subscribe();
        loop {
            if let Some(failure) = failure.borrow_and_update().clone() {
                return failure;
            }
            // The sender lives in `self`, so this never ends by itself.
            if failure.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Reads every entry of the index and hashes them all.
    pub fn index_digest(&self) -> Result<Hash, StoreError> {
        self.shared.watched(self.shared.index.digest())
    }

    fn closed(&self) -> StoreError {
        let failure = self.shared.failure.borrow().clone();
        StoreError::Closed(failure.map_or_else(|| "it is shutting down".to_owned(), |f| f.to_string()))
    }
}

impl Drop for EmbeddedStore {
    fn drop(&mut self) {
        // Without a sender the committer finishes what is waiting and ends.
        self.requests = None;
        if let Writer::Thread(committer) = &mut self.writer
            && let Some(committer) = committer.take()
            && committer.join().is_err()
        {
            tracing::error!("the committer of the store panicked outside a batch");
            return;
        }
        if self.shared.failure.borrow().is_none() {
            healing::mark_clean(&self.shared);
        }
    }
}

impl IndexRead for EmbeddedStore {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.shared.watched(self.shared.index.get(key))
    }

    fn scan(
        &self,
        from: std::ops::Bound<&[u8]>,
        until: &[u8],
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<IndexEntry>, StoreError> {
        self.shared.watched(self.shared.index.scan(from, until, limit, direction))
    }
}

impl Store for EmbeddedStore {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, StoreError>> {
        Box::pin(async move {
            append.check()?;
            let (answer, answered) = oneshot::channel();
            let requests = self.requests.as_ref().ok_or_else(|| self.closed())?;
            requests.send(Request { append, answer }).await.map_err(|_| self.closed())?;
            answered.await.unwrap_or_else(|_| Err(self.closed()))
        })
    }

    fn root(&self) -> JournalRoot {
        *self.shared.root.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_journal(&self, from: Position, limit: usize) -> Result<Vec<(Position, Vec<u8>)>, StoreError> {
        Ok(journal::read(&*self.shared.disk, &self.shared.data, from, limit, self.root())?)
    }
}
