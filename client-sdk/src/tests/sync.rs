//! Syncing: two requests, resumable, distrustful.

use sync_core::{log::limits, protocol::FeedItem, record, rules::packs};

use crate::{
    Customer, CustomerId, Event, FieldValue, Hash, Outcome, RecordStatus, RefusalCode,
    book::rulebook,
    field,
    tests::{fake_server::FakeServer, phone::Phone, status},
};

#[tokio::test]
async fn two_requests_bring_two_phones_together_whatever_the_number_of_documents() {
    let server = FakeServer::new();
    let (mine, other) = (Phone::ready(&server).await, Phone::ready(&server).await);
    let visits: Vec<_> = (0..20).map(|_| mine.visited()).collect();
    let report = mine.book.sync().await.unwrap();
    assert_eq!((report.outcome, report.requests), (Outcome::Complete, 2 + 2), "the token had run out");
    assert_eq!(report.sent, 20 * 7 + 1);
    let report = other.book.sync().await.unwrap();
    assert_eq!((report.requests, report.received), (2, 20 * 5));
    for visit in visits {
        let fields = |phone: &Phone| phone.book.visit(visit).unwrap().unwrap().fields;
        assert_eq!(fields(&mine), fields(&other));
    }
    assert_eq!(other.book.sync().await.unwrap().received, 0);
}

#[tokio::test]
async fn offline_is_a_status_and_the_next_sync_goes_on_from_there() {
    let phone = Phone::ready(&FakeServer::new()).await;
    phone.visited();
    phone.server.set_offline(true);
    let report = phone.book.sync().await.unwrap();
    assert!(matches!(report.outcome, Outcome::Offline { .. }));
    phone.server.set_offline(false);
    phone.server.lose_answer("commit");
    let report = phone.book.sync().await.unwrap();
    assert!(matches!(report.outcome, Outcome::Offline { .. }));
    assert!(!phone.book.outbox().unwrap().is_empty());
    let report = phone.book.sync().await.unwrap();
    assert_eq!((report.outcome, report.sent), (Outcome::Complete, 9));
    assert!(phone.book.outbox().unwrap().is_empty());
}

#[tokio::test]
async fn a_long_log_goes_out_in_pages_and_a_long_feed_comes_in_pages() {
    let server = FakeServer::new();
    let (mine, other) = (Phone::ready(&server).await, Phone::ready(&server).await);
    let long = "长".repeat(5_000);
    let visits: Vec<_> = (0..limits::PAGE_BYTES / long.len() + 2)
        .map(|_| {
            let visit = mine.book.new_visit(mine.customer().id).unwrap();
            mine.write(visit, field::CONTENT, &long);
            visit
        })
        .collect();
    let report = mine.book.sync().await.unwrap();
    assert_eq!(report.requests, 3, "one pull and two pages, the second larger than the first");
    assert_eq!((report.outcome, report.refused.len()), (Outcome::Complete, 0));
    server.set_page(50);
    let report = other.book.sync().await.unwrap();
    assert_eq!((report.outcome, report.received), (Outcome::Complete, 2 * visits.len()));
    let last = other.book.visit(visits[visits.len() - 1]).unwrap().unwrap();
    assert_eq!(last.fields.content, Some(long));
}

#[tokio::test]
async fn what_the_server_sends_is_checked_kept_apart_and_reported() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    let forged = FeedItem::Changes {
        document: visit,
        author: phone.book.owner().unwrap().unwrap().device,
        changes: vec![vec![0x85, 0x6f, 0x4a, 0x83, 0, 0, 0, 0, 1, 0].into()],
    };
    phone.server.push(forged);
    phone.server.push(FeedItem::Pack { toml: "id = 7".into() });
    let before = phone.book.visit(visit).unwrap().unwrap().fields;
    let report = phone.book.sync().await.unwrap();
    assert_eq!((report.distrusted, report.outcome), (2, Outcome::Complete));
    assert_eq!(phone.book.visit(visit).unwrap().unwrap().fields, before);
    let events = phone.book.events().unwrap();
    let distrusted = events.iter().filter(|(_, event)| matches!(event, Event::Distrusted { .. })).count();
    assert_eq!(distrusted, 2);
    phone.book.mark_read(events.last().unwrap().0).unwrap();
    assert!(phone.book.events().unwrap().is_empty());
}

