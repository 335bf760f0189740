//! The arguments: every subcommand and its flags.

use std::path::PathBuf;

use clap::{CommandFactory as _, FromArgMatches as _};
use jiff::civil::Date;
use sync_core::{directory::Role, hash::Hash, id::DeviceId};

use super::Rows;
use crate::config::ConfigFlags;

/// Fieldbook: takes what phones recorded, keeps it, judges it and shows it
#[derive(Debug, clap::Parser)]
#[command(name = "fieldbook", version)]
pub struct Cli {
    /// Print the answer as JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Where the settings come from.
    #[command(flatten)]
    pub config: ConfigFlags,
    /// What to do; without one, the server runs.
    #[command(subcommand)]
    pub task: Option<Task>,
}

impl Cli {
    /// Reads the arguments of the process; ends it where they ask for help or cannot be understood.
    pub fn read() -> Self {
        let matches = ConfigFlags::set_everywhere(Self::command()).get_matches();
        let mut cli = Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        cli.config.add_set(&matches);
        cli
    }
}

/// What can be asked for.
#[derive(Debug, clap::Subcommand)]
pub enum Task {
    /// Run the server (this is also what happens without a subcommand)
    Serve,
    /// Print the settings as they are in force
    Config,
    /// Check every byte of the journal, or one receipt; the server may be running
    Verify {
        /// Check this signed receipt instead of the journal
        #[arg(long, value_name = "FILE")]
        receipt: Option<PathBuf>,
        /// The server's public key, to check a receipt without a data folder
        #[arg(long, value_name = "HEX", requires = "receipt")]
        server_key: Option<String>,
    },
    /// Make the index again from the journal; the server has to be stopped
    Rebuild,
    /// Copy the journal and the server key to an empty folder; the server may be running
    Backup {
        /// The folder to copy to
        to: PathBuf,
    },
    /// The rules of regulations: what is shipped, whether a pack of your own can be read, and what it would change
    #[command(subcommand)]
    Rules(RulesTask),
    /// What is asked of the company's data.
    #[command(flatten)]
    Company(CompanyTask),
}

