//! Documents of every kind: written, listed, handed in and received like visits.

use sync_core::{
    document::{Author, Document, Edit, new_id},
    protocol::FeedItem,
    record::Origin,
};

use crate::{
    CustomerId, DeviceId, DocumentFilter, DocumentId, DocumentKind, Error, Event, FieldValue, OutboxAct,
    Phase, RecordStatus, Role, User, UserId, VisitFilter, envelope,
    tests::{
        fake_server::{FakeServer, ME, TENANT},
        phone::{HOUR, Phone, TUESDAY_16},
        status,
    },
};

fn text(text: &str) -> Option<FieldValue> {
    Some(FieldValue::Text(text.into()))
}

/// A complaint that somebody else wrote on another phone.
fn foreign(server: &FakeServer, owner: UserId) -> DocumentId {
    let id = new_id(DocumentKind::Complaint, [8; 15]);
    let device = DeviceId::from_bytes([77; 16]);
    let value = FieldValue::Text("电梯".into());
    let edit = Edit::Set { field: "problem".into(), value };
    let change =
        Document::genesis(id).unwrap().edit(&Author { tenant: TENANT, device }, &[edit]).unwrap().unwrap();
    server.push(FeedItem::Changes { document: id, author: device, changes: vec![change.into()] });
    let origin = Some(Origin { owner, created: TUESDAY_16, evidence: None });
    server.say(RecordStatus { origin, ..status::draft(id) });
    id
}

#[tokio::test]
async fn a_document_of_any_kind_is_written_edited_and_delivered_and_no_list_of_visits_shows_it() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let customer = phone.customer().id;
    let complaint = phone
        .book
        .write(DocumentKind::Complaint, |draft| {
            draft.id(envelope::CUSTOMER, *customer.as_bytes()).time(envelope::AT, TUESDAY_16);
            draft.text("severity", "heavy").flag("urgent", true);
        })
        .unwrap();
    let answer = phone
        .book
        .write(DocumentKind::Answer, |draft| {
            draft.id(envelope::ABOUT, *complaint.as_bytes()).text("channel", "phone");
        })
        .unwrap();
    phone
        .book
        .edit(complaint, |draft| {
            draft.text(envelope::NOTE, "电梯").clear("severity");
        })
        .unwrap();
    let record = phone.book.document(complaint).unwrap().unwrap();
    assert_eq!((record.kind, record.owner, record.phase), (DocumentKind::Complaint, ME, Phase::Draft));
    assert_eq!(record.customer.unwrap().id, customer);
    assert_eq!(record.fields.get("urgent"), Some(&FieldValue::Flag(true)));
    assert_eq!((record.fields.get("note").cloned(), record.fields.get("severity")), (text("电梯"), None));
    assert_eq!(phone.book.visit(complaint).unwrap(), None);
    assert!(phone.book.visits(VisitFilter::All).unwrap().is_empty());
    let list = |kind, filter| -> Vec<DocumentId> {
        phone.book.documents(kind, filter).unwrap().iter().map(|line| line.id).collect()
    };
    assert_eq!(list(DocumentKind::Complaint, DocumentFilter::Customer(customer)), [complaint]);
    assert_eq!(list(DocumentKind::Answer, DocumentFilter::About(complaint)), [answer]);
    let tomorrow = DocumentFilter::Between {
        from: TUESDAY_16.plus_millis(24 * HOUR),
        before: TUESDAY_16.plus_millis(48 * HOUR),
    };
    assert!(list(DocumentKind::Complaint, tomorrow).is_empty());
    assert_eq!(list(DocumentKind::Complaint, DocumentFilter::Today), [complaint]);
    phone.book.sync().await.unwrap();
    assert!(phone.book.outbox().unwrap().is_empty());
    assert_eq!(phone.server.document(complaint).values().get("note").cloned(), text("电梯"));
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_refused_by_the_name_of_its_field_and_nothing_is_written() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let refused = |fill: &dyn Fn(&mut crate::Draft)| match phone
        .book
        .write(DocumentKind::PlanLine, |draft| fill(draft))
    {
        Err(Error::FixCall { what }) => what,
        other => panic!("{other:?}"),
    };
    assert!(
        refused(&|draft| {
            draft.text("place", "武".repeat(201));
        })
        .contains("place has 201 characters")
    );
    assert!(
        refused(&|draft| {
            draft.count("reviewed", 1);
        })
        .contains("reviewed")
    );
    assert!(
        refused(&|draft| {
            draft.words("staff", (0..65).map(|n| n.to_string()));
        })
        .contains("staff has 65 words")
    );
    assert!(
        refused(&|draft| {
            draft.text("satisfaction", "5");
        })
        .contains("satisfaction")
    );
    refused(&|_| ());
    assert!(phone.book.documents(DocumentKind::PlanLine, DocumentFilter::All).unwrap().is_empty());
    assert!(phone.book.outbox().unwrap().is_empty());
}

