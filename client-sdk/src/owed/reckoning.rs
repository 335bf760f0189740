//! A reckoning: everything this phone knows, laid before the engine.

use std::collections::{BTreeSet, HashMap};

use rusqlite::Connection;
use sync_core::{
    document::{Document, DocumentKind, FieldValue, Values, envelope, field},
    hash::Hash,
    id::{CustomerId, DocumentId, UserId},
    record::{Origin, Phase, RecordStatus, Standing, SubmitStatus},
    rules::{
        Company, Excepted, Exception, Fact, FactSource, Facts, Fulfilment, Obligation, Outcome, Part, Period,
        Rule, Rulebook, Subject, Verdict, Zone,
        engine::{self, World},
        not_evaluable,
        part::By,
        predict,
    },
    time::{ClockReading, Timestamp},
};

use super::{Owed, OwedException, Seen};
use crate::{
    book::{owner_of, read_facts, rulebook},
    document::DocumentFilter,
    due::Clock,
    error::Error,
    open::{Open, OpenSubmit},
    store,
};

/// What this phone knows, at one moment.
pub(crate) struct Reckoning {
    rules: Rulebook,
    company: Company,
    names: HashMap<CustomerId, String>,
    people: HashMap<UserId, String>,
    open: Open,
    facts: Facts,
    documents: HashMap<Hash, DocumentId>,
}

/// An obligation with the rule it comes from.
pub(super) struct Found<'a> {
    pub(super) obligation: Obligation,
    pub(super) rule: &'a Rule,
}

impl Found<'_> {
    pub(super) fn part(&self) -> Option<&Part> {
        self.rule.parts().get(self.obligation.part)
    }

    /// Whether there is still something to do or to decide.
    pub(super) fn is_open(&self) -> bool {
        !self.obligation.let_off
            && match self.obligation.state {
                Fulfilment::Pending | Fulfilment::NotEvaluable(_) => true,
                Fulfilment::Breached => {
                    matches!(self.part(), Some(Part::Record(_))) && self.obligation.passed_over.is_empty()
                }
                Fulfilment::Met => false,
            }
    }
}

impl Reckoning {
    pub(crate) fn load(db: &Connection, clock: ClockReading) -> Result<Self, Error> {
        let rules = rulebook(db)?;
        let open = Open::load(db, clock)?;
        let customers = store::all_customers(db)?;
        let mut users = store::users(db)?;
        if users.iter().all(|user| user.id != open.me.user.id) {
            users.push(open.me.user.clone());
        }
        let mut reckoning = Self {
            company: Company::of(&users, &customers, rules.calendar()),
            names: customers.into_iter().map(|customer| (customer.id, customer.name)).collect(),
            people: users.into_iter().map(|user| (user.id, user.name)).collect(),
            facts: Facts::default(),
            documents: HashMap::new(),
            rules,
            open,
        };
        reckoning.read(db)?;
        Ok(reckoning)
    }

    /// Takes in all facts: those that are kept, and anew those that depend on the moment.
    fn read(&mut self, db: &Connection) -> Result<(), Error> {
        let momentary = self.momentary(db)?;
        for (document, fact) in store::facts(db)? {
            if !momentary.contains(&document) {
                self.take(document, fact);
            }
        }
        let utc = Zone::named("UTC").map_err(Error::corrupt)?;
        let zone = self.rules.zone(self.open.now).unwrap_or(&utc).clone();
        for document in momentary {
            let Some(saved) = store::saved(db, document)? else { continue };
            let values = Document::load(document, &saved).map_err(Error::corrupt)?.values();
            let status = self.status(db, document, &values)?;
            for fact in read_facts(db, &self.open.me, document, &values, &saved, status.as_ref(), &zone)? {
                self.take(document, fact);
            }
        }
        Ok(())
    }

    fn take(&mut self, document: DocumentId, fact: Fact) {
        self.documents.insert(fact.id, document);
        self.facts.put(fact);
    }

    /// The documents whose facts depend on more than themselves and the server's word: on what else is in the log, on the
    /// time, or on where the company's days begin.
    fn momentary(&self, db: &Connection) -> Result<BTreeSet<DocumentId>, Error> {
        let mut momentary = self.open.documents().clone();
        let unfinished = store::list(db, DocumentKind::Visit, &DocumentFilter::Unfinished)?;
        momentary
            .extend(unfinished.into_iter().filter(|(row, _)| row.ended.is_some()).map(|(row, _)| row.id));
        momentary.extend(store::documents(db, Some(DocumentKind::Trip))?);
        Ok(momentary)
    }

