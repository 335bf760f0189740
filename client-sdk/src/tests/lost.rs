//! Receipted work that a restored server lost: a phone that has to be enrolled again makes it again.

use crate::{
    FieldValue, Outcome, Visit, VisitId, field,
    tests::{fake_server::FakeServer, phone::Phone},
};

#[tokio::test]
async fn receipted_work_that_a_restored_server_lost_is_made_again_after_enrolling() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let (kept, lost) = (phone.visited(), phone.visited());
    let before = {
        phone.book.sync().await.unwrap();
        phone.server.snapshot_without(lost)
    };
    phone.book.submit(lost, None).unwrap();
    phone.book.sync().await.unwrap();
    assert!(phone.book.outbox().unwrap().is_empty());
    phone.server.restore(before);

    phone.enrol().await;
    phone.write(lost, field::PLACE, "武昌");
    let report = phone.book.sync().await.unwrap();
    assert_eq!((report.outcome, report.made_again), (Outcome::Complete, 1));
    let fields = phone.server.document(lost).values();
    assert_eq!(fields.get(field::RESULT), Some(&FieldValue::Text("续约".into())));
    assert_eq!(fields.get(field::PLACE), Some(&FieldValue::Text("武昌".into())), "written before it knew");
    assert_eq!(phone.book.visit(lost).unwrap().unwrap().fields.place.as_deref(), Some("武昌"));
    let due: Vec<_> = phone.book.due().unwrap().into_iter().map(|due| due.visit).collect();
    assert!(due.contains(&lost), "the submit was lost as well: the rep is told to make it anew");
    assert!(phone.server.document(kept).values().get(field::RESULT).is_some());

    assert_eq!(phone.book.sync().await.unwrap().made_again, 0);
}

#[tokio::test]
async fn an_enrolment_at_a_server_that_lost_nothing_makes_nothing_again() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    phone.book.submit(visit, None).unwrap();
    phone.book.sync().await.unwrap();
    phone.enrol().await;
    phone.server.set_page(1);
    let report = phone.book.sync().await.unwrap();
    assert_eq!((report.outcome, report.made_again), (Outcome::Complete, 0));
    assert_eq!(phone.book.visit(visit).unwrap().unwrap().fields.result.as_deref(), Some("续约"));
}

/// A phone whose change of another phone's visit was lost, refused for what it builds on and made again under the same
/// number; then the server goes back once more, gets what was missing first, and has not heard of this phone again yet.
async fn made_again_and_lost_once_more() -> (Phone, VisitId) {
    let server = FakeServer::new();
    let (phone, other) = (Phone::ready(&server).await, Phone::ready(&server).await);
    let backup = server.snapshot();
    let visit = other.visited();
    other.book.sync().await.unwrap();
    phone.book.sync().await.unwrap();
    phone.write(visit, field::CONTENT, "武昌");
    phone.book.sync().await.unwrap();

    server.restore(backup.clone());
    let mut made_again = 0;
    for _ in 0..2 {
        made_again += phone.book.sync().await.unwrap().made_again;
    }
    assert_eq!(made_again, 1, "what it builds on is missing");
    other.book.sync().await.unwrap();
    phone.book.sync().await.unwrap();

    server.restore(backup);
    other.book.sync().await.unwrap();
    (phone, visit)
}

#[tokio::test]
async fn a_change_that_was_refused_and_made_again_may_be_taken_in_the_place_of_the_second() {
    let (phone, visit) = made_again_and_lost_once_more().await;
    for _ in 0..3 {
        assert_eq!(phone.book.sync().await.unwrap().distrusted, 0);
    }
    assert_eq!(phone.book.visit(visit).unwrap().unwrap().fields.content.as_deref(), Some("武昌"));
    assert_eq!(
        Visit::read(&phone.server.document(visit).values()),
        phone.book.visit(visit).unwrap().unwrap().fields
    );
    assert!(phone.book.outbox().unwrap().is_empty());
}

#[tokio::test]
async fn a_phone_that_enrols_before_it_hears_which_of_two_changes_was_taken_distrusts_neither() {
    let (phone, visit) = made_again_and_lost_once_more().await;
    phone.write(visit, field::PURPOSE, "恢复之后");
    phone.server.lose_answer("commit");
    assert!(matches!(phone.book.sync().await.unwrap().outcome, Outcome::Offline { .. }));
    phone.enrol().await;
    for _ in 0..2 {
        assert_eq!(phone.book.sync().await.unwrap().distrusted, 0);
    }
    let fields = phone.book.visit(visit).unwrap().unwrap().fields;
    assert_eq!((fields.content.as_deref(), fields.purpose.as_deref()), (Some("武昌"), Some("恢复之后")));
    assert_eq!(
        Visit::read(&phone.server.document(visit).values()),
        phone.book.visit(visit).unwrap().unwrap().fields
    );
    assert!(phone.book.outbox().unwrap().is_empty());
}
