//! The outbox: everything the server has not taken yet, and everything it refused, explained one by one.

use std::collections::{HashMap, hash_map::Entry};

use rusqlite::Connection;
use sync_core::{
    admission::RefusalCode,
    document::{Document, FieldDifference, Heads, Values, difference},
    hash::Hash,
    log::{Entry as LogEntry, EntryKind},
    rules::Reason,
    time::Timestamp,
};

use crate::{
    book::{Book, dependencies, enrolled, load, past_of},
    error::Error,
    store::{self, ChangeState, LogRow},
    visit::VisitId,
};

/// One entry that waits or was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxItem {
    /// The log entry.
    pub entry: Hash,
    /// The visit it is about.
    pub visit: VisitId,
    /// The customer's name, if the customer is in this phone's scope.
    pub customer_name: Option<String>,
    /// What the rep did.
    pub act: OutboxAct,
    /// Since when it lies here, as well as this phone knew the time.
    pub since: Timestamp,
    /// What became of it.
    pub state: OutboxState,
}

/// What the rep did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutboxAct {
    /// Edited fields.
    Edit {
        /// What each field held before and after.
        fields: Vec<FieldDifference>,
    },
    /// Arrived at the customer.
    CheckIn,
    /// Left the customer.
    CheckOut,
    /// Submitted the record.
    Submit {
        /// The reason given, if any.
        reason: Option<Reason>,
    },
}

/// What became of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutboxState {
    /// It goes out with the next sync.
    Waiting,
    /// It builds on a refused edit. It goes out with the next sync all the same, and will be refused as well.
    BuildsOnRefused,
    /// The server did not merge it.
    Refused {
        /// Which check it failed.
        code: RefusalCode,
        /// What exactly was wrong, for a developer.
        detail: String,
        /// What the rep can do about it.
        next: NextStep,
    },
}

/// What the rep can do about a refused entry. Its content is kept until the rep dismisses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// Enter it again: what it built on is gone.
    EnterAgain,
    /// Enter less at once, or something that fits the field.
    EnterOtherwise,
    /// Submit the record again.
    SubmitAgain,
    /// Ask a supervisor: this user may not write here.
    AskSupervisor,
    /// Ask an administrator: the entry is kept apart as evidence. Edits that were not sent are made again after the next
    /// enrolment.
    AskAdministrator,
    /// Update the app: it wrote something the server does not understand.
    UpdateApp,
}

impl NextStep {
    /// The step that helps against a refusal.
    pub const fn after(code: RefusalCode) -> Self {
        match code {
            RefusalCode::MissingDependency | RefusalCode::SequenceBroken | RefusalCode::StartOpWrong => {
                Self::EnterAgain
            }
            RefusalCode::OverLimit | RefusalCode::SchemaViolation | RefusalCode::DryRunFailed => {
                Self::EnterOtherwise
            }
            RefusalCode::UnknownHeads | RefusalCode::ValueMismatch | RefusalCode::UnknownDocument => {
                Self::SubmitAgain
            }
            RefusalCode::NotPermitted => Self::AskSupervisor,
            RefusalCode::Quarantined | RefusalCode::ForeignActor | RefusalCode::UnknownAnchor => {
                Self::AskAdministrator
            }
            RefusalCode::MalformedEntry
            | RefusalCode::MalformedChange
            | RefusalCode::BadReference
            | RefusalCode::UnknownKind => Self::UpdateApp,
        }
    }
}

impl Book {
    /// Lists what the server has not taken yet and what it refused, in the order in which it was written.
    pub fn outbox(&self) -> Result<Vec<OutboxItem>, Error> {
        self.read(|db| {
            let rows = store::open_rows(db, enrolled(db)?.device)?;
            let mut documents = HashMap::new();
            let mut items = Vec::new();
            for row in &rows {
                let Some(visit) = row.document else { continue };
                let document = match documents.entry(visit) {
                    Entry::Occupied(loaded) => loaded.into_mut(),
                    Entry::Vacant(new) => new.insert(load(db, visit)?),
                };
                items.extend(item(db, row, visit, document.as_ref())?);
            }
            Ok(items)
        })
    }

    /// Takes a refused entry out of the outbox, because the rep said so. It stays in the log.
    ///
    /// Fails with [`Error::FixCall`] if there is no such refused entry.
    pub fn dismiss_refused(&self, entry: Hash) -> Result<(), Error> {
        self.transact(|db| {
            if store::dismiss(db, entry)? {
                Ok(())
            } else {
                Err(Error::fix_call("no refused entry has this hash"))
            }
        })
    }
}

fn item(
    db: &Connection,
    row: &LogRow,
    visit: VisitId,
    document: Option<&Document>,
) -> Result<Option<OutboxItem>, Error> {
    if let Some(change) = row.change
        && row.refusal.is_none()
        && store::change_state(db, change)? == Some(ChangeState::LeftOut)
    {
        // It was made again: it still goes out with the log, but nobody waits for it.
        return Ok(None);
    }
    let act = match LogEntry::decode(&row.bytes).map_err(Error::corrupt)?.kind {
        EntryKind::Change { change, .. } => {
            OutboxAct::Edit { fields: fields_of(db, visit, document, row.change, &change)? }
        }
        EntryKind::CheckIn { .. } => OutboxAct::CheckIn,
        EntryKind::CheckOut { .. } => OutboxAct::CheckOut,
        EntryKind::Submit { reason, .. } => OutboxAct::Submit { reason },
        EntryKind::Boot | EntryKind::ClockSet { .. } | EntryKind::Anchor { .. } => return Ok(None),
    };
    let customer = store::document(db, visit)?.and_then(|row| row.customer);
    let customer_name = match customer {
        Some(customer) => store::customer(db, customer)?.map(|customer| customer.name),
        None => None,
    };
    Ok(Some(OutboxItem {
        entry: row.hash,
        visit,
        customer_name,
        act,
        since: row.written,
        state: state(db, row, document)?,
    }))
}

fn state(db: &Connection, row: &LogRow, document: Option<&Document>) -> Result<OutboxState, Error> {
    if let Some((code, detail)) = &row.refusal {
        let next = NextStep::after(*code);
        return Ok(OutboxState::Refused { code: *code, detail: detail.clone(), next });
    }
    let is_in = match row.change {
        Some(change) => {
            document.is_some_and(|document| document.knows(&Heads::new([change])))
                || store::change_state(db, change)? == Some(ChangeState::Aside)
        }
        None => true,
    };
    Ok(if !is_in { OutboxState::BuildsOnRefused } else { OutboxState::Waiting })
}

/// What a change did, read from a document that has it: the present one, or one of its past alone.
fn fields_of(
    db: &Connection,
    visit: VisitId,
    document: Option<&Document>,
    hash: Option<Hash>,
    change: &[u8],
) -> Result<Vec<FieldDifference>, Error> {
    let Some(hash) = hash else { return Ok(Vec::new()) };
    let heads = Heads::new([hash]);
    let past;
    let document = match document {
        Some(document) if document.knows(&heads) => document,
        _ => {
            past = past_of(db, visit, &[hash])?;
            &past
        }
    };
    let before = Heads::new(dependencies(change)?);
    let values =
        |heads: &Heads| -> Result<Values, Error> { document.values_at(heads).map_err(Error::corrupt) };
    Ok(difference(&values(&before)?, &values(&heads)?))
}
