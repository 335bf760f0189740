//! The program `fieldbook` as a process of its own: to be measured from outside, and to be killed.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, mpsc},
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use server::{
    clock::{Clock as _, SystemClock},
    config::Config,
};

use crate::{
    clock::SimulatedClock,
    company::Company,
    world::{World, loopback},
};

/// How long a start may take, a rebuild of the index included.
const START: Duration = Duration::from_secs(60);

/// Clock ticks of `/proc/PID/stat` in a second: the same on every Linux that Rust supports.
const TICKS_PER_S: u64 = 100;

/// The program, built in the profile of the one that asks.
#[derive(Debug, Clone)]
pub struct Program(PathBuf);

/// A running server.
pub struct ServerProcess {
    child: Child,
}

impl Program {
    /// Builds the program beside the running test or benchmark.
    pub fn build() -> anyhow::Result<Self> {
        let this = std::env::current_exe()?;
        let folder = this.ancestors().nth(2).context("the test runs outside a target folder")?;
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--package", "server", "--bin", "fieldbook"]);
        if folder.ends_with("release") {
            build.arg("--release");
        }
        build.arg("--target-dir").arg(folder.parent().context("no target folder")?);
        ensure!(build.status()?.success(), "the program does not build");
        Ok(Self(folder.join("fieldbook")))
    }

    /// Runs a subcommand on a data folder to its end.
    pub fn run(&self, data: &Path, arguments: &[&str]) -> anyhow::Result<Output> {
        let mut command = Command::new(&self.0);
        Ok(command.args(arguments).arg("--data-dir").arg(data).output()?)
    }

    /// Starts the server and waits until it listens.
    pub fn serve(&self, data: &Path, listen: SocketAddr, public_url: &str) -> anyhow::Result<ServerProcess> {
        let mut child = Command::new(&self.0)
            .arg("serve")
            .arg("--data-dir")
            .arg(data)
            .args(["--listen", &listen.to_string(), "--public-url", public_url])
            .args(["--set", "log.level=error", "--set", "disk_reserve_bytes=1048576"])
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().context("no output")?;
        let (said, heard) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if line.starts_with("listening on ") {
                    // Nobody waits any more if the start took too long.
                    let _ = said.send(());
                }
            }
        });
        let mut process = ServerProcess { child };
        match heard.recv_timeout(START) {
            Ok(()) => Ok(process),
            Err(_) => {
                process.kill()?;
                bail!("the server does not start on {}", data.display())
            }
        }
    }
}

impl ServerProcess {
    /// Kills it as `kill -9` does, at once and without a word.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Processor time it used so far, in milliseconds.
    pub fn cpu_ms(&self) -> anyhow::Result<u64> {
        cpu_ms(&self.child.id().to_string())
    }

    /// Bytes it had written to the disk so far.
    pub fn written_bytes(&self) -> anyhow::Result<u64> {
        let io = fs::read_to_string(format!("/proc/{}/io", self.child.id()))?;
        let line = io.lines().find_map(|line| line.strip_prefix("write_bytes:")).context("no write_bytes")?;
        Ok(line.trim().parse()?)
    }

    /// The most memory it ever had, in KiB.
    pub fn peak_kib(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
        Ok(line.trim().trim_end_matches("kB").trim().parse()?)
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It may have been killed before.
        let _ = self.kill();
    }
}

/// Processor time that this process used so far, in milliseconds.
pub fn own_cpu_ms() -> anyhow::Result<u64> {
    cpu_ms("self")
}

fn cpu_ms(process: &str) -> anyhow::Result<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name in brackets may hold blanks; what follows it does not.
    let (_, fields) = stat.rsplit_once(')').context("no fields")?;
    let ticks = |nth: usize| -> anyhow::Result<u64> {
        Ok(fields.split_whitespace().nth(nth).context("too few fields")?.parse()?)
    };
    Ok((ticks(11)? + ticks(12)?) * 1_000 / TICKS_PER_S)
}

/// A data folder with Northwind in it and codes to enrol with, made before the program runs.
pub struct Prepared {
    /// Who works there.
    pub company: Company,
    /// One code for each login that was asked for, in their order.
    pub codes: Vec<String>,
    /// A clock for phones that runs as the system's.
    pub clock: Arc<SimulatedClock>,
}

/// Sets up Northwind in a data folder, hires reps for the logins it does not know, and closes it again.
pub async fn prepare(data: &Path, logins: &[impl AsRef<str>]) -> anyhow::Result<Prepared> {
    let clock = Arc::new(SimulatedClock::at(SystemClock::new().now()));
    clock.hand_over();
    let config = Config { data_dir: data.to_owned(), listen: loopback(0), ..Config::default() };
    let mut world = World::found(config, Arc::clone(&clock)).await?;
    let engine = Arc::clone(world.engine());
    world.company.hire(&engine, logins).await?;
    let mut codes = Vec::new();
    for login in logins {
        codes.push(world.code(login.as_ref()).await?);
    }
    let company = world.company.clone();
    world.stop().await;
    Ok(Prepared { company, codes, clock })
}

/// An address on this machine that nobody listens on just now.
pub async fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(tokio::net::TcpListener::bind(loopback(0)).await?.local_addr()?)
}
