//! The ledger: what everybody owes and what became of it, brought up to date by one event after the other.
//!
//! An event brings up to date what changed facts touch, what time has made due, and, a part at each event, what begins on
//! a new day or has to be looked at because people, customers or rules changed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{ToSpan, civil::Date};
use minicbor::{Decode, Encode};
use sync_core::{
    encoding::Bytes,
    hash::Hash,
    id::CustomerId,
    rules::{
        Fact, FactKind, FactSource, Fulfilment, Obligation, ObligationName, Of, Pack, Period, Rulebook,
        Subject,
        engine::{self, World},
    },
    time::Timestamp,
};

use crate::{
    projection::{
        Changed, Closing, ClosingNumber, IndexedFacts, Keys, Version, View, Writes,
        key::{Listed, room},
    },
    store::StoreError,
};

/// How many days before its period something may be due: a plan, a notice.
const EARLY_DAYS: i64 = 35;

/// No period has more days than this.
const LONGEST_PERIOD: i64 = 366;

/// How many subjects one event looks at for each obligation that it may judge: most of them are known already.
const LOOKED_AT: usize = 8;

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

/// Everything of a span of days being looked at, in parts: first what is in the ledger, then what is not.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Sweep {
    /// The days that are left.
    #[n(0)]
    pub left: Period,
    /// Whether periods count that began before the first day.
    #[n(1)]
    pub whole: bool,
    /// Whether what is in the ledger was looked at.
    #[n(2)]
    pub known: bool,
    /// How many rules are done, or how many parts of rules on the first day.
    #[n(3)]
    pub done: u32,
    /// The place of the last obligation that is done of the next rule.
    #[n(4)]
    pub place: Option<Bytes>,
    /// The last subject that is done of the next part.
    #[n(5)]
    pub after: Option<Subject>,
}

/// Leaves word that a customer changed.
pub(super) fn look_at_customer(
    view: &View<'_>,
    writes: &mut Writes,
    customer: CustomerId,
) -> Result<(), StoreError> {
    if view.ledger()?.covered.is_some() {
        let changed = Changed { customer: Some(customer), ..Changed::default() };
        writes.put_at(writes.keys().room(room::CHANGED), &changed);
    }
    Ok(())
}

/// Leaves word that people or rules changed.
pub(super) fn look_at_all(view: &View<'_>, writes: &mut Writes, now: Timestamp) -> Result<(), StoreError> {
    let mut state = view.ledger()?;
    let Some(covered) = state.covered else { return Ok(()) };
    let Some(owed) = view.rulebook()?.days_owed(now) else { return Ok(()) };
    let first = owed.first.max(covered.first);
    let first = state.sweep.map_or(first, |sweep| first.min(sweep.left.first));
    state.sweep = Some(Sweep::over(Period { first, last: covered.last }));
    writes.put(writes.keys().ledger(), &state);
    Ok(())
}

/// Whether an event would bring anything up to date.
pub fn waits(view: &View<'_>, now: Timestamp) -> Result<bool, StoreError> {
    let Some(owed) = view.rulebook()?.days_owed(now) else { return Ok(false) };
    let state = view.ledger()?;
    Ok(state.sweep.is_some()
        || state.covered.is_none_or(|covered| covered.last < owed.last)
        || !view.changed(1)?.is_empty()
        || !view.again(now, 1)?.is_empty())
}

/// Looks at everything there is and gives what the ledger should say otherwise; nothing, once it is up to date. Periods
/// that ended before the days that are looked at stay as they were said.
pub fn differences(view: &View<'_>, now: Timestamp) -> Result<Vec<ObligationName>, StoreError> {
    let (rulebook, company, facts) = (view.rulebook()?, view.company()?, IndexedFacts::new(*view));
    let world = World { facts: &facts, company: &company, calendar: rulebook.calendar(), now };
    let mut said: BTreeMap<ObligationName, Obligation> = view
        .all_obligations()?
        .into_iter()
        .map(|stored| (stored.obligation.name(), stored.obligation))
        .collect();
    let mut names: BTreeSet<ObligationName> = said.keys().cloned().collect();
    if let Some(covered) = view.ledger()?.covered {
        for pack in rulebook.packs() {
            names.extend(engine::obligations(world, pack, covered).map(|owed| owed.name()));
        }
    }
    let owed = rulebook.days_owed(now);
    names.retain(|name| match name.subject {
        Subject::Customer(_, period) | Subject::Person(_, period) | Subject::Company(period) => {
            owed.is_some_and(|owed| owed.first <= period.last)
        }
        Subject::Fact(_) => true,
    });
    names.retain(|name| said.remove(name) != becomes(world, &rulebook, name));
    facts.check()?;
    Ok(names.into_iter().collect())
}

