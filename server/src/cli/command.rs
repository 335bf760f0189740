//! Commands and answers: what an operator's program asks of a server, in the form in which it is sent.

use serde::{Deserialize, Serialize};
use sync_core::{
    directory::Role,
    hash::Hash,
    id::{CustomerId, DeviceId, UserId},
    time::Timestamp,
};

use super::{ClosingLine, ObligationLines, PackDiff, Restatement};

/// What an operator asks for; logins and numbers are the ones of the only company on the server.
#[derive(Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// All users.
    ListUsers,
    /// Adds a user.
    AddUser {
        /// What they sign in with.
        login: String,
        /// Their name.
        name: String,
        /// Their role.
        role: Role,
        /// The login of whom they report to.
        reports_to: Option<String>,
    },
    /// Gives a user a password.
    SetPassword {
        /// Whose.
        login: String,
        /// The password; a one-time password is drawn if there is none.
        password: Option<String>,
    },
    /// Lets a user in or not.
    SetActive {
        /// Whom.
        login: String,
        /// Whether they may sign in.
        active: bool,
    },
    /// Draws an enrolment code.
    DrawCode {
        /// Whose phone it enrols.
        login: String,
    },
    /// All devices.
    ListDevices,
    /// Revokes a device.
    RevokeDevice {
        /// Which.
        device: DeviceId,
    },
    /// All pages that revoked devices sent.
    ListQuarantine,
    /// Brings back what a revoked device sent.
    ReleaseQuarantine {
        /// Which.
        device: DeviceId,
    },
    /// All customers.
    ListCustomers,
    /// Puts in a rule pack.
    PutPack {
        /// The whole file.
        toml: String,
    },
    /// What a rule pack would have changed in the past.
    DiffPack {
        /// The whole file.
        toml: String,
        /// How many differences are told one by one.
        differences: usize,
    },
    /// An obligation and why it is what it is.
    ExplainObligation {
        /// Its id.
        obligation: Hash,
    },
    /// Closes days that are over.
    ClosePeriod {
        /// The first day, as in `2026-01-01`.
        first: String,
        /// The last day.
        last: String,
        /// Why; may be empty.
        note: String,
    },
    /// All days that were closed.
    ListClosings,
    /// What is said otherwise now of days that were closed.
    Restate {
        /// The closing.
        closing: Hash,
    },
    /// Puts in a holiday calendar.
    PutCalendar {
        /// The year.
        year: i16,
        /// The whole file.
        ics: String,
    },
    /// A signed receipt.
    Receipt {
        /// The device whose commit it answers.
        device: DeviceId,
        /// The index of the last entry it answers.
        last: u64,
    },
    /// Loads customers or users.
    Import(ImportFile),
}

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Rows {
    /// Customers.
    Customers,
    /// Users.
    Users,
}

/// A file to load and how.
#[derive(Serialize, Deserialize)]
pub struct ImportFile {
    /// What its rows are.
    pub rows: Rows,
    /// The whole file, in base64.
    pub content: String,
    /// The users' file whose staff numbers the owners are named by, in base64.
    pub users: Option<String>,
    /// The mapping file.
    pub mapping: Option<String>,
    /// Arguments `field=Column`.
    pub map: Vec<String>,
    /// Arguments `Title=role`.
    pub roles: Vec<String>,
    /// Whether good rows are loaded although others are bad.
    pub skip_bad_rows: bool,
    /// Whether nothing is to be written.
    pub dry_run: bool,
    /// Whether new users get a code or a password.
    pub codes: bool,
}

