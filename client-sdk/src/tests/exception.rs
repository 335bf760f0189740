//! Exceptions: what somebody let off is no work any more, and a phone says who did and why.

use sync_core::{
    document::{Author, Document, Edit},
    record::Origin,
    rules::On,
};

use crate::{
    DeviceId, DocumentId, DocumentKind, DueAct, FieldValue, Fulfilment, Owed, OwedFilter, Reason, Subject,
    User, UserId, envelope,
    tests::{
        fake_server::{FakeServer, ME, TENANT},
        phone::{HOUR, Phone, TUESDAY_16},
        status,
    },
};

const BOSS: UserId = UserId::from_bytes([4; 16]);
const CALLS: &str = "S21-R1";
const RECORD: &str = "S21-R17";

/// What the server makes of a supervisor's exception: which obligations, and further fields.
async fn told(
    phone: &Phone,
    number: u8,
    by: UserId,
    (rule, on): (&str, On),
    more: &[(&str, FieldValue)],
) -> DocumentId {
    let id = sync_core::document::new_id(DocumentKind::Exception, [number; 15]);
    let text = |text: &str| FieldValue::Text(text.to_owned());
    let mut fields = vec![
        (envelope::AT, FieldValue::Time(TUESDAY_16.plus_millis(i64::from(number)))),
        (envelope::NOTE, text("住院")),
        ("pack", text("key_account_outbound")),
        ("rule", text(rule)),
        ("part", FieldValue::Count(0)),
        ("reason", text("illness")),
    ];
    if let On::Customer(customer) = on {
        fields.push((envelope::CUSTOMER, FieldValue::Id(*customer.as_bytes())));
    }
    fields.extend(more.iter().cloned());
    let edits: Vec<Edit> =
        fields.into_iter().map(|(field, value)| Edit::Set { field: field.to_owned(), value }).collect();
    let author = Author { tenant: TENANT, device: DeviceId::SERVER };
    let change = Document::genesis(id).unwrap().edit(&author, &edits).unwrap().unwrap();
    phone.server.push(sync_core::protocol::FeedItem::Changes {
        document: id,
        author: DeviceId::SERVER,
        changes: vec![change.into()],
    });
    let origin = Some(Origin { owner: by, created: TUESDAY_16, evidence: None });
    phone.server.say(crate::RecordStatus { origin, ..status::draft(id) });
    let report = phone.book.sync().await.unwrap();
    assert_eq!(report.distrusted, 0);
    id
}