/// Brings up to date what waits, at most about so many obligations.
pub(super) fn judge(
    view: &View<'_>,
    writes: &mut Writes,
    now: Timestamp,
    at_most: usize,
) -> Result<(), StoreError> {
    let (rulebook, company) = (view.rulebook()?, view.company()?);
    let Some(owed) = rulebook.days_owed(now) else { return Ok(()) };
    let facts = IndexedFacts::new(*view);
    let world = World { facts: &facts, company: &company, calendar: rulebook.calendar(), now };
    let mut names = BTreeSet::new();
    let before = view.ledger()?;
    for (key, changed) in view.changed(CHANGES)? {
        if names.len() >= at_most {
            break;
        }
        let known = changed.now.iter().filter_map(|id| facts.get(*id));
        for fact in changed.before.iter().chain(known) {
            for name in touched(world, &rulebook, fact) {
                if is_looked_at(view, owed, &name, fact)? {
                    names.insert(name);
                }
            }
        }
        if let (Some(customer), Some(covered)) = (changed.customer, before.covered) {
            let days = Period { first: owed.first.max(covered.first), last: covered.last };
            names.extend(of_customer(view, world, &rulebook, days, customer)?);
        }
        writes.delete(key);
    }
    for id in view.again(now, at_most.saturating_sub(names.len()))? {
        names.extend(view.obligation(id)?.map(|stored| stored.obligation.name()));
    }
    let mut state = before.clone();
    state.cover(owed);
    let mut looked_at = 0;
    while names.len() < at_most
        && looked_at < at_most * LOOKED_AT
        && let Some(sweep) = &mut state.sweep
    {
        let left = at_most - names.len();
        let next = sweep.next(view, world, &rulebook, left)?;
        looked_at += 1 + next.looked_at;
        names.extend(next.names);
        if sweep.is_through() {
            state.sweep = None;
        }
    }
    if state != before {
        writes.put(writes.keys().ledger(), &state);
    }
    let closings = Closings { all: view.closings()?, rulebook: &rulebook };
    for name in names {
        let becomes = becomes(world, &rulebook, &name);
        put(view, writes, world, &closings, &name, becomes)?;
    }
    facts.check()
}

/// What a fact touches under all packs.
fn touched(world: World<'_>, rulebook: &Rulebook, fact: &Fact) -> Vec<ObligationName> {
    let mut names = Vec::new();
    for pack in rulebook.packs() {
        let touched = engine::touched(world, pack, fact);
        names.extend(touched.into_iter().map(|(rule, part, of)| name(pack, rule, part, of)));
    }
    names
}

/// What may have become otherwise of some days with a customer: what is said of it, its quotas, and what its facts touch.
fn of_customer(
    view: &View<'_>,
    world: World<'_>,
    rulebook: &Rulebook,
    days: Period,
    customer: CustomerId,
) -> Result<BTreeSet<ObligationName>, StoreError> {
    // The first instant of a day, wherever days begin first.
    let start = |day| {
        let begins = rulebook.packs().iter().filter_map(|pack| pack.zone.start_of(day));
        begins.min().unwrap_or(Timestamp::from_millis(0))
    };
    let (begin, early) = (start(days.first), start(day_from(days.first, -EARLY_DAYS)));
    let mut names = BTreeSet::new();
    for pack in rulebook.packs() {
        let quotas = engine::quotas_of(world, pack, customer, days);
        names.extend(quotas.into_iter().map(|(rule, part, of)| name(pack, rule, part, of)));
    }
    let from = start(day_from(days.first, -LONGEST_PERIOD));
    let all = |kind: &FactKind| world.facts.between(Of::Customer(customer), *kind, from, Timestamp::MAX);
    for fact in FactKind::ALL.iter().flat_map(all) {
        for name in touched(world, rulebook, fact) {
            let is_looked_at = match name.subject {
                Subject::Fact(id) => {
                    world.facts.get(id).is_some_and(|fact| fact.at >= begin)
                        || view
                            .obligation(name.hash())?
                            .is_some_and(|said| said.obligation.due.is_none_or(|due| due >= early))
                }
                Subject::Customer(_, period) | Subject::Person(_, period) | Subject::Company(period) => {
                    days.first <= period.last && period.first <= days.last
                }
            };
            if is_looked_at {
                names.insert(name);
            }
        }
    }
    let place = |due| view.keys().obligations_from(Listed::Customer(customer), due);
    let said: Vec<(Vec<u8>, Hash)> = view.range(&place(early), &place(Timestamp::MAX.plus_millis(1)))?;
    for (_, id) in said {
        names.extend(view.obligation(id)?.map(|stored| stored.obligation.name()));
    }
    Ok(names)
}