    /// What the server would say of a document if all that waits here reached it now.
    fn status(
        &self,
        db: &Connection,
        id: DocumentId,
        values: &Values,
    ) -> Result<Option<RecordStatus>, Error> {
        let said = store::record(db, id)?;
        let is_visit = DocumentKind::of(id) == Some(DocumentKind::Visit);
        let mut status = match said {
            Some(said) => said,
            None => RecordStatus {
                document: id,
                ended: None,
                deadline: None,
                phase: Phase::Draft,
                seals: Vec::new(),
                submits: Vec::new(),
                origin: None,
            },
        };
        if !is_visit && status.origin.is_none() {
            let evidence = self.open.written(id).map(|evidence| self.open.arriving(evidence));
            let written = store::first_entry(db, id)?.map(|(_, _, written, _)| written);
            status.origin =
                written.map(|created| Origin { owner: owner_of(&self.open.me, None), created, evidence });
        }
        let ended = match values.get(field::ENDED) {
            Some(FieldValue::Time(ended)) if is_visit => Some(*ended),
            _ => None,
        };
        let clock = Clock::of(&self.rules, Some(&status), ended, self.open.now).filter(|_| is_visit);
        let deadline = clock.as_ref().and_then(|clock| clock.deadline.clone().ok());
        let known = |submit: &&OpenSubmit| status.submit(submit.entry).is_none();
        let waiting: Vec<SubmitStatus> = self
            .open
            .submits(id)
            .filter(known)
            .map(|submit| self.predicted(submit, clock.as_ref()))
            .collect();
        if let Some(clock) = &clock {
            status.ended = Some(clock.ended);
            status.deadline = deadline;
        }
        if is_visit && status.seals.is_empty() {
            status.phase =
                phase(status.phase, &waiting, deadline.is_some_and(|deadline| self.open.now > deadline));
        }
        status.submits.extend(waiting);
        Ok(Some(status))
    }

    /// What would be said of a submit that waits here.
    fn predicted(&self, submit: &OpenSubmit, clock: Option<&Clock<'_>>) -> SubmitStatus {
        let evidence = self.open.arriving(&submit.evidence);
        let verdict = match clock.map(|clock| (&clock.rule, &clock.deadline)) {
            None => Verdict::of_no_rule(evidence),
            Some((rule, Ok(deadline))) => {
                predict(rule, *deadline, &submit.evidence, self.open.now).if_sent_now
            }
            Some((rule, Err(missing))) => not_evaluable(rule, None, &evidence, vec![missing.clone()]),
        };
        let standing = match verdict.outcome {
            Outcome::OnTime => Standing::Candidate,
            Outcome::Late => Standing::Held,
            Outcome::NotEvaluable { .. } => Standing::NotEvaluable,
            _ => Standing::NeedsReview,
        };
        SubmitStatus {
            entry: submit.entry,
            by: self.open.me.user.id,
            device: self.open.me.device,
            arrived: self.open.now,
            verdict,
            standing,
            heads: submit.heads.clone(),
            reason: submit.reason,
            decisions: Vec::new(),
        }
    }

    /// The days that are looked at; `None` before any rules have arrived.
    pub(super) fn days_owed(&self) -> Option<Period> {
        self.rules.days_owed(self.open.now)
    }

    /// The day it is.
    pub(super) fn today(&self) -> Option<Period> {
        let today = self.rules.zone(self.open.now)?.day_of(self.open.now)?;
        Some(Period { first: today, last: today })
    }

    pub(super) fn zone(&self) -> Option<&Zone> {
        self.rules.zone(self.open.now)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.open.now
    }

