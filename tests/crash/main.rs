//! Crashes: the real program is killed at random moments under load, and nothing it gave a receipt for is ever lost.
//!
//! `CRASH_KILLS=100 cargo test -p tests --test crash` kills it a hundred times instead of twenty.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, ensure};
use client_sdk::{Outcome, VisitFilter, field};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use server::{
    app::Opened,
    clock::{Clock as _, SystemClock},
    config::Config,
    host::Host,
};
use tests::{
    Phone,
    child::{Program, free_address, prepare},
    notes,
};

const LOGINS: [&str; 4] = ["davolio", "leverling", "peacock", "callahan"];

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
            let visit = self.phone.visit(self.phone.customer(self.random.random_range(0..90))?, "巡访")?;
            for _ in 0..self.random.random_range(1..6) {
                let text = notes::text(&mut self.random, 60);
                self.phone.book.edit(visit, |draft| {
                    draft.text(field::CONTENT, text);
                })?;
            }
            self.phone.book.submit(visit, None)?;
            if self.sync().await? != Outcome::Complete {
                break;
            }
        }
        Ok(self)
    }

    async fn sync(&mut self) -> anyhow::Result<Outcome> {
        let report = self.phone.try_sync().await?;
        ensure!(report.refused.is_empty(), "{} entries were refused", report.refused.len());
        self.receipted += report.sent;
        Ok(report.outcome)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_at_any_moment_loses_nothing_it_gave_a_receipt_for() -> anyhow::Result<()> {
    let kills: u32 = std::env::var("CRASH_KILLS").map_or(Ok(20), |text| text.parse())?;
    let fresh = SystemClock::new().now().as_millis() as u64;
    let seed: u64 = std::env::var("CRASH_SEED").map_or(Ok(fresh), |text| text.parse())?;
    println!("CRASH_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let program = Program::build()?;
    let folder = tempfile::tempdir()?;
    let data = folder.path();
    let prepared = prepare(data, &LOGINS).await?;
    let listen = free_address().await?;
    let url = format!("http://{listen}");

    let mut server = program.serve(data, listen, &url)?;
    let mut loaded = Vec::new();
    for (n, (login, code)) in LOGINS.iter().zip(&prepared.codes).enumerate() {
        let phone = Phone::new(login, Arc::clone(&prepared.clock), seed.wrapping_add(n as u64))?;
        phone.enrol(&url, code).await?;
        let random = StdRng::seed_from_u64(random.random());
        let mut phone = Loaded { phone, receipted: 0, random };
        ensure!(phone.sync().await? == Outcome::Complete, "the first sync of {login}");
        loaded.push(phone);
    }
    for kill in 0..kills {
        let stop = Arc::new(AtomicBool::new(false));
        let working: Vec<_> =
            loaded.drain(..).map(|phone| tokio::spawn(phone.work(Arc::clone(&stop)))).collect();
        // The one wait of this test: the moment of the crash is what is random about it.
        tokio::time::sleep(Duration::from_millis(random.random_range(5..400))).await;
        server.kill()?;
        stop.store(true, Ordering::Relaxed);
        for phone in working {
            loaded.push(phone.await??);
        }
        match kill % 4 {
            1 => fs::remove_dir_all(data.join("index"))?,
            3 => flip_a_byte(&largest_file(&data.join("index"))?, &mut random)?,
            _ => {}
        }
        server = program.serve(data, listen, &url)?;
    }
    for phone in &mut loaded {
        ensure!(phone.sync().await? == Outcome::Complete, "the last sync");
        ensure!(phone.phone.book.outbox()?.is_empty(), "something was left on a phone");
    }
    server.kill()?;

    let verified = program.run(data, &["verify"])?;
    ensure!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    let entries = nothing_is_lost(data, &prepared.company, &loaded).await?;
    println!("{kills} kills, {entries} entries with a receipt, 0 lost");

    flip_a_byte(&largest_file(&data.join("journal"))?, &mut random)?;
    ensure!(program.serve(data, listen, &url).is_err(), "a server runs on a damaged journal");
    let verified = program.run(data, &["verify"])?;
    ensure!(!verified.status.success(), "a damaged journal passes");
    let said = [verified.stdout, verified.stderr].concat();
    ensure!(String::from_utf8_lossy(&said).contains("record"), "{}", String::from_utf8_lossy(&said));
    Ok(())
}

/// Looks at the data folder itself: what phones have receipts for is what is held, no more and no less, and every
/// visit reads the same. A phone whose server had gone back would have handed over entries a second time.
async fn nothing_is_lost(data: &Path, company: &tests::Company, loaded: &[Loaded]) -> anyhow::Result<u64> {
    let config = Config { data_dir: data.to_owned(), ..Config::default() };
    let opened = Opened::open(&config, &Host::system(Arc::new(SystemClock::new())))?;
    let mut entries = 0;
    for Loaded { phone, receipted, .. } in loaded {
        let view = opened.engine.view(company.tenant);
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
    Ok(entries)
}

fn largest_file(folder: &Path) -> anyhow::Result<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next)? {
            let entry = entry?;
            match entry.metadata()? {
                inside if inside.is_dir() => folders.push(entry.path()),
                inside => files.push((inside.len(), entry.path())),
            }
        }
    }
    Ok(files.into_iter().max().context("no file to damage")?.1)
}

fn flip_a_byte(file: &Path, random: &mut StdRng) -> anyhow::Result<()> {
    let mut bytes = fs::read(file)?;
    let at = random.random_range(0..bytes.len());
    bytes[at] ^= 1 << random.random_range(0..8);
    Ok(fs::write(file, bytes)?)
}
