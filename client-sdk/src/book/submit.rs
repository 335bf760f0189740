//! Submitting: saying that a record is complete, at exactly these heads.

use rusqlite::Connection;
use sync_core::{
    document::{Document, Heads, Visit},
    hash::Hash,
    log::{Entry, EntryKind},
    record::Standing,
    rules::{Reason, Rulebook},
    time::Timestamp,
};

use crate::{
    book::{Book, keep_page, rulebook, write::known},
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
            let document = known(db, visit)?;
            let rules = rulebook(db)?;
            check_complete(&document, &rules, writer.now)?;
            check_amendment(db, &document, reason)?;
            let heads = document.heads();
            if let Some(row) = store::last_submit(db, visit)?
                && submitted_in(&row) == Some((heads.clone(), reason))
                && !was_denied(db, visit, row.hash)?
            {
                return submission(db, &rules, writer.clock, visit, row.hash, row.written);
            }
            let values = document.values();
            let kind = EntryKind::Submit { document: visit, heads, value: values.hash(), reason };
            let entry = store::append(db, writer.me.device, writer.clock, writer.now, kind, None)?;
            keep_page(db, visit, &values, &document.save(), writer.now)?;
            submission(db, &rules, writer.clock, visit, entry, writer.now)
        })
    }
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
