//! Five thousand sockets that drip, beside an honest phone: the phone is served, and the drips are closed.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use tests::{
    HostilePhone,
    child::{Program, free_address, prepare},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::{interval, timeout},
};

/// Sockets that drip.
const DRIPS: usize = 5_000;

/// Sockets that the server takes from one address.
const PER_ADDRESS: usize = 100;

/// Sockets beyond that, from one of the addresses.
const TOO_MANY: usize = 50;

/// Syncs of the honest phone before the drips, and as many beside them.
const HONEST: usize = 60;

/// How long the server waits for each of them; long enough for all of them to be there at once.
const LIMIT_MS: &str = "15000";

/// How long the test waits for what has to happen anyway.
const PATIENCE: Duration = Duration::from_secs(120);

/// What all the drips together may cost the server, in KiB.
const MEMORY_KIB: u64 = 256 * 1_024;

/// What a socket does instead of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Habit {
    /// Says nothing at all.
    Silent,
    /// Headers byte by byte, without an end.
    SlowHeaders,
    /// A body byte by byte, shorter than it was announced.
    SlowBody,
    /// A whole request, and then nothing any more.
    Idle,
    /// The first bytes of HTTP/2, and then nothing.
    HalfPreface,
}

const HABITS: [Habit; 5] =
    [Habit::Silent, Habit::SlowHeaders, Habit::SlowBody, Habit::Idle, Habit::HalfPreface];

#[tokio::test(flavor = "multi_thread")]
async fn an_honest_phone_is_served_beside_dripping_sockets_and_those_are_closed() -> anyhow::Result<()> {
    allow_files()?;
    let folder = tempfile::tempdir()?;
    let prepared = prepare(folder.path(), &["davolio"]).await?;
    let listen = free_address().await?;
    let url = format!("http://{listen}");
    let per_address = PER_ADDRESS.to_string();
    let settings = [
        ("limits.connections_per_ip", per_address.as_str()),
        ("limits.header_timeout_ms", LIMIT_MS),
        ("limits.idle_timeout_ms", LIMIT_MS),
        ("limits.body_timeout_ms", LIMIT_MS),
    ];
    let server = Program::build()?.serve_with(folder.path(), listen, &url, &settings)?;
    let clock = Arc::clone(&prepared.clock);
    let mut phone = HostilePhone::enrol_with(url.clone(), clock, &prepared.codes[0], "honest").await?;
    let alone = syncs(&mut phone).await?;
    let before_kib = server.peak_kib()?;

    let mut drips = JoinSet::new();
    for number in 0..DRIPS {
        let from = Ipv4Addr::new(127, 0, 1, u8::try_from(number / PER_ADDRESS)? + 1);
        let stream = connect(from, listen).await.with_context(|| format!("socket {number}"))?;
        drips.spawn(drip(stream, HABITS[number % HABITS.len()]));
    }
    let at_once = metric(&url, "connections").await?;
    for _ in 0..PER_ADDRESS + TOO_MANY {
        drips.spawn(drip(connect(Ipv4Addr::new(127, 0, 2, 1), listen).await?, Habit::Silent));
    }
    let beside = syncs(&mut phone).await?;
    let refused = metric(&url, "connections_refused_total").await?;
    ensure!(refused == TOO_MANY as u64, "{refused} sockets over the cap of their address were refused");
    ensure!(
        at_once > DRIPS as u64 / 2,
        "only {at_once} drips were there at once: this machine is too slow to tell"
    );

    let mut closed: BTreeMap<Habit, usize> = BTreeMap::new();
    while let Some(habit) = timeout(PATIENCE, drips.join_next()).await.context("drips are not closed")? {
        *closed.entry(habit?).or_default() += 1;
    }
    ensure!(closed.values().sum::<usize>() == DRIPS + PER_ADDRESS + TOO_MANY);
    let (after_kib, left) = (server.peak_kib()?, metric(&url, "connections").await?);
    ensure!(after_kib < before_kib + MEMORY_KIB, "the drips cost {} KiB", after_kib - before_kib);
    // The phone's own connection, and the one that asks.
    ensure!(left <= 4, "{left} connections are still open");
    println!(
        "dripping: {at_once} sockets at once; closed {closed:?}; refused {refused} over the cap of an address; peak \
         memory {before_kib} -> {after_kib} KiB; {HONEST} syncs beside them: median {:.2} x, longest {:.2} x as alone",
        ratio(&beside, &alone, HONEST / 2),
        ratio(&beside, &alone, HONEST - 1)
    );
    Ok(())
}

/// Opens a socket from an address of this machine.
async fn connect(from: Ipv4Addr, to: SocketAddr) -> anyhow::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((from, 0)))?;
    Ok(timeout(PATIENCE, socket.connect(to)).await??)
}

/// Drips until the server closes.
async fn drip(stream: TcpStream, habit: Habit) -> Habit {
    let (mut reader, mut writer) = stream.into_split();
    let (first, drops) = match habit {
        Habit::Silent => ("", false),
        Habit::SlowHeaders => ("GET /healthz HTTP/1.1\r\nhost: fieldbook.example\r\nx-slow: ", true),
        Habit::SlowBody => (
            "POST /v1/token HTTP/1.1\r\nhost: fieldbook.example\r\ncontent-type: application/json\r\n\
             content-length: 1000\r\n\r\n",
            true,
        ),
        Habit::Idle => ("GET /healthz HTTP/1.1\r\nhost: fieldbook.example\r\n\r\n", false),
        Habit::HalfPreface => ("PRI * HTTP/2.0", false),
    };
    let dripping = async {
        let mut pace = interval(Duration::from_secs(1));
        let mut written = writer.write_all(first.as_bytes()).await;
        while written.is_ok() && drops {
            pace.tick().await;
            written = writer.write_all(b" ").await;
        }
        // Whoever cannot write any more still reads to the end.
        std::future::pending::<()>().await;
    };
    let mut said = Vec::new();
    tokio::select! {
        // A reset is a way of closing, too.
        _ = reader.read_to_end(&mut said) => {}
        () = dripping => {}
    }
    habit
}

/// Syncs of an honest phone, every one of which has to succeed, and how long each took, the shortest first.
async fn syncs(phone: &mut HostilePhone) -> anyhow::Result<Vec<Duration>> {
    let mut took = Vec::new();
    for _ in 0..HONEST {
        let started = Instant::now();
        phone.deliver().await?;
        took.push(started.elapsed());
    }
    took.sort_unstable();
    Ok(took)
}

fn ratio(beside: &[Duration], alone: &[Duration], rank: usize) -> f64 {
    beside[rank].as_secs_f64() / alone[rank].as_secs_f64()
}

/// A number at `/metrics`.
async fn metric(url: &str, name: &str) -> anyhow::Result<u64> {
    let text = reqwest::get(format!("{url}/metrics")).await?.text().await?;
    let of = |line: &str| {
        line.rsplit_once(' ').filter(|(all, _)| all.ends_with(name)).map(|(_, value)| value.to_owned())
    };
    Ok(text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .find_map(of)
        .with_context(|| format!("no {name} in {text}"))?
        .parse()?)
}

/// Lets this process, and the server that it starts, have that many sockets.
fn allow_files() -> anyhow::Result<()> {
    let this = std::process::id().to_string();
    let raised = Command::new("prlimit").args(["--pid", &this, "--nofile=12000:"]).status()?;
    ensure!(
        raised.success(),
        "this account may not have 12,000 open files: raise its hard limit (ulimit -Hn)"
    );
    Ok(())
}