/// What came of a command.
#[derive(Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// It was done; there is no more to say.
    Done,
    /// Users, by login.
    Users {
        /// All of them.
        users: Vec<UserLine>,
    },
    /// Devices, by user.
    Devices {
        /// All of them.
        devices: Vec<DeviceLine>,
    },
    /// Pages that revoked devices sent.
    Quarantine {
        /// All of them.
        pages: Vec<QuarantineLine>,
    },
    /// What came of bringing pages back.
    Released {
        /// Entries that were accepted.
        accepted: u64,
        /// Entries that were refused.
        refused: u64,
        /// Pages that stay where they are.
        pages_left: u64,
    },
    /// Customers, by number.
    Customers {
        /// All of them.
        customers: Vec<CustomerLine>,
    },
    /// What a user gets in with.
    Access {
        /// To be shown once.
        access: DrawnAccess,
    },
    /// A signed receipt.
    Receipt {
        /// Its bytes in hex.
        cbor: String,
    },
    /// What an import found and did.
    Imported(ImportReport),
    /// What a rule pack would have changed.
    Diffed(PackDiff),
    /// An obligation explained.
    Explained(ObligationLines),
    /// Days that were closed.
    Closings {
        /// The first closing first.
        closings: Vec<ClosingLine>,
    },
    /// What is said otherwise now.
    Restated(Restatement),
    /// It was not done.
    Failed {
        /// Why, and what to do.
        message: String,
    },
}

/// A user in one line.
#[derive(Serialize, Deserialize)]
pub struct UserLine {
    /// The user.
    pub id: UserId,
    /// What they sign in with.
    pub login: String,
    /// Their name.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// The login of whom they report to.
    pub reports_to: Option<String>,
    /// The name of the unit they work in.
    pub unit: Option<String>,
    /// Whether they may sign in.
    pub active: bool,
    /// What they are, in the words of the packs.
    pub posts: Vec<String>,
}

/// A device in one line.
#[derive(Serialize, Deserialize)]
pub struct DeviceLine {
    /// The device.
    pub id: DeviceId,
    /// The login of its user.
    pub login: String,
    /// What the user calls it.
    pub name: String,
    /// When it was enrolled.
    pub enrolled: Timestamp,
    /// When it last pulled or committed.
    pub last_contact: Timestamp,
    /// When it was revoked, if it was.
    pub revoked: Option<Timestamp>,
}

/// A page that a revoked device sent, in one line.
#[derive(Serialize, Deserialize)]
pub struct QuarantineLine {
    /// The device.
    pub device: DeviceId,
    /// The login of its user.
    pub login: String,
    /// When it arrived.
    pub arrived: Timestamp,
    /// The index of its first entry.
    pub first: u64,
    /// How many entries it has.
    pub entries: usize,
}

/// A customer in one line.
#[derive(Serialize, Deserialize)]
pub struct CustomerLine {
    /// The customer.
    pub id: CustomerId,
    /// The company's number for it.
    pub number: String,
    /// Its name.
    pub name: String,
    /// The login of who is responsible for it.
    pub owner: Option<String>,
    /// Its grade; may be empty.
    pub grade: String,
    /// What else it is, in the words of the packs.
    pub tags: Vec<String>,
}

/// A password or a code that was just drawn for a user.
#[derive(Serialize, Deserialize)]
pub struct DrawnAccess {
    /// The user.
    pub login: String,
    /// A password for the first sign-in.
    pub one_time_password: Option<String>,
    /// A code that enrols one phone.
    pub enrolment_code: Option<String>,
    /// When the code expires.
    pub expires: Option<Timestamp>,
}

/// What an import found and did.
#[derive(Serialize, Deserialize)]
pub struct ImportReport {
    /// What the rows are.
    pub rows: Rows,
    /// Whether the file was loaded: not if it has bad rows, nor if only asked what would happen.
    pub loaded: bool,
    /// How many are new.
    pub added: usize,
    /// How many say something else than before.
    pub altered: usize,
    /// How many say the same as before.
    pub unchanged: usize,
    /// The names of new units.
    pub new_units: Vec<String>,
    /// How many problems there are in bad rows.
    pub problems: usize,
    /// The first of them, at most 1000.
    pub bad: Vec<ReportedRow>,
    /// Columns of the file that fill no field.
    pub unmapped: Vec<String>,
    /// What new users get in with, if asked for.
    pub access: Vec<DrawnAccess>,
}

/// One thing that is wrong in one row.
#[derive(Serialize, Deserialize)]
pub struct ReportedRow {
    /// The row, as a spreadsheet counts.
    pub row: u32,
    /// The column; empty for the row as a whole.
    pub column: String,
    /// What is wrong.
    pub problem: String,
    /// The text in question.
    pub value: String,
}