/// Whether an obligation that a fact touches is looked at now: what begins later has its day, and an exception that
/// reaches far back adds nothing to what was said then.
fn is_looked_at(
    view: &View<'_>,
    owed: Period,
    name: &ObligationName,
    fact: &Fact,
) -> Result<bool, StoreError> {
    let (Subject::Customer(_, period) | Subject::Person(_, period) | Subject::Company(period)) = name.subject
    else {
        return Ok(true);
    };
    if fact.kind == FactKind::EXCEPTION && period.last < owed.first {
        return Ok(view.obligation(name.hash())?.is_some());
    }
    Ok(period.first <= owed.last)
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
    closings: &Closings<'_>,
    name: &ObligationName,
    becomes: Option<Obligation>,
) -> Result<(), StoreError> {
    let (keys, id) = (writes.keys(), name.hash());
    let version = view.obligation_version(id)?;
    let before = version.as_ref().map(|version| &version.value);
    let after = becomes.map(|obligation| {
        let customer = name.subject.customer(world.facts);
        let said = before.filter(|before| before.obligation.state == obligation.state);
        let since = said.map_or(world.now, |before| before.since);
        let may_change = obligation.state == Fulfilment::Pending;
        let again = obligation.due.filter(|due| may_change && *due >= world.now);
        StoredObligation { obligation, customer, since, again: again.map(|due| due.plus_millis(1)) }
    });
    if before == after.as_ref() {
        return Ok(());
    }
    closings.restate(writes, version.as_ref(), after.as_ref(), id);
    for place in before.into_iter().flat_map(|before| places(keys, before, id)) {
        writes.delete(place);
    }
    match after {
        Some(after) => {
            for place in places(keys, &after, id) {
                writes.put(place, &id);
            }
            writes.put(keys.obligation(id), &Version { value: after, behind: closings.last() });
        }
        None => writes.delete(keys.obligation(id)),
    }
    Ok(())
}

/// What was closed so far.
struct Closings<'a> {
    all: Vec<Closing>,
    rulebook: &'a Rulebook,
}

impl Closings<'_> {
    fn last(&self) -> ClosingNumber {
        self.all.last().map_or(ClosingNumber::NONE, |closing| closing.number)
    }

    /// Keeps an obligation that becomes another one or goes, and leaves word of that, if it falls due on days that were
    /// closed, or will do so.
    fn restate(
        &self,
        writes: &mut Writes,
        before: Option<&Version<StoredObligation>>,
        after: Option<&StoredObligation>,
        id: Hash,
    ) {
        let keys = writes.keys();
        let owed = [before.map(|before| &before.value), after];
        let dues = owed.map(|owed| owed.map(|owed| owed.obligation.due));
        let holds = |closing: &&Closing| {
            owed.iter().flatten().any(|owed| closing.holds(&owed.obligation, self.rulebook))
        };
        for closing in self.all.iter().filter(holds) {
            match before {
                Some(before) if before.was_there(closing.number) => {
                    let listed = listed(keys, &before.value, id).map(|place| (place, id));
                    writes.keep(before, self.last(), &keys.obligation(id), listed);
                }
                // Word was left when it came to be as it is.
                Some(_) if dues[0] == dues[1] => continue,
                _ => {}
            }
            writes.put(keys.restated(closing.number, id), &id);
        }
    }
}

/// Under what an obligation is found.
fn places(keys: Keys, stored: &StoredObligation, id: Hash) -> impl Iterator<Item = Vec<u8>> {
    listed(keys, stored, id).chain(stored.again.map(|at| keys.again(at, id)))
}

/// Where an obligation stands in lists.
fn listed(keys: Keys, stored: &StoredObligation, id: Hash) -> impl Iterator<Item = Vec<u8>> {
    let obligation = &stored.obligation;
    let due = obligation.due.unwrap_or(Timestamp::MAX);
    let rule = Listed::Rule { pack: &obligation.rule.pack, rule: &obligation.rule.rule };
    let people = obligation.owed_by.iter().map(|person| Listed::Person(*person));
    let anybody = obligation.owed_by.is_empty().then_some(Listed::Anybody);
    let all = std::iter::once(rule).chain(people).chain(anybody).chain(stored.customer.map(Listed::Customer));
    all.map(move |of| keys.obligation_of(of, due, id))
}

/// A part of a sweep.
#[derive(Default)]
struct Next {
    names: Vec<ObligationName>,
    looked_at: usize,
}

impl Sweep {
    /// A sweep over everything there is or should be.
    fn over(left: Period) -> Self {
        Self { left, whole: true, known: false, done: 0, place: None, after: None }
    }

