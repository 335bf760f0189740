//! A handset: one rep's phone with the shipped SDK on it. Its process can die at any call and be started again.

use std::{
    fs,
    panic::resume_unwind,
    path::{Path, PathBuf},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use client_sdk::{Book, Credentials, Error, SyncReport};

use super::{line::Line, story::Carrier};
use crate::{SimulatedClock, platform::Death, platform::SimulatedPlatform};

/// Where every phone reaches the server.
pub(super) const URL: &str = "https://fieldbook.example";

type Syncing = Pin<Box<dyn Future<Output = Result<SyncReport, Error>>>>;

/// One rep's phone.
pub(super) struct Handset {
    pub(super) carrier: Carrier,
    pub(super) platform: Arc<SimulatedPlatform>,
    pub(super) line: Arc<Line>,
    /// Until when it stands in a dead spot.
    pub(super) vanished_until_ms: u64,
    /// Whether it has to be enrolled (again) before it can sync.
    pub(super) needs_code: bool,
    folder: PathBuf,
    book: Option<Arc<Book>>,
    syncing: Option<Syncing>,
    backup: Option<Vec<(PathBuf, Vec<u8>)>>,
}

/// What came of a call into the app.
pub(super) enum Called<T> {
    /// It returned.
    Returned(Result<T, Error>),
    /// The process died in it.
    Died,
}

impl Handset {
    /// Takes a phone out of its box.
    pub(super) fn new(
        carrier: Carrier,
        folder: PathBuf,
        clock: Arc<SimulatedClock>,
        seed: u64,
    ) -> anyhow::Result<Self> {
        fs::create_dir_all(&folder)?;
        let mut handset = Self {
            carrier,
            platform: Arc::new(SimulatedPlatform::new(clock, seed)),
            line: Arc::default(),
            vanished_until_ms: 0,
            needs_code: true,
            folder,
            book: None,
            syncing: None,
            backup: None,
        };
        handset.start()?;
        Ok(handset)
    }

    /// Starts the app.
    fn start(&mut self) -> anyhow::Result<()> {
        let (platform, line) = (Arc::clone(&self.platform), Arc::clone(&self.line));
        self.book = Some(Arc::new(Book::open_with(self.folder.join("book"), platform as _, line as _)?));
        Ok(())
    }

    /// The app's book.
    pub(super) fn book(&self) -> &Book {
        self.book.as_deref().unwrap_or_else(|| unreachable!("the app always runs"))
    }

    /// Whether a sync is under way.
    pub(super) fn is_syncing(&self) -> bool {
        self.syncing.is_some()
    }

    /// Calls into the app.
    pub(super) fn call<T>(
        &mut self,
        call: impl FnOnce(&Book) -> Result<T, Error>,
    ) -> anyhow::Result<Called<T>> {
        let book = Arc::clone(self.book.as_ref().unwrap_or_else(|| unreachable!("the app always runs")));
        match self.platform.work(|| call(&book)) {
            Ok(returned) => Ok(Called::Returned(returned)),
            Err(panic) if panic.is::<Death>() => {
                drop(book);
                self.restart()?;
                Ok(Called::Died)
            }
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Begins a sync; with a code, enrols before it.
    pub(super) fn sync(&mut self, code: Option<String>) {
        let Some(book) = self.book.clone() else { return };
        self.syncing = Some(Box::pin(async move {
            if let Some(code) = code {
                book.enrol(URL, Credentials::Code(code), "手机").await?;
            }
            book.sync().await
        }));
    }

    /// Lets a sync that is under way go on as far as it can; gives what came of it once it is over.
    pub(super) fn poll(&mut self) -> anyhow::Result<Option<Called<SyncReport>>> {
        let Some(syncing) = &mut self.syncing else { return Ok(None) };
        let mut context = Context::from_waker(Waker::noop());
        match self.platform.work(|| syncing.as_mut().poll(&mut context)) {
            Ok(Poll::Pending) => Ok(None),
            Ok(Poll::Ready(result)) => {
                self.syncing = None;
                Ok(Some(Called::Returned(result)))
            }
            Err(panic) if panic.is::<Death>() => {
                self.restart()?;
                Ok(Some(Called::Died))
            }
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Ends the process without a word and starts it again on the same file.
    pub(super) fn restart(&mut self) -> anyhow::Result<()> {
        self.stop();
        self.start()
    }

    fn stop(&mut self) {
        self.syncing = None;
        self.book = None;
        // What the process had asked for, nobody waits for any more.
        self.line.take();
    }

    /// Keeps a copy of the book's file as it is now.
    pub(super) fn back_up(&mut self) -> anyhow::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let bytes = fs::read(&path)?;
            files.push((path, bytes));
        }
        self.backup = Some(files);
        Ok(())
    }

    /// Puts the book's file back as it was at the last backup; gives whether there was one.
    pub(super) fn put_back(&mut self) -> anyhow::Result<bool> {
        let Some(files) = &self.backup else { return Ok(false) };
        self.syncing = None;
        self.book = None;
        self.line.take();
        empty(&self.folder)?;
        for (path, bytes) in files {
            fs::write(path, bytes)?;
        }
        self.start()?;
        Ok(true)
    }
}

fn empty(folder: &Path) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder)? {
        fs::remove_file(entry?.path())?;
    }
    Ok(())
}
