//! Submitting: saying that a record or a form is complete, at exactly these heads.

use rusqlite::Connection;
use sync_core::{
    document::{Document, DocumentKind, Heads, Visit},
    hash::Hash,
    id::DocumentId,
    log::{Entry, EntryKind},
    record::Standing,
    rules::{Reason, Rulebook},
    time::Timestamp,
};

use crate::{
    book::{Book, Writer, keep_page, rulebook, write::own},
    due::{Due, due_of},
    error::Error,
    store::{self, LogRow},
    visit::VisitId,
};

/// A record was submitted, durably, on this phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// Its log entry.
    pub entry: Hash,
    /// When, as well as this phone knows.
    pub at: Timestamp,
    /// By when it has to reach the server to be provably in time, and what will be said of it; `None` if nothing is
    /// due, as for an amendment.
    pub due: Option<Due>,
}

impl Book {
    /// Submits a visit as it stands; may be done again at will until the deadline.
    ///
    /// Fails with [`Error::Incomplete`] if required fields are empty and with [`Error::ReasonNeeded`] if the record is
    /// sealed and no reason is given. Submitting again what was just submitted, with the same reason, gives the first
    /// submission, unless a supervisor has said no to it.
    pub fn submit(&self, visit: VisitId, reason: Option<Reason>) -> Result<Submission, Error> {
        self.writing(|db, writer| {
            let document = own(db, writer, visit)?;
            check_kind(visit, DocumentKind::Visit)?;
            let rules = rulebook(db)?;
            check_complete(&document, &rules, writer.now)?;
            check_amendment(db, &document, reason)?;
            hand_over(db, writer, &rules, &document, reason)
        })
    }

    /// Hands a form in as it stands; it counts from then on, and may be handed in again when it was edited.
    ///
    /// Handing in again what was just handed in gives the first submission.
    pub fn hand_in(&self, form: DocumentId) -> Result<Submission, Error> {
        self.writing(|db, writer| {
            let document = own(db, writer, form)?;
            check_kind(form, DocumentKind::Form)?;
            hand_over(db, writer, &rulebook(db)?, &document, None)
        })
    }
}

/// Other kinds of document count as they stand, from the moment they are written.
fn check_kind(document: DocumentId, kind: DocumentKind) -> Result<(), Error> {
    if DocumentKind::of(document) == Some(kind) {
        return Ok(());
    }
    Err(Error::fix_call(format!(
        "document {document} is no {}; visits are submitted, forms are handed in",
        kind.name()
    )))
}

fn hand_over(
    db: &Connection,
    writer: &Writer<'_>,
    rules: &Rulebook,
    document: &Document,
    reason: Option<Reason>,
) -> Result<Submission, Error> {
    let (id, heads) = (document.id(), document.heads());
    if let Some(row) = store::last_submit(db, id)?
        && submitted_in(&row) == Some((heads.clone(), reason))
        && !was_denied(db, id, row.hash)?
    {
        return submission(db, rules, writer.clock, id, row.hash, row.written);
    }
    let values = document.values();
    let kind = EntryKind::Submit { document: id, heads, value: values.hash(), reason };
    let entry = store::append(db, writer.me.device, writer.clock, writer.now, kind, None)?;
    keep_page(db, writer, id, &values, &document.save())?;
    submission(db, rules, writer.clock, id, entry, writer.now)
}

fn submission(
    db: &Connection,
    rules: &Rulebook,
    clock: sync_core::time::ClockReading,
    visit: VisitId,
    entry: Hash,
    at: Timestamp,
) -> Result<Submission, Error> {
    Ok(Submission { entry, at, due: due_of(db, rules, clock, visit)? })
}

fn check_complete(document: &Document, rules: &Rulebook, now: Timestamp) -> Result<(), Error> {
    let values = document.values();
    let at = Visit::read(&values).ended.unwrap_or(now);
    let Some(rule) = rules.record_rule(at) else { return Ok(()) };
    let missing: Vec<String> =
        rule.rule.required.iter().filter(|name| values.get(name).is_none()).cloned().collect();
    if missing.is_empty() { Ok(()) } else { Err(Error::Incomplete { missing }) }
}

/// What is handed in after the seal is an amendment: it needs a reason, and something to amend.
fn check_amendment(db: &Connection, document: &Document, reason: Option<Reason>) -> Result<(), Error> {
    let Some(status) = store::record(db, document.id())? else { return Ok(()) };
    let Some(seal) = status.official() else { return Ok(()) };
    if document.contains(&seal.version.heads, &document.heads()) {
        return Err(Error::fix_call("the sealed version holds all of this; there is nothing to amend"));
    }
    if reason.is_none() { Err(Error::ReasonNeeded) } else { Ok(()) }
}

/// Whether a supervisor refused or rejected that submit.
fn was_denied(db: &Connection, visit: VisitId, submit: Hash) -> Result<bool, Error> {
    let status = store::record(db, visit)?;
    let standing = status.as_ref().and_then(|status| status.submit(submit)).map(|submit| submit.standing);
    Ok(matches!(standing, Some(Standing::Refused | Standing::Rejected)))
}

/// The heads a submit entry names, and its reason.
pub(crate) fn submitted_in(row: &LogRow) -> Option<(Heads, Option<Reason>)> {
    match Entry::decode(&row.bytes).ok()?.kind {
        EntryKind::Submit { heads, reason, .. } => Some((heads, reason)),
        _ => None,
    }
}
