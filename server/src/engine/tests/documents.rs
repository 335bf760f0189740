//! Documents of other kinds than visits: who writes them, who is told of them, what is kept of their writing.

use std::collections::BTreeMap;

use sync_core::{
    admission::RefusalCode,
    document::{Document, DocumentKind, Edit, FieldValue, envelope},
    encoding,
    id::{DeviceId, DocumentId, UserId},
    protocol::{Cursor, FeedItem, PullRequest},
    record::{Phase, Standing},
    rules::{Fact, FactKind, Recorded, facts_of},
};

use super::{
    super::{EngineError, Entering, fixture::World},
    set,
};
use crate::engine::fixture::{HOUR_MS, Phone, filled};

fn id(field: &str, value: [u8; 16]) -> Edit {
    Edit::Set { field: field.to_owned(), value: FieldValue::Id(value) }
}

/// The documents that a phone of a user is told of.
async fn told(world: &World, user: UserId) -> Vec<DocumentId> {
    let phone = world.phone(user).await;
    let request = PullRequest { cursor: Cursor(0), nonce: [9; 16], seen: None, shown: None, run: None };
    let items = world.engine.pull(phone.session, request).await.unwrap().items;
    let documents = items.iter().filter_map(|item| match item {
        FeedItem::Changes { document, .. } => Some(*document),
        _ => None,
    });
    documents.collect()
}

async fn refusal(world: &World, phone: &mut Phone) -> Option<RefusalCode> {
    phone.sync(world).await.unwrap().receipt.refused.first().map(|refused| refused.code)
}

