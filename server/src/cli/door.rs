//! The door: a command is carried out here on a free data folder, else by the server that uses it.

use std::{path::Path, sync::Arc};

use tokio::net::UnixStream;

use super::{Answer, CliError, Command, SOCKET_FILE, execute, frame};
use crate::{
    app::{Opened, StartError},
    clock::SystemClock,
    config::Config,
    host::Host,
    journal,
    store::OpenError,
};

/// Has a command carried out.
pub(super) async fn ask(config: &Config, command: Command) -> Result<Answer, CliError> {
    require_data(&config.data_dir)?;
    match Opened::open(config, &Host::system(Arc::new(SystemClock::new()))) {
        Ok(opened) => Ok(execute(&opened.engine, command).await?),
        Err(StartError::Store(OpenError::Locked(folder))) => send(&folder, &command).await,
        Err(error) => Err(error.into()),
    }
}

/// Refuses a folder without a journal, so that a slip in its name does not set up an empty one.
pub(super) fn require_data(data_dir: &Path) -> Result<(), CliError> {
    if journal::folder(data_dir).is_dir() { Ok(()) } else { Err(CliError::NoData(data_dir.to_path_buf())) }
}

async fn send(data_dir: &Path, command: &Command) -> Result<Answer, CliError> {
    let path = data_dir.join(SOCKET_FILE);
    let mut stream = UnixStream::connect(&path).await.map_err(|_| CliError::Busy(data_dir.to_path_buf()))?;
    let broken = |source| CliError::NoAnswer { socket: path.display().to_string(), source };
    frame::write(&mut stream, command).await.map_err(broken)?;
    match frame::read(&mut stream).await.map_err(broken)? {
        Answer::Failed { message } => Err(CliError::Refused(message)),
        answer => Ok(answer),
    }
}
