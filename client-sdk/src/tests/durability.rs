//! What was written stays written, whenever the app dies.

use sync_core::log::Entry;

use crate::{
    Error, VisitFilter, field, store,
    tests::{
        fake_server::FakeServer,
        phone::{HOUR, Phone},
    },
};

#[tokio::test]
async fn an_edit_is_on_disk_before_the_call_returns() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    phone.write(visit, field::CONTENT, "第一行");
    let before = phone.book.outbox().unwrap();
    let phone = phone.killed();
    let record = phone.book.visit(visit).unwrap().unwrap();
    assert_eq!(record.fields.content.as_deref(), Some("第一行"));
    assert_eq!(phone.book.outbox().unwrap(), before);
}

#[tokio::test]
async fn an_edit_that_does_not_fit_leaves_neither_a_change_nor_an_entry() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.visited();
    let before = (phone.book.visit(visit).unwrap(), phone.book.outbox().unwrap());
    let refused = phone.book.edit(visit, |draft| {
        draft.text(field::PLACE, "武汉").count(field::SATISFACTION, 6);
    });
    assert!(matches!(refused, Err(Error::FixCall { .. })));
    assert_eq!((phone.book.visit(visit).unwrap(), phone.book.outbox().unwrap()), before);
}

#[tokio::test]
async fn the_boot_clock_never_runs_back_in_the_log_whoever_writes_at_once() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let customer = phone.customer().id;
    phone.tick();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20 {
                    phone.book.new_visit(customer).unwrap();
                }
            });
        }
    });
    let device = phone.book.owner().unwrap().unwrap().device;
    let entries = phone.book.read(|db| store::entries_from(db, device, 0, 1_000)).unwrap();
    let read: Vec<u64> = entries.iter().map(|(_, bytes)| Entry::decode(bytes).unwrap().boot_ms).collect();
    assert!(read.len() > 80 && read.is_sorted());
}

#[tokio::test]
async fn nothing_is_written_before_the_phone_is_enrolled() {
    let phone = Phone::new(&FakeServer::new());
    let refused = phone.book.new_visit(crate::CustomerId::from_bytes([5; 16]));
    assert!(matches!(refused, Err(Error::NotEnrolled)));
    assert!(phone.book.owner().unwrap().is_none());
}

#[tokio::test]
async fn the_list_of_today_holds_todays_visits_only() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let yesterday = phone.visited();
    phone.pass(24 * HOUR);
    let today = phone.visited();
    let ids = |filter| -> Vec<_> { phone.book.visits(filter).unwrap().iter().map(|line| line.id).collect() };
    assert_eq!(ids(VisitFilter::Today), [today]);
    assert_eq!(ids(VisitFilter::All), [yesterday, today]);
    let line = phone.book.visits(VisitFilter::Today).unwrap().remove(0);
    assert_eq!(line.customer_name.as_deref(), Some("光谷食品 100%"));
}

#[tokio::test]
async fn the_time_of_a_visit_does_not_follow_a_wall_clock_that_was_set() {
    let phone = Phone::ready(&FakeServer::new()).await;
    let visit = phone.book.new_visit(phone.customer().id).unwrap();
    let started = phone.book.check_in(visit).unwrap();
    phone.pass(HOUR);
    phone.set_wall(started.plus_millis(-1000 * HOUR));
    assert_eq!(phone.book.check_out(visit).unwrap(), started.plus_millis(HOUR));
    phone.restart();
    let next = phone.book.new_visit(phone.customer().id).unwrap();
    assert_eq!(phone.book.check_in(next).unwrap(), started, "never before the newest anchor");
}