    /// What the signed-in user owes on subjects that lie in some days, each under the newest version of its pack that
    /// says so.
    pub(super) fn obligations(&self, days: Period) -> Vec<Found<'_>> {
        let world = World {
            facts: &self.facts,
            company: &self.company,
            calendar: self.rules.calendar(),
            now: self.open.now,
        };
        let mut found = Vec::new();
        let mut names = BTreeSet::new();
        for pack in self.rules.packs().iter().rev() {
            for obligation in engine::obligations(world, pack, days) {
                let Some(rule) = pack.rule(&obligation.rule.rule) else { continue };
                let candidate = Found { obligation, rule };
                if self.is_mine(&candidate) && names.insert(candidate.obligation.name()) {
                    found.push(candidate);
                }
            }
        }
        found
    }

    /// Whether it is for the signed-in user to do. What anybody may do falls to whoever is responsible for the customer;
    /// what concerns the company as a whole a phone cannot know.
    fn is_mine(&self, found: &Found<'_>) -> bool {
        let (me, obligation) = (self.open.me.user.id, &found.obligation);
        if !obligation.owed_by.is_empty() {
            return obligation.owed_by.contains(&me);
        }
        let by_anyone = matches!(found.part(), Some(Part::Anchored(part)) if part.by == By::Anyone);
        by_anyone
            && matches!(obligation.subject, Subject::Fact(_))
            && self
                .customer(found)
                .is_some_and(|customer| self.company.owner_at(customer, self.open.now) == Some(me))
    }

    /// The customer an obligation is about.
    pub(super) fn customer(&self, found: &Found<'_>) -> Option<CustomerId> {
        found.obligation.subject.customer(&self.facts)
    }

    pub(super) fn name_of(&self, customer: CustomerId) -> Option<String> {
        self.names.get(&customer).cloned()
    }

    /// Whether something that counts waits here to be sent.
    pub(super) fn waits_here(&self, obligation: &Obligation) -> bool {
        let documents = obligation.counted.iter().filter_map(|fact| self.documents.get(fact));
        documents.into_iter().any(|document| self.open.documents().contains(document))
    }

    /// The visits whose records nobody has to submit any more.
    pub(crate) fn records_let_off(&self) -> BTreeSet<DocumentId> {
        let found = self.days_owed().map(|days| self.obligations(days)).unwrap_or_default();
        let records = found
            .iter()
            .filter(|found| found.obligation.let_off && matches!(found.part(), Some(Part::Record(_))));
        records
            .filter_map(|found| match found.obligation.subject {
                Subject::Fact(visit) => self.documents.get(&visit).copied(),
                _ => None,
            })
            .collect()
    }

    /// What somebody ruled, by the fact that tells it.
    fn exception(&self, db: &Connection, fact: Hash) -> Result<Option<OwedException>, Error> {
        let (Some(document), Some(exception)) =
            (self.documents.get(&fact).copied(), self.facts.get(fact).and_then(Exception::read))
        else {
            return Ok(None);
        };
        let saved = store::saved(db, document)?;
        let loaded =
            saved.map(|saved| Document::load(document, &saved)).transpose().map_err(Error::corrupt)?;
        let note = match loaded
            .as_ref()
            .map(Document::values)
            .as_ref()
            .and_then(|values| values.get(envelope::NOTE))
        {
            Some(FieldValue::Text(note)) => note.clone(),
            _ => String::new(),
        };
        Ok(Some(OwedException {
            document,
            by: exception.by,
            by_name: exception.by.and_then(|by| self.people.get(&by).cloned()),
            at: exception.at,
            required: match exception.ruled {
                Excepted::Required(number) => Some(number),
                Excepted::LetOff | Excepted::Withdrawn => None,
            },
            reason: exception.reason,
            note,
        }))
    }

    /// An obligation as the app sees it.
    pub(super) fn owed(&self, db: &Connection, found: &Found<'_>) -> Result<Owed, Error> {
        let obligation = &found.obligation;
        let customer = self.customer(found);
        let is_met = obligation.state == Fulfilment::Met;
        Ok(Owed {
            obligation: obligation.name().hash(),
            rule: obligation.rule.clone(),
            part: obligation.part,
            says: found.rule.says.clone(),
            subject: obligation.subject,
            document: match obligation.subject {
                Subject::Fact(fact) => self.documents.get(&fact).copied(),
                _ => None,
            },
            customer,
            customer_name: customer.and_then(|customer| self.name_of(customer)),
            owed_by: obligation.owed_by.clone(),
            opens: obligation.opens,
            due: obligation.due,
            overdue: !is_met && !obligation.let_off && obligation.due.is_some_and(|due| self.open.now > due),
            state: obligation.state.clone(),
            done: obligation.done.0,
            asked: obligation.done.1,
            in_share: obligation.in_share,
            let_off: obligation.let_off,
            exception: match obligation.exception {
                Some(fact) => self.exception(db, fact)?,
                None => None,
            },
            waits_here: self.waits_here(obligation),
            counted: obligation.counted.iter().filter_map(|fact| self.seen(*fact)).collect(),
            passed_over: obligation
                .passed_over
                .iter()
                .filter_map(|(fact, why)| Some((self.seen(*fact)?, *why)))
                .collect(),
        })
    }

    fn seen(&self, fact: Hash) -> Option<Seen> {
        let (document, fact) = (*self.documents.get(&fact)?, self.facts.get(fact)?);
        Some(Seen { document, kind: fact.kind.name(), at: fact.at })
    }
}

/// Where a record that has no version yet would stand if these submits had arrived too.
fn phase(said: Phase, waiting: &[SubmitStatus], is_past: bool) -> Phase {
    let stands = |standing| waiting.iter().any(|submit| submit.standing == standing);
    if said == Phase::Submitted || stands(Standing::Candidate) {
        Phase::Submitted
    } else if waiting.is_empty() {
        if said == Phase::Draft && is_past { Phase::Overdue } else { said }
    } else if waiting.iter().all(|submit| submit.standing == Standing::Held) {
        Phase::HeldLate
    } else {
        Phase::NeedsReview
    }
}