/// What can be asked about rules.
#[derive(Debug, clap::Subcommand)]
pub enum RulesTask {
    /// List the shipped packs, or the rules of one of them
    List {
        /// The pack
        pack: Option<String>,
    },
    /// Print a shipped pack, to be altered and put in force
    Print {
        /// The pack
        pack: String,
    },
    /// Read packs (TOML) and say what they hold, what waits for a parameter, and where something is wrong
    Check {
        /// The files
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Print the JSON Schema by which an editor completes and checks packs
    Schema,
    /// What is asked of the company's data.
    #[command(flatten)]
    Asked(RulesQuestion),
}

/// What can be asked about rules of a company's data, by a running server or without one.
#[derive(Debug, clap::Subcommand)]
pub enum RulesQuestion {
    /// Say what a pack would have changed in the last 92 days, had it been in force; nothing is written
    Diff {
        /// The pack (TOML)
        file: PathBuf,
        /// How many differences to tell one by one, at most 1000
        #[arg(long, value_name = "COUNT", default_value_t = 20)]
        differences: usize,
    },
    /// Explain an obligation: what the rule says, who owes it until when, and which facts count and which do not
    Explain {
        /// The obligation, as the API names it
        id: Hash,
    },
}

/// What can be asked of a company's data, by a running server or without one.
#[derive(Debug, clap::Subcommand)]
pub enum CompanyTask {
    /// Load customers or users from a CSV or XLSX file
    Import(ImportArguments),
    /// Users: who may sign in
    #[command(subcommand)]
    User(UserTask),
    /// Devices: the phones that were enrolled
    #[command(subcommand)]
    Device(DeviceTask),
    /// Customers
    #[command(subcommand)]
    Customer(CustomerTask),
    /// Rule packs
    #[command(subcommand)]
    Pack(PackTask),
    /// Holiday calendars
    #[command(subcommand)]
    Calendar(CalendarTask),
    /// Closed periods: what was known when days were closed, and what is known of them now
    #[command(subcommand)]
    Period(PeriodTask),
    /// Export a signed receipt for `fieldbook verify --receipt`
    Receipt {
        /// The device whose commit it answers
        device: DeviceId,
        /// The index of the last entry it answers
        last: u64,
        /// The file to write it to
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
}

/// How a file is loaded.
#[derive(Debug, clap::Args)]
pub struct ImportArguments {
    /// What the rows are
    #[arg(value_enum)]
    pub rows: Rows,
    /// The file, CSV in UTF-8 or XLSX
    pub file: PathBuf,
    /// Fill a field from a column or a template: number=Account, name="{first} {last}"
    #[arg(long = "map", value_name = "FIELD=COLUMN")]
    pub map: Vec<String>,
    /// Give a job title a role: "Sales Manager=manager"; the title * stands for all others
    #[arg(long = "role", value_name = "TITLE=ROLE")]
    pub roles: Vec<String>,
    /// A mapping file (TOML) with the same in tables
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// For customers: the users' file whose staff numbers the owner column uses
    #[arg(long, value_name = "FILE")]
    pub users: Option<PathBuf>,
    /// Load the good rows of a file that has bad ones
    #[arg(long)]
    pub skip_bad_rows: bool,
    /// Only say what would happen
    #[arg(long)]
    pub dry_run: bool,
    /// Print for each new rep an enrolment code, and for every other new user a one-time password
    #[arg(long, conflicts_with = "dry_run")]
    pub codes: bool,
}

/// What can be done about users.
#[derive(Debug, clap::Subcommand)]
pub enum UserTask {
    /// List all users
    List,
    /// Add a user
    Add {
        /// What they sign in with
        login: String,
        /// Their name; the login if not given
        #[arg(long)]
        name: Option<String>,
        /// rep, supervisor, manager, admin or auditor
        #[arg(long, default_value = "rep", value_parser = role)]
        role: Role,
        /// The login of whom they report to
        #[arg(long, value_name = "LOGIN")]
        reports_to: Option<String>,
    },
    /// Give a user a one-time password, or the one on standard input
    SetPassword {
        /// Whose
        login: String,
        /// Read the password from the first line of standard input
        #[arg(long)]
        stdin: bool,
    },
    /// Let a user in no more; what they recorded stays
    Deactivate {
        /// Whom
        login: String,
    },
    /// Let a user in again
    Activate {
        /// Whom
        login: String,
    },
    /// Draw a code with which a user enrols one phone
    Code {
        /// Whose phone
        login: String,
    },
}

/// What can be done about devices.
#[derive(Debug, clap::Subcommand)]
pub enum DeviceTask {
    /// List all devices
    List,
    /// Revoke a lost phone; what it delivered stays
    Revoke {
        /// The device, as `device list` shows it
        id: DeviceId,
    },
    /// What revoked phones sent, kept apart
    #[command(subcommand)]
    Quarantine(QuarantineTask),
}

/// What can be done about the pages that revoked phones sent.
#[derive(Debug, clap::Subcommand)]
pub enum QuarantineTask {
    /// List the pages that are kept
    List,
    /// Bring the pages of a device back, as of their arrival; it stays revoked
    Release {
        /// The device, as `device list` shows it
        id: DeviceId,
    },
}

/// What can be done about customers.
#[derive(Debug, clap::Subcommand)]
pub enum CustomerTask {
    /// List all customers
    List,
}

/// What can be done about rule packs.
#[derive(Debug, clap::Subcommand)]
pub enum PackTask {
    /// Put a rule pack in force from its effective date on
    Put {
        /// The pack (TOML)
        file: PathBuf,
    },
}

/// What can be done about holiday calendars.
#[derive(Debug, clap::Subcommand)]
pub enum CalendarTask {
    /// Put in the holidays of a year
    Put {
        /// The year
        year: i16,
        /// The holiday file (iCalendar)
        file: PathBuf,
    },
}

/// What can be done about periods.
#[derive(Debug, clap::Subcommand)]
pub enum PeriodTask {
    /// Close days that are over: what is known of them by now can be looked up ever after
    Close {
        /// The first day, as in 2026-01-01
        first: Date,
        /// The last day
        last: Date,
        /// Why
        #[arg(long, value_name = "TEXT", default_value = "")]
        note: String,
    },
    /// List all closings
    List,
    /// Say what is known otherwise now: each obligation then and now, what came in between, and everybody's points
    Restate {
        /// The closing, as `period list` shows it
        closing: Hash,
    },
}

fn role(text: &str) -> Result<Role, String> {
    match text {
        "rep" => Ok(Role::Rep),
        "supervisor" => Ok(Role::Supervisor),
        "manager" => Ok(Role::Manager),
        "admin" => Ok(Role::Admin),
        "auditor" => Ok(Role::Auditor),
        _ => Err("the roles are rep, supervisor, manager, admin and auditor".to_owned()),
    }
}