#[tokio::test]
async fn reps_write_all_kinds_but_those_that_need_a_supervisor_and_nobody_what_is_ruled_at_the_server() {
    let world = World::new().await;
    let (mut rep, mut boss) = (world.phone(world.rep).await, world.phone(world.boss).await);
    for kind in DocumentKind::ALL {
        for (number, phone) in [(1, &mut rep), (2, &mut boss)] {
            let document = world.document(*kind, number);
            let text = kind.schema().texts().next().unwrap().name;
            phone.edit(document, &[set(text, "x")]);
            let refused = kind.is_ruled_at_the_server() || number == 1 && kind.needs_supervisor();
            let expected = refused.then_some(RefusalCode::NotPermitted);
            assert_eq!(refusal(&world, phone).await, expected, "{} {number}", kind.name());
            assert_eq!(world.engine.view(world.tenant).record(document).unwrap().is_none(), refused);
        }
    }
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn a_document_goes_to_whoever_is_responsible_for_its_customer_as_its_first_page_says() {
    let world = World::new().await;
    let mut boss = world.phone(world.boss).await;
    let [open, later, checked, visit] = [
        world.document(DocumentKind::Complaint, 1),
        world.document(DocumentKind::Complaint, 2),
        world.document(DocumentKind::SpotCheck, 3),
        world.visit(4),
    ];
    let of_customer = [id(envelope::CUSTOMER, *world.customer.as_bytes())];
    for document in [open, checked, visit] {
        boss.edit(document, &of_customer);
    }
    boss.edit(later, &[set("problem", "leak")]);
    boss.sync(&world).await.unwrap();
    boss.edit(later, &of_customer);
    boss.edit(open, &[set("problem", "noise"), Edit::Clear { field: envelope::CUSTOMER.to_owned() }]);
    boss.sync(&world).await.unwrap();
    assert_eq!(told(&world, world.rep).await, [open, open]);
    assert_eq!(told(&world, world.other_rep).await, []);
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn whoever_becomes_responsible_for_a_customer_is_told_what_was_written_before_and_what_comes() {
    let world = World::new().await;
    let (mut rep, mut boss) = (world.phone(world.rep).await, world.phone(world.boss).await);
    let [complaint, checked, visit] = [
        world.document(DocumentKind::Complaint, 1),
        world.document(DocumentKind::SpotCheck, 2),
        world.visit(3),
    ];
    let of_customer = [id(envelope::CUSTOMER, *world.customer.as_bytes())];
    rep.edit(complaint, &of_customer);
    rep.edit(visit, &of_customer);
    boss.edit(checked, &of_customer);
    for phone in [&mut rep, &mut boss] {
        phone.sync(&world).await.unwrap();
    }
    let mut second = world.phone(world.rep).await;
    *second.document(complaint) = Document::load(complaint, &world.record(complaint).saved).unwrap();
    second.edit(complaint, &[set("problem", "leak")]);
    second.sync(&world).await.unwrap();

    let mut customer = world.engine.view(world.tenant).customer(world.customer).unwrap().unwrap();
    customer.owner = Some(world.other_rep);
    world.engine.put_customers(world.tenant, None, vec![customer.clone()]).await.unwrap();
    assert_eq!(told(&world, world.other_rep).await, [complaint, complaint], "one run of each author");
    assert_eq!(world.record(complaint).readers, [world.boss, world.other_rep]);

    second.edit(complaint, &[set("problem", "a leak")]);
    second.sync(&world).await.unwrap();
    assert_eq!(told(&world, world.other_rep).await, [complaint; 3]);
    customer.owner = Some(world.rep);
    world.engine.put_customers(world.tenant, None, vec![customer.clone()]).await.unwrap();
    customer.owner = Some(world.other_rep);
    world.engine.put_customers(world.tenant, None, vec![customer]).await.unwrap();
    assert_eq!(told(&world, world.other_rep).await, [complaint; 3], "once is enough");
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn a_document_about_anothers_goes_to_that_ones_owner() {
    let world = World::new().await;
    let (mut rep, mut boss) = (world.phone(world.rep).await, world.phone(world.boss).await);
    let (line, review) = (world.document(DocumentKind::PlanLine, 1), world.document(DocumentKind::Review, 2));
    rep.edit(line, &[set("purpose", "price")]);
    rep.sync(&world).await.unwrap();
    boss.edit(review, &[id(envelope::ABOUT, *line.as_bytes()), set("act", "read")]);
    boss.sync(&world).await.unwrap();
    assert_eq!(told(&world, world.rep).await, [line, review]);
    assert_eq!(
        told(&world, world.boss).await,
        [line, review],
        "and what reps write goes to whom they report"
    );
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn the_evidence_of_the_first_change_is_kept_and_told_and_later_changes_leave_it() {
    let world = World::new().await;
    let mut rep = world.phone(world.rep).await;
    let document = world.document(DocumentKind::Answer, 1);
    rep.sync(&world).await.unwrap();
    world.pass(HOUR_MS);
    rep.edit(document, &[set("result", "remedied")]);
    let written = world.now();
    world.pass(HOUR_MS);
    let receipt = rep.sync(&world).await.unwrap().receipt;
    let origin = receipt.records[0].origin.clone().unwrap();
    let evidence = origin.evidence.clone().unwrap();
    assert_eq!((origin.owner, origin.created), (world.rep, receipt.received));
    assert_eq!((evidence.claimed, evidence.not_after), (written, Some(receipt.received)));
    world.pass(HOUR_MS);
    rep.edit(document, &[set("result", "solved")]);
    let again = rep.sync(&world).await.unwrap().receipt;
    assert_eq!(again.records[0].origin, Some(origin));
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn the_record_of_a_visit_is_told_without_an_origin_unless_it_has_no_time_of_its_own() {
    let world = World::new().await;
    let mut rep = world.phone(world.rep).await;
    rep.edit(world.visit(1), &filled(world.customer, world.now(), "好"));
    let receipt = rep.sync(&world).await.unwrap().receipt;
    assert_eq!((&receipt.records[0].origin, world.record(world.visit(1)).evidence), (&None, None));
    // Key 6 would make it a map of seven.
    assert_ne!(encoding::encode(&receipt.records[0])[0], 0xa7);

    rep.edit(world.visit(2), &[set("content", "谈价格")]);
    let arrived = world.now();
    let receipt = rep.sync(&world).await.unwrap().receipt;
    let origin = receipt.records[0].origin.clone().unwrap();
    assert_eq!((origin.owner, origin.created), (world.rep, arrived));
}

#[tokio::test]
async fn a_form_is_handed_in_and_other_kinds_are_not() {
    let world = World::new().await;
    let mut rep = world.phone(world.rep).await;
    let (form, repair) = (world.document(DocumentKind::Form, 1), world.document(DocumentKind::Repair, 2));
    rep.edit(form, &[set("name", "weekly_visit_plan")]);
    assert_eq!(rep.sync(&world).await.unwrap().receipt.records[0].phase, Phase::Draft);
    rep.submit(form);
    let status = rep.sync(&world).await.unwrap().receipt.records.remove(0);
    assert_eq!((status.phase, status.submits.len()), (Phase::Submitted, 1));
    assert_eq!(status.submits[0].standing, Standing::Official);
    assert!(status.submits[0].verdict.evidence.is_some());
    rep.edit(repair, &[set("area", "east")]);
    rep.submit(repair);
    assert_eq!(refusal(&world, &mut rep).await, Some(RefusalCode::NotPermitted));
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn lists_and_records_of_visits_show_visits_only() {
    let world = World::new().await;
    let mut rep = world.phone(world.rep).await;
    let form = world.document(DocumentKind::Form, 1);
    rep.edit(form, &[set("name", "weekly_visit_plan")]);
    rep.edit(world.visit(2), &filled(world.customer, world.now(), "好"));
    rep.sync(&world).await.unwrap();
    let view = world.engine.view(world.tenant);
    let lines = view.lines_of(world.rep, None, 10).unwrap();
    let listed: Vec<DocumentId> = lines.iter().map(|(_, line)| line.status.document).collect();
    assert_eq!(listed, [world.visit(2)]);
    assert!(view.record(form).unwrap().is_some() && view.visit(form).unwrap().is_none());
}

fn entering(kind: DocumentKind, owner: UserId, fields: &[(&str, FieldValue)]) -> Entering {
    let fields: BTreeMap<_, _> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Entering { kind, owner, fields }
}

#[tokio::test]
async fn what_is_entered_at_the_server_goes_to_phones_which_write_on_from_there() {
    let world = World::new().await;
    let text = |text: &str| FieldValue::Text(text.to_owned());
    let complaint = entering(DocumentKind::Complaint, world.rep, &[("severity", text("major"))]);
    let document = world.engine.enter(world.tenant, world.boss, complaint).await.unwrap();
    let stored = world.record(document);
    assert_eq!((stored.owner, stored.written[0].device), (world.rep, DeviceId::SERVER));
    assert_eq!(stored.status.origin.as_ref().unwrap().evidence, None);
    let mut phone = world.phone(world.rep).await;
    phone.pull(&world).await.unwrap();
    phone.edit(document, &[set("problem", "leak")]);
    assert_eq!(refusal(&world, &mut phone).await, None);
    let values = phone.document(document).values();
    assert_eq!((values.get("severity"), values.get("problem")), (Some(&text("major")), Some(&text("leak"))));
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn a_form_that_the_office_enters_was_handed_in_then() {
    let world = World::new().await;
    let name = FieldValue::Text("weekly_visit_plan".to_owned());
    let form = entering(DocumentKind::Form, world.rep, &[("name", name)]);
    let document = world.engine.enter(world.tenant, world.boss, form).await.unwrap();
    let stored = world.record(document);
    let loaded = sync_core::document::Document::load(document, &stored.saved).unwrap();
    let rulebook = world.engine.view(world.tenant).rulebook().unwrap();
    let facts: Vec<Fact> = facts_of(&Recorded {
        document,
        owner: stored.owner,
        created: stored.created,
        evidence: stored.evidence.as_ref(),
        values: &loaded.values(),
        official: None,
        status: Some(&stored.status),
        zone: rulebook.zone(stored.created).unwrap(),
    });
    assert_eq!(facts.len(), 1);
    assert_eq!((facts[0].kind, facts[0].at, facts[0].actor), (FactKind::FORM, world.now(), Some(world.rep)));
}

#[tokio::test]
async fn everybody_enters_their_own_and_those_above_also_for_those_below() {
    let world = World::new().await;
    let enter = async |by, kind, owner| {
        let note = [(envelope::NOTE, FieldValue::Text("x".to_owned()))];
        world.engine.enter(world.tenant, by, entering(kind, owner, &note)).await
    };
    enter(world.rep, DocumentKind::Repair, world.rep).await.unwrap();
    enter(world.boss, DocumentKind::Finding, world.rep).await.unwrap();
    let finding = enter(world.rep, DocumentKind::Finding, world.rep).await;
    assert!(matches!(finding, Err(EngineError::NotPermitted)), "{finding:?}");
    for (by, owner) in [(world.rep, world.boss), (world.boss, world.other_rep)] {
        let strange = enter(by, DocumentKind::Repair, owner).await;
        assert!(matches!(strange, Err(EngineError::NotFound)), "{strange:?}");
    }
    let audited = enter(world.auditor, DocumentKind::Repair, world.rep).await;
    assert!(matches!(audited, Err(EngineError::NotPermitted)), "{audited:?}");
}

#[tokio::test]
async fn a_visit_an_empty_document_and_a_field_that_does_not_fit_are_not_entered() {
    let world = World::new().await;
    let long = FieldValue::Text("长".repeat(201));
    let visit = [("place", FieldValue::Text("x".to_owned()))];
    let exception = [("reason", FieldValue::Text("illness".to_owned()))];
    for (kind, fields) in [
        (DocumentKind::Visit, &visit[..]),
        (DocumentKind::Exception, &exception[..]),
        (DocumentKind::Repair, &[]),
        (DocumentKind::Repair, &[("area", long)]),
        (DocumentKind::Repair, &[("severity", FieldValue::Count(1))]),
    ] {
        let before = world.engine.root();
        let refused = world.engine.enter(world.tenant, world.rep, entering(kind, world.rep, fields)).await;
        assert!(matches!(refused, Err(EngineError::Invalid(_))), "{refused:?}");
        assert_eq!(world.engine.root(), before);
    }
}
