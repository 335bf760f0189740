//! The machine the server runs on: starts the shipped router, engine, store and journal on simulated parts, and loses
//! the process or the power when it has to.

mod setup;

use std::{
    collections::VecDeque,
    path::{Path, PathBuf},
    pin::pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use anyhow::Context as _;
use axum::{Router, body::Body, http};
use client_sdk::{Request, Response};
use rand::{RngCore as _, rngs::StdRng};
use server::{
    app::Opened,
    clock::Clock,
    config::Config,
    engine::{Engine, EngineError},
    event::Event,
    host::Host,
    journal::Position,
    randomness::{NoRandomness, Randomness},
    store::{Committing, IndexSnapshot, MemoryIndexes, Store as _},
    workers::Workers,
};
use sync_core::{encoding, hash::Hash, id::DeviceId, time::Timestamp};
use tokio::{
    runtime::Runtime,
    task::{JoinHandle, yield_now},
};
use tower::ServiceExt as _;

use self::setup::{CODES, Company, setup};
use super::{
    chance::{chance, happens},
    disk::{Image, SimulatedDisk},
    handset::URL,
    reached::{Rare, Reached},
    story::{Carrier, Weather},
};
use crate::SimulatedClock;

const DATA: &str = "/data";
const BACKUP: &str = "/backup";

/// How often tasks of the server are looked at before they count as waiting for the disk.
const TURNS: usize = 24;
/// How many earlier states of the index are kept for crashes to go back to.
const EARLIER: usize = 4;

/// The server's machine.
pub(super) struct Machine {
    pub(super) disk: Arc<SimulatedDisk>,
    pub(super) clock: Arc<ServerClock>,
    /// The companies on it.
    pub(super) companies: Vec<Company>,
    indexes: Arc<MemoryIndexes>,
    host: Host,
    config: Arc<Config>,
    random: StdRng,
    process: Option<Process>,
    backup: Option<Image>,
    earlier: VecDeque<IndexSnapshot>,
    is_spoiled: bool,
    notes: Vec<String>,
    reached: Reached,
}

/// The server's process: everything in it is gone when it is dropped.
struct Process {
    requests: Vec<(u64, JoinHandle<Response>)>,
    chores: Vec<JoinHandle<String>>,
    tick: Option<JoinHandle<()>>,
    router: Router,
    opened: Opened,
    // Last, so that no task outlives what it works on.
    runtime: Runtime,
}

impl Machine {
    /// A machine with the companies of a world already on its disk; the server is not started.
    pub(super) fn new(seed: u64, weather: &Weather, truth: Arc<SimulatedClock>) -> anyhow::Result<Self> {
        let setup = setup(weather.tenants)?;
        let disk = SimulatedDisk::new(setup.disk.clone(), seed, weather.survival);
        let mut machine = Self::on(disk, seed, truth);
        machine.companies = setup.companies.iter().map(Company::anew).collect();
        machine.indexes.restore(setup.index.clone());
        Ok(machine)
    }

    fn on(disk: Arc<SimulatedDisk>, seed: u64, truth: Arc<SimulatedClock>) -> Self {
        let clock = Arc::new(ServerClock { truth, skew_ms: AtomicI64::new(0) });
        let indexes = MemoryIndexes::new();
        let host = Host {
            disk: Arc::clone(&disk) as _,
            indexes: Arc::clone(&indexes) as _,
            clock: Arc::clone(&clock) as _,
            randomness: Arc::new(SeededRandomness(Mutex::new(chance(seed, "server")))),
            workers: Workers::Inline,
            committing: Committing::ByHand,
        };
        let mut config =
            Config { data_dir: PathBuf::from(DATA), public_url: URL.to_owned(), ..Config::default() };
        config.tokens.enrolment_days = 90;
        Self {
            disk,
            clock,
            companies: Vec::new(),
            indexes,
            host,
            config: Arc::new(config),
            random: chance(seed, "machine"),
            process: None,
            backup: None,
            earlier: VecDeque::new(),
            is_spoiled: false,
            notes: Vec::new(),
            reached: Reached::default(),
        }
    }

    /// Starts the server.
    pub(super) fn start(&mut self) -> anyhow::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let entered = runtime.enter();
        let before = self.indexes.snapshot().mark().map(|mark| mark.root.size);
        let opened = Opened::open(&self.config, &self.host)?;
        let router = opened.router(&self.config);
        drop(entered);
        if std::mem::take(&mut self.is_spoiled) {
            self.reached.note(Rare::IndexRebuilt);
        } else if before.is_some_and(|before| before < opened.store.root().size) {
            self.reached.note(Rare::IndexFellBehind);
        }
        self.process =
            Some(Process { requests: Vec::new(), chores: Vec::new(), tick: None, router, opened, runtime });
        Ok(())
    }

    /// Whether the server runs.
    pub(super) fn is_up(&self) -> bool {
        self.process.is_some()
    }

    /// The server's engine, while it runs.
    pub(super) fn engine(&self) -> Option<&Arc<Engine>> {
        self.process.as_ref().map(|process| &process.opened.engine)
    }

    /// Hands a request to the server.
    pub(super) fn handle(&mut self, exchange: u64, request: &Request) {
        let Some(process) = &mut self.process else { return };
        let router = process.router.clone();
        let request = to_http(request);
        let answering = process.runtime.spawn(async move {
            match router.oneshot(request).await {
                Ok(response) => from_http(response).await,
                Err(never) => match never {},
            }
        });
        process.requests.push((exchange, answering));
    }

    /// Gives the server something to do beside its requests; what came of it is among the notes.
    pub(super) fn chore<T, F>(&mut self, name: &'static str, chore: impl FnOnce(Arc<Engine>) -> F)
    where
        F: Future<Output = Result<T, EngineError>> + Send + 'static,
    {
        let Some(process) = &mut self.process else { return };
        let doing = chore(Arc::clone(&process.opened.engine));
        process.chores.push(process.runtime.spawn(async move {
            match doing.await {
                Ok(_) => format!("{name}: done"),
                Err(error) => format!("{name}: {error}"),
            }
        }));
    }

    /// Lets the server look at its deadlines, as it does every second.
    pub(super) fn tick(&mut self) {
        let Some(process) = &mut self.process else { return };
        if process.tick.is_none() {
            let engine = Arc::clone(&process.opened.engine);
            process.tick = Some(process.runtime.spawn(async move {
                // The engine logs what it cannot do; the next tick tries again.
                let _ = engine.tick().await;
            }));
        }
    }

    /// Lets the server do what it can until all of it waits for the disk; gives the answers that are ready.
    pub(super) fn run(&mut self) -> Vec<(u64, Response)> {
        let Some(process) = &mut self.process else { return Vec::new() };
        let Process { requests, chores, tick, runtime, .. } = process;
        runtime.block_on(async {
            for _ in 0..TURNS {
                yield_now().await;
            }
            let mut answers = Vec::new();
            for (exchange, answering) in std::mem::take(requests) {
                if answering.is_finished() {
                    if let Ok(response) = answering.await {
                        answers.push((exchange, response));
                    }
                } else {
                    requests.push((exchange, answering));
                }
            }
            for chore in std::mem::take(chores) {
                if chore.is_finished() {
                    self.notes.extend(chore.await.ok());
                } else {
                    chores.push(chore);
                }
            }
            if tick.as_ref().is_some_and(JoinHandle::is_finished) {
                *tick = None;
            }
            answers
        })
    }

    /// Whether something waits for the disk.
    pub(super) fn has_waiting(&self) -> bool {
        self.process.as_ref().is_some_and(|process| {
            !process.requests.is_empty() || !process.chores.is_empty() || process.tick.is_some()
        })
    }

    /// Writes one batch of what waits; gives how many appends it held.
    pub(super) fn write(&mut self) -> usize {
        let Some(process) = &self.process else { return 0 };
        if happens(&mut self.random, 20.0) {
            self.earlier.push_back(self.indexes.snapshot());
            if self.earlier.len() > EARLIER {
                self.earlier.pop_front();
            }
        }
        process.opened.store.commit_waiting()
    }

    /// What was said since the last call.
    pub(super) fn notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// What was reached since the last call.
    pub(super) fn reached(&mut self) -> Reached {
        let mut reached = std::mem::take(&mut self.reached);
        reached.add(&self.disk.reached());
        reached
    }

    /// Ends the process if the power went or the store failed; gives why.
    pub(super) fn died(&mut self) -> Option<String> {
        if self.disk.is_off() {
            self.power_cut();
            return Some("the power went".to_owned());
        }
        let store = Arc::clone(&self.process.as_ref()?.opened.store);
        let mut context = Context::from_waker(Waker::noop());
        let Poll::Ready(failure) = pin!(store.failed()).poll(&mut context) else { return None };
        drop(store);
        self.process = None;
        Some(failure.to_string())
    }

    /// The power goes and comes back; the server is not started.
    pub(super) fn power_cut(&mut self) {
        self.process = None;
        self.disk.power_cycle();
        // What the index had not written out is gone as well.
        if happens(&mut self.random, 40.0)
            && let Some(earlier) = self.earlier.pop_front()
        {
            self.indexes.restore(earlier);
        } else if happens(&mut self.random, 15.0) {
            self.spoil_index();
        }
        self.earlier.clear();
    }

    /// Stops the server as an operator does.
    pub(super) fn stop(&mut self) {
        self.process = None;
    }

    /// Damages the index while the server is down.
    pub(super) fn spoil_index(&mut self) {
        self.indexes.break_with("a byte of it was flipped");
        self.is_spoiled = true;
    }

    /// Stops the server, flips a bit of its journal, and gives whether it starts all the same; the bit is then put right.
    pub(super) fn starts_on_a_rotten_journal(&mut self, at: u64) -> bool {
        self.stop();
        let segment = Path::new(DATA).join("journal").join(format!("{:020}.seg", Position::FIRST.get()));
        let (at, bit) = (at >> 3, (at & 7) as u8);
        let rots = self.disk.flip(&segment, at, bit);
        let starts = rots && self.start().is_ok();
        self.stop();
        self.disk.flip(&segment, at, bit);
        starts
    }

    /// Makes a backup with the shipped command, as an operator does now and then.
    pub(super) fn back_up(&mut self) -> anyhow::Result<()> {
        if self.is_up() && !self.disk.is_troubled() {
            self.disk.remove(Path::new(BACKUP));
            server::journal::backup(&*self.disk, Path::new(DATA), Path::new(BACKUP))?;
            self.backup = Some(self.disk.image());
        }
        Ok(())
    }

    /// Goes back to the last backup, with an index that has to be made anew; gives whether there was one.
    pub(super) fn put_back(&mut self) -> anyhow::Result<bool> {
        let Some(backup) = self.backup.clone() else { return Ok(false) };
        self.process = None;
        self.disk.put(backup.moved(Path::new(BACKUP), Path::new(DATA)));
        self.spoil_index();
        self.earlier.clear();
        Ok(true)
    }

    /// From now on nothing goes wrong by itself.
    pub(super) fn heal(&mut self) {
        self.disk.cut_power_at(None);
        self.disk.fail_at(None);
        self.disk.set_full(false);
        self.clock.set_skew_ms(0);
    }

    /// The nth enrolment code of a rep, if there are so many; an administrator draws more before they run out.
    pub(super) fn code(&mut self, carrier: Carrier, nth: usize) -> Option<String> {
        let company = self.companies.get(carrier.tenant)?;
        let rep = company.reps.get(carrier.rep)?;
        let (tenant, admin, user) = (company.tenant, company.admin, rep.user);
        let drawn = Arc::clone(&rep.codes);
        let (code, count) = {
            let codes = drawn.lock().unwrap_or_else(PoisonError::into_inner);
            (codes.get(nth).cloned(), codes.len())
        };
        if nth + 2 >= count {
            self.chore("more enrolment codes", move |engine: Arc<Engine>| async move {
                for _ in 0..CODES {
                    let (code, _) = engine.draw_enrolment_code(tenant, Some(admin), user).await?;
                    drawn.lock().unwrap_or_else(PoisonError::into_inner).push(code.expose().clone());
                }
                Ok(())
            });
        }
        code
    }

    /// Revokes a device, as an administrator does.
    pub(super) fn revoke(&mut self, tenant: usize, device: DeviceId) {
        let (tenant, admin) = (self.companies[tenant].tenant, self.companies[tenant].admin);
        self.chore("revoke", move |engine: Arc<Engine>| async move {
            engine.revoke_device(tenant, Some(admin), device).await
        });
    }

    /// Everything in the journal, in order.
    pub(super) fn journal(&self) -> anyhow::Result<Vec<Event>> {
        self.records()?.iter().map(|(_, record)| Ok(encoding::decode(record)?)).collect()
    }

    /// The records of the journal, in order.
    pub(super) fn records(&self) -> anyhow::Result<Vec<(Position, Vec<u8>)>> {
        let process = self.process.as_ref().context("the server is down")?;
        Ok(process.opened.store.read_journal(Position::FIRST, usize::MAX)?)
    }

    /// The digest of the index.
    pub(super) fn index_digest(&self) -> Hash {
        self.indexes.snapshot().digest()
    }

    /// The digest of an index that is made from the journal alone.
    pub(super) fn rebuilt_digest(&self) -> anyhow::Result<Hash> {
        let disk = SimulatedDisk::new(self.disk.image(), 0, 0.0);
        let indexes = MemoryIndexes::new();
        let host = Host { disk, indexes: Arc::clone(&indexes) as _, ..self.host.clone() };
        drop(Opened::open(&self.config, &host)?);
        Ok(indexes.snapshot().digest())
    }

    /// How many requests are being worked on.
    pub(super) fn open_requests(&self) -> usize {
        self.process.as_ref().map_or(0, |process| process.requests.len())
    }
}

/// The server's clock: the truth, but for the operator's hand.
#[derive(Debug)]
pub(super) struct ServerClock {
    truth: Arc<SimulatedClock>,
    skew_ms: AtomicI64,
}

impl ServerClock {
    /// Sets it off the truth.
    pub(super) fn set_skew_ms(&self, skew_ms: i64) {
        self.skew_ms.store(skew_ms, Ordering::SeqCst);
    }
}

impl Clock for ServerClock {
    fn now(&self) -> Timestamp {
        self.hands().0
    }

    fn monotonic_ms(&self) -> u64 {
        self.hands().1
    }

    fn hands(&self) -> (Timestamp, u64) {
        let (now, monotonic_ms) = self.truth.hands();
        (now.plus_millis(self.skew_ms.load(Ordering::SeqCst)), monotonic_ms)
    }
}

/// Randomness that a seed gives.
#[derive(Debug)]
struct SeededRandomness(Mutex<StdRng>);

impl Randomness for SeededRandomness {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
        Ok(())
    }
}

fn to_http(request: &Request) -> http::Request<Body> {
    let path = request.url.strip_prefix(URL).unwrap_or(&request.url);
    let mut http = http::Request::post(path).header("content-type", request.content_type);
    for (name, value) in &request.headers {
        http = http.header(*name, value);
    }
    // What the SDK writes is always a request; what a liar writes may be none, and then nothing arrives.
    http.body(Body::from(request.body.clone())).unwrap_or_default()
}

async fn from_http(response: http::Response<Body>) -> Response {
    let (parts, body) = response.into_parts();
    let text = |name: &str| Some(parts.headers.get(name)?.to_str().ok()?.to_owned());
    let (nonce, retry_after) = (text("DPoP-Nonce"), text("Retry-After"));
    let retry_after = retry_after.and_then(|text| text.parse().ok()).map(Duration::from_secs);
    let status = parts.status.as_u16();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
    Response { status, nonce, retry_after, body: body.to_vec() }
}
