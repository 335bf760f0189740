//! What is due: deadlines before the server has spoken, most urgent first.

use sync_core::record::{self, RecordStatus};

use crate::{
    DueAct, Phase, VerdictOutcome, field,
    tests::{
        fake_server::FakeServer,
        phone::{HOUR, Phone, TUESDAY_16},
        status,
    },
};

/// Visits end Tuesday 17:00 in Shanghai; Thursday 24:00 is 55 hours later.
const DEADLINE: i64 = 56;

#[tokio::test]
async fn a_visit_is_due_at_the_end_of_the_second_day_and_provable_until_then() {
    let phone = Phone::ready(&FakeServer::new()).await;
    phone.server.set_offline(true);
    let visit = phone.visited();
    let due = phone.book.due().unwrap().remove(0);
    let deadline = TUESDAY_16.plus_millis(DEADLINE * HOUR);
    assert_eq!((due.visit, due.act, due.deadline), (visit, DueAct::Submit, Some(deadline)));
    assert_eq!(due.rule.rule, "S21-R17");
    let prediction = due.prediction.unwrap();
    assert_eq!(prediction.provable_until, Some(deadline));
    assert_eq!(prediction.if_sent_now.outcome, VerdictOutcome::OnTime);
}

#[tokio::test]
async fn what_was_submitted_in_time_is_still_due_for_delivery_and_measured_after_the_deadline() {
    let phone = Phone::ready(&FakeServer::new()).await;
    phone.server.set_offline(true);
    let visit = phone.visited();
    let submitted = phone.book.submit(visit, None).unwrap().at;
    phone.pass(60 * HOUR);
    let due = phone.book.due().unwrap().remove(0);
    assert_eq!((due.act, due.overdue), (DueAct::Sync { submitted }, true));
    let prediction = due.prediction.unwrap();
    assert_eq!(prediction.provable_until, None);
    assert_eq!(prediction.if_sent_now.outcome, VerdictOutcome::OnTime);
    phone.server.set_offline(false);
    phone.book.sync().await.unwrap();
    assert!(phone.book.outbox().unwrap().is_empty());
}

#[tokio::test]
async fn a_second_submit_is_due_for_delivery_although_the_server_has_the_first() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    phone.book.submit(visit, None).unwrap();
    phone.server.say(RecordStatus { phase: record::Phase::Submitted, ..status::draft(visit) });
    phone.book.sync().await.unwrap();
    phone.book.sync().await.unwrap();
    assert_eq!(phone.book.due().unwrap(), []);
    phone.write(visit, field::RESULT, "续约两年");
    let submitted = phone.book.submit(visit, None).unwrap().at;
    assert_eq!(phone.book.due().unwrap().remove(0).act, DueAct::Sync { submitted });
}

#[tokio::test]
async fn an_end_put_earlier_brings_the_deadline_forward_before_the_server_knows() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    let ended = TUESDAY_16.plus_millis(HOUR);
    let deadline = Some(ended.plus_millis(100 * HOUR));
    phone.server.say(RecordStatus { ended: Some(ended), deadline, ..status::draft(visit) });
    phone.book.sync().await.unwrap();
    let due = || phone.book.due().unwrap().remove(0);
    assert_eq!((due().ended, due().deadline), (ended, deadline), "the server's word counts");
    let correct = |to| {
        phone.book.edit(visit, |draft| {
            draft.time(field::ENDED, to);
        })
    };
    correct(ended.plus_millis(HOUR)).unwrap();
    assert_eq!((due().ended, due().deadline), (ended, deadline), "later does not move it");
    let earlier = ended.plus_millis(-24 * HOUR);
    correct(earlier).unwrap();
    let forward = TUESDAY_16.plus_millis((DEADLINE - 24) * HOUR);
    assert_eq!((due().ended, due().deadline), (earlier, Some(forward)));
}

#[tokio::test]
async fn an_end_put_earlier_after_the_deadline_moves_nothing() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    let ended = TUESDAY_16.plus_millis(HOUR);
    let deadline = Some(TUESDAY_16.plus_millis(DEADLINE * HOUR));
    phone.server.say(RecordStatus { ended: Some(ended), deadline, ..status::draft(visit) });
    phone.book.sync().await.unwrap();
    phone.pass(DEADLINE * HOUR);
    let earlier = ended.plus_millis(-24 * HOUR);
    phone
        .book
        .edit(visit, |draft| {
            draft.time(field::ENDED, earlier);
        })
        .unwrap();
    let due = phone.book.due().unwrap().remove(0);
    assert_eq!((due.ended, due.deadline, due.overdue), (ended, deadline, true));
}

#[tokio::test]
async fn the_most_urgent_comes_first_and_the_servers_deadline_counts() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let first = phone.visited();
    phone.pass(24 * HOUR);
    let second = phone.visited();
    let visits = || -> Vec<_> { phone.book.due().unwrap().iter().map(|due| due.visit).collect() };
    assert_eq!(visits(), [first, second]);
    phone.server.say(RecordStatus {
        document: second,
        ended: Some(TUESDAY_16),
        deadline: Some(TUESDAY_16.plus_millis(HOUR)),
        phase: record::Phase::Draft,
        seals: vec![],
        submits: vec![],
        origin: None,
    });
    phone.book.sync().await.unwrap();
    assert_eq!(visits(), [second, first]);
    assert_eq!(phone.book.visit(second).unwrap().unwrap().phase, Phase::Draft);
}
