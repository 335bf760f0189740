//! Monday morning: fifty phones with forty new visits each reach one server, which runs as a process of its own.
//!
//! `cargo bench -p tests --bench storm` measures what the server's process costs (processor time from `/proc`, peak
//! memory), what goes over the wire, and in the same run the floor: Automerge alone applying and saving the same
//! changes. Numbers of phones and visits may follow: `-- 10 8`.

use std::{sync::Arc, time::Instant};

use anyhow::{Context as _, ensure};
use automerge::{Automerge, Change};
use client_sdk::{Outcome, Timestamp, VisitFilter, VisitId, field};
use rand::{SeedableRng as _, rngs::StdRng};
use server::{app::Opened, clock::SystemClock, config::Config, host::Host};
use sync_core::document::{Document, DocumentKind, new_id};
use tests::{
    Phone,
    child::{Program, ServerProcess, free_address, prepare},
    notes,
    proxy::Proxy,
};

/// Changes of a visit, its first included.
const EDITS: usize = 25;
/// Characters of a visit's longest text when it is done.
const CHARS: usize = 300;

/// What one part of the storm cost.
struct Cost {
    cpu_ms: u64,
    up: u64,
    down: u64,
    wall_ms: u128,
}

/// Measures the server's process and the wire.
struct Meter<'a> {
    server: &'a ServerProcess,
    proxy: &'a Proxy,
    cpu_ms: u64,
    bytes: (u64, u64),
    began: Instant,
}

impl<'a> Meter<'a> {
    fn start(server: &'a ServerProcess, proxy: &'a Proxy) -> anyhow::Result<Self> {
        let (cpu_ms, bytes) = (server.cpu_ms()?, proxy.bytes());
        Ok(Self { server, proxy, cpu_ms, bytes, began: Instant::now() })
    }

    fn stop(self) -> anyhow::Result<Cost> {
        let (up, down) = self.proxy.bytes();
        Ok(Cost {
            cpu_ms: self.server.cpu_ms()? - self.cpu_ms,
            up: up - self.bytes.0,
            down: down - self.bytes.1,
            wall_ms: self.began.elapsed().as_millis(),
        })
    }
}

impl Cost {
    fn say(&self, what: &str, visits: usize) -> f64 {
        let per = |total: u64| total as f64 / visits as f64;
        let cpu = per(self.cpu_ms);
        println!(
            "{what:<34} {visits:>6} visits  {cpu:>7.3} ms CPU/visit  {:>7.0} B up/visit  {:>7.0} B down/visit  {:>6} ms",
            per(self.up),
            per(self.down),
            self.wall_ms,
        );
        cpu
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse::<usize>().ok());
    let (phones, visits) = (numbers.next().unwrap_or(50), numbers.next().unwrap_or(40));
    let program = Program::build()?;
    let folder = tempfile::tempdir()?;
    // The last code is for the fresh phone of the first rep.
    let logins: Vec<String> = (0..phones).chain([0]).map(|n| format!("rep{n:03}")).collect();
    let prepared = prepare(folder.path(), &logins).await?;
    let listen = free_address().await?;
    let proxy = Proxy::start(listen).await?;
    let url = format!("http://{}", proxy.address());
    let server = program.serve(folder.path(), listen, &url)?;
    println!("{phones} phones, {visits} visits each, {EDITS} changes a visit, {CHARS} characters");

    let mut all = Vec::new();
    for (n, (login, code)) in logins.iter().zip(&prepared.codes).enumerate().take(phones) {
        let phone = Phone::new(login, Arc::clone(&prepared.clock), n as u64)?;
        phone.enrol(&url, code).await?;
        phone.sync().await?;
        all.push(Arc::new(phone));
    }
    let mut random = StdRng::seed_from_u64(1);
    let mut made = Vec::new();
    for phone in &all {
        let mut own = Vec::new();
        for n in 0..visits {
            own.push(write_visit(phone, n, &mut random)?);
        }
        made.push(own);
    }

    let total = phones * visits;
    let meter = Meter::start(&server, &proxy)?;
    let requests = sync_all(&all).await?;
    let new = meter.stop()?.say("a week of new visits from each", total);
    println!("{:<34} {:.2} requests a sync", "", requests as f64 / phones as f64);

    for (phone, own) in all.iter().zip(&made) {
        let visit = own.first().context("no visits")?;
        phone.book.edit(*visit, |draft| {
            draft.splice(field::CONTENT, 0, 0, "补充：");
        })?;
    }
    let meter = Meter::start(&server, &proxy)?;
    let requests = sync_all(&all).await?;
    let edited = meter.stop()?.say("one visit of each edited", phones);
    println!("{:<34} {:.2} requests a sync", "", requests as f64 / phones as f64);

    let meter = Meter::start(&server, &proxy)?;
    sync_all(&all).await?;
    meter.stop()?.say("nothing new: a sync of each", phones);

    let fresh = Phone::new("fresh", Arc::clone(&prepared.clock), 10_000)?;
    fresh.enrol(&url, prepared.codes.last().context("no code")?).await?;
    let meter = Meter::start(&server, &proxy)?;
    let report = fresh.sync().await?;
    let cost = meter.stop()?;
    let pulled = fresh.book.visits(VisitFilter::All)?.len();
    ensure!(pulled > 0, "the fresh phone got nothing");
    cost.say("a fresh phone of one rep pulls all", pulled);
    println!("{:<34} {} requests", "", report.requests);
    println!("{:<34} {:.1} MiB", "peak memory of the server", server.peak_kib()? as f64 / 1024.0);
    drop(server);

