//! The Fieldbook SDK: offline capture, sync, rules and reminders for native apps.
//!
//! An app opens a [`Book`], enrols it once, and from then on writes visits with no network at all. Now and then it
//! calls [`Book::sync`]; in between, [`Book::due`] says what has to reach the server by when, and [`Book::outbox`] what
//! has not. `examples/first_visit.rs` is a whole day in twenty lines.

mod book;
mod due;
mod error;
mod event;
mod outbox;
mod platform;
mod store;
mod sync;
mod visit;

#[cfg(test)]
mod tests;

pub use book::{Book, Owner, Submission};
pub use due::{Due, DueAct};
pub use error::{Error, Outcome, ReEnrolCause, StorageError};
pub use event::{Event, EventId};
pub use outbox::{NextStep, OutboxAct, OutboxItem, OutboxState};
pub use platform::{
    BootClock, KeyHandle, KeyStore, Platform, PlatformError, SoftwareKeyStore, SoftwarePlatform,
};
pub use sync::{Answer, Credentials, HttpTransport, Request, Response, SyncReport, Transport, Unreachable};
pub use visit::{Draft, Phase, VisitFilter, VisitId, VisitLine, VisitRecord};

pub use sync_core::{
    admission::RefusalCode,
    directory::{Customer, Role, User},
    document::{Edit, FieldDifference, FieldValue, Visit, field},
    hash::Hash,
    id::{BootId, CustomerId, DeviceId, UserId},
    record::{Decision, RecordStatus, Ruling, Seal, SubmitStatus},
    rules::{Basis, Evidence, Flags, Outcome as VerdictOutcome, Prediction, Reason, RuleVersion, Verdict},
    time::{ClockReading, Timestamp},
};
