//! The engine against a slow computation: over made-up quarters and years of whole companies both say the same.

mod days;
mod diary;
mod dice;
mod key_accounts;
mod northwind;
mod paper;
mod property;
mod receptions;
mod slow;

use std::collections::BTreeMap;

use jiff::civil::date;
use sync_core::{
    calendar::{CN, Calendar},
    rules::{
        Company, Fact, FactKind, Facts, Obligation, Pack, Part, Period, Rule, RuleState, Subject,
        engine::{self, World},
    },
};

use self::{
    days::{DAY_MS, midnight},
    diary::Diary,
    dice::Dice,
    key_accounts::Quarter,
    northwind::Northwind,
    property::Year,
    slow::{Ledger, State, Then},
};
use crate::case::shipped;

const SEEDS: u64 = 20;

/// A made-up world until its present.
struct Made {
    facts: Vec<Fact>,
    company: Company,
    then: Period,
    now: sync_core::time::Timestamp,
}

impl Made {
    fn quarter(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let firsts = [date(2026, 1, 1), date(2025, 10, 1), date(2026, 4, 1), date(2026, 7, 1)];
        let first = firsts[usize::try_from(seed % 4).unwrap()];
        let then = days::quarters(Period { first, last: first })[0];
        // In the middle of it, or some time after it.
        let now = midnight(first).plus_millis(dice.between(40 * DAY_MS, 110 * DAY_MS));
        let northwind = Northwind::new(&mut dice, then);
        let mut diary = Diary::until(now);
        let mut quarter = Quarter { dice: &mut dice, diary: &mut diary, company: &northwind, days: then };
        quarter.happen();
        quarter.paper();
        Self { facts: diary.facts, company: northwind.company, then, now }
    }

    fn property(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let then = Period { first: date(2025, 1, 1), last: date(2025, 12, 31) };
        let now = midnight(then.first).plus_millis(dice.between(200 * DAY_MS, 420 * DAY_MS));
        let company = property::company(&mut dice, then);
        let mut diary = Diary::until(now);
        Year { dice: &mut dice, diary: &mut diary, days: then }.happen();
        Self { facts: diary.facts, company, then, now }
    }

    fn receptions(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let then = Period { first: date(2026, 1, 26), last: date(2026, 3, 8) };
        let now = midnight(then.first).plus_millis(dice.between(20 * DAY_MS, 60 * DAY_MS));
        let mut diary = Diary::until(now);
        receptions::happen(&mut dice, &mut diary, then);
        Self { facts: diary.facts, company: receptions::company(), then, now }
    }

    fn slowly(&self) -> Then<'_> {
        Then::new(&self.facts, &self.company, self.now, self.then)
    }

    /// Compares what the engine says under a pack with what the slow computation says, rule by rule.
    fn compare(&self, seed: u64, pack: &Pack, is_meant: impl Fn(&Rule) -> bool, slow: Ledger) -> Tally {
        let mut facts = Facts::default();
        for fact in &self.facts {
            facts.put(fact.clone());
        }
        let calendar = Calendar::from_ics(&CN).unwrap();
        let world = World { facts: &facts, company: &self.company, calendar: &calendar, now: self.now };
        let mut engine = Ledger::default();
        for owed in engine::obligations(world, pack, self.then) {
            let rule = pack.rule(&owed.rule.rule).unwrap();
            if is_meant(rule) {
                let said = (State::from(&owed.state), count(rule, &owed));
                engine.0.entry((owed.rule.rule, owed.subject)).or_default().push(said);
            }
        }
        engine.0.values_mut().for_each(|said| said.sort());
        let mut tally = Tally::default();
        let mut differences: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let keys: std::collections::BTreeSet<_> = engine.0.keys().chain(slow.0.keys()).collect();
        for key in keys {
            let (said, wanted) = (engine.0.get(key), slow.0.get(key));
            if said != wanted {
                let what = format!("{key:?}: the engine says {said:?}, slowly it is {wanted:?}");
                differences.entry(&key.0).or_default().push(what);
            }
            for (state, _) in wanted.into_iter().flatten() {
                *tally.0.entry(key.0.clone()).or_default().entry(*state).or_default() += 1;
            }
        }
        let shown: Vec<_> = differences.values().flat_map(|of_rule| of_rule.iter().take(3)).collect();
        let times: Vec<_> = differences.iter().map(|(rule, of_rule)| (rule, of_rule.len())).collect();
        assert!(differences.is_empty(), "seed {seed}: {times:?}: {shown:#?}");
        tally
    }
}

/// How often which state was said of each rule.
#[derive(Default)]
struct Tally(BTreeMap<String, BTreeMap<State, usize>>);

impl Tally {
    fn add(&mut self, other: Self) {
        for (rule, states) in other.0 {
            for (state, times) in states {
                *self.0.entry(rule.clone()).or_default().entry(state).or_default() += times;
            }
        }
    }

