//! The herd: after a day without a network, ten thousand phones with thirty changes each come back within a minute to
//! the program as a process of its own.
//!
//! `cargo bench -p tests --bench herd`; `HERD_PHONES`, `HERD_CHANGES` and `HERD_SECONDS` make it smaller or harder. All
//! access tokens have run out, every phone calls from its own address, and who is told to come later does so as the SDK
//! does. Afterwards the server is killed, and what its data folder holds is compared with what the phones wrote.

mod check;
mod figures;
mod line;
mod phone;
mod prepare;

use std::{
    env,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use tests::child::{Program, free_address, own_cpu_ms};
use tokio::task::JoinSet;

use check::count_held;
use figures::Figures;
use line::{Line, Traffic};
use phone::LightPhone;
use prepare::{Prepared, address_of, prepare};

/// What has to hold on two cores.
const MOST_MEMORY_KIB: u64 = 1_536 * 1_024;
const MOST_P99_MS: f64 = 2_000.0;
const MOST_DRAIN: Duration = Duration::from_secs(180);

/// Who comes back, and how fast.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Herd {
    pub(crate) phones: usize,
    /// Changes in each phone's log.
    pub(crate) changes: usize,
    /// Seconds within which all of them come back.
    pub(crate) seconds: f64,
    pub(crate) listen: SocketAddr,
}

impl Herd {
    fn read(listen: SocketAddr) -> anyhow::Result<Self> {
        let number = |name: &str, or: usize| {
            env::var(name).map_or(Ok(or), |text| text.parse().with_context(|| format!("{name} is no number")))
        };
        let herd = Self {
            phones: number("HERD_PHONES", 10_000)?,
            changes: number("HERD_CHANGES", 30)?,
            seconds: number("HERD_SECONDS", 60)? as f64,
            listen,
        };
        ensure!(herd.changes >= 6, "a visit has at least six changes");
        Ok(herd)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.listen)
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let herd = Herd::read(free_address().await?)?;
    let folder = tempfile::tempdir()?;
    let program = Program::build()?;
    let began = Instant::now();
    let Prepared { company, phones } = prepare(folder.path(), herd).await?;
    println!(
        "{} phones with {} changes each come back within {} s (prepared in {:.0} s)",
        herd.phones,
        herd.changes,
        herd.seconds,
        began.elapsed().as_secs_f64()
    );

    let mut server = program.serve(folder.path(), herd.listen, &herd.url())?;
    let (server_cpu_ms, own_ms, written) = (server.cpu_ms()?, own_cpu_ms()?, server.written_bytes()?);
    let traffic = Arc::<Traffic>::default();
    let began = Instant::now();
    let (phones, mut figures) = come_back(phones, herd, &traffic).await?;
    let drained = began.elapsed();
    let peak_kib = server.peak_kib()?;

    figures.say();
    let (up, down) = traffic.bytes();
    let per_phone = |total: u64| total as f64 / herd.phones as f64;
    println!("{:<30} {:.1} s", "drained after", drained.as_secs_f64());
    println!("{:<30} {:.1} MiB", "peak memory of the server", peak_kib as f64 / 1024.0);
    println!("{:<30} {:.1} s", "CPU of the server", (server.cpu_ms()? - server_cpu_ms) as f64 / 1e3);
    println!("{:<30} {:.1} s", "CPU of the phones", (own_cpu_ms()? - own_ms) as f64 / 1e3);
    println!("{:<30} {:.2}", "requests a phone", figures.requests() as f64 / herd.phones as f64);
    println!("{:<30} {:.0} B up, {:.0} B down", "on the wire a phone", per_phone(up), per_phone(down));
    println!("{:<30} {:.0} B", "to the disk a phone", per_phone(server.written_bytes()? - written));
    server.kill()?;

    let held = count_held(folder.path(), &company, &phones)?;
    let made = (herd.phones * herd.changes) as u64;
    println!("{made} changes made, {held} held, {} lost", made - held);

    ensure!(held == made, "changes were lost");
    ensure!(figures.others() == 0, "requests were refused otherwise than with 503 and Retry-After");
    ensure!(peak_kib < MOST_MEMORY_KIB, "the server took more than {} MiB", MOST_MEMORY_KIB / 1_024);
    ensure!(figures.admitted_p99_ms() < MOST_P99_MS, "p99 of what was admitted is over {MOST_P99_MS} ms");
    ensure!(drained < MOST_DRAIN, "the herd took more than {} s", MOST_DRAIN.as_secs());
    Ok(())
}

/// Lets every phone come back at a random moment, and waits until each has all its receipts. Its line stays open
/// afterwards, as that of a phone does.
async fn come_back(
    phones: Vec<LightPhone>,
    herd: Herd,
    traffic: &Arc<Traffic>,
) -> anyhow::Result<(Vec<LightPhone>, Figures)> {
    let mut random = StdRng::seed_from_u64(1);
    let mut syncing = JoinSet::new();
    for (n, mut phone) in phones.into_iter().enumerate() {
        let mut line = Line::new(address_of(n), herd.listen, Arc::clone(traffic));
        let away = Duration::from_secs_f64(random.random_range(0.0..herd.seconds));
        syncing.spawn(async move {
            tokio::time::sleep(away).await;
            let (began, mut figures) = (Instant::now(), Figures::default());
            phone.sync(&mut line, &mut figures).await?;
            figures.is_synced(began.elapsed());
            anyhow::Ok((phone, line, figures))
        });
    }
    let (mut back, mut lines, mut all) = (Vec::new(), Vec::new(), Figures::default());
    while let Some(synced) = syncing.join_next().await {
        let (phone, line, figures) = synced??;
        all.add(figures);
        back.push(phone);
        lines.push(line);
    }
    Ok((back, all))
}
