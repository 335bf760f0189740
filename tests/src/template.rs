//! A template: a stopped server with a little history and the books of two phones, to be copied for each case.

use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, ensure};
use client_sdk::{Error, Outcome, RecordStatus, Visit, VisitFilter, VisitId};
use server::{app::Opened, clock::SystemClock, config::Config, host::Host};
use tempfile::TempDir;

use crate::{
    Company, Phone, SimulatedClock,
    child::{Prepared, Program, ServerProcess, free_address, prepare},
    crew::index_follows_from_journal,
    folder, fork,
    shadow::Watch,
};

/// Both phones are this rep's.
const LOGIN: &str = "davolio";
/// Visits that the writer has receipts for.
const VISITS: usize = 3;

/// A stopped server and two phones' closed books: the *writer* made all there is, the *reader* has seen nothing of it.
pub struct Template {
    program: Program,
    folder: TempDir,
    listen: SocketAddr,
    clock: Arc<SimulatedClock>,
    company: Company,
    receipted: usize,
}

/// A copy of a template, for one case.
pub struct Scene<'a> {
    template: &'a Template,
    folder: TempDir,
    /// The phone that writes.
    pub writer: Phone,
    /// The phone that then has to find it all.
    pub reader: Phone,
    receipted: usize,
}

impl Template {
    /// Makes one with the real program.
    pub async fn make(program: Program) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let data = folder.path().join("data");
        let Prepared { company, codes, clock } = prepare(&data, &[LOGIN, LOGIN]).await?;
        let listen = free_address().await?;
        let url = format!("http://{listen}");
        let server = program.serve(&data, listen, &url)?;
        let mut receipted = 0;
        for ((name, seed), code) in [("writer", 3), ("reader", 4)].into_iter().zip(&codes) {
            let phone = Phone::new(name, Arc::clone(&clock), seed)?;
            phone.enrol(&url, code).await?;
            if name == "writer" {
                receipted += phone.sync().await?.sent;
                for nth in 0..VISITS {
                    let visit = phone.visit(phone.customer(nth)?, "续签意向明确")?;
                    phone.book.submit(visit, None)?;
                    receipted += phone.sync().await?.sent;
                }
            }
            phone.book.close()?;
            fs::copy(phone.file(), folder.path().join(name))?;
        }
        let ended = server.stop()?;
        ensure!(ended.success, "{}", ended.said);
        Ok(Self { program, folder, listen, clock, company, receipted })
    }

    /// Copies it.
    pub fn copy(&self) -> anyhow::Result<Scene<'_>> {
        self.copy_to(&std::env::temp_dir())
    }

    /// Copies it to a disk; the phones have their own.
    pub fn copy_to(&self, disk: &Path) -> anyhow::Result<Scene<'_>> {
        let folder = tempfile::tempdir_in(disk)?;
        folder::copy(&self.folder.path().join("data"), &folder.path().join("data"))?;
        let phone = |name: &str, seed| {
            Phone::with_book(name, Arc::clone(&self.clock), seed, &self.folder.path().join(name))
        };
        let (writer, reader) = (phone("writer", 1)?, phone("reader", 2)?);
        Ok(Scene { template: self, folder, writer, reader, receipted: self.receipted })
    }
}

impl Scene<'_> {
    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A folder for what else the case needs; gone with it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Starts the program on the copy and waits for nothing.
    pub fn spawn(&self, shadow: Option<&Watch>) -> anyhow::Result<ServerProcess> {
        let listen = self.template.listen;
        self.template.program.spawn(&self.data(), listen, &format!("http://{listen}"), shadow)
    }

    /// Lets the writer make a visit and try to sync it; a server in trouble may only put it off.
    pub async fn work(&mut self) -> anyhow::Result<Outcome> {
        let visit = self.writer.visit(self.writer.customer(7)?, "同意试订一批样品")?;
        self.writer.book.submit(visit, None)?;
        self.try_sync().await
    }

    /// Lets the writer try to sync.
    pub async fn try_sync(&mut self) -> anyhow::Result<Outcome> {
        let report = self.writer.try_sync().await?;
        ensure!(report.refused.is_empty(), "{} entries were refused", report.refused.len());
        self.receipted += report.sent;
        Ok(report.outcome)
    }

    /// Starts the program, which heals what there is to heal, brings both phones up to date and compares: the reader has
    /// every visit as the writer has it, and the folder holds what has a receipt, no more and no less.
    pub async fn is_whole(&mut self) -> anyhow::Result<()> {
        let mut server = self.spawn(None)?;
        if !server.listens()? {
            anyhow::bail!("the server does not start: {}", server.ended()?.said);
        }
        ensure!(self.try_sync().await? == Outcome::Complete, "the writer's last sync");
        ensure!(self.writer.book.outbox()?.is_empty(), "something was left on the phone");
        ensure!(self.reader.try_sync().await?.outcome == Outcome::Complete, "the reader's sync");
        ensure!(visits(&self.writer)? == visits(&self.reader)?, "the reader reads something else");
        let ended = server.stop()?;
        ensure!(ended.success, "the server did not stop in order: {}", ended.said);
        self.template.program.read(&self.data(), &["verify"])?;
        let config = Config { data_dir: self.data(), ..Config::default() };
        let opened = Opened::open(&config, &Host::system(Arc::new(SystemClock::new())))?;
        let device = self.writer.book.owner()?.context("nobody is enrolled")?.device;
        let view = opened.engine.view(self.template.company.tenant);
        let held = view.device(device)?.context("the device is gone")?.sync.chain.next_index;
        ensure!(held == self.receipted as u64, "{held} entries are held, {} have receipts", self.receipted);
        drop(opened);
        fork::let_go();
        index_follows_from_journal(&self.data())
    }

    /// Runs a subcommand: whether it did what it was asked, and what it said.
    pub fn command(&self, arguments: &[&str]) -> anyhow::Result<(bool, String)> {
        let output = self.template.program.run(&self.data(), arguments)?;
        let said = String::from_utf8([output.stdout, output.stderr].concat())?;
        Ok((output.status.success(), said))
    }

    /// The writer's device and the index of the last entry it has a receipt for.
    pub fn last_receipt(&self) -> anyhow::Result<(String, String)> {
        let device = self.writer.book.owner()?.context("nobody is enrolled")?.device;
        Ok((device.to_string(), (self.receipted - 1).to_string()))
    }
}

/// Everything a phone shows of its visits.
fn visits(phone: &Phone) -> Result<BTreeMap<VisitId, (Visit, Option<RecordStatus>)>, Error> {
    let mut visits = BTreeMap::new();
    for line in phone.book.visits(VisitFilter::All)? {
        if let Some(record) = phone.book.visit(line.id)? {
            visits.insert(line.id, (record.fields, record.status));
        }
    }
    Ok(visits)
}
