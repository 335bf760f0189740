//! A crew: phones under load on one server, each with a count of the entries it has receipts for.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Context as _, ensure};
use client_sdk::{Outcome, VisitFilter, field};
use rand::{Rng as _, RngCore as _, SeedableRng as _, rngs::StdRng};
use server::{
    app::Opened,
    clock::SystemClock,
    config::Config,
    host::Host,
    projection::Projection,
    store::{EmbeddedStore, OpenError, StoreOptions},
};

use crate::{Company, Phone, child::Prepared, fork, notes};

/// Who works under load.
pub const LOGINS: [&str; 4] = ["davolio", "leverling", "peacock", "callahan"];

/// Phones of one company under load.
pub struct Crew {
    company: Company,
    phones: Vec<Loaded>,
}

/// A phone under load, and how many entries it has receipts for.
struct Loaded {
    phone: Phone,
    receipted: usize,
    random: StdRng,
}

impl Loaded {
    /// Writes and syncs until it is told to stop or the server is gone.
    async fn work(mut self, stop: Arc<AtomicBool>) -> anyhow::Result<Self> {
        while !stop.load(Ordering::Relaxed) {
            self.write()?;
            if self.sync().await? != Outcome::Complete {
                break;
            }
        }
        Ok(self)
    }

    fn write(&mut self) -> anyhow::Result<()> {
        let visit = self.phone.visit(self.phone.customer(self.random.random_range(0..90))?, "巡访")?;
        for _ in 0..self.random.random_range(1..6) {
            let text = notes::text(&mut self.random, 60);
            self.phone.book.edit(visit, |draft| {
                draft.text(field::CONTENT, text);
            })?;
        }
        self.phone.book.submit(visit, None)?;
        Ok(())
    }

    async fn sync(&mut self) -> anyhow::Result<Outcome> {
        let report = self.phone.try_sync().await?;
        ensure!(report.refused.is_empty(), "{} entries were refused", report.refused.len());
        self.receipted += report.sent;
        Ok(report.outcome)
    }
}

impl Crew {
    /// Enrols a phone for each of [`LOGINS`], for which the data folder was prepared, and syncs it once.
    pub async fn enrol(prepared: Prepared, url: &str, random: &mut StdRng) -> anyhow::Result<Self> {
        let mut phones = Vec::new();
        for (login, code) in LOGINS.iter().zip(&prepared.codes) {
            let phone = Phone::new(login, Arc::clone(&prepared.clock), random.next_u64())?;
            phone.enrol(url, code).await?;
            let mut phone = Loaded { phone, receipted: 0, random: StdRng::seed_from_u64(random.next_u64()) };
            ensure!(phone.sync().await? == Outcome::Complete, "the first sync of {login}");
            phones.push(phone);
        }
        Ok(Self { company: prepared.company, phones })
    }

    /// Lets all phones write and sync until a crash has come about.
    pub async fn work_until(
        &mut self,
        crash: impl Future<Output = anyhow::Result<()>>,
    ) -> anyhow::Result<()> {
        let stop = Arc::new(AtomicBool::new(false));
        let working: Vec<_> =
            self.phones.drain(..).map(|phone| tokio::spawn(phone.work(Arc::clone(&stop)))).collect();
        let crashed = crash.await;
        stop.store(true, Ordering::Relaxed);
        for phone in working {
            self.phones.push(phone.await??);
        }
        crashed
    }

    /// Brings every phone up to date, after which none holds anything back.
    pub async fn settle(&mut self) -> anyhow::Result<()> {
        for phone in &mut self.phones {
            ensure!(phone.sync().await? == Outcome::Complete, "the last sync");
            ensure!(phone.phone.book.outbox()?.is_empty(), "something was left on a phone");
        }
        Ok(())
    }

    /// Looks at the data folder itself, on which no server runs: what phones have receipts for is what is held, no more
    /// and no less, and every visit reads the same. A phone whose server had gone back would have handed over entries a
    /// second time. Gives how many entries there are.
    pub fn nothing_is_lost(&self, data: &Path) -> anyhow::Result<u64> {
        let config = Config { data_dir: data.to_owned(), ..Config::default() };
        let opened = Opened::open(&config, &Host::system(Arc::new(SystemClock::new())))?;
        let mut entries = 0;
        for Loaded { phone, receipted, .. } in &self.phones {
            let view = opened.engine.view(self.company.tenant);
            let owner = phone.book.owner()?.context("nobody is enrolled")?;
            let device = view.device(owner.device)?.context("the device is gone")?;
            ensure!(device.sync.chain.next_index == *receipted as u64, "{receipted} entries have receipts");
            entries += device.sync.chain.next_index;
            for line in phone.book.visits(VisitFilter::All)? {
                let stored = view.record(line.id)?.context("a visit is gone")?;
                let document = sync_core::document::Document::load(line.id, &stored.saved)?;
                let fields = client_sdk::Visit::read(&document.values());
                ensure!(fields == phone.record(line.id)?.fields, "visit {} reads otherwise", line.id);
            }
        }
        drop(opened);
        fork::let_go();
        Ok(entries)
    }
}

/// How often a folder that is in use is tried again, ten times a second.
const LOCKED_TRIES: usize = 50;

/// Opens a data folder on which no server runs, heals what is to be healed, and checks that its index is the one that
/// its journal gives.
pub fn index_follows_from_journal(data: &Path) -> anyhow::Result<()> {
    let host = Host::system(Arc::new(SystemClock::new()));
    let digest = |open: fn(&Host, &Path, _, _) -> Result<EmbeddedStore, OpenError>| {
        let mut tries = 0;
        let store = loop {
            match open(&host, data, Projection::shared(), StoreOptions::default()) {
                // On a machine under load a child has been seen to hold on to the lock of a closed folder for a while.
                Err(OpenError::Locked(_)) if tries < LOCKED_TRIES => tries += 1,
                opened => break opened?,
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        };
        let digest = store.index_digest()?;
        drop(store);
        fork::let_go();
        anyhow::Ok(digest)
    };
    let (found, made) = (digest(EmbeddedStore::open)?, digest(EmbeddedStore::rebuild)?);
    ensure!(found == made, "the index is not the one that the journal gives");
    Ok(())
}
