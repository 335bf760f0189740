//! The program `fieldbook` as a process of its own: to be measured from outside, and to be killed.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU16, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread::JoinHandle,
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
    fork,
    shadow::Watch,
    world::{World, loopback},
};

/// How long a start may take, a rebuild of the index included.
const START: Duration = Duration::from_secs(60);

/// How long an end may take: open requests have ten seconds, and then the index is written out.
const STOP: Duration = Duration::from_secs(60);

/// Ports that a server may have: below those that the system gives to whoever connects, so that the address of a server
/// that was killed is still free when it starts again.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// Clock ticks of `/proc/PID/stat` in a second: the same on every Linux that Rust supports.
const TICKS_PER_S: u64 = 100;

/// The program, built in the profile of the one that asks.
#[derive(Debug, Clone)]
pub struct Program(PathBuf);

/// A running server.
pub struct ServerProcess {
    child: Child,
    /// Hears once that it listens; closed when it has ended.
    listening: mpsc::Receiver<()>,
    said: Vec<JoinHandle<()>>,
    log: Arc<Mutex<String>>,
}

/// A server that has ended.
#[derive(Debug)]
pub struct Ended {
    /// Whether it ended as one that has done what it was told to.
    pub success: bool,
    /// How the system puts it.
    pub status: ExitStatus,
    /// Everything it wrote to its standard output and error.
    pub said: String,
}

impl Program {
    /// Builds the program beside the running test or benchmark.
    pub fn build() -> anyhow::Result<Self> {
        let this = std::env::current_exe()?;
        let folder = this.ancestors().nth(2).context("the test runs outside a target folder")?;
        let mut build = Command::new(env!("CARGO"));
        if folder.ends_with("release") {
            build.args(["build", "--quiet", "--package", "server", "--bin", "fieldbook", "--release"]);
        } else {
            // With the tests of the command line comes the program, out of the libraries that all tests use; by itself
            // it would be built out of others, with fewer features.
            build.args(["test", "--quiet", "--workspace", "--no-run", "--test", "command_line"]);
        }
        build.arg("--target-dir").arg(folder.parent().context("no target folder")?);
        ensure!(fork::spawn(&mut build)?.wait()?.success(), "the program does not build");
        Ok(Self(folder.join("fieldbook")))
    }

    /// Runs a subcommand on a data folder to its end.
    pub fn run(&self, data: &Path, arguments: &[&str]) -> anyhow::Result<Output> {
        let mut command = Command::new(&self.0);
        Ok(fork::output(command.args(arguments).arg("--data-dir").arg(data))?)
    }

    /// Runs a subcommand that has to succeed, and gives what it printed.
    pub fn read(&self, data: &Path, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.run(data, arguments)?;
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        ensure!(output.status.success(), "`fieldbook {}` failed: {text}", arguments.join(" "));
        Ok(text)
    }

    /// Starts the server and waits until it listens.
    pub fn serve(&self, data: &Path, listen: SocketAddr, public_url: &str) -> anyhow::Result<ServerProcess> {
        self.serve_with(data, listen, public_url, &[])
    }

    /// As [`serve`](Self::serve), with settings of its own.
    pub fn serve_with(
        &self,
        data: &Path,
        listen: SocketAddr,
        public_url: &str,
        settings: &[(&str, &str)],
    ) -> anyhow::Result<ServerProcess> {
        let mut process = self.spawn_with(data, listen, public_url, settings, None)?;
        if process.listens()? {
            return Ok(process);
        }
        let ended = process.ended()?;
        bail!("the server does not start on {}: {}", data.display(), ended.said)
    }

    /// Starts the server, with a shadow if there is one, and waits for nothing.
    pub fn spawn(
        &self,
        data: &Path,
        listen: SocketAddr,
        public_url: &str,
        shadow: Option<&Watch>,
    ) -> anyhow::Result<ServerProcess> {
        self.spawn_with(data, listen, public_url, &[], shadow)
    }

    fn spawn_with(
        &self,
        data: &Path,
        listen: SocketAddr,
        public_url: &str,
        settings: &[(&str, &str)],
        shadow: Option<&Watch>,
    ) -> anyhow::Result<ServerProcess> {
        let mut command = Command::new(&self.0);
        command
            .arg("serve")
            .arg("--data-dir")
            .arg(data)
            .args(["--listen", &listen.to_string(), "--public-url", public_url])
            .args(["--set", "log.level=error", "--set", "disk_reserve_bytes=1048576"])
            .args(settings.iter().flat_map(|(name, value)| ["--set".to_owned(), format!("{name}={value}")]))
            .envs(shadow.map(Watch::variables).unwrap_or_default())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = fork::spawn(&mut command)?;
        let stdout = child.stdout.take().context("no output")?;
        let stderr = child.stderr.take().context("no errors")?;
        let (says, listening) = mpsc::channel();
        let log = Arc::new(Mutex::new(String::new()));
        let (of_stdout, of_stderr) = (Arc::clone(&log), Arc::clone(&log));
        let said = vec![
            std::thread::spawn(move || {
                keep(stdout, &of_stdout, |line| {
                    if line.starts_with("listening on ") {
                        // Nobody waits any more if the start took too long.
                        let _ = says.send(());
                    }
                });
            }),
            std::thread::spawn(move || keep(stderr, &of_stderr, |_| {})),
        ];
        Ok(ServerProcess { child, listening, said, log })
    }
}

fn keep(stream: impl Read, log: &Mutex<String>, mut heard: impl FnMut(&str)) {
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        heard(&line);
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push_str(&line);
        log.push('\n');
    }
}

impl ServerProcess {
    /// Waits until it listens; false if it ends instead.
    pub fn listens(&mut self) -> anyhow::Result<bool> {
        match self.listening.recv_timeout(START) {
            Ok(()) => Ok(true),
            Err(RecvTimeoutError::Disconnected) => Ok(false),
            Err(RecvTimeoutError::Timeout) => bail!("the server neither listens nor ends: {}", self.said()),
        }
    }

    /// Kills it as `kill -9` does, at once and without a word.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to stop.
    pub fn terminate(&self) -> anyhow::Result<()> {
        // `kill` is built into every shell; a program of that name is not on every machine.
        let kill = format!("kill -TERM {}", self.child.id());
        let asked = fork::output(Command::new("sh").args(["-c", &kill]))?;
        ensure!(asked.status.success(), "the server cannot be asked to stop: it has ended");
        Ok(())
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(self) -> anyhow::Result<Ended> {
        self.terminate()?;
        self.ended()
    }

    /// Waits until it has ended.
    pub fn ended(mut self) -> anyhow::Result<Ended> {
        loop {
            match self.listening.recv_timeout(STOP) {
                Ok(()) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => bail!("the server does not end: {}", self.said()),
            }
        }
        let status = self.child.wait()?;
        for reader in self.said.drain(..) {
            // It keeps lines and does nothing else.
            let _ = reader.join();
        }
        Ok(Ended { success: status.success(), status, said: self.said() })
    }

    fn said(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
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
    fork::let_go();
    Ok(Prepared { company, codes, clock })
}

/// An address on this machine that nobody listens on just now, and that this process gives out once.
pub async fn free_address() -> anyhow::Result<SocketAddr> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let own = std::process::id() as usize * 64;
    for _ in PORTS {
        let nth = own + usize::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let address = loopback(PORTS.start + (nth % PORTS.len()) as u16);
        if tokio::net::TcpListener::bind(address).await.is_ok() {
            return Ok(address);
        }
    }
    bail!("no port is free")
}
