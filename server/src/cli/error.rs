//! Why the program ends without having done what it was asked for.

use std::{io, path::PathBuf};

use sync_core::log::BadSignature;

use super::{console::ConsoleError, execute::ExecuteError};
use crate::{
    app::StartError,
    auth::keys::KeyError,
    config::ConfigError,
    engine::EngineError,
    journal::{Damage, JournalError},
    store::{Failure, OpenError},
    telemetry::LogError,
};

/// What the operator asked for was not done; the message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The settings cannot be written as TOML.
    #[error(transparent)]
    ShowConfig(#[from] toml::ser::Error),
    /// The logs cannot be started.
    #[error(transparent)]
    Logs(#[from] LogError),
    /// The server or its store does not open.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The first company cannot be set up.
    #[error("the company cannot be set up: {0}")]
    Founding(EngineError),
    /// The console of the server cannot be opened.
    #[error(transparent)]
    Console(#[from] ConsoleError),
    /// The store gave up while the server ran.
    #[error("the server has stopped: {0}")]
    Failed(Failure),
    /// The folder holds no journal.
    #[error(
        "{} holds no journal: name the folder with --data-dir, or start the server once to set it up",
        .0.display()
    )]
    NoData(PathBuf),
    /// Another program uses the folder and takes no commands.
    #[error(
        "{} is in use, but no server takes commands there: it is still starting or stopping, or another command \
         is at work; try again in a moment",
        .0.display()
    )]
    Busy(PathBuf),
    /// The index cannot be made again while a server uses it.
    #[error("{} is in use: stop the server before the index is made again", .0.display())]
    RebuildNeedsStop(PathBuf),
    /// No pack of that name is shipped.
    #[error("no pack called {0:?} is shipped; `fieldbook rules list` names them")]
    NoPack(String),
    /// A pack cannot be read.
    #[error("{}:{error}", .file.display())]
    Pack {
        /// The file.
        file: PathBuf,
        /// What is wrong with it, and where.
        error: sync_core::rules::PackError,
    },
    /// A pack is not in UTF-8.
    #[error("{} is no text in UTF-8", .0.display())]
    NoText(PathBuf),
    /// The connection to the server broke.
    #[error("the server at {socket} did not answer: {source}; look at its log, then ask again")]
    NoAnswer {
        /// The socket.
        socket: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The command was refused.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// The server refused the command.
    #[error("{0}")]
    Refused(String),
    /// Nothing of a file was loaded.
    #[error("nothing was loaded: {problems} problems; mend the file, or load the rest with --skip-bad-rows")]
    BadRows {
        /// How many.
        problems: usize,
    },
    /// A file cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file is larger than what it should hold.
    #[error("{} has more than {limit} bytes", path.display())]
    FileTooLarge {
        /// The file.
        path: PathBuf,
        /// The most it may have.
        limit: u64,
    },
    /// A file is not UTF-8 text.
    #[error("{} is not UTF-8 text", .0.display())]
    NotText(PathBuf),
    /// The journal cannot be read or copied.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The journal is not as it was written.
    #[error("the journal is damaged at {0}; restore the data folder from a backup")]
    Damaged(Damage),
    /// The folder to copy to has something in it.
    #[error("{} is not empty: name a new folder", .0.display())]
    TargetNotEmpty(PathBuf),
    /// A public key is not 64 hex digits.
    #[error("a server key is 64 hex digits, as `fieldbook verify` shows it")]
    ServerKey,
    /// The file is not a receipt.
    #[error("{} is not a receipt: {reason}", path.display())]
    NotAReceipt {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        reason: String,
    },
    /// The server key cannot be read.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The folder has no server key.
    #[error("{} holds no server key: name the key with --server-key", .0.display())]
    NoKey(PathBuf),
    /// The receipt was not signed with the key.
    #[error("{0}: this server did not issue the receipt, or it was altered")]
    Signature(#[from] BadSignature),
    /// The journal is not the one the receipt was issued from.
    #[error(
        "the receipt is genuine, but the journal is not the one it was issued from: record {size} has another root"
    )]
    OtherJournal {
        /// The record.
        size: u64,
    },
    /// The journal ends before the receipt.
    #[error(
        "the receipt is genuine, but the journal ends at record {end}, before record {size} that the receipt names: \
         records were lost, perhaps by restoring a backup"
    )]
    JournalEndsEarly {
        /// Where the journal stood when the receipt was issued.
        size: u64,
        /// Where it ends.
        end: u64,
    },
}

impl CliError {
    /// Says what was attempted on which file.
    pub(super) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }

    /// Says for a rebuild that the server has to be stopped.
    pub(super) fn rebuild(error: OpenError) -> Self {
        match error {
            OpenError::Locked(folder) => Self::RebuildNeedsStop(folder),
            other => Self::Start(StartError::Store(other)),
        }
    }
}
