//! The accept loop: connections with caps, header and idle timeouts, and a stop that lets open requests finish.

mod idle;
mod slots;

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};
use tower::ServiceExt as _;

use crate::{
    config::{AddressList, Limits},
    telemetry::Metrics,
};
use idle::IdleStream;
use slots::Slots;

const MAX_HEADER_BYTES: usize = 32 * 1024;
const MAX_HEADERS: usize = 100;
const MAX_STREAMS: u32 = 64;
const MAX_RESET_STREAMS: usize = 64;
/// How long to wait when the system has no file descriptor left.
const ACCEPT_PAUSE_MS: u64 = 50;

/// Serves HTTP/1 and HTTP/2 on one socket.
#[derive(Debug)]
pub struct Listener {
    limits: Limits,
    trusted_proxies: AddressList,
    metrics: Arc<Metrics>,
}

impl Listener {
    /// Sets up a listener; connections of trusted proxies do not count per address.
    pub fn new(limits: Limits, trusted_proxies: AddressList, metrics: Arc<Metrics>) -> Self {
        Self { limits, trusted_proxies, metrics }
    }

    /// Serves until `stop` turns true or its sender is gone, then lets open requests finish within the drain time.
    pub async fn serve(&self, socket: TcpListener, app: Router, mut stop: watch::Receiver<bool>) {
        let slots = Arc::new(Slots::new(self.limits.connections, self.limits.connections_per_ip));
        let builder = self.builder();
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = socket.accept() => accepted,
                _ = stop.wait_for(|stop| *stop) => break,
                Some(_) = connections.join_next() => {
                    self.metrics.connections(connections.len());
                    continue;
                }
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    if !is_of_one_connection(&error) {
                        tracing::error!(%error, "cannot accept connections");
                        sleep(Duration::from_millis(ACCEPT_PAUSE_MS)).await;
                    }
                    continue;
                }
            };
            let ip = peer.ip().to_canonical();
            let counted = (!self.trusted_proxies.contains(ip)).then_some(ip);
            let Some(slot) = Slots::take(&slots, counted) else {
                self.metrics.connection_refused();
                continue;
            };
            let connection = self.connection(builder.clone(), stream, peer, app.clone(), stop.clone());
            connections.spawn(async move {
                connection.await;
                drop(slot);
            });
            self.metrics.connections(connections.len());
        }
        drop(socket);
        let drained = timeout(Duration::from_millis(self.limits.drain_ms), async {
            while connections.join_next().await.is_some() {}
        });
        if drained.await.is_err() {
            tracing::warn!(connections = connections.len(), "cut connections that did not finish in time");
        }
        self.metrics.connections(0);
    }

    fn builder(&self) -> Builder<TokioExecutor> {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            // Without a timer hyper's timeout does nothing.
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_millis(self.limits.header_timeout_ms))
            .max_buf_size(MAX_HEADER_BYTES)
            .max_headers(MAX_HEADERS);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(MAX_STREAMS)
            .max_header_list_size(MAX_HEADER_BYTES as u32)
            .max_pending_accept_reset_streams(MAX_RESET_STREAMS)
            .max_local_error_reset_streams(MAX_RESET_STREAMS);
        builder
    }

    fn connection(
        &self,
        builder: Builder<TokioExecutor>,
        stream: TcpStream,
        peer: SocketAddr,
        app: Router,
        mut stop: watch::Receiver<bool>,
    ) -> impl Future<Output = ()> + Send + 'static {
        let header_timeout = Duration::from_millis(self.limits.header_timeout_ms);
        let idle_timeout = Duration::from_millis(self.limits.idle_timeout_ms);
        async move {
            // Small answers should not wait for a full packet; failing to say so costs only time.
            let _ = stream.set_nodelay(true);
            let stream = IdleStream::new(stream, header_timeout, idle_timeout);
            let service = service_fn(move |request: Request<Incoming>| {
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(ConnectInfo(peer));
                app.clone().oneshot(request)
            });
            let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
            let mut is_stopping = false;
            loop {
                tokio::select! {
                    result = connection.as_mut() => {
                        if let Err(error) = result {
                            tracing::debug!(%error, "a connection ended early");
                        }
                        break;
                    }
                    _ = stop.wait_for(|stop| *stop), if !is_stopping => {
                        is_stopping = true;
                        connection.as_mut().graceful_shutdown();
                    }
                }
            }
        }
    }
}

/// Whether only the one connection failed, which the client has given up already.
fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(test)]
mod tests;
