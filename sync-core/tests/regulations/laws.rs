//! Laws of the engine: what a fact touches is all that it changes.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sync_core::{
    calendar::{CN, Calendar},
    rules::{
        Fact, FactSource, Facts, Obligation, Pack, Period, Subject,
        engine::{self, World},
    },
};

use crate::case::{cases, everybody, instant, shipped};

/// Obligations by what they are about.
type Owed = BTreeMap<(String, usize, Subject), Obligation>;

fn all(world: World<'_>, pack: &Pack, span: Period) -> Owed {
    let all = engine::obligations(world, pack, span);
    all.map(|owed| ((owed.rule.rule.clone(), owed.part, owed.subject), owed)).collect()
}

/// Looks again at what a fact touches, and at nothing else.
fn look_again(owed: &mut Owed, world: World<'_>, pack: &Pack, touched: Vec<(&str, usize, Subject)>) {
    for (rule, part, subject) in touched {
        let key = (rule.to_owned(), part, subject);
        match engine::obligation(world, pack, rule, part, subject) {
            Some(now) => owed.insert(key, now),
            None => owed.remove(&key),
        };
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn looking_again_at_what_a_fact_touches_gives_what_looking_at_everything_gives(
        picks in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 1..40),
        which in any::<prop::sample::Index>(),
    ) {
        let cases = cases();
        let known: Vec<Fact> = cases.iter().flat_map(|case| case.facts()).collect();
        let pack = which.get(shipped());
        let company = everybody();
        let calendar = Calendar::from_ics(&CN).unwrap();
        let day = |text: &str| text.parse().unwrap();
        let span = Period { first: day("2025-12-01"), last: day("2026-12-31") };
        let now = instant("2026-07-01", true).unwrap();
        let mut facts = Facts::default();
        let world = World { facts: &facts, company: &company, calendar: &calendar, now };
        let mut owed = all(world, pack, span);
        for (pick, goes) in picks {
            let fact = pick.get(&known);
            let before = facts.clone();
            let world = World { facts: &before, company: &company, calendar: &calendar, now };
            let mut touched = FactSource::get(&before, fact.id).map(|old| engine::touched(world, pack, old)).unwrap_or_default();
            if goes { facts.remove(fact.id); } else { facts.put(fact.clone()); }
            let world = World { facts: &facts, company: &company, calendar: &calendar, now };
            touched.extend(engine::touched(world, pack, fact));
            look_again(&mut owed, world, pack, touched);
            let whole = all(world, pack, span);
            prop_assert_eq!(&owed, &whole, "after {:?}", fact);
        }
    }
}
