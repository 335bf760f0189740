//! Visits as the app shows them: one with all its fields, and the lines of a list.

mod draft;
mod phase;

use sync_core::{
    directory::Customer,
    document::{DocumentKind, Visit},
    id::{CustomerId, UserId},
    record::{RecordStatus, Standing, SubmitStatus},
    time::Timestamp,
};

pub use draft::Draft;
pub use phase::Phase;
pub(crate) use phase::phase_of;
/// One visit: the id of its document.
pub use sync_core::id::DocumentId as VisitId;

use crate::document::{DocumentFilter, DocumentRecord};

/// Which visits a list holds.
pub type VisitFilter = DocumentFilter;

/// One line of a list, read without loading the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitLine {
    /// The visit.
    pub id: VisitId,
    /// Whom it goes to.
    pub customer: Option<CustomerId>,
    /// The customer's name, if the customer is in this phone's scope.
    pub customer_name: Option<String>,
    /// Whose visit it is.
    pub rep: Option<UserId>,
    /// When it is planned.
    pub planned: Option<Timestamp>,
    /// When it started.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// When it was last submitted from here, as well as this phone knew the time.
    pub submitted: Option<Timestamp>,
    /// Where it stands.
    pub phase: Phase,
}

/// One visit with everything this phone knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitRecord {
    /// The visit.
    pub id: VisitId,
    /// Its fields.
    pub fields: Visit,
    /// Whom it goes to, if the customer is in this phone's scope.
    pub customer: Option<Customer>,
    /// Where it stands.
    pub phase: Phase,
    /// Whether it was edited since it was last submitted from here.
    pub edited_since_submit: bool,
    /// How many of its log entries wait to be sent.
    pub waiting: usize,
    /// How many of its log entries were refused and not dismissed.
    pub refused: usize,
    /// What the server last said of it; `None` before it said anything.
    pub status: Option<RecordStatus>,
}

impl VisitRecord {
    /// A document as a visit, if it is one.
    pub(crate) fn of(record: DocumentRecord) -> Option<Self> {
        (record.kind == DocumentKind::Visit).then(|| Self {
            id: record.id,
            fields: Visit::read(&record.fields),
            customer: record.customer,
            phase: record.phase,
            edited_since_submit: record.edited_since_submit,
            waiting: record.waiting,
            refused: record.refused,
            status: record.status,
        })
    }

    /// How many sealed versions it has.
    pub fn versions(&self) -> usize {
        self.status.as_ref().map_or(0, |status| status.seals.len())
    }

    /// The amendments nobody has decided on yet.
    pub fn open_amendments(&self) -> impl Iterator<Item = &SubmitStatus> {
        let submits = self.status.iter().flat_map(|status| &status.submits);
        submits.filter(|submit| submit.standing == Standing::Amendment)
    }
}
