//! Refusals: nothing is lost, and nothing builds on what was refused.

use crate::{
    Error, FieldValue, NextStep, OutboxAct, OutboxState, RefusalCode, field,
    tests::{fake_server::FakeServer, phone::Phone},
};

#[tokio::test]
async fn a_refused_change_is_kept_with_its_content_and_later_edits_do_not_build_on_it() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    phone.server.refuse_text("forbidden", RefusalCode::NotPermitted);
    phone.write(visit, field::PLACE, "forbidden");
    let report = phone.book.sync().await.unwrap();
    assert_eq!(report.refused.len(), 1);
    let items = phone.book.outbox().unwrap();
    let OutboxAct::Edit { fields } = &items[0].act else { panic!("an edit") };
    assert_eq!(fields[0].after, Some(FieldValue::Text("forbidden".into())));
    assert!(matches!(
        items[0].state,
        OutboxState::Refused { code: RefusalCode::NotPermitted, next: NextStep::AskSupervisor, .. }
    ));
    assert_eq!(phone.book.visit(visit).unwrap().unwrap().fields.place, None);

    phone.write(visit, field::PLACE, "武汉");
    let report = phone.book.sync().await.unwrap();
    assert_eq!(report.refused, []);
    assert_eq!(
        phone.server.document(visit).values().get(field::PLACE),
        Some(&FieldValue::Text("武汉".into()))
    );
    assert_eq!(phone.book.outbox().unwrap().len(), 1, "a refused entry stays until the rep dismisses it");
    phone.book.dismiss_refused(items[0].entry).unwrap();
    assert!(phone.book.outbox().unwrap().is_empty());
    assert!(matches!(phone.book.dismiss_refused(items[0].entry), Err(Error::FixCall { .. })));
}

#[tokio::test]
async fn edits_that_build_on_a_refused_one_leave_the_document_with_it_and_stay_readable() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    phone.server.refuse_text("forbidden", RefusalCode::NotPermitted);
    phone.write(visit, field::PLACE, "forbidden");
    phone.write(visit, field::PURPOSE, "回访");
    let report = phone.book.sync().await.unwrap();
    assert_eq!(report.refused.len(), 2);
    let items = phone.book.outbox().unwrap();
    let OutboxAct::Edit { fields } = &items[1].act else { panic!("an edit") };
    assert_eq!((fields.len(), fields[0].field), (1, field::PURPOSE));
    let record = phone.book.visit(visit).unwrap().unwrap();
    assert_eq!((record.fields.place, record.fields.purpose, record.refused), (None, None, 2));
    assert_eq!(record.fields.result.as_deref(), Some("续约"));
}

#[tokio::test]
async fn an_edit_after_a_lost_receipt_that_refuses_is_shown_to_build_on_a_refused_one() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    phone.server.refuse_text("forbidden", RefusalCode::NotPermitted);
    phone.write(visit, field::PLACE, "forbidden");
    phone.server.lose_answer("commit");
    phone.book.sync().await.unwrap();
    phone.write(visit, field::PURPOSE, "回访");
    let report = phone.book.sync().await.unwrap();
    assert_eq!(report.refused.len(), 2);
    phone.write(visit, field::PURPOSE, "再次回访");
    assert_eq!(phone.book.sync().await.unwrap().refused, []);
    let on_server = phone.server.document(visit).values();
    assert_eq!(
        on_server,
        *phone.server.document(visit).values_at(&phone.server.document(visit).heads()).as_ref().unwrap()
    );
    assert_eq!(on_server.get(field::PURPOSE), Some(&FieldValue::Text("再次回访".into())));
}