#[tokio::test]
async fn only_a_supervisor_writes_what_is_said_of_reps() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let review = || {
        phone.book.write(DocumentKind::Review, |draft| {
            draft.text("act", "read");
        })
    };
    assert!(matches!(review(), Err(Error::FixCall { .. })));
    let user = phone.book.owner().unwrap().unwrap().user;
    phone.server.push(FeedItem::User(User { role: Role::Supervisor, ..user }));
    phone.book.sync().await.unwrap();
    review().unwrap();
}

#[tokio::test]
async fn a_form_is_handed_in_once_for_each_state_of_it_and_nothing_else_is() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let form = phone
        .book
        .write(DocumentKind::Form, |draft| {
            draft.text("name", "weekly_visit_plan");
        })
        .unwrap();
    let first = phone.book.hand_in(form).unwrap();
    assert_eq!((phone.book.hand_in(form).unwrap().entry, first.due), (first.entry, None));
    assert_eq!(phone.book.document(form).unwrap().unwrap().phase, Phase::SubmittedHere);
    phone
        .book
        .edit(form, |draft| {
            draft.count("copies", 2);
        })
        .unwrap();
    assert!(phone.book.document(form).unwrap().unwrap().edited_since_submit);
    assert_ne!(phone.book.hand_in(form).unwrap().entry, first.entry);
    let submits = phone.book.outbox().unwrap();
    assert_eq!(submits.iter().filter(|item| matches!(item.act, OutboxAct::Submit { .. })).count(), 2);
    assert!(matches!(phone.book.submit(form, None), Err(Error::FixCall { .. })));
    let visit = phone.visited();
    assert!(matches!(phone.book.hand_in(visit), Err(Error::FixCall { .. })));
    assert!(phone.book.due().unwrap().iter().all(|due| due.visit == visit));
}

#[tokio::test]
async fn somebody_elses_document_is_read_and_not_written_in() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let other = UserId::from_bytes([4; 16]);
    let id = foreign(&phone.server, other);
    phone.book.sync().await.unwrap();
    let record = phone.book.document(id).unwrap().unwrap();
    assert_eq!((record.owner, record.fields.get("problem").cloned()), (other, text("电梯")));
    let events = phone.book.events().unwrap();
    assert!(events.iter().any(|(_, event)| *event == Event::DocumentChanged { document: id }));
    let refused = phone.book.edit(id, |draft| {
        draft.text("problem", "没有");
    });
    assert!(matches!(refused, Err(Error::FixCall { .. })));
}

#[tokio::test]
async fn a_document_that_was_entered_at_the_server_is_kept_and_shown_in_no_list_of_visits() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    phone.book.sync().await.unwrap();
    let id = new_id(DocumentKind::Complaint, [1; 15]);
    let customer = CustomerId::from_bytes([5; 16]);
    let mut document = Document::genesis(id).unwrap();
    let author = Author { tenant: TENANT, device: DeviceId::SERVER };
    let edits = [
        Edit::Set { field: envelope::CUSTOMER.into(), value: FieldValue::Id(*customer.as_bytes()) },
        Edit::Set { field: "urgent".into(), value: FieldValue::Flag(true) },
    ];
    let change = document.edit(&author, &edits).unwrap().unwrap();
    phone.server.push(FeedItem::Changes {
        document: id,
        author: DeviceId::SERVER,
        changes: vec![change.into()],
    });
    phone.server.say(status::draft(id));
    let report = phone.book.sync().await.unwrap();
    assert_eq!((report.received, report.distrusted), (1, 0));
    let kept = phone.book.read(|db| crate::book::load(db, id)).unwrap().unwrap();
    assert_eq!(kept.values(), document.values());
    for filter in [VisitFilter::All, VisitFilter::Unfinished, VisitFilter::Customer(customer)] {
        let listed = phone.book.visits(filter).unwrap();
        assert_eq!(listed.iter().map(|line| line.id).collect::<Vec<_>>(), [visit], "{filter:?}");
    }
    assert_eq!(phone.book.visit(id).unwrap(), None);
    let told = |event: &Event| matches!(event, Event::VisitChanged { visit } if *visit == id);
    let events = phone.book.events().unwrap();
    assert!(!events.iter().any(|(_, event)| told(event)));
    assert!(events.iter().any(|(_, event)| *event == Event::DocumentChanged { document: id }));
}