    /// A sweep over days of which nothing is there yet.
    fn over_new(left: Period) -> Self {
        Self { whole: false, known: true, ..Self::over(left) }
    }

    fn is_through(&self) -> bool {
        self.left.first > self.left.last
    }

    /// Names what comes next, at most so many, and moves on behind them.
    fn next(
        &mut self,
        view: &View<'_>,
        world: World<'_>,
        rulebook: &Rulebook,
        at_most: usize,
    ) -> Result<Next, StoreError> {
        if self.known {
            self.next_missing(view, world, rulebook, at_most)
        } else {
            self.next_known(view, rulebook, at_most)
        }
    }

    /// What is in the ledger, rule by rule: some of it may be owed no more.
    fn next_known(
        &mut self,
        view: &View<'_>,
        rulebook: &Rulebook,
        at_most: usize,
    ) -> Result<Next, StoreError> {
        let rules = rulebook.packs().iter().flat_map(|pack| pack.rules.iter().map(move |rule| (pack, rule)));
        let Some((pack, rule)) = rules.into_iter().nth(self.done as usize) else {
            (self.known, self.done) = (true, 0);
            return Ok(Next::default());
        };
        let from =
            pack.zone.start_of(day_from(self.left.first, -EARLY_DAYS)).unwrap_or(Timestamp::from_millis(0));
        let list = Listed::Rule { pack: &pack.id, rule: &rule.id };
        let due = (from, Timestamp::MAX.plus_millis(1));
        let found =
            view.obligations(list, due, self.place.as_ref().map(|place| place.as_slice()), at_most)?;
        match found.last() {
            Some((place, _)) if found.len() == at_most => self.place = Some(place.clone().into()),
            _ => (self.done, self.place) = (self.done + 1, None),
        }
        let names: Vec<_> = found.into_iter().map(|(_, stored)| stored.obligation.name()).collect();
        Ok(Next { looked_at: names.len(), names })
    }

    /// What is not in the ledger, day by day and part by part.
    fn next_missing(
        &mut self,
        view: &View<'_>,
        world: World<'_>,
        rulebook: &Rulebook,
        at_most: usize,
    ) -> Result<Next, StoreError> {
        let day = self.left.first;
        let parts = rulebook.packs().iter().flat_map(|pack| {
            pack.rules
                .iter()
                .flat_map(move |rule| (0..rule.parts().len()).map(move |part| (pack, rule, part)))
        });
        let Some((pack, rule, part)) = parts.into_iter().nth(self.done as usize) else {
            // A day that cannot be followed ends the sweep.
            self.left.first = day.tomorrow().unwrap_or(Date::MAX);
            (self.done, self.after, self.whole) = (0, None, false);
            return Ok(Next::default());
        };
        let subjects = engine::subjects(world, pack, &rule.id, part, Period { first: day, last: day });
        let begins = |subject: &Subject| match subject {
            Subject::Fact(_) => true,
            Subject::Customer(_, period) | Subject::Person(_, period) | Subject::Company(period) => {
                self.whole || period.first == day
            }
        };
        let looked_at = subjects.len();
        let sorted: BTreeSet<Subject> = subjects.into_iter().filter(begins).collect();
        let mut left = sorted.into_iter().filter(|subject| self.after.is_none_or(|after| after < *subject));
        let (mut names, mut last) = (Vec::new(), None);
        for subject in left.by_ref() {
            let name = name(pack, &rule.id, part, subject);
            if view.obligation(name.hash())?.is_none() {
                names.push(name);
            }
            last = Some(subject);
            if names.len() == at_most {
                break;
            }
        }
        match left.next() {
            Some(_) => self.after = last,
            None => (self.done, self.after) = (self.done + 1, None),
        }
        Ok(Next { names, looked_at })
    }
}

impl LedgerState {
    /// Takes in the days that came since the last event.
    fn cover(&mut self, owed: Period) {
        match (&mut self.covered, &mut self.sweep) {
            (None, sweep) => {
                self.covered = Some(owed);
                *sweep = Some(Sweep::over(owed));
            }
            (Some(covered), _) if owed.last <= covered.last => {}
            (Some(covered), Some(sweep)) => (covered.last, sweep.left.last) = (owed.last, owed.last),
            (Some(covered), sweep) => {
                let first = covered.last.tomorrow().unwrap_or(Date::MAX);
                covered.last = owed.last;
                *sweep = Some(Sweep::over_new(Period { first, last: owed.last }));
            }
        }
    }
}

fn name(pack: &Pack, rule: &str, part: usize, subject: Subject) -> ObligationName {
    ObligationName { pack: pack.id.clone(), rule: rule.to_owned(), part, subject }
}

fn day_from(day: Date, days: i64) -> Date {
    day.checked_add(days.days()).unwrap_or(day)
}
