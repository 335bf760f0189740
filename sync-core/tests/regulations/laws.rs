//! Laws of the engine: what a fact touches is all that it changes.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sync_core::{
    calendar::{CN, Calendar},
    rules::{
        Evidence, Fact, FactKind, FactSource, Facts, Flags, Fulfilment, Measured, Obligation, Outcome, Pack,
        Period, Subject, Value,
        engine::{self, World},
        judge, packs,
    },
    time::Timestamp,
};

use crate::case::{cases, everybody, id, instant, shipped};

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

/// A visit that ended, and a submission of its record with evidence.
fn submitted(ended: Timestamp, evidence: &Evidence) -> Facts {
    let fact = |kind, name, at| Fact {
        id: id(name),
        kind,
        at,
        evidence: None,
        customer: None,
        actor: None,
        about: None,
        attributes: Box::default(),
    };
    let mut visit = fact(FactKind::VISIT, "visit", ended);
    visit.attributes = Box::from([(FactKind::VISIT.attribute("ended").unwrap(), Value::Time(ended))]);
    let mut submission = fact(FactKind::SUBMISSION, "submission", evidence.claimed);
    submission.about = Some(visit.id);
    submission.evidence = Some(Box::new(evidence.clone()));
    let mut facts = Facts::default();
    facts.put(visit);
    facts.put(submission);
    facts
}

proptest! {
    #[test]
    fn of_a_submit_the_engine_says_what_the_judge_of_records_says(
        mode in prop::sample::select(&["witnessed", "receipt", "claimed", "review"][..]),
        not_before in -9_i64..9,
        arrives in prop::option::of(0_i64..9),
        measures in prop::option::of((0_i64..5, 0_i64..5)),
        claimed in -12_i64..12,
        flag in prop::option::of(prop::sample::select(&Flags::NAMES[..])),
    ) {
        let (_, text) = packs::ALL.iter().find(|(name, _)| *name == "key_account_outbound").unwrap();
        let pack = Pack::parse(&text.replace("time = \"witnessed\"", &format!("time = \"{mode}\""))).unwrap();
        let ended = instant("2026-03-10 15:00", false).unwrap();
        let deadline = instant("2026-03-13", false).unwrap();
        let hours = |hours: i64| deadline.plus_millis(hours * 3_600_000);
        let evidence = Evidence {
            not_before: hours(not_before),
            anchor: None,
            not_after: arrives.map(|after| hours(not_before + after)),
            measured: measures.map(|(after, long)| Measured {
                earliest: hours(not_before + after),
                latest: hours(not_before + after + long),
            }),
            claimed: hours(claimed),
            flags: flag.map_or(Flags::empty(), |(flag, _)| flag),
        };
        let outcome = judge(&pack.record_rule().unwrap(), deadline, &evidence).outcome;
        let expected = match outcome {
            Outcome::OnTime => Fulfilment::Met,
            Outcome::Late => Fulfilment::Breached,
            _ => Fulfilment::Pending,
        };
        let (company, calendar) = (everybody(), Calendar::from_ics(&CN).unwrap());
        let facts = submitted(ended, &evidence);
        let world = World { facts: &facts, company: &company, calendar: &calendar, now: hours(100) };
        let owed = engine::obligation(world, &pack, "S21-R17", 0, Subject::Fact(id("visit"))).unwrap();
        prop_assert_eq!(owed.due, Some(deadline));
        prop_assert_eq!(owed.state, expected, "{:?}", outcome);
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
        let (begins, ends) = (instant("2025-12-01", false).unwrap(), instant("2026-12-31", true).unwrap());
        // What lies outside the span is no subject of it.
        let known = cases.iter().flat_map(|case| case.facts());
        let known: Vec<Fact> = known.filter(|fact| begins <= fact.at && fact.at <= ends).collect();
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
