//! The ledger: what everybody owes and what became of it, brought up to date by one event after the other.
//!
//! An event brings up to date what changed facts touch, what time has made due, and, a part at each event, what begins on
//! a new day or has to be looked at because people, customers or rules changed.

use std::collections::BTreeSet;

use jiff::{ToSpan, civil::Date};
use minicbor::{Decode, Encode};
use sync_core::{
    hash::Hash,
    id::CustomerId,
    rules::{
        FactSource, Fulfilment, Obligation, ObligationName, Pack, Period, Rulebook, Subject,
        engine::{self, World},
    },
    time::Timestamp,
};

use crate::{
    projection::{IndexedFacts, Keys, View, Writes, key::Listed},
    store::StoreError,
};

/// How many days before a period begins what is owed in it is there.
const AHEAD_DAYS: i64 = 35;

/// How many days back everything is looked at again when people, customers or rules changed.
const BACK_DAYS: i64 = 92;

/// How many changes one event takes up.
const CHANGES: usize = 256;

/// An obligation as the index keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct StoredObligation {
    /// What is owed and what became of it.
    #[n(0)]
    pub obligation: Obligation,
    /// The customer it is about, if it is about one.
    #[n(1)]
    pub customer: Option<CustomerId>,
    /// Since when its state is said of it.
    #[n(2)]
    pub since: Timestamp,
    /// When it has to be looked at again although nothing happened.
    #[n(3)]
    pub again: Option<Timestamp>,
}

/// How far the ledger is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct LedgerState {
    /// The days whose obligations are there, or will be once the sweep is through.
    #[n(0)]
    pub covered: Option<Period>,
    /// What is being looked at as a whole.
    #[n(1)]
    pub sweep: Option<Sweep>,
}

/// Everything of a span of days being looked at, in parts.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Sweep {
    /// The days that are left.
    #[n(0)]
    pub left: Period,
    /// Whether periods count that began before the first day.
    #[n(1)]
    pub whole: bool,
    /// How many parts of the rulebook are done on the first day.
    #[n(2)]
    pub parts: u32,
    /// The last subject that is done of the next part.
    #[n(3)]
    pub after: Option<Subject>,
}

/// Leaves word that people, customers or rules changed.
pub(super) fn look_at_all(view: &View<'_>, writes: &mut Writes, now: Timestamp) -> Result<(), StoreError> {
    let mut state = view.ledger()?;
    let Some(covered) = state.covered else { return Ok(()) };
    let Some(today) = today(&*view.rulebook()?, now) else { return Ok(()) };
    let first = day_from(today, -BACK_DAYS).max(covered.first);
    let first = state.sweep.map_or(first, |sweep| first.min(sweep.left.first));
    state.sweep = Some(Sweep::begin(Period { first, last: covered.last }, true));
    writes.put(writes.keys().ledger(), &state);
    Ok(())
}

/// Whether an event would bring anything up to date.
pub fn waits(view: &View<'_>, now: Timestamp) -> Result<bool, StoreError> {
    let Some(today) = today(&*view.rulebook()?, now) else { return Ok(false) };
    let state = view.ledger()?;
    Ok(state.sweep.is_some()
        || state.covered.is_none_or(|covered| covered.last < day_from(today, AHEAD_DAYS))
        || !view.changed(1)?.is_empty()
        || !view.again(now, 1)?.is_empty())
}

/// Brings up to date what waits, at most about so many obligations.
pub(super) fn judge(
    view: &View<'_>,
    writes: &mut Writes,
    now: Timestamp,
    at_most: usize,
) -> Result<(), StoreError> {
    let (rulebook, company) = (view.rulebook()?, view.company()?);
    let Some(today) = today(&rulebook, now) else { return Ok(()) };
    let facts = IndexedFacts::new(*view);
    let world = World { facts: &facts, company: &company, calendar: rulebook.calendar(), now };
    let mut names = BTreeSet::new();
    for (key, changed) in view.changed(CHANGES)? {
        if names.len() >= at_most {
            break;
        }
        let known = changed.now.iter().filter_map(|id| facts.get(*id));
        for fact in changed.before.iter().chain(known) {
            for pack in rulebook.packs() {
                let touched = engine::touched(world, pack, fact);
                names.extend(touched.into_iter().map(|(rule, part, of)| name(pack, rule, part, of)));
            }
        }
        writes.delete(key);
    }
    for id in view.again(now, at_most.saturating_sub(names.len()))? {
        names.extend(view.obligation(id)?.map(|stored| stored.obligation.name()));
    }
    let mut state = view.ledger()?;
    state.cover(today);
    while names.len() < at_most
        && let Some(sweep) = &mut state.sweep
    {
        let left = at_most - names.len();
        names.extend(sweep.next(world, &rulebook, left));
        if sweep.is_through() {
            state.sweep = None;
        }
    }
    if state != view.ledger()? {
        writes.put(writes.keys().ledger(), &state);
    }
    for name in names {
        let becomes = becomes(world, &rulebook, &name);
        put(view, writes, world, &name, becomes)?;
    }
    facts.check()
}

/// What becomes of an obligation under the version of its pack that says so.
fn becomes(world: World<'_>, rulebook: &Rulebook, name: &ObligationName) -> Option<Obligation> {
    let mut versions = rulebook.packs().iter().rev().filter(|pack| pack.id == name.pack);
    versions.find_map(|pack| engine::obligation(world, pack, &name.rule, name.part, name.subject))
}

