//! Documents of other kinds than visits: kept, and shown in no list of visits.

use sync_core::{
    document::{Author, Document, DocumentKind, Edit, FieldValue, envelope, new_id},
    id::{DeviceId, TenantId},
    protocol::FeedItem,
};

use super::{fake_server::FakeServer, phone::Phone, status};
use crate::{CustomerId, Event, VisitFilter};

#[tokio::test]
async fn a_document_of_another_kind_is_kept_and_shown_in_no_list_of_visits() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    phone.book.sync().await.unwrap();
    let known = phone.book.events().unwrap();
    let id = new_id(DocumentKind::Complaint, [1; 15]);
    let customer = CustomerId::from_bytes([5; 16]);
    let mut document = Document::genesis(id).unwrap();
    let author = Author { tenant: TenantId::from_bytes([9; 16]), device: DeviceId::SERVER };
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
    assert_eq!(events, known);
}
