//! The accept loop against clients that misbehave, over real sockets with short timeouts.

use std::time::Instant;

use axum::routing::get;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    sync::Notify,
    task::JoinHandle,
};

use super::*;

const PATIENCE: Duration = Duration::from_secs(20);

struct Running {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    served: JoinHandle<()>,
}

async fn run(app: Router, change: impl FnOnce(&mut Limits)) -> Running {
    let mut limits = Limits { header_timeout_ms: 200, idle_timeout_ms: 400, ..Limits::default() };
    change(&mut limits);
    let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let (stop, stopped) = watch::channel(false);
    let listener = Listener::new(limits, AddressList::default(), Arc::new(Metrics::new()));
    let served = tokio::spawn(async move { listener.serve(socket, app, stopped).await });
    Running { address, stop, served }
}

fn hello() -> Router {
    Router::new().route("/", get(async || "hello"))
}

/// Everything the server sends until it closes the connection.
async fn rest(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    // A reset is a way of closing, too.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn a_silent_connection_is_closed() {
    let running = run(hello(), |_| ()).await;
    let mut silent = TcpStream::connect(running.address).await.unwrap();
    assert_eq!(rest(&mut silent).await, "");
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the listener's own timeouts run on the real clock")]
async fn a_client_that_drips_its_headers_is_closed() {
    for opening in ["GET / HTTP/1.1\r\nhost: a-long-enough-name\r\n", "PRI"] {
        let running = run(hello(), |_| ()).await;
        let (mut reader, mut writer) = TcpStream::connect(running.address).await.unwrap().into_split();
        let started = Instant::now();
        let dripping = tokio::spawn(async move {
            let _ = writer.write_all(opening.as_bytes()).await;
            let mut drops = tokio::time::interval(Duration::from_millis(30));
            loop {
                drops.tick().await;
                if writer.write_all(b" ").await.is_err() {
                    break;
                }
            }
        });
        assert!(!rest(&mut reader).await.contains("200 OK"));
        assert!(started.elapsed() < PATIENCE);
        dripping.abort();
    }
}

#[tokio::test]
async fn a_connection_over_the_cap_of_its_address_is_closed_at_once() {
    let running = run(hello(), |limits| {
        limits.connections_per_ip = 1;
        limits.header_timeout_ms = 60_000;
        limits.idle_timeout_ms = 60_000;
    })
    .await;
    let mut first = TcpStream::connect(running.address).await.unwrap();
    first.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut answer = [0; 12];
    first.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    let mut second = TcpStream::connect(running.address).await.unwrap();
    assert_eq!(rest(&mut second).await, "");
}

#[tokio::test]
async fn headers_over_32_kib_are_refused() {
    let running = run(hello(), |limits| limits.header_timeout_ms = 60_000).await;
    let (mut reader, mut writer) = TcpStream::connect(running.address).await.unwrap().into_split();
    let bomb = format!("GET / HTTP/1.1\r\nhost: x\r\nx-bomb: {}\r\n\r\n", "a".repeat(64 * 1024));
    let sending = tokio::spawn(async move {
        let _ = writer.write_all(bomb.as_bytes()).await;
        writer
    });
    assert!(!rest(&mut reader).await.contains("200 OK"));
    drop(sending);
}

#[tokio::test]
async fn stopping_lets_an_open_request_finish() {
    let (entered, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (inside, released) = (Arc::clone(&entered), Arc::clone(&release));
    let slow = Router::new().route(
        "/",
        get(async move || {
            inside.notify_one();
            released.notified().await;
            "finished"
        }),
    );
    let running = run(slow, |limits| limits.idle_timeout_ms = 60_000).await;
    let mut client = TcpStream::connect(running.address).await.unwrap();
    client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    entered.notified().await;
    running.stop.send(true).unwrap();
    release.notify_one();
    assert!(rest(&mut client).await.ends_with("finished"));
    timeout(PATIENCE, running.served).await.unwrap().unwrap();
}

#[tokio::test]
async fn stopping_cuts_a_request_that_does_not_finish() {
    let entered = Arc::new(Notify::new());
    let inside = Arc::clone(&entered);
    let endless = Router::new().route(
        "/",
        get(async move || {
            inside.notify_one();
            std::future::pending::<&'static str>().await
        }),
    );
    let running = run(endless, |limits| {
        limits.idle_timeout_ms = 60_000;
        limits.drain_ms = 50;
    })
    .await;
    let mut client = TcpStream::connect(running.address).await.unwrap();
    client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    entered.notified().await;
    running.stop.send(true).unwrap();
    timeout(PATIENCE, running.served).await.unwrap().unwrap();
    assert_eq!(rest(&mut client).await, "");
}
