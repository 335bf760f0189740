//! A simulated phone: the real SDK on simulated clocks, in a folder of its own.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, ensure};
use client_sdk::{
    Book, ClockReading, Credentials, Error, Outcome, Platform as _, SyncReport, VisitId, VisitRecord, field,
};
use sync_core::id::CustomerId;
use tempfile::TempDir;

use crate::{clock::SimulatedClock, platform::SimulatedPlatform};

/// A phone with its book. It is offline except while [`sync`](Self::sync) runs.
pub struct Phone {
    /// The app's side of it.
    pub book: Book,
    platform: Arc<SimulatedPlatform>,
    folder: TempDir,
    name: String,
}

impl Phone {
    /// Takes a phone out of its box: nothing is enrolled, its clocks are right.
    pub fn new(name: &str, clock: Arc<SimulatedClock>, seed: u64) -> anyhow::Result<Self> {
        Self::in_folder(tempfile::tempdir()?, name, clock, seed)
    }

    /// Takes a phone with a copy of a closed book.
    pub fn with_book(name: &str, clock: Arc<SimulatedClock>, seed: u64, book: &Path) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::copy(book, folder.path().join("book.sqlite"))?;
        // Not what was drawn while the book was written: a server takes no device proof twice.
        Self::in_folder(folder, name, clock, !seed)
    }

    fn in_folder(folder: TempDir, name: &str, clock: Arc<SimulatedClock>, seed: u64) -> anyhow::Result<Self> {
        let platform = Arc::new(SimulatedPlatform::new(clock, seed));
        let book = Book::open(folder.path().join("book.sqlite"), Arc::clone(&platform) as _)?;
        Ok(Self { book, platform, folder, name: name.to_owned() })
    }

    /// Enrols with a one-time code.
    pub async fn enrol(&self, url: &str, code: &str) -> anyhow::Result<()> {
        self.book.enrol(url, Credentials::Code(code.to_owned()), &self.name).await?;
        Ok(())
    }

    /// Reaches the server and brings both up to date.
    pub async fn sync(&self) -> anyhow::Result<SyncReport> {
        let report = self.book.sync().await?;
        ensure!(report.outcome == Outcome::Complete, "the sync of {} ended {:?}", self.name, report.outcome);
        Ok(report)
    }

    /// Tries to reach the server, and gives what came of it.
    pub async fn try_sync(&self) -> Result<SyncReport, Error> {
        self.book.sync().await
    }

    /// Goes to a customer now: arrives, notes the result and leaves, all at this instant.
    pub fn visit(&self, customer: CustomerId, result: &str) -> anyhow::Result<VisitId> {
        let visit = self.book.new_visit(customer)?;
        self.book.check_in(visit)?;
        self.book.edit(visit, |draft| {
            draft.text(field::CHANNEL, "on_site").text(field::CLASS, "scheduled_return");
            draft.text(field::RESULT, result);
        })?;
        self.book.check_out(visit)?;
        Ok(visit)
    }

    /// The n-th customer in this phone's scope, by name.
    pub fn customer(&self, n: usize) -> anyhow::Result<CustomerId> {
        let customers = self.book.customers("")?;
        ensure!(!customers.is_empty(), "{} knows no customers", self.name);
        Ok(customers[n % customers.len()].id)
    }

    /// A visit as the book has it.
    pub fn record(&self, visit: VisitId) -> anyhow::Result<VisitRecord> {
        self.book.visit(visit)?.with_context(|| format!("{} has no visit {visit}", self.name))
    }

    /// Restarts the phone: a new run of the boot clock, a new process.
    pub fn reboot(&mut self) -> anyhow::Result<()> {
        self.platform.reboot();
        self.book.close()?;
        self.book = Book::open(self.file(), Arc::clone(&self.platform) as _)?;
        Ok(())
    }

    /// Copies the book, as a phone's backup does.
    pub fn back_up(&mut self) -> anyhow::Result<Vec<u8>> {
        self.book.close()?;
        let copy = std::fs::read(self.file())?;
        self.book = Book::open(self.file(), Arc::clone(&self.platform) as _)?;
        Ok(copy)
    }

    /// Puts a copy in the place of the book, as a new phone that was set up from a backup has it.
    pub fn restore(&mut self, copy: &[u8]) -> anyhow::Result<()> {
        self.book.close()?;
        std::fs::write(self.file(), copy)?;
        self.reboot()
    }

    /// Moves the phone to another disk.
    pub fn moved_to(self, disk: &Path) -> anyhow::Result<Self> {
        let Self { book, platform, folder, name } = self;
        book.close()?;
        let moved = tempfile::tempdir_in(disk)?;
        fs::copy(folder.path().join("book.sqlite"), moved.path().join("book.sqlite"))?;
        let book = Book::open(moved.path().join("book.sqlite"), Arc::clone(&platform) as _)?;
        Ok(Self { book, platform, folder: moved, name })
    }

    /// Sets the wall clock that many milliseconds off the truth.
    pub fn set_wall(&self, skew_ms: i64) {
        self.platform.set_wall(skew_ms);
    }

    /// Lets the boot clock run fast (slow if negative) from now on, in parts per million.
    pub fn set_drift(&self, ppm: i32) {
        self.platform.set_drift(ppm);
    }

    /// What the phone's clocks say.
    pub fn clock(&self) -> ClockReading {
        self.platform.clock()
    }

    /// The book's file.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("book.sqlite")
    }
}
