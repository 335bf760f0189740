//! What is owed: the engine over the phone's own facts, with and without the server's word.

use sync_core::{
    protocol::FeedItem,
    record::{self, Standing},
    rules::{Basis, FactSource as _, Facts, fact_of},
};

use crate::{
    Customer, DocumentKind, FieldValue, Fulfilment, Owed, OwedFilter, PassedOver, QuotaCount, RecordStatus,
    Subject, Timestamp, VerdictOutcome, envelope, field, store,
    tests::{
        fake_server::FakeServer,
        phone::{HOUR, Phone, TUESDAY_16},
        status,
    },
};

const CALLS: &str = "S21-R1";
const RECORD: &str = "S21-R17";
const PLAN: &str = "S21-R19";

fn owed(phone: &Phone, rule: &str, filter: OwedFilter) -> Vec<Owed> {
    let mut owed = phone.book.obligations(filter).unwrap();
    owed.retain(|owed| owed.rule.rule == rule && owed.rule.pack == "key_account_outbound");
    owed
}

fn calls(phone: &Phone) -> QuotaCount {
    let mut counts = phone.book.quotas().unwrap();
    counts.retain(|count| count.rule.rule == CALLS);
    assert_eq!(counts.len(), 1, "one customer, one week that runs");
    counts.remove(0)
}

/// The plan for the week from Monday the 9th of March, in Shanghai.
fn plan(phone: &Phone) -> crate::DocumentId {
    let monday = TUESDAY_16.plus_millis((5 * 24 + 8) * HOUR);
    phone
        .book
        .write(DocumentKind::Form, |draft| {
            draft.text("name", "weekly_visit_plan").time("from", monday);
        })
        .unwrap()
}

fn owed_plan(phone: &Phone) -> Owed {
    let next = |owed: &Owed| matches!(owed.subject, Subject::Person(_, week) if week.first.to_string() == "2026-03-09");
    owed(phone, PLAN, OwedFilter::All).into_iter().find(next).unwrap()
}

#[tokio::test]
async fn a_call_counts_for_the_quota_of_its_customer_at_once_and_without_a_network() {
    let phone = Phone::of_specialist(&FakeServer::new()).await;
    phone.server.set_offline(true);
    let before = calls(&phone);
    assert_eq!((before.done, before.asked, before.met), (0, 2, false));
    assert_eq!(before.customer_name.as_deref(), Some("光谷食品 100%"));
    assert_eq!(before.until, TUESDAY_16.plus_millis((5 * 24 + 8) * HOUR), "Sunday 24:00");
    phone.called();
    assert_eq!((calls(&phone).done, calls(&phone).met), (1, false));
    phone.called();
    assert_eq!((calls(&phone).done, calls(&phone).met), (2, true));
    let found = owed(&phone, CALLS, OwedFilter::Customer(phone.customer().id));
    let this_week = found.iter().find(|owed| owed.obligation == before.obligation).unwrap();
    assert_eq!((this_week.state.clone(), this_week.waits_here), (Fulfilment::Met, true));
}

#[tokio::test]
async fn what_does_not_count_is_told_with_why() {
    let phone = Phone::of_specialist(&FakeServer::new()).await;
    let counted = phone.called();
    let business = phone.called();
    phone.write(business, field::CLASS, "business_contact");
    let obligation = calls(&phone).obligation;
    let all = owed(&phone, CALLS, OwedFilter::All);
    let owed = all.iter().find(|owed| owed.obligation == obligation).unwrap();
    assert_eq!(
        owed.counted.iter().map(|seen| (seen.document, seen.kind)).collect::<Vec<_>>(),
        [(counted, "visit")]
    );
    let passed: Vec<_> = owed.passed_over.iter().map(|(seen, why)| (seen.document, *why)).collect();
    assert_eq!(passed, [(business, PassedOver::Other)]);
    assert!(owed.says.contains("每周电话联系不少于两次"));
}

