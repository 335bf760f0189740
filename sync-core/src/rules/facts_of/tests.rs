//! What documents are read as.

use std::collections::BTreeSet;

use crate::{
    document::{DocumentKind, FieldValue, Heads, Values, envelope, field, new_id},
    hash::Hash,
    id::{CustomerId, DeviceId, DocumentId, UserId},
    record::{Phase, RecordStatus, Standing, SubmitStatus},
    rules::{
        Fact, FactKind, Recorded, Value, Verdict, Zone, fact_of, facts_of,
        tests::{at, between, ms},
    },
    time::Timestamp,
};

const OWNER: UserId = UserId::from_bytes([5; 16]);

fn values<const N: usize>(fields: [(&'static str, FieldValue); N]) -> Values {
    fields.into_iter().collect()
}

fn words(words: &[&str]) -> FieldValue {
    FieldValue::Words(words.iter().map(|word| (*word).to_owned()).collect())
}

fn read(document: DocumentId, values: &Values) -> Vec<Fact> {
    let zone = Zone::named("Asia/Shanghai").unwrap();
    facts_of(&Recorded {
        document,
        owner: OWNER,
        created: ms(7),
        evidence: None,
        values,
        official: None,
        status: None,
        zone: &zone,
    })
}

fn get<'a>(fact: &'a Fact, name: &str) -> Option<&'a Value> {
    fact.get(fact.kind.attribute(name).unwrap())
}

#[test]
fn every_field_of_every_kind_is_an_attribute_of_its_fact() {
    for kind in DocumentKind::ALL {
        let fact = FactKind::of(*kind);
        assert_eq!((fact.name(), fact.document()), (kind.name(), Some(*kind)));
        assert_eq!(FactKind::named(kind.name()), Some(fact));
        for field in kind.schema().fields {
            let outside = ["customer", "about", "at", "note"].contains(&field.name);
            assert_eq!(fact.attribute(field.name).is_none(), outside, "{} {}", kind.name(), field.name);
        }
    }
}

#[test]
fn a_document_is_one_fact_with_its_fields_as_attributes() {
    let (complaint, answer) =
        (new_id(DocumentKind::Complaint, [1; 15]), new_id(DocumentKind::Answer, [2; 15]));
    let values = values([
        (envelope::CUSTOMER, FieldValue::Id([3; 16])),
        (envelope::ABOUT, FieldValue::Id(*complaint.as_bytes())),
        (envelope::AT, FieldValue::Time(ms(99))),
        (envelope::NOTE, FieldValue::Text("called twice".to_owned())),
        ("result", FieldValue::Text("remedied".to_owned())),
    ]);
    let facts = read(answer, &values);
    let [fact] = &facts[..] else { panic!("{facts:?}") };
    assert_eq!((fact.id, fact.kind, fact.at), (fact_of(answer), FactKind::ANSWER, ms(99)));
    assert_eq!(fact.customer, Some(CustomerId::from_bytes([3; 16])));
    assert_eq!(fact.actor, Some(OWNER));
    assert_eq!(fact.about, Some(fact_of(complaint)));
    assert_eq!(
        &*fact.attributes,
        &[(FactKind::ANSWER.attribute("result").unwrap(), Value::Text("remedied".into()))]
    );
}

#[test]
fn what_does_not_say_when_it_happened_happened_when_it_was_entered() {
    let facts = read(new_id(DocumentKind::Repair, [1; 15]), &Values::default());
    assert_eq!(facts[0].at, ms(7));
}

#[test]
fn a_visit_happened_when_it_began_else_when_it_ended_else_when_it_was_planned() {
    let time = |millis| FieldValue::Time(ms(millis));
    let started = |millis| (field::STARTED, time(millis));
    let all = [(field::PLANNED, time(10)), (field::ENDED, time(30)), started(20), started(40)];
    // A beginning behind the end is none.
    for (count, expected) in [(0, 7), (1, 10), (2, 30), (3, 20), (4, 30)] {
        let values: Values = all[..count].iter().cloned().collect();
        let visit = &read(new_id(DocumentKind::Visit, [1; 15]), &values)[0];
        assert_eq!(visit.at, ms(expected), "{values:?}");
        assert_eq!(get(visit, "counts"), Some(&Value::Flag(true)));
    }
}