#[tokio::test]
async fn a_version_that_was_official_once_is_not_replaced_by_another() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    let say = |value| {
        let seals = vec![status::seal(Hash::from_bytes([value; 32]))];
        phone.server.say(RecordStatus { seals, ..status::draft(visit) });
    };
    say(1);
    assert_eq!(phone.book.sync().await.unwrap().seals, 1);
    let sealed = phone.book.visit(visit).unwrap();
    say(2);
    let report = phone.book.sync().await.unwrap();
    assert_eq!((report.seals, report.distrusted), (0, 1));
    assert_eq!(phone.book.visit(visit).unwrap(), sealed);
}

#[tokio::test]
async fn after_a_restore_what_the_server_seals_anew_holds_and_what_was_official_is_told() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let before = phone.server.snapshot();
    let visit = phone.visited();
    let say = |values: &[u8]| {
        let seals = values.iter().map(|value| status::seal(Hash::from_bytes([*value; 32]))).collect();
        phone.server.say(RecordStatus { seals, ..status::draft(visit) });
    };
    say(&[1]);
    assert_eq!(phone.book.sync().await.unwrap().seals, 1);
    phone.server.restore(before);
    say(&[2]);
    let report = phone.book.sync().await.unwrap();
    assert_eq!((report.outcome, report.seals, report.distrusted), (Outcome::Complete, 1, 0));
    let official = |phone: &Phone| phone.book.visit(visit).unwrap().unwrap().status.unwrap().seals[0].value;
    assert_eq!(official(&phone), Hash::from_bytes([2; 32]));
    let told = phone.book.events().unwrap();
    let unsealed = told.iter().find_map(|(_, event)| match event {
        Event::Unsealed { version, value, .. } => Some((*version, *value)),
        _ => None,
    });
    assert_eq!(unsealed, Some((1, Hash::from_bytes([1; 32]))));
    say(&[3]);
    assert_eq!(
        phone.book.sync().await.unwrap().distrusted,
        1,
        "once only: the new journal is bound by its word"
    );
    say(&[]);
    assert_eq!(phone.book.sync().await.unwrap().distrusted, 1, "nor may a version vanish");
    assert_eq!(official(&phone), Hash::from_bytes([2; 32]));
}

#[tokio::test]
async fn what_the_feed_says_twice_is_told_once() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let told = phone.book.events().unwrap().len();
    phone.server.push(FeedItem::Customer(phone.customer()));
    phone.server.push(FeedItem::Pack { toml: packs::KEY_ACCOUNT_VISITS.into() });
    phone.book.sync().await.unwrap();
    assert_eq!(phone.book.events().unwrap().len(), told);
    phone.server.push(FeedItem::Customer(Customer { grade: "B".into(), ..phone.customer() }));
    phone.book.sync().await.unwrap();
    assert_eq!(phone.book.events().unwrap().len(), told + 1);
}

#[tokio::test]
async fn a_receipt_that_refuses_is_the_only_thing_that_takes_an_edit_out() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    phone.server.refuse_text("续约", RefusalCode::NotPermitted);
    phone.server.set_offline(true);
    phone.book.sync().await.unwrap();
    assert_eq!(phone.book.visit(visit).unwrap().unwrap().fields.result.as_deref(), Some("续约"));
    let device = phone.book.owner().unwrap().unwrap().device;
    assert_eq!(phone.server.held(device), 2, "a boot and the first anchor");
    phone.server.set_offline(false);
    phone.book.sync().await.unwrap();
    assert_eq!(
        phone.server.document(visit).values().get(field::CHANNEL),
        Some(&FieldValue::Text("on_site".into()))
    );
    assert_eq!(phone.server.document(visit).values().get(field::RESULT), None);
}

#[tokio::test]
async fn a_phone_hands_over_again_what_a_restored_server_lost() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let before = phone.server.snapshot();
    let visit = phone.visited();
    for _ in 0..5 {
        phone.book.sync().await.unwrap();
    }
    phone.server.restore(before);
    let report = phone.book.sync().await.unwrap();
    assert_eq!(
        (report.outcome, report.sent),
        (Outcome::Complete, 1),
        "only the new anchor is sent for the first time"
    );
    let result = FieldValue::Text("续约".into());
    assert_eq!(phone.server.document(visit).values().get(field::RESULT), Some(&result));
    let report = phone.book.sync().await.unwrap();
    assert_eq!(report.outcome, Outcome::Complete, "the anchors from before the restore no longer count");
}

#[tokio::test]
async fn a_restored_server_that_lost_nothing_but_anchors_is_synced_with_at_once() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let before = phone.server.snapshot();
    let visit = phone.visited();
    phone.server.set_busy(true);
    for _ in 0..3 {
        assert!(matches!(phone.book.sync().await.unwrap().outcome, Outcome::Busy { .. }));
    }
    phone.server.set_busy(false);
    phone.server.restore(before);
    let report = phone.book.sync().await.unwrap();
    assert_eq!((report.outcome, report.refused.len()), (Outcome::Complete, 0));
    let result = FieldValue::Text("续约".into());
    assert_eq!(phone.server.document(visit).values().get(field::RESULT), Some(&result));
}

