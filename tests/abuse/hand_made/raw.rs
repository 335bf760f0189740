//! Bytes on a connection of their own: what no HTTP client would send.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::site::Site;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends bytes and reads until the server closes.
pub(super) async fn exchange(address: SocketAddr, bytes: &[u8]) -> anyhow::Result<String> {
    let (mut reader, mut writer) = TcpStream::connect(address).await?.into_split();
    let mut said = Vec::new();
    let written = async {
        // Whoever refuses early need not read the rest.
        let _ = writer.write_all(bytes).await;
    };
    // A reset is a way of closing, too.
    let read = async {
        let _ = reader.read_to_end(&mut said).await;
    };
    timeout(PATIENCE, async { tokio::join!(written, read) })
        .await
        .context("the server neither answers nor closes")?;
    Ok(String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_is_smuggled_behind_another() -> anyhow::Result<()> {
    let site = Site::open().await?;
    let hidden = "GET /v1/openapi.json HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    for head in [
        format!("content-length: {}\r\ntransfer-encoding: chunked\r\n", hidden.len() + 5),
        format!("transfer-encoding: chunked\r\ncontent-length: {}\r\n", hidden.len() + 5),
        "content-length: 5\r\ncontent-length: 6\r\n".to_owned(),
        "content-length: +5\r\n".to_owned(),
        "content-length: 0x5\r\n".to_owned(),
        "content-length: 5, 6\r\n".to_owned(),
        "content-length: -1\r\n".to_owned(),
        "content-length: 18446744073709551616\r\n".to_owned(),
        "transfer-encoding: xchunked\r\n".to_owned(),
        "transfer-encoding: chunked, identity\r\n".to_owned(),
        "transfer-encoding: identity\r\ncontent-length: 5\r\n".to_owned(),
        "transfer-encoding : chunked\r\n".to_owned(),
        "transfer-encoding:\u{b}chunked\r\n".to_owned(),
        " content-length: 5\r\n".to_owned(),
        "x: y\r\n content-length: 5\r\n".to_owned(),
        "x: y\0\r\n".to_owned(),
        "x: y\nz: a\r\nbad line\r\n".to_owned(),
    ] {
        let request = format!("POST /v1/token HTTP/1.1\r\nhost: x\r\n{head}\r\n0\r\n\r\n{hidden}");
        let answer = exchange(site.server.address(), request.as_bytes()).await?;
        assert!(!answer.contains("HTTP/1.1 5"), "{head}: {answer}");
        assert!(!answer.contains("\"openapi\""), "{head:?} let a request through behind it: {answer}");
        assert!(answer.matches("HTTP/1.1 ").count() <= 1, "{head}: {answer}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_without_measure_are_refused() -> anyhow::Result<()> {
    let site = Site::open().await?;
    for head in [
        "x: y\r\n".repeat(200),
        format!("x: {}\r\n", "y".repeat(100_000)),
        format!("cookie: {}\r\n", "a=b; ".repeat(10_000)),
    ] {
        let request = format!("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{head}\r\n");
        let answer = exchange(site.server.address(), request.as_bytes()).await?;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    }
    let long = format!("GET /{} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", "a".repeat(100_000));
    let answer = exchange(site.server.address(), long.as_bytes()).await?;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_streams_that_are_reset_ends_its_connection_only() -> anyhow::Result<()> {
    /// Streams that are opened and reset at once; a fraction of them is too many.
    const STREAMS: u32 = 20_000;
    const HEADERS: u8 = 1;
    const RESET: u8 = 3;
    const SETTINGS: u8 = 4;
    const GO_AWAY: u8 = 7;
    let site = Site::open().await?;
    let frame = |kind: u8, flags: u8, stream: u32, payload: &[u8]| {
        let length = (payload.len() as u32).to_be_bytes();
        [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
    };
    // GET / over http with the authority x, by the static table.
    let headers = [0x82, 0x86, 0x84, 0x41, 1, b'x'];
    let mut flood = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    flood.extend(frame(SETTINGS, 0, 0, &[]));
    for number in 0..STREAMS {
        let stream = 2 * number + 1;
        flood.extend(frame(HEADERS, 0x5, stream, &headers));
        flood.extend(frame(RESET, 0, stream, &8_u32.to_be_bytes()));
    }
    let (mut reader, mut writer) = TcpStream::connect(site.server.address()).await?.into_split();
    let mut said = Vec::new();
    let exchange = async {
        tokio::join!(
            async {
                let _ = writer.write_all(&flood).await;
                // The half that writes stays open: it is for the server to end this.
            },
            async {
                let _ = reader.read_to_end(&mut said).await;
            }
        )
    };
    timeout(PATIENCE, exchange).await.context("the flood goes on")?;
    let mut rest = said.as_slice();
    let mut kinds = Vec::new();
    while let Some((head, behind)) = rest.split_first_chunk::<9>() {
        kinds.push(head[3]);
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        rest = behind.get(length..).unwrap_or_default();
    }
    assert!(kinds.contains(&GO_AWAY), "the server did not send the flood away: {kinds:?}");
    let honest = super::exchange(
        site.server.address(),
        b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    )
    .await?;
    assert!(honest.starts_with("HTTP/1.1 200"), "{honest}");
    Ok(())
}
