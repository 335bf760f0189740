//! Laws of the engine: what a fact touches is all that it changes.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sync_core::{
    calendar::{CN, Calendar},
    document::{DocumentKind, FieldValue, envelope, new_id},
    hash::Hash,
    id::DocumentId,
    rules::{
        Evidence, Fact, FactKind, FactSource, Facts, Flags, Fulfilment, Measured, Obligation, Outcome, Pack,
        Period, Recorded, Subject, Value, Zone,
        engine::{self, World},
        fact_of, facts_of, judge, packs,
    },
    time::Timestamp,
};

use crate::case::{Case, cases, everybody, id, instant, shipped, user};

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

/// Facts with exceptions from what is owed on all of them; in front are the exceptions and what they are about, and how
/// many these are.
fn with_exceptions(
    mut known: Vec<Fact>,
    world: World<'_>,
    pack: &Pack,
    span: Period,
    ruled: &[(prop::sample::Index, [u8; 4])],
) -> (Vec<Fact>, usize) {
    let mut facts = Facts::default();
    for fact in &known {
        facts.put(fact.clone());
    }
    let owed: Vec<Obligation> = engine::obligations(World { facts: &facts, ..world }, pack, span).collect();
    let documents: BTreeMap<_, _> =
        cases().iter().flat_map(Case::documents).map(|document| (fact_of(document), document)).collect();
    let mut front = Vec::new();
    for (number, (which, dice)) in ruled.iter().filter(|_| !owed.is_empty()).enumerate() {
        let owed = which.get(&owed);
        front.push(exception(number, owed, &facts, &documents, *dice));
        if let Subject::Fact(id) = owed.subject {
            front.extend(facts.get(id).cloned());
        }
    }
    let in_front = front.len();
    known.splice(0..0, front);
    (known, in_front)
}

/// An exception from an obligation, or from several of its series, read as from its document.
fn exception(
    number: usize,
    owed: &Obligation,
    facts: &Facts,
    documents: &BTreeMap<Hash, DocumentId>,
    [by, what, from, until]: [u8; 4],
) -> Fact {
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let text = |text: &str| FieldValue::Text(text.to_owned());
    let mut fields = vec![
        (
            envelope::AT,
            FieldValue::Time(instant("2026-06-01", false).unwrap().plus_millis(i64::from(what % 3))),
        ),
        ("pack", text(&owed.rule.pack)),
        ("rule", text(&owed.rule.rule)),
        ("part", FieldValue::Count(owed.part as i64)),
        ("reason", text("illness")),
    ];
    match what % 4 {
        0 => fields.push(("withdrawn", FieldValue::Flag(true))),
        1 => fields.push(("required", FieldValue::Count(i64::from(what / 4 % 4)))),
        _ => {}
    }
    let (on, begins) = match owed.subject {
        Subject::Fact(id) => {
            let fact = facts.get(id).unwrap();
            let derived = matches!(fact.kind, FactKind::TRIP_DAY | FactKind::SUBMISSION);
            let of = fact.about.filter(|_| derived).unwrap_or(id);
            (documents.get(&of).map(|on| (envelope::ABOUT, *on.as_bytes())), fact.at)
        }
        Subject::Customer(customer, period) => {
            (Some((envelope::CUSTOMER, *customer.as_bytes())), zone.start_of(period.first).unwrap())
        }
        Subject::Person(person, period) => {
            (Some(("person", *person.as_bytes())), zone.start_of(period.first).unwrap())
        }
        Subject::Company(period) => (None, zone.start_of(period.first).unwrap()),
    };
    fields.extend(on.map(|(name, id)| (name, FieldValue::Id(id))));
    let days = |days: u8| i64::from(days % 32) * 86_400_000;
    fields.push(("from", FieldValue::Time(begins.plus_millis(-days(from)))));
    fields.push(("until", FieldValue::Time(begins.plus_millis(days(until)))));
    let recorded = Recorded {
        document: new_id(DocumentKind::Exception, [number as u8; 15]),
        owner: user(["rep", "boss", "chief"][usize::from(by % 3)]),
        created: begins,
        evidence: None,
        values: &fields.into_iter().collect(),
        official: None,
        status: None,
        zone: &zone,
    };
    facts_of(&recorded).remove(0)
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
        let text = packs::named("key_account_outbound").unwrap();
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
        ruled in prop::collection::vec((any::<prop::sample::Index>(), any::<[u8; 4]>()), 0..24),
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
        let nothing = Facts::default();
        let world = World { facts: &nothing, company: &company, calendar: &calendar, now };
        let (known, in_front) = with_exceptions(known, world, pack, span, &ruled);
        let mut facts = Facts::default();
        let world = World { facts: &facts, company: &company, calendar: &calendar, now };
        let mut owed = all(world, pack, span);
        for (pick, goes) in picks {
            // Exceptions and what they are about are few among so many facts: they have half of the picks.
            let fact = match pick.index(known.len() * 2).checked_sub(known.len()) {
                Some(place) if in_front > 0 => &known[place % in_front],
                place => &known[place.unwrap_or_else(|| pick.index(known.len()))],
            };
            let before = facts.clone();
            let world = World { facts: &before, company: &company, calendar: &calendar, now };
            let mut touched = FactSource::get(&before, fact.id).map(|old| engine::touched(world, pack, old)).unwrap_or_default();
            if goes { facts.remove(fact.id); } else { facts.put(fact.clone()); }
            let world = World { facts: &facts, company: &company, calendar: &calendar, now };
            touched.extend(engine::touched(world, pack, fact));
            // An exception may reach beyond the days that are looked at.
            touched.retain(|(_, _, subject)| match subject {
                Subject::Fact(_) => true,
                Subject::Customer(_, period) | Subject::Person(_, period) | Subject::Company(period) => {
                    period.first <= span.last && span.first <= period.last
                }
            });
            look_again(&mut owed, world, pack, touched);
            let whole = all(world, pack, span);
            prop_assert_eq!(&owed, &whole, "after {:?}", fact);
        }
    }
}
