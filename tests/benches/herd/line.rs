//! A line: one phone's connection to the server, from an address of its own, with what went over it counted.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use anyhow::{Context as _, anyhow};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request,
    body::Bytes,
    client::conn::http1::{SendRequest, handshake},
    header::{CONTENT_TYPE, HOST},
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

/// How long the SDK waits for a connection, and for a silent server.
const CONNECT: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(30);

/// Bytes that went over all lines, HTTP headers included.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    up: AtomicU64,
    down: AtomicU64,
}

impl Traffic {
    /// Bytes to the server and from it.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        (self.up.load(Ordering::Relaxed), self.down.load(Ordering::Relaxed))
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) nonce: Option<String>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Bytes,
}

/// A way to the server that is opened when it is needed and stays open, as a phone's HTTP client keeps it.
pub(crate) struct Line {
    from: Ipv4Addr,
    server: SocketAddr,
    traffic: Arc<Traffic>,
    open: Option<SendRequest<Full<Bytes>>>,
}

impl Line {
    /// A line that is not open yet. The whole of 127.0.0.0/8 is this machine, so each phone has its own address.
    pub(crate) fn new(from: Ipv4Addr, server: SocketAddr, traffic: Arc<Traffic>) -> Self {
        Self { from, server, traffic, open: None }
    }

    /// Sends a POST request and gives the whole answer; an error means that none came.
    pub(crate) async fn post(
        &mut self,
        path: &str,
        content_type: &str,
        header: (&str, String),
        body: Vec<u8>,
    ) -> anyhow::Result<Answer> {
        let request = Request::post(path)
            .header(HOST, self.server.to_string())
            .header(CONTENT_TYPE, content_type)
            .header(header.0, header.1)
            .body(Full::new(Bytes::from(body)))?;
        let answered = self.exchange(request).await;
        if answered.is_err() {
            self.open = None;
        }
        answered
    }

    async fn exchange(&mut self, request: Request<Full<Bytes>>) -> anyhow::Result<Answer> {
        let sent = self.sender().await?.try_send_request(request);
        let answer = match timeout(SILENCE, sent).await.context("no answer")? {
            Ok(answer) => answer,
            // The server hung up on a silent line before it saw the request: every client dials again then.
            Err(mut unsent) => {
                let request = unsent.take_message().with_context(|| unsent.error().to_string())?;
                self.open = None;
                let sent = self.sender().await?.send_request(request);
                timeout(SILENCE, sent).await.context("no answer")??
            }
        };
        let text = |name: &str| Some(answer.headers().get(name)?.to_str().ok()?.to_owned());
        let retry_after = text("retry-after").and_then(|text| text.parse().ok()).map(Duration::from_secs);
        let (status, nonce) = (answer.status().as_u16(), text("dpop-nonce"));
        let body =
            timeout(SILENCE, answer.into_body().collect()).await.context("half an answer")??.to_bytes();
        Ok(Answer { status, nonce, retry_after, body })
    }

    async fn sender(&mut self) -> anyhow::Result<&mut SendRequest<Full<Bytes>>> {
        if let Some(open) = &mut self.open
            && open.ready().await.is_err()
        {
            self.open = None;
        }
        match &mut self.open {
            Some(open) => Ok(open),
            closed => {
                let socket = TcpSocket::new_v4()?;
                socket.bind((self.from, 0).into())?;
                let stream =
                    timeout(CONNECT, socket.connect(self.server)).await.context("no connection")??;
                stream.set_nodelay(true)?;
                let counted = Counted { stream, traffic: Arc::clone(&self.traffic) };
                let (sender, connection) =
                    handshake(TokioIo::new(counted)).await.map_err(|error| anyhow!(error))?;
                tokio::spawn(connection);
                Ok(closed.insert(sender))
            }
        }
    }
}

/// A stream that counts what goes through it.
struct Counted {
    stream: TcpStream,
    traffic: Arc<Traffic>,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        self.traffic.down.fetch_add((buffer.filled().len() - before) as u64, Ordering::Relaxed);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        self.traffic.up.fetch_add(written as u64, Ordering::Relaxed);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
