//! Forks: a book that came back from a backup is noticed, and loses nothing.

use std::fs;

use crate::{
    Error, Event, FieldValue, Outcome, ReEnrolCause, field,
    tests::{fake_server::FakeServer, phone::Phone},
};

#[tokio::test]
async fn a_restored_backup_is_noticed_and_its_unsent_edits_are_made_again_once() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    phone.write(visit, field::CONTENT, "备份之前");
    phone.book.close().unwrap();
    let backup = fs::read(phone.path()).unwrap();
    let phone = phone.killed();
    phone.book.sync().await.unwrap();
    phone.write(visit, field::PLACE, "汉口");
    phone.book.sync().await.unwrap();
    phone.book.close().unwrap();
    fs::write(phone.path(), backup).unwrap();
    let phone = phone.killed();
    phone.write(visit, field::PURPOSE, "恢复之后");

    let forked = phone.book.sync().await;
    assert!(matches!(forked, Err(Error::ReEnrol { cause: ReEnrolCause::Forked })));
    phone.write(visit, field::COUNTERPART, "王经理");
    assert_eq!(phone.book.owner().unwrap().unwrap().re_enrol, Some(ReEnrolCause::Forked));

    phone.enrol().await;
    let report = phone.book.sync().await.unwrap();
    assert_eq!((report.made_again, report.refused.len()), (1, 0));
    let events = phone.book.events().unwrap();
    assert!(events.iter().any(|(_, event)| *event == Event::MadeAgain { visit }));
    let fields = phone.book.visit(visit).unwrap().unwrap().fields;
    assert_eq!(fields.content.as_deref(), Some("备份之前"), "what had arrived is not written twice");
    assert_eq!(
        fields.place.as_deref(),
        Some("汉口"),
        "what was lost with the phone came back from the server"
    );
    assert_eq!(fields.purpose.as_deref(), Some("恢复之后"));
    assert_eq!(fields.counterpart.as_deref(), Some("王经理"));
    let on_server = phone.server.document(visit).values();
    assert_eq!(on_server.get(field::PURPOSE), Some(&FieldValue::Text("恢复之后".into())));
    assert!(phone.book.outbox().unwrap().is_empty());
}

#[tokio::test]
async fn an_enrolment_holds_even_if_the_old_key_cannot_be_deleted() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    phone.lock_keys();
    phone.enrol().await;
    let report = phone.book.sync().await.unwrap();
    assert_eq!((report.outcome, report.made_again), (Outcome::Complete, 1));
    assert!(phone.server.document(visit).values().get(field::RESULT).is_some());
}

#[tokio::test]
async fn two_enrolments_may_begin_their_logs_in_the_same_millisecond() {
    let phone = Phone::ready(&FakeServer::new()).await;
    phone.enrol().await;
    assert_eq!(phone.book.sync().await.unwrap().outcome, Outcome::Complete);
}

#[tokio::test]
async fn a_revoked_phone_is_told_so_and_still_takes_edits() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    phone.server.revoke(phone.book.owner().unwrap().unwrap().device);
    for _ in 0..2 {
        let revoked = phone.book.sync().await;
        assert!(matches!(revoked, Err(Error::ReEnrol { cause: ReEnrolCause::Revoked })));
    }
    phone.write(visit, field::PLACE, "武昌");
    phone.enrol().await;
    phone.book.sync().await.unwrap();
    let on_server = phone.server.document(visit).values();
    assert_eq!(on_server.get(field::PLACE), Some(&FieldValue::Text("武昌".into())));
}
