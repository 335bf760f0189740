//! Writing: every edit is one change, one log entry and one transaction.

use rusqlite::Connection;
use sync_core::{
    admission::{Admitted, Limits, RefusalCode, admit},
    document::{Author, Document, DocumentKind, Edit, EditError, FieldValue, field, new_id},
    hash::Hash,
    id::{CustomerId, DocumentId},
    log::EntryKind,
    time::{ClockReading, Timestamp},
};

use crate::{
    book::{Book, best_time, enrolled, keep_page, load},
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
}

impl Book {
    /// Begins a visit to a customer, as the signed-in user's own.
    ///
    /// Fails with [`Error::FixCall`] if the customer is not in this phone's scope.
    pub fn new_visit(&self, customer: CustomerId) -> Result<VisitId, Error> {
        let id = new_id(DocumentKind::Visit, random_bytes(&*self.platform)?);
        self.writing(|db, writer| {
            if store::customer(db, customer)?.is_none() {
                return Err(Error::fix_call(format!("there is no customer {customer} on this phone")));
            }
            let document = Document::genesis(id).map_err(|error| Error::fix_call(error.to_string()))?;
            let set = |field: &str, id: &[u8; 16]| Edit::Set {
                field: field.to_owned(),
                value: FieldValue::Id(*id),
            };
            let edits =
                [set(field::CUSTOMER, customer.as_bytes()), set(field::REP, writer.me.user.id.as_bytes())];
            writer.edit(db, &document, &edits)?;
            Ok(id)
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

    /// Edits a visit: all edits of the draft become one change, or none of them does.
    ///
    /// Gives whether anything changed. Fails with [`Error::FixCall`] if a value does not fit its field; the text
    /// carries the limit. A sealed record may be edited too: what is submitted then is an amendment.
    pub fn edit(&self, visit: VisitId, fill: impl FnOnce(&mut Draft)) -> Result<bool, Error> {
        let mut draft = Draft::default();
        fill(&mut draft);
        let edits = draft.into_edits();
        self.writing(|db, writer| Ok(writer.edit(db, &known(db, visit)?, &edits)?.is_some()))
    }

    fn mark(&self, visit: VisitId, name: &str, kind: EntryKind) -> Result<Timestamp, Error> {
        self.writing(|db, writer| {
            let document = known(db, visit)?;
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
        self.write(|db| {
            // Read while nobody else writes, so that the boot clock never runs back from one entry to the next.
            let clock = self.platform.clock();
            let me = enrolled(db)?;
            let now = best_time(db, clock)?;
            work(db, &Writer { me: &me, clock, now })
        })
    }
}

impl Writer<'_> {
    pub(crate) fn author(&self) -> Author {
        Author { tenant: self.me.tenant, device: self.me.device }
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
        keep_page(db, id, &values, &saved, self.now)?;
        Ok(hash)
    }
}

/// Loads a document the app says exists.
pub(crate) fn known(db: &Connection, id: DocumentId) -> Result<Document, Error> {
    load(db, id)?.ok_or_else(|| Error::fix_call(format!("there is no visit {id} in this book")))
}

fn edit_error(error: EditError) -> Error {
    match error {
        EditError::Damaged { reason } => Error::corrupt(reason),
        other => Error::fix_call(other.to_string()),
    }
}
