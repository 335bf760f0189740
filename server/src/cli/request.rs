//! A request: the command that a subcommand stands for, with the files it names read in.

use std::{
    fs::File,
    io::{self, BufRead as _, Read as _},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    CliError, Command, ImportFile,
    arguments::{
        CalendarTask, CompanyTask, CustomerTask, DeviceTask, ImportArguments, PackTask, PeriodTask,
        QuarantineTask, UserTask,
    },
};
use crate::import::MAX_FILE_BYTES;

/// The largest pack, calendar or mapping that is read.
const TEXT_BYTES: u64 = 1024 * 1024;
/// The longest line that is taken for a password.
const PASSWORD_BYTES: u64 = 4096;

/// A command, and where its answer goes.
pub(super) struct Request {
    /// What is asked for.
    pub(super) command: Command,
    /// The file a receipt is written to.
    pub(super) receipt_file: Option<PathBuf>,
}

impl Request {
    /// Reads the files that the task names.
    pub(super) fn of(task: CompanyTask) -> Result<Self, CliError> {
        let mut receipt_file = None;
        let command = match task {
            CompanyTask::Import(arguments) => Command::Import(import(&arguments)?),
            CompanyTask::User(UserTask::List) => Command::ListUsers,
            CompanyTask::User(UserTask::Add { login, name, role, reports_to }) => {
                let login = login.trim().to_lowercase();
                Command::AddUser { name: name.unwrap_or_else(|| login.clone()), login, role, reports_to }
            }
            CompanyTask::User(UserTask::SetPassword { login, stdin }) => {
                Command::SetPassword { login, password: stdin.then(password).transpose()? }
            }
            CompanyTask::User(UserTask::Deactivate { login }) => Command::SetActive { login, active: false },
            CompanyTask::User(UserTask::Activate { login }) => Command::SetActive { login, active: true },
            CompanyTask::User(UserTask::Code { login }) => Command::DrawCode { login },
            CompanyTask::Device(DeviceTask::List) => Command::ListDevices,
            CompanyTask::Device(DeviceTask::Revoke { id }) => Command::RevokeDevice { device: id },
            CompanyTask::Device(DeviceTask::Quarantine(QuarantineTask::List)) => Command::ListQuarantine,
            CompanyTask::Device(DeviceTask::Quarantine(QuarantineTask::Release { id })) => {
                Command::ReleaseQuarantine { device: id }
            }
            CompanyTask::Customer(CustomerTask::List) => Command::ListCustomers,
            CompanyTask::Pack(PackTask::Put { file }) => Command::PutPack { toml: text(&file)? },
            CompanyTask::Calendar(CalendarTask::Put { year, file }) => {
                Command::PutCalendar { year, ics: text(&file)? }
            }
            CompanyTask::Period(PeriodTask::Close { first, last, note }) => {
                Command::ClosePeriod { first: first.to_string(), last: last.to_string(), note }
            }
            CompanyTask::Period(PeriodTask::List) => Command::ListClosings,
            CompanyTask::Period(PeriodTask::Restate { closing }) => Command::Restate { closing },
            CompanyTask::Receipt { device, last, to } => {
                receipt_file = Some(to);
                Command::Receipt { device, last }
            }
        };
        Ok(Self { command, receipt_file })
    }
}

fn import(arguments: &ImportArguments) -> Result<ImportFile, CliError> {
    let table = |path: &Path| Ok::<_, CliError>(STANDARD.encode(read_file(path, MAX_FILE_BYTES as u64)?));
    Ok(ImportFile {
        rows: arguments.rows,
        content: table(&arguments.file)?,
        users: arguments.users.as_deref().map(table).transpose()?,
        mapping: arguments.mapping.as_deref().map(text).transpose()?,
        map: arguments.map.clone(),
        roles: arguments.roles.clone(),
        skip_bad_rows: arguments.skip_bad_rows,
        dry_run: arguments.dry_run,
        codes: arguments.codes,
    })
}

fn text(path: &Path) -> Result<String, CliError> {
    String::from_utf8(read_file(path, TEXT_BYTES)?).map_err(|_| CliError::NotText(path.to_path_buf()))
}

fn password() -> Result<String, CliError> {
    let mut line = String::new();
    io::stdin()
        .lock()
        .take(PASSWORD_BYTES)
        .read_line(&mut line)
        .map_err(CliError::io("read", "standard input"))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Reads a file of at most `limit` bytes.
pub(super) fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
        .map_err(CliError::io("read", path))?;
    if bytes.len() as u64 > limit {
        return Err(CliError::FileTooLarge { path: path.to_path_buf(), limit });
    }
    Ok(bytes)
}
