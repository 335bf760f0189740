//! A small proxy on the loopback: counts the bytes of both directions, and loses an answer on request.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// Stands between phones and a server.
pub struct Proxy {
    address: SocketAddr,
    wire: Arc<Wire>,
    task: JoinHandle<()>,
}

/// What passed, and what shall not pass.
#[derive(Debug, Default)]
struct Wire {
    up_bytes: AtomicU64,
    down_bytes: AtomicU64,
    /// Which of the next pieces is lost, counted from 1; 0 for none.
    lose: AtomicU32,
}

impl Proxy {
    /// Listens on a free port and passes everything on to a server.
    pub async fn start(server: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let wire = Arc::new(Wire::default());
        let passing = Arc::clone(&wire);
        let task = tokio::spawn(async move {
            while let Ok((phone, _)) = listener.accept().await {
                let wire = Arc::clone(&passing);
                tokio::spawn(async move {
                    // A connection that breaks is what phones have to live with.
                    let _ = pass(phone, server, &wire).await;
                });
            }
        });
        Ok(Self { address, wire, task })
    }

    /// Where phones reach it.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Breaks the connection instead of passing on the nth piece of an answer from here on. A small answer is one piece,
    /// and the server has done its work by then.
    pub fn lose_piece(&self, nth: u32) {
        self.wire.lose.store(nth, Ordering::SeqCst);
    }

    /// Loses nothing more, and says whether something was lost.
    pub fn has_lost(&self) -> bool {
        self.wire.lose.swap(0, Ordering::SeqCst) == 0
    }

    /// Bytes from the phones and to the phones so far, headers included.
    pub fn bytes(&self) -> (u64, u64) {
        (self.wire.up_bytes.load(Ordering::SeqCst), self.wire.down_bytes.load(Ordering::SeqCst))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass(phone: TcpStream, server: SocketAddr, wire: &Wire) -> std::io::Result<()> {
    let server = TcpStream::connect(server).await?;
    // Small pieces would otherwise wait for each other's acknowledgement.
    phone.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut from_phone, mut to_phone) = phone.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = async {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = from_phone.read(&mut buffer).await?;
            if read == 0 {
                return to_server.shutdown().await;
            }
            wire.up_bytes.fetch_add(read as u64, Ordering::SeqCst);
            to_server.write_all(&buffer[..read]).await?;
        }
    };
    let down = async {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = from_server.read(&mut buffer).await?;
            let next = |left: u32| left.checked_sub(1);
            let lost = wire.lose.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next) == Ok(1);
            if read == 0 || lost {
                return std::io::Result::Ok(());
            }
            wire.down_bytes.fetch_add(read as u64, Ordering::SeqCst);
            to_phone.write_all(&buffer[..read]).await?;
        }
    };
    tokio::select! {
        result = up => result,
        result = down => result,
    }
}
