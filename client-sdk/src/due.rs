//! What is due: which record has to be submitted or delivered by when, and what will be said of it.
//!
//! What a user owes, the records among it, is with the [obligations](crate::Book::obligations). This is about the way of
//! a record to the server: until when its submit is provable, and which verdict it would get at this moment.

use std::collections::BTreeSet;

use rusqlite::Connection;
use sync_core::{
    document::DocumentKind,
    record::RecordStatus,
    rules::{PackRule, Prediction, RuleVersion, Rulebook, predict},
    time::{ClockReading, Timestamp},
};

use crate::{
    book::{Book, Deadline, deadline, rulebook},
    error::Error,
    open::Open,
    owed::Reckoning,
    store::{self, DocumentRow},
    visit::{Phase, VisitFilter, VisitId},
};

/// One record that has to be submitted or delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The visit.
    pub visit: VisitId,
    /// The customer's name, if the customer is in this phone's scope.
    pub customer_name: Option<String>,
    /// When the visit ended; the clock starts here.
    pub ended: Timestamp,
    /// What has to be done.
    pub act: DueAct,
    /// The rule that asks for it.
    pub rule: RuleVersion,
    /// The last instant that is in time; `None` if it cannot be computed, see `missing`.
    pub deadline: Option<Timestamp>,
    /// What is missing to compute the deadline, such as `calendar.2027`.
    pub missing: Option<String>,
    /// Whether the deadline has passed, as well as this phone knows the time.
    pub overdue: bool,
    /// What will be said of the submit, or of one made now: until when it is provably in time, and the verdict if it
    /// reached the server at once. `None` without a deadline.
    pub prediction: Option<Prediction>,
}

/// What has to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueAct {
    /// Submit the record.
    Submit,
    /// Let this phone reach the server: the record was submitted here, and that is not known there yet.
    Sync {
        /// When it was submitted, as well as this phone knows.
        submitted: Timestamp,
    },
}

impl Book {
    /// Lists what the signed-in user has to submit or deliver, most urgent first. A record that somebody let off need not
    /// be submitted; one that was submitted has to reach the server all the same.
    pub fn due(&self) -> Result<Vec<Due>, Error> {
        self.read(|db| {
            let clock = self.platform.clock();
            let (rules, open) = (rulebook(db)?, Open::load(db, clock)?);
            let let_off = records_let_off(db, clock)?;
            let mut found = Vec::new();
            for (row, customer_name) in store::list(db, DocumentKind::Visit, &VisitFilter::Unfinished)? {
                found.extend(open.due(db, &rules, row, customer_name)?);
            }
            found.retain(|due| due.act != DueAct::Submit || !let_off.contains(&due.visit));
            found.sort_by_key(|due| (due.deadline.unwrap_or(Timestamp::MAX), due.ended, due.visit));
            Ok(found)
        })
    }
}

/// The visits whose records nobody has to submit any more; where there are no exceptions nothing is reckoned.
fn records_let_off(db: &Connection, clock: ClockReading) -> Result<BTreeSet<VisitId>, Error> {
    if store::documents(db, Some(DocumentKind::Exception))?.is_empty() {
        return Ok(BTreeSet::new());
    }
    Ok(Reckoning::load(db, clock)?.records_let_off())
}

/// What is due of one record.
pub(crate) fn due_of(
    db: &Connection,
    rules: &Rulebook,
    clock: ClockReading,
    visit: VisitId,
) -> Result<Option<Due>, Error> {
    let Some(row) = store::document(db, visit)? else { return Ok(None) };
    let name = match row.customer {
        Some(customer) => store::customer(db, customer)?.map(|customer| customer.name),
        None => None,
    };
    Open::load(db, clock)?.due(db, rules, row, name)
}

impl Open {
    fn due(
        &self,
        db: &Connection,
        rules: &Rulebook,
        row: DocumentRow,
        customer_name: Option<String>,
    ) -> Result<Option<Due>, Error> {
        let status = store::record(db, row.id)?;
        let is_mine = row.rep.is_none_or(|rep| rep == self.me.user.id);
        let clock = Clock::of(rules, status.as_ref(), row.ended, self.now).filter(|_| is_mine);
        let Some(Clock { ended, rule, deadline }) = clock else { return Ok(None) };
        let submit = store::last_submit(db, row.id)?;
        let (act, evidence) = match (row.phase, submit) {
            (Phase::Draft, _) => (DueAct::Submit, self.at_once.as_ref()),
            (Phase::SubmittedHere, Some(submit)) => {
                let open = self.submits(row.id).find(|open| open.entry == submit.hash);
                (DueAct::Sync { submitted: submit.written }, open.map(|open| &open.evidence))
            }
            _ => return Ok(None),
        };
        let (deadline, missing) = match deadline {
            Ok(deadline) => (Some(deadline), None),
            Err(missing) => (None, Some(missing)),
        };
        let prediction =
            deadline.zip(evidence).map(|(deadline, evidence)| predict(&rule, deadline, evidence, self.now));
        Ok(Some(Due {
            visit: row.id,
            customer_name,
            ended,
            act,
            rule: rule.version(),
            overdue: deadline.is_some_and(|deadline| self.now > deadline),
            deadline,
            missing,
            prediction,
        }))
    }
}

/// What runs from the end of a visit on.
pub(crate) struct Clock<'a> {
    /// When the visit ended, as it will be pinned.
    pub(crate) ended: Timestamp,
    /// The rule in force then.
    pub(crate) rule: PackRule<'a>,
    /// By when its record has to be submitted.
    pub(crate) deadline: Deadline,
}

impl<'a> Clock<'a> {
    /// The clock at `now` of a visit that ended then, as this phone has it; `None` while it has no end, or without rules.
    pub(crate) fn of(
        rules: &'a Rulebook,
        status: Option<&RecordStatus>,
        ended: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<Self> {
        let pinned = status.and_then(|status| status.ended);
        // An end that is put earlier moves the pin with it, until the deadline has passed; one that is put later does not.
        let stays = status.and_then(|status| status.deadline).is_some_and(|deadline| deadline < now);
        let ended = pinned.into_iter().chain(ended.filter(|_| !stays)).min()?;
        let rule = rules.record_rule(ended)?;
        let said = status.filter(|_| pinned == Some(ended)).and_then(|status| status.deadline);
        let deadline = said.map_or_else(|| deadline(rules, &rule, ended), Ok);
        Some(Self { ended, rule, deadline })
    }
}
