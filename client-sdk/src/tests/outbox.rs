//! The outbox: what waits, in order, with its content.

use sync_core::record::Standing;

use crate::{
    DueAct, Error, FieldValue, OutboxAct, OutboxState, Phase, Reason, RecordStatus, field,
    tests::{
        fake_server::FakeServer,
        phone::{Phone, TUESDAY_16},
        status,
    },
};

#[tokio::test]
async fn the_outbox_lists_what_waits_in_the_order_in_which_it_was_done() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    phone.book.submit(visit, None).unwrap();
    let items = phone.book.outbox().unwrap();
    assert!(items.iter().all(|item| item.state == OutboxState::Waiting && item.visit == visit));
    let acts: Vec<&str> = items
        .iter()
        .map(|item| match &item.act {
            OutboxAct::Edit { fields } => fields.last().unwrap().field,
            OutboxAct::CheckIn => "in",
            OutboxAct::CheckOut => "out",
            OutboxAct::Submit { .. } => "submit",
        })
        .collect();
    assert_eq!(acts, ["rep", "started", "in", "ended", "out", "channel", "result", "submit"]);
    let OutboxAct::Edit { fields } = &items[6].act else { panic!("an edit") };
    assert_eq!(fields[0].after, Some(FieldValue::Text("续约".into())));
    phone.book.sync().await.unwrap();
    assert!(phone.book.outbox().unwrap().is_empty());
}

#[tokio::test]
async fn a_submit_names_the_required_fields_that_are_empty() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.book.new_visit(phone.customer().id).unwrap();
    let refused = phone.book.submit(visit, None);
    assert!(
        matches!(refused, Err(Error::Incomplete { missing }) if missing == ["channel", "ended", "result"])
    );
}

#[tokio::test]
async fn submitting_the_same_state_twice_is_one_submit() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    let first = phone.book.submit(visit, None).unwrap();
    assert_eq!(phone.book.submit(visit, None).unwrap(), first);
    assert!(matches!(first.due.unwrap().act, DueAct::Sync { .. }));
    assert_eq!(phone.book.visit(visit).unwrap().unwrap().phase, Phase::SubmittedHere);
    phone.write(visit, field::RESULT, "续约两年");
    assert!(phone.book.visit(visit).unwrap().unwrap().edited_since_submit);
    assert_ne!(phone.book.submit(visit, None).unwrap().entry, first.entry);
}

#[tokio::test]
async fn a_submit_with_another_reason_or_after_a_refusal_is_a_new_one() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    let first = phone.book.submit(visit, None).unwrap();
    let reason = Some(Reason::NoCoverage);
    let second = phone.book.submit(visit, reason).unwrap();
    assert_ne!(second.entry, first.entry);
    phone.book.sync().await.unwrap();
    assert_eq!(phone.book.submit(visit, reason).unwrap().entry, second.entry);
    let submits = vec![status::submit(second.entry, Standing::Refused)];
    phone.server.say(RecordStatus { submits, ..status::draft(visit) });
    phone.book.sync().await.unwrap();
    assert_ne!(phone.book.submit(visit, reason).unwrap().entry, second.entry);
}

#[tokio::test]
async fn the_last_submit_is_the_one_written_last_whatever_the_clock_said() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    let first = phone.book.submit(visit, None).unwrap();
    phone.set_wall(TUESDAY_16);
    phone.restart();
    phone.write(visit, field::RESULT, "续约两年");
    let second = phone.book.submit(visit, None).unwrap();
    assert!(second.at < first.at);
    assert!(!phone.book.visit(visit).unwrap().unwrap().edited_since_submit);
    let last = phone.book.outbox().unwrap().pop().unwrap();
    assert_eq!(last.entry, second.entry);
}
