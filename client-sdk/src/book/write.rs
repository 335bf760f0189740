//! Writing: every edit is one change, one log entry and one transaction, whatever the kind of document.

use std::cell::Cell;

use rusqlite::Connection;
use sync_core::{
    admission::{Admitted, Limits, RefusalCode, admit},
    directory::Role,
    document::{Author, Document, DocumentKind, Edit, EditError, FieldValue, field, new_id},
    hash::Hash,
    id::{CustomerId, DocumentId},
    log::EntryKind,
    time::{ClockReading, Timestamp},
};

use crate::{
    book::{Book, best_time, enrolled, keep_page, load, owner_of},
    error::Error,
    platform::random_bytes,
    store::{self, ChangeState, Enrolment},
    visit::{Draft, VisitId},
};

/// Who writes, and when.
pub(crate) struct Writer<'a> {
    pub(crate) me: &'a Enrolment,
    pub(crate) clock: ClockReading,
    pub(crate) now: Timestamp,
    /// Whether something was written that obligations depend on.
    obligations: Cell<bool>,
}

impl Book {
    /// Writes a new document of a kind, as the signed-in user's own: all edits of the draft are its first change.
    ///
    /// The fields are those of the kind's [schema](DocumentKind::schema). Fails with [`Error::FixCall`] if a value does
    /// not fit its field, which the text names, if nothing is written, if a visit goes to a customer who is not in this
    /// phone's scope, and if only a supervisor, or the server alone, may write documents of this kind.
    pub fn write(&self, kind: DocumentKind, fill: impl FnOnce(&mut Draft)) -> Result<DocumentId, Error> {
        let id = new_id(kind, random_bytes(&*self.platform)?);
        let mut edits = edits_of(fill);
        self.writing(|db, writer| {
            check_right(db, writer, kind)?;
            if kind == DocumentKind::Visit {
                check_scope(db, &edits)?;
                let rep = FieldValue::Id(*writer.me.user.id.as_bytes());
                edits.push(Edit::Set { field: field::REP.to_owned(), value: rep });
            }
            let document = Document::genesis(id).map_err(|error| Error::fix_call(error.to_string()))?;
            match writer.edit(db, &document, &edits)? {
                Some(_) => Ok(id),
                None => Err(Error::fix_call("a document begins with at least one field")),
            }
        })
    }

    /// Begins a visit to a customer, as the signed-in user's own.
    ///
    /// Fails with [`Error::FixCall`] if the customer is not in this phone's scope.
    pub fn new_visit(&self, customer: CustomerId) -> Result<VisitId, Error> {
        self.write(DocumentKind::Visit, |draft| {
            draft.id(field::CUSTOMER, *customer.as_bytes());
        })
    }

    /// Notes the arrival at the customer and gives its time, as well as this phone knows it.
    ///
    /// A second call changes nothing and gives the time of the first; to correct it, edit the field.
    pub fn check_in(&self, visit: VisitId) -> Result<Timestamp, Error> {
        self.mark(visit, field::STARTED, EntryKind::CheckIn { document: visit })
    }

    /// Notes the departure and gives its time, as well as this phone knows it. Deadlines count from here.
    ///
    /// A second call changes nothing and gives the time of the first; to correct it, edit the field.
    pub fn check_out(&self, visit: VisitId) -> Result<Timestamp, Error> {
        self.mark(visit, field::ENDED, EntryKind::CheckOut { document: visit })
    }

    /// Edits a visit or another document: all edits of the draft become one change, or none of them does.
    ///
    /// Gives whether anything changed. Fails with [`Error::FixCall`] if a value does not fit its field, which the text
    /// names with its limit, and if the document is somebody else's. A sealed record may be edited too: what is
    /// submitted then is an amendment.
    pub fn edit(&self, document: DocumentId, fill: impl FnOnce(&mut Draft)) -> Result<bool, Error> {
        let edits = edits_of(fill);
        self.writing(|db, writer| Ok(writer.edit(db, &own(db, writer, document)?, &edits)?.is_some()))
    }

    fn mark(&self, visit: VisitId, name: &str, kind: EntryKind) -> Result<Timestamp, Error> {
        self.writing(|db, writer| {
            let document = own(db, writer, visit)?;
            if let Some(FieldValue::Time(before)) = document.values().get(name) {
                return Ok(*before);
            }
            let edit = Edit::Set { field: name.to_owned(), value: FieldValue::Time(writer.now) };
            writer.edit(db, &document, &[edit])?;
            store::append(db, writer.me.device, writer.clock, writer.now, kind, None)?;
            Ok(writer.now)
        })
    }