fn put(
    view: &View<'_>,
    writes: &mut Writes,
    world: World<'_>,
    name: &ObligationName,
    becomes: Option<Obligation>,
) -> Result<(), StoreError> {
    let (keys, id) = (writes.keys(), name.hash());
    let before = view.obligation(id)?;
    let after = becomes.map(|obligation| {
        let customer = match name.subject {
            Subject::Customer(customer, _) => Some(customer),
            Subject::Fact(fact) => world.facts.get(fact).and_then(|fact| fact.customer),
            Subject::Person(..) | Subject::Company(_) => None,
        };
        let said = before.as_ref().filter(|before| before.obligation.state == obligation.state);
        let since = said.map_or(world.now, |before| before.since);
        let may_change = obligation.state == Fulfilment::Pending;
        let again = obligation.due.filter(|due| may_change && *due >= world.now);
        StoredObligation { obligation, customer, since, again: again.map(|due| due.plus_millis(1)) }
    });
    if before == after {
        return Ok(());
    }
    if let Some(before) = &before {
        for place in places(keys, before, id) {
            writes.delete(place);
        }
    }
    match &after {
        Some(after) => {
            for place in places(keys, after, id) {
                writes.put(place, &id);
            }
            writes.put(keys.obligation(id), after);
        }
        None => writes.delete(keys.obligation(id)),
    }
    Ok(())
}

/// Under what an obligation is found.
fn places(keys: Keys, stored: &StoredObligation, id: Hash) -> Vec<Vec<u8>> {
    let obligation = &stored.obligation;
    let due = obligation.due.unwrap_or(Timestamp::MAX);
    let rule = Listed::Rule { pack: &obligation.rule.pack, rule: &obligation.rule.rule };
    let people = obligation.owed_by.iter().map(|person| Listed::Person(*person));
    let all = std::iter::once(rule).chain(people).chain(stored.customer.map(Listed::Customer));
    let listed = all.map(|of| keys.obligation_of(of, due, id));
    listed.chain(stored.again.map(|at| keys.again(at, id))).collect()
}

impl Sweep {
    fn begin(left: Period, whole: bool) -> Self {
        Self { left, whole, parts: 0, after: None }
    }

    fn is_through(&self) -> bool {
        self.left.first > self.left.last
    }

    /// Names the obligations of the next part of the first day, at most so many, and moves on behind them.
    fn next(&mut self, world: World<'_>, rulebook: &Rulebook, at_most: usize) -> Vec<ObligationName> {
        let day = self.left.first;
        let parts = rulebook.packs().iter().flat_map(|pack| {
            pack.rules
                .iter()
                .flat_map(move |rule| (0..rule.parts().len()).map(move |part| (pack, rule, part)))
        });
        let Some((pack, rule, part)) = parts.into_iter().nth(self.parts as usize) else {
            // A day that cannot be followed ends the sweep.
            self.left.first = day.tomorrow().unwrap_or(Date::MAX);
            (self.parts, self.after, self.whole) = (0, None, false);
            return Vec::new();
        };
        let subjects = engine::subjects(world, pack, &rule.id, part, Period { first: day, last: day });
        let begins = |subject: &Subject| match subject {
            Subject::Fact(_) => true,
            Subject::Customer(_, period) | Subject::Person(_, period) | Subject::Company(period) => {
                self.whole || period.first == day
            }
        };
        let sorted: BTreeSet<Subject> = subjects.into_iter().filter(begins).collect();
        let left = sorted.into_iter().filter(|subject| self.after.is_none_or(|after| after < *subject));
        let next: Vec<Subject> = left.take(at_most).collect();
        match next.last() {
            Some(last) if next.len() == at_most => self.after = Some(*last),
            _ => (self.parts, self.after) = (self.parts + 1, None),
        }
        next.into_iter().map(|subject| name(pack, &rule.id, part, subject)).collect()
    }
}

impl LedgerState {
    /// Takes in the days that came since the last event.
    fn cover(&mut self, today: Date) {
        let ahead = day_from(today, AHEAD_DAYS);
        let (left, whole) = match self.covered {
            None => (Period { first: day_from(today, -BACK_DAYS), last: ahead }, true),
            Some(covered) if covered.last < ahead => {
                let new = Period { first: covered.last.tomorrow().unwrap_or(Date::MAX), last: ahead };
                match &mut self.sweep {
                    Some(sweep) => {
                        sweep.left.last = ahead;
                        self.covered = Some(Period { last: ahead, ..covered });
                        return;
                    }
                    None => (new, false),
                }
            }
            Some(_) => return,
        };
        self.covered =
            Some(Period { first: self.covered.map_or(left.first, |covered| covered.first), last: ahead });
        self.sweep = Some(Sweep::begin(left, whole));
    }
}

fn name(pack: &Pack, rule: &str, part: usize, subject: Subject) -> ObligationName {
    ObligationName { pack: pack.id.clone(), rule: rule.to_owned(), part, subject }
}

fn today(rulebook: &Rulebook, now: Timestamp) -> Option<Date> {
    rulebook.zone(now)?.day_of(now)
}

fn day_from(day: Date, days: i64) -> Date {
    day.checked_add(days.days()).unwrap_or(day)
}