/// The server tells of customers of a name.
fn told_of(phone: &Phone, numbers: std::ops::Range<u8>, name: &str) {
    let known = phone.customer();
    for number in numbers {
        let id = CustomerId::from_bytes([number; 16]);
        phone.server.push(FeedItem::Customer(Customer { id, name: name.to_owned(), ..known.clone() }));
    }
}

#[tokio::test]
async fn what_a_restored_server_told_others_in_the_place_of_what_it_lost_arrives() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let before = phone.server.snapshot();
    told_of(&phone, 10..13, "失去的客户");
    phone.book.sync().await.unwrap();
    phone.server.restore(before);
    told_of(&phone, 20..24, "恢复后的客户");
    phone.book.sync().await.unwrap();
    assert_eq!(phone.book.customers("恢复后").unwrap().len(), 4);
}

#[tokio::test]
async fn customers_and_rules_that_a_restored_server_lost_are_forgotten_once_the_pull_is_through() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let before = phone.server.snapshot();
    told_of(&phone, 10..13, "失去的客户");
    phone.server.push(FeedItem::Pack { toml: packs::named("key_customer_visits").unwrap().into() });
    phone.book.sync().await.unwrap();
    let customers = |name| phone.book.customers(name).unwrap().len();
    let quotas = || {
        let rules = phone.book.read(rulebook).unwrap();
        rules.packs().iter().any(|pack| pack.id == "key_customer_visits")
    };
    assert_eq!((customers("失去"), quotas()), (3, true));

    phone.server.restore(before);
    phone.server.set_page(1);
    told_of(&phone, 20..24, "恢复后的客户");
    let all = customers("");
    phone.book.sync().await.unwrap();
    assert_eq!((customers("失去"), customers("恢复后"), quotas()), (0, 4, false));
    assert_eq!(customers(""), all + 1, "three went, four came, and the others stayed");
    let gone = |event: &Event| matches!(event, Event::CustomerGone { .. });
    assert_eq!(phone.book.events().unwrap().iter().filter(|(_, event)| gone(event)).count(), 3);
}

#[tokio::test]
async fn what_a_restored_server_told_arrives_although_the_phone_was_given_no_anchor_since_the_backup() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let before = phone.server.snapshot();
    told_of(&phone, 10..13, "失去的客户");
    phone.server.set_in_doubt(true);
    assert!(matches!(phone.book.sync().await.unwrap().outcome, Outcome::Busy { .. }));
    phone.server.restore(before);
    told_of(&phone, 20..24, "恢复后的客户");
    assert_eq!(phone.book.sync().await.unwrap().outcome, Outcome::Complete);
    assert_eq!(phone.book.customers("恢复后").unwrap().len(), 4);
}

#[tokio::test]
async fn a_receipt_that_comes_a_second_time_puts_no_older_word_in_the_place_of_a_newer_one() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    let phase = |phone: &Phone| phone.book.visit(visit).unwrap().unwrap().status.unwrap().phase;
    phone.server.answer_with(status::draft(visit));
    phone.server.lose_answer("commit");
    assert!(matches!(phone.book.sync().await.unwrap().outcome, Outcome::Offline { .. }));
    phone.server.say(RecordStatus { phase: record::Phase::Overdue, ..status::draft(visit) });
    assert_eq!(phone.book.sync().await.unwrap().outcome, Outcome::Complete);
    assert_eq!(phase(&phone), record::Phase::Overdue);
    phone.server.answer_with(RecordStatus { phase: record::Phase::HeldLate, ..status::draft(visit) });
    assert_eq!(phone.book.sync().await.unwrap().outcome, Outcome::Complete);
    assert_eq!(phase(&phone), record::Phase::HeldLate, "what a new receipt says is newer");
}