#[test]
fn all_who_were_met_on_a_visit_are_its_levels() {
    let one = values([(field::COUNTERPART_LEVEL, FieldValue::Text("handling_lead".to_owned()))]);
    let several = values([
        (field::COUNTERPART_LEVEL, FieldValue::Text("handling_lead".to_owned())),
        (field::LEVEL, words(&["handling_contact", "handling_lead"])),
    ]);
    for (values, expected) in
        [(one, &["handling_lead"][..]), (several, &["handling_contact", "handling_lead"])]
    {
        let visit = &read(new_id(DocumentKind::Visit, [1; 15]), &values)[0];
        let expected = expected.iter().map(|word| (*word).into()).collect();
        assert_eq!(get(visit, "level"), Some(&Value::Words(expected)));
    }
}

#[test]
fn a_form_that_was_not_handed_in_is_no_fact() {
    let values = values([("name", FieldValue::Text("weekly_visit_plan".to_owned()))]);
    assert_eq!(read(new_id(DocumentKind::Form, [1; 15]), &values), []);
}

#[test]
fn a_trip_has_a_fact_for_each_day_from_departure_to_return() {
    let [departs, returns] = ["2026-03-09T08:00:00+08:00", "2026-03-11T01:00:00+08:00"].map(at);
    let trip = new_id(DocumentKind::Trip, [1; 15]);
    let facts = read(
        trip,
        &values([(envelope::AT, FieldValue::Time(departs)), ("until", FieldValue::Time(returns))]),
    );
    assert_eq!(facts[0].kind, FactKind::TRIP);
    let days: Vec<Timestamp> = facts[1..].iter().map(|day| day.at).collect();
    assert_eq!(days, [departs, at("2026-03-10T00:00:00+08:00"), at("2026-03-11T00:00:00+08:00")]);
    let ids: BTreeSet<Hash> = facts.iter().map(|fact| fact.id).collect();
    assert_eq!(ids.len(), 4);
    for day in &facts[1..] {
        assert_eq!((day.kind, day.about, day.actor), (FactKind::TRIP_DAY, Some(fact_of(trip)), Some(OWNER)));
    }
}

#[test]
fn a_trip_without_end_is_bounded() {
    let until = FieldValue::Time(Timestamp::MAX);
    assert_eq!(read(new_id(DocumentKind::Trip, [1; 15]), &values([("until", until)])).len(), 1 + 366);
}

#[test]
fn the_best_instant_is_the_measured_one_and_else_the_claim_held_inside_its_bounds() {
    let evidence = between(ms(10), ms(20));
    for (claimed, best) in [(5, 10), (15, 15), (25, 20)] {
        assert_eq!(crate::rules::Evidence { claimed: ms(claimed), ..evidence.clone() }.best(), ms(best));
    }
    assert_eq!(crate::rules::tests::measured(evidence, ms(12), ms(13)).best(), ms(13));
}

#[test]
fn a_form_counts_as_it_was_when_it_was_last_handed_in_and_not_when_that_was_repeated() {
    let document = new_id(DocumentKind::Form, [1; 15]);
    let submit = |entry: u8, heads: u8, arrived: i64| SubmitStatus {
        entry: Hash::from_bytes([entry; 32]),
        by: OWNER,
        device: DeviceId::from_bytes([1; 16]),
        arrived: ms(arrived),
        verdict: Verdict::of_no_rule(between(ms(arrived - 10), ms(arrived))),
        standing: Standing::Official,
        heads: Heads::new([Hash::from_bytes([heads; 32])]),
        reason: None,
        decisions: Vec::new(),
    };
    let status = RecordStatus {
        document,
        ended: None,
        deadline: None,
        phase: Phase::Submitted,
        seals: Vec::new(),
        submits: vec![submit(1, 1, 100), submit(2, 2, 200), submit(3, 2, 300)],
        origin: None,
    };
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let [now, then] = ["written over later", "as handed in"]
        .map(|name| values([("name", FieldValue::Text(name.to_owned()))]));
    let facts = facts_of(&Recorded {
        document,
        owner: OWNER,
        created: ms(7),
        evidence: None,
        values: &now,
        official: Some(&then),
        status: Some(&status),
        zone: &zone,
    });
    let [form] = &facts[..] else { panic!("{facts:?}") };
    assert_eq!((form.kind, form.at), (FactKind::FORM, ms(190)));
    assert_eq!(form.evidence.as_deref(), Some(&between(ms(190), ms(200))));
    assert_eq!(get(form, "name"), Some(&Value::Text("as handed in".into())));
}
