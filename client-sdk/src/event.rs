//! Events: what came back from the server, one by one, for the app to show.

use sync_core::{
    admission::RefusalCode,
    hash::Hash,
    id::{CustomerId, DocumentId},
    record::Ruling,
    rules::{Reason, Verdict},
    time::Timestamp,
};

use crate::visit::VisitId;

/// The place of an event in the book; later events have greater ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub i64);

/// One thing that came back from the server.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Somebody else wrote in a visit.
    VisitChanged {
        /// The visit.
        visit: VisitId,
    },
    /// Somebody else wrote in a document that is no visit.
    DocumentChanged {
        /// The document.
        document: DocumentId,
    },
    /// A rule was applied to a submit, or applied anew.
    Judged {
        /// The visit.
        visit: VisitId,
        /// The submit's log entry.
        submit: Hash,
        /// What came out, with its evidence.
        verdict: Box<Verdict>,
    },
    /// A version of a record became official.
    Sealed {
        /// The visit.
        visit: VisitId,
        /// The version, from 1.
        version: u32,
    },
    /// A version that was official is so no longer, because the server went back to a backup. Whoever relied on it
    /// should know; what holds instead is in the [`Sealed`](Self::Sealed) events that follow.
    Unsealed {
        /// The visit.
        visit: VisitId,
        /// The version, from 1.
        version: u32,
        /// When it had become official.
        at: Timestamp,
        /// Hash of the field values that it fixed.
        value: Hash,
    },
    /// A supervisor decided about a submit.
    Decided {
        /// The visit.
        visit: VisitId,
        /// The submit's log entry.
        submit: Hash,
        /// What was ruled.
        ruling: Ruling,
        /// Why.
        reason: Reason,
        /// In the supervisor's words.
        note: String,
    },
    /// The server did not merge an entry; it stays in the [outbox](crate::Book::outbox).
    Refused {
        /// The visit, if the entry was about one.
        visit: Option<VisitId>,
        /// The log entry.
        entry: Hash,
        /// Which check it failed.
        code: RefusalCode,
    },
    /// Something the server sent failed this phone's own checks. It was kept apart and not applied.
    Distrusted {
        /// The visit, if it was about one.
        visit: Option<VisitId>,
        /// What was wrong with it.
        detail: String,
    },
    /// A customer came into this phone's scope or was altered.
    CustomerChanged {
        /// The customer.
        customer: CustomerId,
    },
    /// A customer left this phone's scope.
    CustomerGone {
        /// The customer.
        customer: CustomerId,
    },
    /// Rules or holidays changed, so deadlines may have.
    RulesChanged,
    /// What the user owes may have changed with what this sync brought, and with it the
    /// [reminders](crate::Book::reminders). There is never more than one of these, behind all that it is about.
    RemindersChanged,
    /// Something that another phone wrote in a visit is missing at the server, which went back to a backup. That phone
    /// makes it again with its next sync; until then [`missing`](crate::Book::missing) tells what it was.
    Missing {
        /// The visit; one that is missing as a whole is in no list.
        visit: VisitId,
    },
    /// Edits of an earlier enrolment were made again on this one. Submits are not: they have to be made anew.
    MadeAgain {
        /// The visit.
        visit: VisitId,
    },
}
