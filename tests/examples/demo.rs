//! The demo: two working weeks of a company on the real SDK, then the server stays up to be looked at.
//!
//! `cargo demo` begins afresh in `data/demo`; `cargo demo --keep` goes on with what lies there; `--exit` ends after the
//! run; `--port N` listens elsewhere.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use anyhow::{Context as _, bail};
use server::{
    app::Server,
    clock::{Clock as _, SystemClock},
    config::Config,
    host::Host,
};
use tests::{Fortnight, SimulatedClock, World, company::PASSWORD, fortnight::Summary, world::loopback};

const SEED: u64 = 20_261;

struct Arguments {
    keep: bool,
    exit: bool,
    port: u16,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::read()?;
    let folder = PathBuf::from("data/demo");
    let config = Config {
        data_dir: folder.clone(),
        listen: loopback(arguments.port),
        public_url: format!("http://127.0.0.1:{}", arguments.port),
        company: "Northwind".to_owned(),
        ..Config::default()
    };
    if arguments.keep && folder.exists() {
        println!("going on with {}", folder.display());
        let server = Server::start(config, &Host::system(Arc::new(SystemClock::new()))).await?;
        say_where(&server.config().public_url, &folder);
        wait(arguments.exit).await?;
        server.stop().await;
        return Ok(());
    }
    begin_afresh(&folder)?;
    println!("a new company in {}", folder.display());
    let began = Instant::now();
    let fortnight = live(config).await?;
    let summary = &fortnight.summary;
    println!(
        "two weeks in {:.1} s: {} visits, {} submits, {} syncs, {} entries refused, {} decisions",
        began.elapsed().as_secs_f64(),
        summary.visits,
        summary.submits,
        summary.syncs,
        summary.refused,
        summary.decisions,
    );
    let world = fortnight.world;
    world.clock.hand_over();
    say_where(&world.url(), &folder);
    println!("worth a look:");
    for (visit, sight) in &summary.sights {
        println!("  {sight}: visit {visit}");
    }
    wait(arguments.exit).await?;
    world.stop().await;
    Ok(())
}

async fn live(config: Config) -> anyhow::Result<Fortnight> {
    let end = SystemClock::new().now().plus_millis(-60_000);
    let clock = Arc::new(SimulatedClock::at(Fortnight::begin_of(end)?));
    let world = World::found(config, clock).await?;
    world.company.set_passwords(world.engine()).await?;
    world.put_regulation().await?;
    println!("Northwind: 91 customers, 9 people and an administrator");
    let mut fortnight = Fortnight::plan(world, end, SEED).await?;
    fortnight
        .run(|day, summary: &Summary| {
            let day = day.to_string();
            let day = day.get(..10).unwrap_or(&day);
            println!(
                "  {day}  {:>3} visits  {:>3} submits  {:>3} syncs",
                summary.visits, summary.submits, summary.syncs
            );
        })
        .await?;
    Ok(fortnight)
}

/// Removes the folder of an earlier demo, and nothing that is not one.
fn begin_afresh(folder: &Path) -> anyhow::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    if !folder.join("journal").is_dir() {
        bail!("{} is no folder of a demo; move it away", folder.display());
    }
    std::fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))
}

fn say_where(url: &str, folder: &Path) {
    println!();
    println!("Open {url} and sign in:");
    println!("  manager     fuller     {PASSWORD}");
    println!("  supervisor  buchanan   {PASSWORD}");
    println!(
        "  rep         davolio    {PASSWORD}   (also leverling, peacock, suyama, king, callahan, dodsworth)"
    );
    println!("  admin       admin      {PASSWORD}");
    println!("What there is to see:");
    println!("  peacock was without a signal for four days: submits made in time that arrived late");
    println!("  callahan forgets: late submits, some accepted, some refused, some waiting");
    println!("  suyama and dodsworth have wrong clocks, and are in time all the same");
    println!("  king's phone restarted without a signal: the evidence does not decide, so a manager does");
    println!("  leverling lost a phone, and goes on with another");
    println!("The data is in {}.", folder.display());
    println!();
}

async fn wait(exit: bool) -> anyhow::Result<()> {
    if !exit {
        println!("Press Ctrl-C to stop.");
        tokio::signal::ctrl_c().await?;
    }
    Ok(())
}

impl Arguments {
    fn read() -> anyhow::Result<Self> {
        let mut arguments = Self { keep: false, exit: false, port: 8321 };
        let mut given = std::env::args().skip(1);
        while let Some(argument) = given.next() {
            match argument.as_str() {
                "--keep" => arguments.keep = true,
                "--exit" => arguments.exit = true,
                "--port" => arguments.port = given.next().context("--port needs a number")?.parse()?,
                other => bail!("{other} is none of --keep, --exit and --port"),
            }
        }
        Ok(arguments)
    }
}
