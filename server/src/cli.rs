//! The command line: what an operator can ask for, and who carries it out.
//!
//! What concerns the company's data is a [`Command`], carried out by [`execute`]. The program does so itself on the
//! data folder while it is free, and has the server that uses the folder do it otherwise, so that both do the same.

mod arguments;
mod backup;
mod command;
mod console;
mod diff;
mod door;
mod error;
mod execute;
mod explain;
mod frame;
mod load;
mod named;
mod output;
mod period;
mod print;
mod proof;
mod request;
mod rules;
mod serve;

pub use arguments::Cli;
pub use command::{
    Answer, Command, CustomerLine, DeviceLine, DrawnAccess, ImportFile, ImportReport, QuarantineLine,
    ReportedRow, Rows, UserLine,
};
pub use console::{Console, ConsoleError, SOCKET_FILE};
pub use diff::{Counts, DifferenceLine, KeptVersion, PackDiff, RuleCounts};
pub use error::CliError;
pub use execute::{ExecuteError, execute};
pub use explain::{ObligationLines, PassedOverLine};
pub use period::{ChangeLines, ClosingLine, FactLine, PointsLine, Restatement};

use std::sync::Arc;

use arguments::Task;

use crate::{
    clock::SystemClock,
    config::{Config, LogConfig},
    host::Host,
    projection::Projection,
    store::{EmbeddedStore, StoreOptions},
    telemetry,
};

/// Does what the command line asks for.
pub async fn run(cli: Cli) -> Result<(), CliError> {
    let Cli { config: flags, json, task } = cli;
    if let Some(Task::Verify { receipt: Some(receipt), server_key: Some(key) }) = &task {
        // Whoever holds a receipt and the key needs neither a data folder nor settings.
        return output::line(&proof::check_with_key(receipt, key)?);
    }
    let (task, question) = match task {
        // Nor does whoever reads rules.
        Some(Task::Rules(task)) => match rules::run(task)? {
            None => return Ok(()),
            question => (None, question),
        },
        other => (other, None),
    };
    let config = Config::load(&flags, std::env::vars())?;
    if let Some(command) = question {
        telemetry::start_logs(&LogConfig { level: "warn".to_owned(), ..config.log.clone() })?;
        return print::show(door::ask(&config, command).await?, json, None);
    }
    let task = task.unwrap_or(Task::Serve);
    if let Task::Serve = task {
        return serve::serve(config).await;
    }
    telemetry::start_logs(&LogConfig { level: "warn".to_owned(), ..config.log.clone() })?;
    match task {
        Task::Serve | Task::Rules(_) => Ok(()),
        Task::Config => output::text(&toml::to_string(&config)?),
        Task::Verify { receipt: Some(receipt), .. } => {
            output::line(&proof::check_in_folder(&receipt, &config.data_dir)?)
        }
        Task::Verify { receipt: None, .. } => proof::check_journal(&config.data_dir),
        Task::Rebuild => {
            door::require_data(&config.data_dir)?;
            let options =
                StoreOptions { reserve_bytes: config.disk_reserve_bytes, ..StoreOptions::default() };
            let host = Host::system(Arc::new(SystemClock::new()));
            let store = EmbeddedStore::rebuild(&host, &config.data_dir, Projection::shared(), options)
                .map_err(CliError::rebuild)?;
            let records = crate::store::Store::root(&store).size;
            drop(store);
            output::line(&format!("the index was made again from {records} records"))
        }
        Task::Backup { to } => {
            let report = backup::backup(&config.data_dir, &to)?;
            output::line(&format!("copied {} records to {}", report.root.size, to.display()))
        }
        Task::Company(task) => {
            let request = request::Request::of(task)?;
            let answer = door::ask(&config, request.command).await?;
            print::show(answer, json, request.receipt_file.as_deref())
        }
    }
}