#[tokio::test]
async fn what_another_phone_wrote_and_a_restored_server_lost_is_told_and_comes_back_with_that_phone() {
    let server = FakeServer::new();
    let (mine, other) = (Phone::ready(&server).await, Phone::ready(&server).await);
    let before = server.snapshot();
    let visit = other.visited();
    other.book.sync().await.unwrap();
    mine.book.sync().await.unwrap();
    mine.book.sync().await.unwrap();
    let written = mine.book.visit(visit).unwrap().unwrap().fields;
    server.restore(before);
    assert_eq!(mine.book.sync().await.unwrap().outcome, Outcome::Complete);
    assert_eq!(
        mine.book.visit(visit).unwrap(),
        None,
        "the other phone may write it anew under the same numbers"
    );
    let events = mine.book.events().unwrap();
    assert!(events.iter().any(|(_, event)| *event == Event::Missing { visit }));
    let missing = mine.book.missing(visit).unwrap();
    let result = missing.iter().find(|missing| missing.field == field::RESULT).unwrap();
    assert_eq!(result.after, Some(FieldValue::Text(written.result.clone().unwrap())));
    assert_eq!(other.book.sync().await.unwrap().outcome, Outcome::Complete);
    mine.book.sync().await.unwrap();
    assert_eq!(mine.book.visit(visit).unwrap().unwrap().fields, written);
    assert!(mine.book.missing(visit).unwrap().is_empty());
}

#[tokio::test]
async fn what_was_written_on_top_of_what_a_restored_server_lost_is_made_again() {
    let server = FakeServer::new();
    let (mine, other) = (Phone::ready(&server).await, Phone::ready(&server).await);
    let before = server.snapshot();
    let visit = other.visited();
    other.book.sync().await.unwrap();
    mine.book.sync().await.unwrap();
    mine.write(visit, field::CONSENSUS, "先发一批样品");
    server.restore(before);
    let report = mine.book.sync().await.unwrap();
    assert_eq!((report.outcome, report.made_again), (Outcome::Complete, 1));
    assert_eq!(
        (report.refused.len(), mine.book.outbox().unwrap().len()),
        (0, 0),
        "it stands there once, and arrived"
    );
    assert_eq!(other.book.sync().await.unwrap().outcome, Outcome::Complete);
    mine.book.sync().await.unwrap();
    let fields = |phone: &Phone| phone.book.visit(visit).unwrap().unwrap().fields;
    assert_eq!(fields(&mine).consensus.as_deref(), Some("先发一批样品"));
    assert_eq!(fields(&mine).result.as_deref(), Some("续约"));
    assert_eq!(fields(&mine), fields(&other));
}

#[tokio::test]
async fn what_a_restored_server_says_of_a_record_holds_although_another_phones_part_is_missing() {
    let server = FakeServer::new();
    let (mine, other) = (Phone::ready(&server).await, Phone::ready(&server).await);
    let before = server.snapshot();
    let visit = other.visited();
    other.book.sync().await.unwrap();
    mine.book.sync().await.unwrap();
    mine.book.sync().await.unwrap();
    server.restore(before);
    server.say(status::draft(visit));
    mine.book.sync().await.unwrap();
    other.book.sync().await.unwrap();
    mine.book.sync().await.unwrap();
    assert!(mine.book.visit(visit).unwrap().unwrap().status.is_some());
}

#[tokio::test]
async fn an_edit_that_is_made_again_waits_once() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    phone.server.revoke(phone.book.owner().unwrap().unwrap().device);
    phone.book.sync().await.unwrap_err();
    phone.enrol().await;
    phone.write(visit, field::CONSENSUS, "先发一批样品");
    phone.server.set_busy(true);
    phone.book.sync().await.unwrap();
    let outbox = phone.book.outbox().unwrap();
    let edits = outbox.iter().filter(|item| matches!(item.act, crate::OutboxAct::Edit { .. })).count();
    assert_eq!(edits, 1, "{outbox:#?}");
    phone.server.set_busy(false);
    let report = phone.book.sync().await.unwrap();
    assert_eq!((report.outcome, report.refused.len()), (Outcome::Complete, 0));
    assert!(phone.book.outbox().unwrap().is_empty());
}

#[tokio::test]
async fn unsent_work_is_in_sight_after_an_enrolment_while_the_server_gives_no_anchor() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    phone.server.revoke(phone.book.owner().unwrap().unwrap().device);
    phone.book.sync().await.unwrap_err();
    phone.enrol().await;
    phone.server.set_in_doubt(true);
    assert!(matches!(phone.book.sync().await.unwrap().outcome, Outcome::Busy { .. }));
    let result = |phone: &Phone| phone.book.visit(visit).unwrap().unwrap().fields.result;
    assert_eq!(result(&phone).as_deref(), Some("续约"));
    phone.server.set_in_doubt(false);
    assert_eq!(phone.book.sync().await.unwrap().outcome, Outcome::Complete);
    assert_eq!(result(&phone).as_deref(), Some("续约"));
    assert!(phone.book.outbox().unwrap().is_empty());
}