/// From Monday to Sunday of this week, in Shanghai.
fn this_week() -> [(&'static str, FieldValue); 2] {
    let monday = TUESDAY_16.plus_millis(-40 * HOUR);
    [("from", FieldValue::Time(monday)), ("until", FieldValue::Time(monday.plus_millis(7 * 24 * HOUR - 1)))]
}

fn owed(phone: &Phone, rule: &str, filter: OwedFilter) -> Vec<Owed> {
    let mut owed = phone.book.obligations(filter).unwrap();
    owed.retain(|owed| owed.rule.rule == rule && owed.rule.pack == "key_account_outbound");
    owed
}

fn calls(phone: &Phone, filter: OwedFilter) -> Option<Owed> {
    let this_week = |owed: &Owed| matches!(owed.subject, Subject::Customer(_, week) if week.first.to_string() == "2026-03-02");
    owed(phone, CALLS, filter).into_iter().find(this_week)
}

async fn know_the_boss(phone: &Phone) {
    let me = phone.book.owner().unwrap().unwrap().user;
    let boss = User { id: BOSS, login: "boss".into(), name: "刘芳".into(), posts: vec![], ..me };
    phone.server.push(sync_core::protocol::FeedItem::User(boss));
    phone.book.sync().await.unwrap();
}

#[tokio::test]
async fn a_quota_that_is_let_off_is_no_work_and_says_who_let_it_off_and_why() {
    let phone = Phone::of_specialist(&FakeServer::new()).await;
    know_the_boss(&phone).await;
    let customer = On::Customer(phone.customer().id);
    let until = TUESDAY_16.plus_millis(6 * 24 * HOUR);
    let id = calls(&phone, OwedFilter::Open).unwrap().obligation;
    let told_of = || {
        let reminders = phone.book.reminders(until).unwrap();
        reminders.into_iter().filter(|reminder| reminder.obligation == id).count()
    };
    assert!(told_of() > 0);
    let document = told(&phone, 1, BOSS, (CALLS, customer), &this_week()).await;
    assert_eq!(calls(&phone, OwedFilter::Open), None);
    assert_eq!(told_of(), 0);
    let count = phone.book.quotas().unwrap().into_iter().find(|count| count.obligation == id).unwrap();
    assert_eq!((count.let_off, count.met, count.asked), (true, false, 2));
    phone.pass(7 * 24 * HOUR);
    let owed = calls(&phone, OwedFilter::All).unwrap();
    assert_eq!((owed.state, owed.let_off, owed.overdue), (Fulfilment::Breached, true, false));
    let exception = owed.exception.unwrap();
    assert_eq!((exception.document, exception.by, exception.required), (document, Some(BOSS), None));
    assert_eq!(exception.by_name.as_deref(), Some("刘芳"));
    assert_eq!((exception.reason, exception.note.as_str()), (Some(Reason::Illness), "住院"));
    let last_of_all = phone.book.obligations(OwedFilter::All).unwrap();
    let at = last_of_all.iter().position(|owed| owed.obligation == id).unwrap();
    assert!(last_of_all[at..].iter().all(|owed| owed.let_off || owed.state == Fulfilment::Met));
}

#[tokio::test]
async fn a_quota_asks_for_the_number_that_was_ruled_until_that_is_withdrawn() {
    let phone = Phone::of_specialist(&FakeServer::new()).await;
    let series = (CALLS, On::Customer(phone.customer().id));
    phone.called();
    let shown = || {
        let owed = calls(&phone, OwedFilter::All).unwrap();
        (owed.state, owed.done, owed.asked, owed.let_off, owed.exception.and_then(|ruled| ruled.required))
    };
    assert_eq!(shown(), (Fulfilment::Pending, 1, 2, false, None));
    let [from, until] = this_week();
    let fewer = [from.clone(), until.clone(), ("required", FieldValue::Count(1))];
    told(&phone, 1, BOSS, series, &fewer).await;
    assert_eq!(shown(), (Fulfilment::Met, 1, 1, false, Some(1)));
    let withdrawn = [from, until, ("withdrawn", FieldValue::Flag(true))];
    told(&phone, 2, BOSS, series, &withdrawn).await;
    assert_eq!(shown(), (Fulfilment::Pending, 1, 2, false, None));
}

#[tokio::test]
async fn what_is_said_to_be_ones_own_exception_holds_for_nothing() {
    let phone = Phone::of_specialist(&FakeServer::new()).await;
    told(&phone, 1, ME, (CALLS, On::Customer(phone.customer().id)), &this_week()).await;
    let owed = calls(&phone, OwedFilter::Open).unwrap();
    assert_eq!((owed.let_off, owed.exception), (false, None));
}

#[tokio::test]
async fn a_record_that_is_let_off_is_due_no_more_and_one_that_was_submitted_still_has_to_arrive() {
    let phone = Phone::of_specialist(&FakeServer::new()).await;
    let [first, second] = [phone.visited(), phone.visited()];
    phone.book.sync().await.unwrap();
    let due = || -> Vec<(DocumentId, bool)> {
        let due = phone.book.due().unwrap();
        due.iter().map(|due| (due.visit, due.act == DueAct::Submit)).collect()
    };
    assert_eq!(due(), [(first, true), (second, true)]);
    for (number, visit) in [(1, first), (2, second)] {
        let about = [(envelope::ABOUT, FieldValue::Id(*visit.as_bytes()))];
        let fact = sync_core::rules::fact_of(visit);
        told(&phone, number, BOSS, (RECORD, On::Fact(fact)), &about).await;
    }
    assert_eq!(due(), []);
    assert!(owed(&phone, RECORD, OwedFilter::All).iter().all(|owed| owed.let_off));
    phone.server.set_offline(true);
    phone.book.submit(second, None).unwrap();
    assert_eq!(due(), [(second, false)]);
}

#[tokio::test]
async fn phones_write_no_exceptions_and_do_not_write_in_those_they_are_told_of() {
    let phone = Phone::of_specialist(&FakeServer::new()).await;
    let me = phone.book.owner().unwrap().unwrap().user;
    phone.server.push(sync_core::protocol::FeedItem::User(User { role: crate::Role::Manager, ..me }));
    phone.book.sync().await.unwrap();
    let written = phone.book.write(DocumentKind::Exception, |draft| {
        draft.text("reason", "illness");
    });
    assert!(matches!(written, Err(crate::Error::FixCall { .. })), "{written:?}");
    let mine = told(&phone, 1, ME, (CALLS, On::Customer(phone.customer().id)), &this_week()).await;
    let edited = phone.book.edit(mine, |draft| {
        draft.text("reason", "forgot");
    });
    assert!(matches!(edited, Err(crate::Error::FixCall { .. })), "{edited:?}");
}
