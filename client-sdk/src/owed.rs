//! What the signed-in user owes under the company's rules, what became of it and why; computed on the phone, offline.

mod quota;
mod reckoning;
mod reminder;

use sync_core::{
    hash::Hash,
    id::{CustomerId, DocumentId, UserId},
    rules::{Fulfilment, PassedOver, Reason, RuleVersion, Subject},
    time::Timestamp,
};

pub use quota::QuotaCount;
pub(crate) use reckoning::Reckoning;
pub use reminder::{Reminder, ReminderKind};

use crate::{book::Book, error::Error};

/// Which obligations a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwedFilter {
    /// Every one that is looked at: from 92 days back to 35 days ahead, whatever became of it.
    All,
    /// What there still is to do, or to be decided, and is not let off; also a record that was not submitted in time, for
    /// it may be late.
    Open,
    /// Every one about one customer.
    Customer(CustomerId),
}

/// Something the signed-in user owes, or that anybody may do who is responsible for the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// Names it for ever, here and at the server: the hash of its name.
    pub obligation: Hash,
    /// The rule.
    pub rule: RuleVersion,
    /// Which part of the rule, from 0.
    pub part: usize,
    /// What the rule says, in the words of its pack; empty if the pack does not say.
    pub says: String,
    /// What it is about.
    pub subject: Subject,
    /// The document it is about, if it is about one.
    pub document: Option<DocumentId>,
    /// The customer it is about, if it is about one.
    pub customer: Option<CustomerId>,
    /// The customer's name, if the customer is in this phone's scope.
    pub customer_name: Option<String>,
    /// Who owes it; anybody if there is nobody.
    pub owed_by: Vec<UserId>,
    /// From when on it can be done; `None` if that does not matter.
    pub opens: Option<Timestamp>,
    /// The last instant in time; `None` if there is none, or if it cannot be said.
    pub due: Option<Timestamp>,
    /// Whether that has passed without its being done or let off, as well as this phone knows the time.
    pub overdue: bool,
    /// What became of it; of what waits on this phone, what would become of it if it reached the server now.
    pub state: Fulfilment,
    /// How much of it was done.
    pub done: u32,
    /// How much is asked for.
    pub asked: u32,
    /// Whether it only counts towards a share, so that missing it is no breach by itself.
    pub in_share: bool,
    /// Whether somebody let it off: its state stays what it is, and nothing follows from missing it.
    pub let_off: bool,
    /// What somebody ruled of it, if somebody did.
    pub exception: Option<OwedException>,
    /// Whether something that counts waits on this phone to be sent.
    pub waits_here: bool,
    /// What counts.
    pub counted: Vec<Seen>,
    /// What was looked at and does not count, each with why.
    pub passed_over: Vec<(Seen, PassedOver)>,
}

/// What somebody who may decide ruled of an obligation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwedException {
    /// The document that says so.
    pub document: DocumentId,
    /// Who ruled.
    pub by: Option<UserId>,
    /// Their name, if this phone knows them.
    pub by_name: Option<String>,
    /// When they ruled.
    pub at: Timestamp,
    /// How many are asked for instead; `None` if it is let off.
    pub required: Option<u32>,
    /// Why.
    pub reason: Option<Reason>,
    /// In their words; may be empty.
    pub note: String,
}

/// Something that happened, as rules see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The document that says so.
    pub document: DocumentId,
    /// What it is, in the word of the packs: the name of the document's kind, or `submission`.
    pub kind: &'static str,
    /// When it happened.
    pub at: Timestamp,
}

impl Book {
    /// Lists what the signed-in user owes, most urgent first: what is overdue, what has a last day, what has none, and
    /// behind these what was done or let off.
    ///
    /// Computed with the functions with which the server judges, from what this phone has: its user's own documents,
    /// and those about them and about the user's customers.
    pub fn obligations(&self, filter: OwedFilter) -> Result<Vec<Owed>, Error> {
        self.read(|db| {
            let reckoning = Reckoning::load(db, self.platform.clock())?;
            let Some(days) = reckoning.days_owed() else { return Ok(Vec::new()) };
            let found = reckoning.obligations(days).into_iter().filter(|found| match filter {
                OwedFilter::All => true,
                OwedFilter::Open => found.is_open(),
                OwedFilter::Customer(customer) => reckoning.customer(found) == Some(customer),
            });
            let mut owed = found.map(|found| reckoning.owed(db, &found)).collect::<Result<Vec<_>, _>>()?;
            owed.sort_by_cached_key(Owed::urgency);
            Ok(owed)
        })
    }
}

impl Owed {
    /// What it is sorted by.
    fn urgency(&self) -> (u8, Timestamp, Hash) {
        let class = match self.due {
            _ if self.state == Fulfilment::Met || self.let_off => 3,
            _ if self.overdue => 0,
            Some(_) => 1,
            None => 2,
        };
        (class, self.due.unwrap_or(Timestamp::MAX), self.obligation)
    }
}