    let first = made.first().and_then(|own| own.first()).context("no visit")?;
    let (floor_new, floor_edit) = floor(folder.path(), &prepared.company, *first)?;
    println!(
        "{:<34} {floor_new:.3} ms a visit from nothing, {floor_edit:.3} ms an edit",
        "Automerge alone: load, apply, save"
    );
    println!(
        "{:<34} new {:.1}, edited {:.1}",
        "server CPU over that floor",
        new / floor_new,
        edited / floor_edit
    );
    Ok(())
}

/// A visit with all twenty fields, in [`EDITS`] changes.
fn write_visit(phone: &Phone, n: usize, random: &mut StdRng) -> anyhow::Result<VisitId> {
    let visit = phone.book.new_visit(phone.customer(n)?)?;
    let now: Timestamp = phone.clock().wall;
    let text = notes::text(random, CHARS);
    let chars: Vec<char> = text.chars().take(CHARS).collect();
    phone.book.edit(visit, |draft| {
        draft.text(field::CLASS, "scheduled_return").text(field::CHANNEL, "on_site");
        draft.time(field::PLANNED, now).time(field::STARTED, now);
        draft.text(field::PLACE, "一号会议室").text(field::COUNTERPART, "王经理");
        draft.text(field::COUNTERPART_LEVEL, "handling_lead").text(field::ATTENDEES, "王经理、李主管");
        draft.text(field::PURPOSE, "季度回访").text(field::EXPECTED_EFFECT, "续签");
    })?;
    let typed = EDITS - 4;
    for piece in chars.chunks(CHARS.div_ceil(typed)) {
        let at = phone.record(visit)?.fields.content.map_or(0, |text| text.chars().count());
        phone.book.edit(visit, |draft| {
            draft.splice(field::CONTENT, at, 0, &piece.iter().collect::<String>());
        })?;
    }
    phone.book.edit(visit, |draft| {
        draft.text(field::RESULT, "续签意向明确").text(field::CONSENSUS, "月底前签");
        draft.text(field::NEXT_STEP, "发合同").time(field::NEXT_VISIT, now);
        draft.text(field::CHANGE_REASON, "无").count(field::SATISFACTION, 5);
    })?;
    phone.book.edit(visit, |draft| {
        draft.time(field::ENDED, now);
    })?;
    phone.book.submit(visit, None)?;
    Ok(visit)
}

async fn sync_all(phones: &[Arc<Phone>]) -> anyhow::Result<u32> {
    let syncing: Vec<_> = phones
        .iter()
        .map(|phone| {
            let phone = Arc::clone(phone);
            tokio::spawn(async move {
                let mut requests = 0;
                // A full house is part of a storm: the phone comes again.
                for _ in 0..100 {
                    let report = phone.try_sync().await?;
                    requests += report.requests;
                    ensure!(report.refused.is_empty(), "entries were refused");
                    if report.outcome == Outcome::Complete {
                        return Ok(requests);
                    }
                }
                anyhow::bail!("a phone never got through")
            })
        })
        .collect();
    let mut requests = 0;
    for phone in syncing {
        requests += phone.await??;
    }
    Ok(requests)
}

/// What Automerge alone takes for one visit's changes from nothing, and for one edit of it, in milliseconds.
fn floor(data: &std::path::Path, company: &tests::Company, visit: VisitId) -> anyhow::Result<(f64, f64)> {
    const ROUNDS: u32 = 500;
    let config = Config { data_dir: data.to_owned(), ..Config::default() };
    let opened = Opened::open(&config, &Host::system(Arc::new(SystemClock::new())))?;
    let stored = opened.engine.view(company.tenant).record(visit)?.context("the visit is not there")?;
    let whole = Automerge::load(&stored.saved)?;
    let all: Vec<Vec<u8>> = whole.get_changes(&[]).iter().map(|change| change.raw_bytes().to_vec()).collect();
    let genesis = Document::genesis(new_id(DocumentKind::Visit, [0; 15]))?.save();
    let (last, before) = all.split_last().context("no changes")?;
    let parse = |changes: &[Vec<u8>]| -> anyhow::Result<Vec<Change>> {
        changes.iter().map(|bytes| Ok(Change::try_from(bytes.as_slice())?)).collect()
    };

    let began = thread_cpu_ms()?;
    for _ in 0..ROUNDS {
        let mut document = Automerge::load(&genesis)?;
        document.apply_changes(parse(&all)?)?;
        std::hint::black_box(document.save());
    }
    let new = (thread_cpu_ms()? - began) / f64::from(ROUNDS);

    let mut document = Automerge::load(&genesis)?;
    document.apply_changes(parse(before)?)?;
    let saved = document.save();
    let began = thread_cpu_ms()?;
    for _ in 0..ROUNDS {
        let mut document = Automerge::load(&saved)?;
        document.apply_changes(parse(std::slice::from_ref(last))?)?;
        std::hint::black_box(document.save());
    }
    let edited = (thread_cpu_ms()? - began) / f64::from(ROUNDS);
    Ok((new, edited))
}

/// Processor time of this thread so far, in milliseconds: what waits for a processor does not count.
fn thread_cpu_ms() -> anyhow::Result<f64> {
    let schedstat = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = schedstat.split_whitespace().next().context("no figure")?.parse()?;
    Ok(nanoseconds / 1e6)
}