#[tokio::test]
async fn a_form_that_waits_here_counts_as_it_would_if_it_arrived_now() {
    let phone = Phone::of_specialist(&FakeServer::new()).await;
    phone.server.set_offline(true);
    let opens = TUESDAY_16.plus_millis((3 * 24 + 8) * HOUR);
    let due = opens.plus_millis(48 * HOUR);
    let before = owed_plan(&phone);
    assert_eq!((before.opens, before.due, before.state), (Some(opens), Some(due), Fulfilment::Pending));
    phone.pass(4 * 24 * HOUR);
    let form = plan(&phone);
    assert_eq!(owed_plan(&phone).state, Fulfilment::Pending, "a form that is not handed in is nothing yet");
    phone.book.hand_in(form).unwrap();
    let owed = owed_plan(&phone);
    assert_eq!((owed.state, owed.waits_here, owed.counted[0].document), (Fulfilment::Met, true, form));
    phone.pass(48 * HOUR);
    assert_eq!(owed_plan(&phone).state, Fulfilment::Met, "the boot clock measured that it was in time");
}

#[tokio::test]
async fn after_a_restart_without_a_network_nobody_can_say_whether_a_form_was_in_time() {
    let phone = Phone::of_specialist(&FakeServer::new()).await;
    phone.server.set_offline(true);
    phone.pass(4 * 24 * HOUR);
    phone.restart();
    let form = plan(&phone);
    phone.book.hand_in(form).unwrap();
    assert_eq!(owed_plan(&phone).state, Fulfilment::Met, "if it arrived now it would be");
    phone.pass(48 * HOUR);
    let owed = owed_plan(&phone);
    assert_eq!((owed.state, owed.passed_over[0].1), (Fulfilment::Pending, PassedOver::TimeUnknown));
}

#[tokio::test]
async fn a_record_is_owed_until_it_is_submitted_and_the_servers_word_holds_when_it_comes() {
    let phone = Phone::of_specialist(&FakeServer::new()).await;
    let visit = phone.visited();
    let record = |filter| owed(&phone, RECORD, filter);
    let due = TUESDAY_16.plus_millis(56 * HOUR);
    let open = record(OwedFilter::Open).remove(0);
    assert_eq!((open.document, open.due, open.state), (Some(visit), Some(due), Fulfilment::Pending));
    phone.pass(60 * HOUR);
    let late = record(OwedFilter::Open).remove(0);
    assert_eq!((late.state, late.overdue), (Fulfilment::Breached, true), "it still has to be submitted");
    let entry = phone.book.submit(visit, None).unwrap().entry;
    assert!(record(OwedFilter::Open).is_empty());
    let held = record(OwedFilter::All).remove(0);
    assert_eq!((held.state, held.passed_over[0].1), (Fulfilment::Breached, PassedOver::TooLate));
    let mut submit = status::submit(entry, Standing::Candidate);
    submit.verdict.outcome = VerdictOutcome::OnTime;
    (submit.verdict.basis, submit.arrived) = (Basis::Proven, due);
    let phase = record::Phase::Submitted;
    phone.server.answer_with(RecordStatus { phase, submits: vec![submit], ..status::draft(visit) });
    phone.book.sync().await.unwrap();
    let met = record(OwedFilter::All).remove(0);
    assert_eq!((met.state, met.waits_here), (Fulfilment::Met, false));
    assert_eq!(
        met.counted.iter().map(|seen| (seen.document, seen.kind)).collect::<Vec<_>>(),
        [(visit, "submission")]
    );
}

#[tokio::test]
async fn what_is_overdue_comes_first_and_what_was_done_last() {
    let phone = Phone::of_specialist(&FakeServer::new()).await;
    phone.visited();
    phone.called();
    phone.called();
    phone.pass(24 * HOUR);
    let owed = phone.book.obligations(OwedFilter::All).unwrap();
    let class = |owed: &Owed| match owed.due {
        _ if owed.state == Fulfilment::Met => 3,
        Some(_) if owed.overdue => 0,
        Some(_) => 1,
        None => 2,
    };
    assert!(owed.is_sorted_by_key(|owed| (class(owed), owed.due.unwrap_or(Timestamp::MAX))));
    let classes: std::collections::BTreeSet<_> = owed.iter().map(class).collect();
    assert!(classes.contains(&0) && classes.contains(&1) && classes.contains(&3));
    assert!(owed.iter().all(|owed| owed.overdue <= (owed.state != Fulfilment::Met)));
}

