//! The book: what an app opens, writes in and syncs.

mod again;
mod clock;
mod facts;
mod lists;
mod pages;
mod rebuild;
mod rules;
mod submit;
mod write;

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicU32},
};

use rusqlite::{Connection, Transaction};
use sync_core::{directory::User, id::DeviceId};

use crate::{
    error::{Error, ReEnrolCause},
    platform::Platform,
    store::{self, Enrolment, State, Store},
    sync::{AccessToken, HttpTransport, PageSize, Transport},
};

pub(crate) use again::{begin_anew, make_again, put_back, set_lost_aside};
pub(crate) use clock::best_time;
pub(crate) use facts::{owner_of, read_facts};
pub(crate) use pages::{keep_page, keep_standing, load};
pub(crate) use rebuild::{dependencies, past_of, rebuild};
pub(crate) use rules::{Deadline, day_around, deadline, rulebook};
pub use submit::Submission;
pub(crate) use write::Writer;

/// One rep's field book on one phone: a single SQLite file.
///
/// Everything but [`enrol`](Self::enrol) and [`sync`](Self::sync) works without a network. What a call wrote is
/// durable when it returns. All methods may be called from any thread; reads and writes take turns, and none of them
/// waits for the network.
pub struct Book {
    store: Mutex<Store>,
    pub(crate) platform: Arc<dyn Platform>,
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) token: Mutex<Option<AccessToken>>,
    /// One sync at a time; the second waits and then finds little to do.
    pub(crate) syncing: tokio::sync::Mutex<()>,
    pub(crate) failures: AtomicU32,
    pub(crate) page_size: PageSize,
}

/// Who writes in the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The user.
    pub user: User,
    /// The device the book writes for now.
    pub device: DeviceId,
    /// Why the phone has to be enrolled again, if it has to.
    pub re_enrol: Option<ReEnrolCause>,
}

impl Book {
    /// Opens the book at a path, or begins a new one there.
    ///
    /// After a crash the file is checked first, but not its indexes: see [`check`](Self::check). Fails with [`Error::Storage`] if the file is damaged, in use or of a
    /// newer SDK.
    pub fn open(path: impl AsRef<Path>, platform: Arc<dyn Platform>) -> Result<Self, Error> {
        Self::open_with(path, platform, Arc::new(HttpTransport::default()))
    }

    /// As [`open`](Self::open), with an HTTP stack that the app brings.
    pub fn open_with(
        path: impl AsRef<Path>,
        platform: Arc<dyn Platform>,
        transport: Arc<dyn Transport>,
    ) -> Result<Self, Error> {
        let mut store = Store::open(path.as_ref())?;
        store.write(|db| facts::refresh_facts(db))?;
        Ok(Self {
            store: Mutex::new(store),
            platform,
            transport,
            token: Mutex::new(None),
            syncing: tokio::sync::Mutex::new(()),
            failures: AtomicU32::new(0),
            page_size: PageSize::default(),
        })
    }

    /// Checks the whole file, which takes time in proportion to its size; for support, not for every start.
    ///
    /// Fails with [`Error::Storage`] if it is damaged.
    pub fn check(&self) -> Result<(), Error> {
        self.store().check()
    }

    /// Closes the file; later calls fail with [`Error::Closed`]. A book that is not closed loses nothing, but is
    /// checked when it is opened the next time.
    pub fn close(&self) -> Result<(), Error> {
        self.store().close()
    }

    /// Who is enrolled; `None` before the first enrolment.
    pub fn owner(&self) -> Result<Option<Owner>, Error> {
        let enrolment = self.read(store::enrolment)?;
        Ok(enrolment.map(|enrolment| Owner {
            re_enrol: enrolment.re_enrol(),
            user: enrolment.user,
            device: enrolment.device,
        }))
    }

    pub(crate) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        work(self.store().read()?)
    }

    pub(crate) fn transact<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.store().write(work)
    }

    /// A panic inside a transaction rolled it back, so the store behind a poisoned lock is whole.
    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The enrolment in use.
pub(crate) fn enrolled(db: &Connection) -> Result<Enrolment, Error> {
    store::enrolment(db)?.ok_or(Error::NotEnrolled)
}

impl Enrolment {
    /// Why this device can deliver nothing more, if it cannot.
    pub(crate) fn re_enrol(&self) -> Option<ReEnrolCause> {
        match self.state {
            State::Current => None,
            State::Forked => Some(ReEnrolCause::Forked),
            State::Revoked => Some(ReEnrolCause::Revoked),
        }
    }
}
