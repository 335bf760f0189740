//! Documents of every kind as the app shows them: one with all its fields, and the lines of a list.

use sync_core::{
    directory::Customer,
    document::{DocumentKind, Values},
    id::{CustomerId, DocumentId, UserId},
    record::RecordStatus,
    time::Timestamp,
};

use crate::visit::Phase;

/// Which documents a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentFilter {
    /// Every one.
    All,
    /// Those of today, in the zone of the company's rules; UTC before any rules have arrived.
    Today,
    /// Those that happened in a span of time: visits by their start, or else their plan, other documents by the time
    /// they name; by when they were made if they say nothing.
    Between {
        /// The first instant of the span.
        from: Timestamp,
        /// The first instant after the span.
        before: Timestamp,
    },
    /// Those about one customer.
    Customer(CustomerId),
    /// Those about one document: the answers to a complaint, the visits of a line of a plan.
    About(DocumentId),
    /// Those that stand in one phase.
    Phase(Phase),
    /// Visits and forms the server does not have a good submit for yet.
    Unfinished,
}

/// One line of a list, read without loading the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentLine {
    /// The document.
    pub id: DocumentId,
    /// The customer it is about.
    pub customer: Option<CustomerId>,
    /// The customer's name, if the customer is in this phone's scope.
    pub customer_name: Option<String>,
    /// The document it is about.
    pub about: Option<DocumentId>,
    /// When it happened, or else when it was made.
    pub at: Timestamp,
    /// When it was last handed in from here, as well as this phone knew the time.
    pub submitted: Option<Timestamp>,
    /// Where it stands; what is not handed in stays a draft.
    pub phase: Phase,
}

/// One document with everything this phone knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentRecord {
    /// The document.
    pub id: DocumentId,
    /// Its kind.
    pub kind: DocumentKind,
    /// Its fields, by the names of its kind's [schema](DocumentKind::schema); only those that are set.
    pub fields: Values,
    /// Whose it is: nobody else writes in it.
    pub owner: UserId,
    /// The customer it is about, if the customer is in this phone's scope.
    pub customer: Option<Customer>,
    /// Where it stands; what is not handed in stays a draft.
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
