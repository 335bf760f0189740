//! The console: where a running server takes the operator's commands, a socket in its data folder.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{
    net::{UnixListener, UnixStream},
    sync::{Mutex, watch},
    task::{JoinHandle, JoinSet},
    time::{sleep, timeout},
};

use super::{Answer, Command, execute, frame};
use crate::engine::Engine;

/// The name of the socket in the data folder.
pub const SOCKET_FILE: &str = "admin.sock";
/// How many programs are listened to at the same time; their commands are carried out one by one.
const CONNECTIONS_MAX: usize = 4;
/// How long a program may take to send its command, and to take the answer.
const TRANSFER_TIME: Duration = Duration::from_secs(30);
/// How long to wait when the system has no file descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The console cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen for commands on {}: {source}; a path of more than 100 bytes is too long for a socket", path.display())]
pub struct ConsoleError {
    path: PathBuf,
    source: io::Error,
}

/// An open console.
#[derive(Debug)]
pub struct Console {
    path: PathBuf,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Console {
    /// Opens the console of the data folder that the engine has for itself.
    pub fn open(data_dir: &Path, engine: Arc<Engine>) -> Result<Self, ConsoleError> {
        let path = data_dir.join(SOCKET_FILE);
        let failed = |source| ConsoleError { path: path.clone(), source };
        match fs::remove_file(&path) {
            // The folder is locked, so a socket that is there was left by a server that was killed.
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        let socket = UnixListener::bind(&path).map_err(failed)?;
        fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(failed)?;
        let owner = fs::metadata(&path).map_err(failed)?.uid();
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(listen(socket, owner, engine, stopped));
        Ok(Self { path, stop, task })
    }

    /// Takes no more commands and waits for those at work.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the console ended badly");
        }
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(%error, "the console's socket could not be removed");
        }
    }
}

async fn listen(socket: UnixListener, owner: u32, engine: Arc<Engine>, mut stop: watch::Receiver<bool>) {
    let turn = Arc::new(Mutex::new(()));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = socket.accept(), if connections.len() < CONNECTIONS_MAX => accepted,
            Some(_) = connections.join_next() => continue,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Ok((stream, _)) if is_operator(&stream, owner) => {
                let turn = Arc::clone(&turn);
                connections.spawn(answer(stream, Arc::clone(&engine), turn, stop.clone()));
            }
            Ok(_) => tracing::warn!("refused another account at the console"),
            Err(error) => {
                tracing::error!(%error, "cannot accept commands");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(socket);
    while connections.join_next().await.is_some() {}
}

/// Whether the other side runs under the server's own account or root's: the file's mode was open for a moment.
fn is_operator(stream: &UnixStream, owner: u32) -> bool {
    stream.peer_cred().is_ok_and(|peer| peer.uid() == owner || peer.uid() == 0)
}

async fn answer(
    mut stream: UnixStream,
    engine: Arc<Engine>,
    turn: Arc<Mutex<()>>,
    mut stop: watch::Receiver<bool>,
) {
    let read = timeout(TRANSFER_TIME, frame::read::<Command>(&mut stream));
    let read = tokio::select! {
        read = read => read.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())),
        _ = stop.wait_for(|stop| *stop) => return,
    };
    let answer = match read {
        Ok(command) => {
            // Commands read the directory, then write: two at once could undo each other's work.
            let _turn = turn.lock().await;
            execute(&engine, command).await.unwrap_or_else(failed)
        }
        Err(error) => failed(error),
    };
    let written = timeout(TRANSFER_TIME, frame::write(&mut stream, &answer));
    if let Err(error) = written.await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
        tracing::warn!(%error, "the answer to a command was not taken");
    }
}

fn failed(error: impl std::fmt::Display) -> Answer {
    Answer::Failed { message: error.to_string() }
}