    pub(crate) fn writing<T>(
        &self,
        work: impl FnOnce(&Connection, &Writer<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.transact(|db| {
            // Read while nobody else writes, so that the boot clock never runs back from one entry to the next.
            let clock = self.platform.clock();
            let me = enrolled(db)?;
            let now = best_time(db, clock)?;
            work(db, &Writer { me: &me, clock, now, obligations: Cell::new(false) })
        })
    }
}

impl Writer<'_> {
    pub(crate) fn author(&self) -> Author {
        Author { tenant: self.me.tenant, device: self.me.device }
    }

    /// Notes that obligations may be other ones now.
    pub(crate) fn obligations_may_change(&self) {
        self.obligations.set(true);
    }

    /// Whether obligations may be other ones than before this transaction.
    pub(crate) fn obligations_changed(&self) -> bool {
        self.obligations.get()
    }

    /// Makes one change of the edits and takes it in; `None` if nothing changes.
    pub(crate) fn edit(
        &self,
        db: &Connection,
        document: &Document,
        edits: &[Edit],
    ) -> Result<Option<Hash>, Error> {
        let change = document.clone().edit(&self.author(), edits).map_err(edit_error)?;
        change.map(|change| self.take(db, document, change)).transpose()
    }

    /// Merges a change of this device, appends it to the log and keeps the document.
    ///
    /// The change passes the server's own checks first, so that no honest edit is refused days later.
    pub(crate) fn take(&self, db: &Connection, document: &Document, change: Vec<u8>) -> Result<Hash, Error> {
        let (id, author) = (document.id(), self.author());
        let Admitted { saved, values, results, .. } =
            admit(document, &author, &[&change], &Limits::default());
        let hash = match results.into_iter().next() {
            Some(Ok(hash)) => hash,
            Some(Err(refusal)) if refusal.code == RefusalCode::OverLimit => {
                return Err(Error::fix_call(refusal.detail));
            }
            Some(Err(refusal)) => return Err(Error::corrupt(refusal)),
            None => return Err(Error::corrupt("admission gave no answer")),
        };
        store::keep_change(db, id, author.device, hash, &change, ChangeState::Here)?;
        let kind = EntryKind::Change { document: id, change: change.into() };
        store::append(db, author.device, self.clock, self.now, kind, Some(hash))?;
        keep_page(db, self, id, &values, &saved)?;
        Ok(hash)
    }
}

fn edits_of(fill: impl FnOnce(&mut Draft)) -> Vec<Edit> {
    let mut draft = Draft::default();
    fill(&mut draft);
    draft.into_edits()
}

/// Loads a document of the signed-in user that the app says exists.
pub(crate) fn own(db: &Connection, writer: &Writer<'_>, id: DocumentId) -> Result<Document, Error> {
    if DocumentKind::of(id).is_some_and(DocumentKind::is_ruled_at_the_server) {
        return Err(Error::fix_call(format!("document {id} was made at the server and stays as it is")));
    }
    let document =
        load(db, id)?.ok_or_else(|| Error::fix_call(format!("there is no document {id} in this book")))?;
    if owner_of(writer.me, store::record(db, id)?.as_ref()) == writer.me.user.id {
        Ok(document)
    } else {
        Err(Error::fix_call(format!("document {id} is somebody else's; only its owner writes in it")))
    }
}

/// The server says the same, but only when the document has arrived there.
fn check_right(db: &Connection, writer: &Writer<'_>, kind: DocumentKind) -> Result<(), Error> {
    let known = store::users(db)?.into_iter().find(|user| user.id == writer.me.user.id);
    if kind.is_ruled_at_the_server() {
        return Err(Error::fix_call(format!(
            "a document of kind {} is made at the server alone",
            kind.name()
        )));
    }
    let role = known.map_or(writer.me.user.role, |user| user.role);
    if kind.needs_supervisor() && !matches!(role, Role::Supervisor | Role::Manager | Role::Admin) {
        return Err(Error::fix_call(format!("only a supervisor writes a document of kind {}", kind.name())));
    }
    Ok(())
}

fn check_scope(db: &Connection, edits: &[Edit]) -> Result<(), Error> {
    for edit in edits {
        if let Edit::Set { field, value: FieldValue::Id(customer) } = edit
            && field == field::CUSTOMER
            && store::customer(db, CustomerId::from_bytes(*customer))?.is_none()
        {
            let customer = CustomerId::from_bytes(*customer);
            return Err(Error::fix_call(format!("there is no customer {customer} on this phone")));
        }
    }
    Ok(())
}

fn edit_error(error: EditError) -> Error {
    match error {
        EditError::Damaged { reason } => Error::corrupt(reason),
        other => Error::fix_call(other.to_string()),
    }
}
