//! The Fieldbook SDK: offline capture, sync, rules and reminders for native apps.
//!
//! An app opens a [`Book`], enrols it once, and from then on writes with no network at all. Now and then it calls
//! [`Book::sync`]; [`Book::outbox`] says what has not reached the server, and [`Book::events`] what came back.
//! `examples/first_visit.rs` is a whole day in twenty lines.
//!
//! **Capture.** Visits have a typed form: [`Book::new_visit`], [`Book::check_in`], [`Book::check_out`],
//! [`Book::visit`], [`Book::visits`], and [`Book::submit`] when the record is complete. Every other kind of document
//! (plans, forms, complaints, answers …) is written with [`Book::write`] and read with [`Book::document`] and
//! [`Book::documents`], by the fields of [`DocumentKind::schema`]; a form counts once it is [handed in](Book::hand_in).
//! [`Book::edit`] is for all of them, and each call is one change, one entry of the log and one transaction.
//!
//! **What is owed.** [`Book::obligations`] says what the company's rules ask of the signed-in user, what became of it
//! and why, and [`Book::quotas`] counts the contacts with each customer in the periods that run. Both are computed on
//! the phone by the functions with which the server judges; what has not been sent counts as it would if it arrived at
//! that moment. [`Book::reminders`] is the same as a list of instants, for the platform's own notifications.
//! [`Book::due`] is about the way of visit records to the server: until when a submit can be proven to be in time.
//!
//! ```no_run
//! # fn remind(book: &client_sdk::Book, now: client_sdk::Timestamp) -> Result<(), client_sdk::Error> {
//! use client_sdk::{DocumentKind, OwedFilter};
//!
//! let plan = book.write(DocumentKind::Form, |draft| {
//!     draft.text("name", "weekly_visit_plan").time("from", now);
//! })?;
//! book.hand_in(plan)?;
//! for owed in book.obligations(OwedFilter::Open)? {
//!     println!("{} {}/{} until {:?}", owed.says, owed.done, owed.asked, owed.due);
//! }
//! for reminder in book.reminders(now.plus_millis(7 * 86_400_000))? {
//!     println!("{} at {:?}: {}", reminder.id, reminder.at, reminder.says);
//! }
//! # Ok(())
//! # }
//! ```

mod book;
mod document;
mod due;
mod error;
mod event;
mod open;
mod outbox;
mod owed;
mod platform;
mod store;
mod sync;
mod visit;

#[cfg(test)]
mod tests;

pub use book::{Book, Owner, Submission};
pub use document::{DocumentFilter, DocumentLine, DocumentRecord};
pub use due::{Due, DueAct};
pub use error::{Error, Outcome, ReEnrolCause, StorageError};
pub use event::{Event, EventId};
pub use outbox::{NextStep, OutboxAct, OutboxItem, OutboxState};
pub use owed::{Owed, OwedException, OwedFilter, QuotaCount, Reminder, ReminderKind, Seen};
pub use platform::{
    BootClock, KeyHandle, KeyStore, Platform, PlatformError, SoftwareKeyStore, SoftwarePlatform,
};
pub use sync::{Answer, Credentials, HttpTransport, Request, Response, SyncReport, Transport, Unreachable};
pub use visit::{Draft, Phase, VisitFilter, VisitId, VisitLine, VisitRecord};

pub use sync_core::{
    admission::RefusalCode,
    directory::{Customer, Role, User},
    document::{
        DocumentKind, Edit, Field, FieldDifference, FieldKind, FieldValue, Schema, Values, Visit, envelope,
        field,
    },
    hash::Hash,
    id::{BootId, CustomerId, DeviceId, DocumentId, UserId},
    record::{Decision, RecordStatus, Ruling, Seal, SubmitStatus},
    rules::{
        Basis, Evidence, Flags, Fulfilment, Outcome as VerdictOutcome, PassedOver, Period, Prediction,
        Reason, RuleVersion, Subject, Verdict,
    },
    time::{ClockReading, Timestamp},
};
