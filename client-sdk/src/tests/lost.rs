//! Receipted work that a restored server lost: a phone that has to be enrolled again makes it again.

use crate::{
    FieldValue, Outcome, field,
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