#[tokio::test]
async fn a_customer_of_another_rep_is_not_mine_to_visit() {
    let phone = Phone::of_specialist(&FakeServer::new()).await;
    let other = Some(crate::UserId::from_bytes([4; 16]));
    let customer = Customer { id: crate::CustomerId::from_bytes([6; 16]), owner: other, ..phone.customer() };
    phone.server.push(FeedItem::Customer(customer.clone()));
    phone.book.sync().await.unwrap();
    assert!(phone.book.obligations(OwedFilter::Customer(customer.id)).unwrap().is_empty());
    assert!(phone.book.quotas().unwrap().iter().all(|count| count.customer != customer.id));
}

#[tokio::test]
async fn kept_facts_are_those_of_the_documents_after_edits_syncs_refusals_and_a_new_reading() {
    let phone = Phone::of_specialist(&FakeServer::new()).await;
    let visit = phone.visited();
    let refused = phone.called();
    phone.server.refuse_text("汉口", crate::RefusalCode::DryRunFailed);
    phone.write(refused, field::PLACE, "汉口");
    phone.book.sync().await.unwrap();
    phone.write(visit, field::THEME, "续约");
    let kept = |phone: &Phone| {
        let mut facts = phone.book.read(store::facts).unwrap();
        facts.sort_by_key(|(document, fact)| (*document, fact.id));
        facts
    };
    let before = kept(&phone);
    let mut facts = Facts::default();
    before.iter().cloned().for_each(|(_, fact)| drop(facts.put(fact)));
    let says = |id, name| {
        let fact = facts.get(fact_of(id)).unwrap();
        fact.get(fact.kind.attribute(name).unwrap()).cloned()
    };
    assert_eq!(says(visit, field::THEME), Some(sync_core::rules::Value::Text("续约".into())));
    assert_eq!(says(refused, field::PLACE), None, "what was refused is no fact");
    phone
        .book
        .transact(|db| {
            store::set_facts_reading(db, crate::Hash::ZERO)?;
            store::forget_facts(db, visit)
        })
        .unwrap();
    assert_ne!(kept(&phone), before);
    assert_eq!(kept(&phone.killed()), before);
}

#[tokio::test]
async fn the_days_of_a_trip_begin_where_the_company_is_and_follow_its_rules() {
    let server = FakeServer::new();
    let phone = Phone::ready(&server).await;
    let toml = r#"id = "trips"
version = 1
document_number = "T"
effective_from = 2023-01-01
owner = "O"
zone = "Asia/Shanghai"
calendar = "cn"

[[rule]]
id = "T-R1"
kind = "numeric_limit"
says = "每次出差不少于三天"
quota = { of = { post = "traveller" }, counted = [{ fact = "trip_day" }], at_least = 3, per = "month" }
"#;
    server.push(FeedItem::Pack { toml: toml.into() });
    let user = phone.book.owner().unwrap().unwrap().user;
    server.push(FeedItem::User(crate::User { posts: vec!["traveller".into()], ..user }));
    phone.book.sync().await.unwrap();
    // From Tuesday 16:00 to Thursday 01:00 in Shanghai, which is still Wednesday in UTC.
    let trip = phone.book.write(DocumentKind::Trip, |draft| {
        draft.time(envelope::AT, TUESDAY_16).time("until", TUESDAY_16.plus_millis(33 * HOUR));
    });
    let trip = trip.unwrap();
    let owed = || {
        let mut owed = phone.book.obligations(OwedFilter::All).unwrap();
        owed.retain(|owed| owed.rule.rule == "T-R1" && owed.done > 0);
        owed.remove(0)
    };
    assert_eq!((owed().done, owed().state), (3, Fulfilment::Met));
    phone.book.sync().await.unwrap();
    assert_eq!(owed().done, 3, "also when nothing of it waits here");
    assert_eq!(
        phone.book.document(trip).unwrap().unwrap().fields.get("at"),
        Some(&FieldValue::Time(TUESDAY_16))
    );
}
