//! What is due: which record has to be submitted or delivered by when, and what will be said of it.

use std::collections::HashMap;

use rusqlite::Connection;
use sync_core::{
    document::Heads,
    hash::Hash,
    log::{Entry, EntryKind, Witness},
    rules::{Evidence, Prediction, RuleVersion, Rulebook, predict},
    time::{ClockReading, Timestamp},
};

use crate::{
    book::{Book, best_time, deadline, enrolled, rulebook},
    error::Error,
    store::{self, DocumentRow, Enrolment},
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
    /// Lists what the signed-in user has to submit or deliver, most urgent first.
    pub fn due(&self) -> Result<Vec<Due>, Error> {
        self.read(|db| {
            let clock = self.platform.clock();
            let (rules, context) = (rulebook(db)?, Context::load(db, clock)?);
            let mut found = Vec::new();
            for (row, customer_name) in store::list(db, &VisitFilter::Unfinished)? {
                found.extend(context.due(db, &rules, row, customer_name)?);
            }
            found.sort_by_key(|due| (due.deadline.unwrap_or(Timestamp::MAX), due.ended, due.visit));
            Ok(found)
        })
    }
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
    Context::load(db, clock)?.due(db, rules, row, name)
}

/// What is known of time right now.
struct Context {
    me: Enrolment,
    now: Timestamp,
    /// Evidence of each submit that has no receipt yet.
    submits: HashMap<Hash, Evidence>,
    /// Evidence a submit would have that was made at this moment.
    at_once: Option<Evidence>,
}

impl Context {
    fn load(db: &Connection, clock: ClockReading) -> Result<Self, Error> {
        let me = enrolled(db)?;
        let entries = open_entries(db, &me, clock)?;
        let hashes: HashMap<u64, Hash> = entries.iter().map(|(entry, hash)| (entry.index, *hash)).collect();
        let evidence = read_witness(db, &me, &entries)?.1;
        let mut submits: HashMap<Hash, Evidence> = HashMap::new();
        for (index, evidence) in evidence {
            if let Some(hash) = hashes.get(&index) {
                submits.insert(*hash, evidence);
            }
        }
        Ok(Self { now: best_time(db, clock)?, at_once: submits.remove(&Hash::ZERO), submits, me })
    }

    fn due(
        &self,
        db: &Connection,
        rules: &Rulebook,
        row: DocumentRow,
        customer_name: Option<String>,
    ) -> Result<Option<Due>, Error> {
        let status = store::record(db, row.id)?;
        let pinned = status.as_ref().and_then(|status| status.ended);
        let is_mine = row.rep.is_none_or(|rep| rep == self.me.user.id);
        // An end that is put earlier moves the pin with it, one that is put later does not.
        let ended = pinned.into_iter().chain(row.ended).min();
        let (true, Some(ended)) = (is_mine, ended) else { return Ok(None) };
        let Some(rule) = rules.record_rule(ended) else { return Ok(None) };
        let submit = store::last_submit(db, row.id)?;
        let (act, evidence) = match (row.phase, submit) {
            (Phase::Draft, _) => (DueAct::Submit, self.at_once.as_ref()),
            (Phase::SubmittedHere, Some(submit)) => {
                (DueAct::Sync { submitted: submit.written }, self.submits.get(&submit.hash))
            }
            _ => return Ok(None),
        };
        let said = status.filter(|_| pinned == Some(ended)).and_then(|status| status.deadline);
        let (deadline, missing) = match said {
            Some(deadline) => (Some(deadline), None),
            None => match deadline(rules, &rule, ended) {
                Ok(deadline) => (Some(deadline), None),
                Err(missing) => (None, Some(missing)),
            },
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

/// The entries without a receipt, and behind them, under the hash zero, a submit as it would be if made now.
fn open_entries(db: &Connection, me: &Enrolment, clock: ClockReading) -> Result<Vec<(Entry, Hash)>, Error> {
    let first = store::first_open(db, me.device)?;
    let mut entries = store::entries_from(db, me.device, first, usize::MAX)?
        .into_iter()
        .map(|(hash, bytes)| Ok((Entry::decode(&bytes).map_err(Error::corrupt)?, hash)))
        .collect::<Result<Vec<_>, Error>>()?;
    let chain = store::chain(db, me.device)?;
    let nothing = VisitId::from_bytes([0; 16]);
    let kind =
        EntryKind::Submit { document: nothing, heads: Heads::default(), value: Hash::ZERO, reason: None };
    entries.push((Entry::new(chain.next_index, chain.head, clock, kind), Hash::ZERO));
    Ok(entries)
}

/// Carries the time context of the log on over these entries; gives it with the evidence of the submits among them.
pub(crate) fn read_witness(
    db: &Connection,
    me: &Enrolment,
    entries: &[(Entry, Hash)],
) -> Result<(Witness, Vec<(u64, Evidence)>), Error> {
    let mut witness: Witness = match &me.witness {
        Some(bytes) => sync_core::encoding::decode(bytes).map_err(Error::corrupt)?,
        None => Witness::new(),
    };
    let anchors = |hash| store::anchor_time(db, hash).ok().flatten();
    let evidence = witness.read(entries, &anchors, None, 0, me.enrolled);
    Ok((witness, evidence))
}