    /// Every one of these rules was met somewhere, and breached somewhere unless it has no deadline.
    fn cover<'r>(&self, rules: impl Iterator<Item = &'r Rule>) {
        for rule in rules {
            let times =
                |state| self.0.get(&rule.id).and_then(|states| states.get(&state)).copied().unwrap_or(0);
            assert!(times(State::Met) > 0, "{} was never met", rule.id);
            assert!(times(State::Breached) > 0, "{} was never breached", rule.id);
        }
    }
}

/// How many there were, of what a rule counts.
fn count(rule: &Rule, owed: &Obligation) -> Option<u32> {
    let counts = match rule.parts().get(owed.part) {
        Some(Part::Quota(_)) => true,
        Some(Part::Anchored(_)) => matches!(owed.subject, Subject::Company(_)),
        _ => false,
    };
    (counts && State::from(&owed.state) != State::Unknowable).then_some(owed.done.0)
}

fn pack(id: &str) -> &'static Pack {
    shipped().iter().find(|pack| pack.id == id).unwrap()
}

/// The rules of a regulation that say something of facts; access is asked for by itself.
fn judged(rule: &Rule, regulation: &str) -> bool {
    matches!(rule.state, RuleState::Active(_))
        && rule.id.starts_with(regulation)
        && !rule.parts().iter().all(|part| matches!(part, Part::Access(_) | Part::Score(_)))
}

/// S21 and the grades of S43.
fn is_of_key_accounts(rule: &Rule) -> bool {
    judged(rule, "S21-") || ["S43-R6", "S43-R7", "S43-R8", "S43-R9"].contains(&&*rule.id)
}

#[test]
fn of_whole_quarters_the_engine_says_what_the_key_account_regulation_says() {
    let pack = pack("key_account_outbound");
    let mut tally = Tally::default();
    for seed in 0..SEEDS {
        let made = Made::quarter(seed);
        tally.add(made.compare(seed, pack, is_of_key_accounts, slow::key_accounts(&made.slowly())));
    }
    tally.cover(pack.rules.iter().filter(|rule| is_of_key_accounts(rule)));
}

#[test]
fn nobody_sees_a_spot_check_whom_the_regulation_keeps_it_from() {
    let pack = pack("key_account_outbound");
    let (mut seen, mut kept) = (0, 0);
    for seed in 0..4 {
        let made = Made::quarter(seed);
        let then = made.slowly();
        for check in made.facts.iter().filter(|fact| fact.kind == FactKind::SPOT_CHECK) {
            for viewer in made.company.people().keys() {
                let may = engine::may_see(pack, check, *viewer, &made.company);
                assert_eq!(may, slow::may_see_spot_check(&then, check, *viewer), "seed {seed}: {check:?}");
                if may { seen += 1 } else { kept += 1 }
            }
        }
    }
    assert!(seen > 0 && kept > 0);
}

#[test]
fn of_whole_years_the_engine_says_what_the_return_visit_regulation_says() {
    let pack = pack("property_return_visit_a");
    let mut tally = Tally::default();
    for seed in 0..SEEDS {
        let made = Made::property(seed);
        let is_meant = |rule: &Rule| judged(rule, "S09-");
        tally.add(made.compare(seed, pack, is_meant, slow::property_a(&made.slowly())));
    }
    tally.cover(pack.rules.iter().filter(|rule| judged(rule, "S09-")));
}

#[test]
fn of_whole_years_the_engine_says_what_the_property_regulation_says() {
    let pack = pack("property_return_visit_b");
    let mut tally = Tally::default();
    for seed in 0..SEEDS {
        let made = Made::property(seed);
        let is_meant = |rule: &Rule| judged(rule, "S18-");
        tally.add(made.compare(seed, pack, is_meant, slow::property_b(&made.slowly())));
    }
    tally.cover(pack.rules.iter().filter(|rule| judged(rule, "S18-")));
}

#[test]
fn around_the_spring_festival_the_engine_says_what_the_reception_regulation_says() {
    let rules = ["S22-R3", "S22-R6", "S22-R7", "S22-R10", "S22-R11", "S22-R20", "S22-R21"];
    let pack = pack("inbound_reception");
    let mut tally = Tally::default();
    for seed in 0..SEEDS {
        let made = Made::receptions(seed);
        let is_meant = |rule: &Rule| rules.contains(&&*rule.id);
        tally.add(made.compare(seed, pack, is_meant, slow::receptions(&made.slowly())));
    }
    tally.cover(pack.rules.iter().filter(|rule| rules.contains(&&*rule.id)));
}

#[test]
fn the_spring_festival_is_off_and_two_saturdays_make_up_for_it() {
    let is_worked = slow::working_days();
    let worked: Vec<_> = (9..=28).filter(|day| is_worked(date(2026, 2, *day))).collect();
    assert_eq!(worked, [9, 10, 11, 12, 13, 14, 24, 25, 26, 27, 28]);
}
