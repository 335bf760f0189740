//! The committer: the one who writes the journal, many appends with one sync.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use sync_core::log::JournalRoot;
use tokio::sync::{mpsc, oneshot};

use super::{Append, Appended, Failure, Mark, StoreError, embedded::Shared};
use crate::{
    journal::{Journal, Position},
    workers::panic_text,
};

/// How many appends may wait; more wait in line for a place.
pub(super) const MAX_WAITING: usize = 4096;
/// The most records of one batch.
const MAX_BATCH_RECORDS: usize = 1024;
/// The size at which a batch takes no further record.
const MAX_BATCH_BYTES: usize = 8 * 1024 * 1024;

/// Who writes the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Committing {
    /// A thread of the store's own, as soon as anything waits.
    Thread,
    /// Whoever calls [`EmbeddedStore::commit_waiting`](super::EmbeddedStore::commit_waiting), such as a simulation that
    /// chooses when the disk is written. What waits when the store is dropped is not written.
    ByHand,
}

/// An append and where its answer goes.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) append: Append,
    pub(super) answer: oneshot::Sender<Result<Appended, StoreError>>,
}

/// Writes batches until there is no sender left or the first error.
#[derive(Debug)]
pub(super) struct Committer {
    pub(super) shared: Arc<Shared>,
    pub(super) journal: Journal,
    pub(super) schema_version: u32,
    pub(super) reserve_bytes: u64,
    pub(super) requests: mpsc::Receiver<Request>,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written {
    /// How many appends were answered.
    pub(super) answered: usize,
    /// Whether the next batch may be written.
    pub(super) goes_on: bool,
}

impl Committer {
    /// Writes whatever comes, on a thread of its own.
    pub(super) fn run(mut self) {
        while let Some(first) = self.requests.blocking_recv() {
            if !self.write(first).goes_on {
                // Dropping the receiver answers everything that still waits.
                return;
            }
        }
    }

    /// Writes one batch of what waits; none if nothing does.
    pub(super) fn write_waiting(&mut self) -> Option<Written> {
        let first = self.requests.try_recv().ok()?;
        Some(self.write(first))
    }

    /// Writes one batch and answers it.
    fn write(&mut self, first: Request) -> Written {
        let batch = self.fill(first);
        let (appends, answers): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|request| (request.append, request.answer)).unzip();
        let outcome = catch_unwind(AssertUnwindSafe(|| self.commit(appends))).unwrap_or_else(|panic| {
            // How far the batch got is not known: journal and index are looked at anew at the next start.
            Err(self.fail(Failure::Panicked(panic_text(&*panic))))
        });
        let written =
            Written { answered: answers.len(), goes_on: !matches!(outcome, Err(StoreError::Closed(_))) };
        for (at, answer) in answers.into_iter().enumerate() {
            let answered = match &outcome {
                Ok(roots) => roots.get(at).copied().map(appended).ok_or_else(closed),
                Err(error) => Err(error.clone()),
            };
            // A caller that went away does not want the answer.
            let _ = answer.send(answered);
        }
        written
    }

    fn fill(&mut self, first: Request) -> Vec<Request> {
        let mut bytes = first.append.record.len();
        let mut batch = vec![first];
        while batch.len() < MAX_BATCH_RECORDS
            && bytes < MAX_BATCH_BYTES
            && let Ok(request) = self.requests.try_recv()
        {
            bytes += request.append.record.len();
            batch.push(request);
        }
        batch
    }

    fn commit(&mut self, appends: Vec<Append>) -> Result<Vec<JournalRoot>, StoreError> {
        self.check_space(&appends)?;
        let payloads: Vec<&[u8]> = appends.iter().map(|append| append.record.as_slice()).collect();
        let roots =
            self.journal.append(&payloads).map_err(|error| self.fail(Failure::Journal(error.to_string())))?;
        let Some(last) = roots.last().copied() else { return Ok(roots) };
        let records = roots
            .iter()
            .map(|root| Position::new(root.size))
            .zip(appends.into_iter().map(|a| a.writes))
            .collect();
        let mark = Mark { schema_version: self.schema_version, root: last };
        self.shared
            .index
            .apply(records, mark)
            .map_err(|error| self.fail(Failure::Index(error.to_string())))?;
        self.shared.set_root(last);
        Ok(roots)
    }

    fn check_space(&self, appends: &[Append]) -> Result<(), StoreError> {
        let needed: usize = appends.iter().map(|append| append.record.len()).sum();
        let available_bytes =
            self.shared.disk.available_bytes(&self.shared.data).map_err(|error| {
                StoreError::Unavailable(format!("the free disk space is not known: {error}"))
            })?;
        if available_bytes.saturating_sub(needed as u64) < self.reserve_bytes {
            return Err(StoreError::Full { available_bytes, reserve_bytes: self.reserve_bytes });
        }
        Ok(())
    }

    fn fail(&self, failure: Failure) -> StoreError {
        self.shared.fail(failure.clone());
        StoreError::Closed(failure.to_string())
    }
}

fn appended(root: JournalRoot) -> Appended {
    Appended { position: Position::new(root.size), root }
}

fn closed() -> StoreError {
    StoreError::Closed("the batch was not written".to_owned())
}
