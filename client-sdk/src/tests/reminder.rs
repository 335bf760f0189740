//! Reminders: what a platform schedules, moves and cancels.

use crate::{
    DocumentKind, Event, Reminder, ReminderKind, Timestamp, field,
    tests::{
        fake_server::FakeServer,
        phone::{HOUR, Phone, TUESDAY_16},
    },
};

/// Four weeks.
const UNTIL: Timestamp = TUESDAY_16.plus_millis(28 * 24 * HOUR);

fn reminders(phone: &Phone, says: &str) -> Vec<Reminder> {
    let mut reminders = phone.book.reminders(UNTIL).unwrap();
    reminders.retain(|reminder| reminder.says.contains(says));
    reminders
}

/// How many hours after Tuesday 16:00 in Shanghai.
fn hours(reminder: &Reminder) -> i64 {
    reminder.at.millis_since(TUESDAY_16) / HOUR
}

#[tokio::test]
async fn a_form_is_told_when_it_may_be_filled_in_on_its_last_day_and_when_it_is_too_late() {
    let phone = Phone::of_specialist(&FakeServer::new()).await;
    let plan = &reminders(&phone, "填报下周拜访计划")[..3];
    let told: Vec<_> = plan.iter().map(|reminder| (reminder.kind, hours(reminder))).collect();
    // Saturday, Sunday and Monday at nine.
    let at = |day: i64| day * 24 - 7;
    let kinds = [ReminderKind::Opens, ReminderKind::DueToday, ReminderKind::Overdue];
    assert_eq!(told, [(kinds[0], at(4)), (kinds[1], at(5)), (kinds[2], at(6))]);
    let all = phone.book.reminders(UNTIL).unwrap();
    assert!(all.is_sorted_by_key(|reminder| reminder.at));
    assert!(all.iter().all(|reminder| (TUESDAY_16..UNTIL).contains(&reminder.at)));
    let ids: std::collections::BTreeSet<_> = all.iter().map(|reminder| &reminder.id).collect();
    assert_eq!(ids.len(), all.len());
}

#[tokio::test]
async fn a_reminder_keeps_its_name_when_it_moves_and_goes_when_the_work_is_done() {
    let phone = Phone::of_specialist(&FakeServer::new()).await;
    phone.server.set_offline(true);
    let visit = phone.visited();
    let record = || reminders(&phone, "两天内填写拜访记录");
    let before = record();
    let kinds: Vec<_> = before.iter().map(|reminder| reminder.kind).collect();
    assert_eq!(kinds, [ReminderKind::DueSoon, ReminderKind::DueToday, ReminderKind::Overdue]);
    phone
        .book
        .edit(visit, |draft| {
            draft.time(field::ENDED, TUESDAY_16.plus_millis(-23 * HOUR));
        })
        .unwrap();
    let after = record();
    let ids = |reminders: &[Reminder]| -> Vec<String> {
        reminders.iter().map(|reminder| reminder.id.clone()).collect()
    };
    assert_eq!(ids(&after), ids(&before)[1..], "this morning has been");
    assert!(
        after.iter().zip(&before[1..]).all(|(after, before)| before.at.millis_since(after.at) == 24 * HOUR)
    );
    phone.book.submit(visit, None).unwrap();
    let deliver = record();
    assert_eq!(ids(&deliver), ids(&before)[1..2], "it is done and not there yet");
    assert!(deliver.iter().all(|reminder| reminder.deliver) && !after[0].deliver);
}

#[tokio::test]
async fn a_sync_that_changes_what_is_owed_tells_so_once_behind_everything() {
    let phone = Phone::of_specialist(&FakeServer::new()).await;
    let changed = || {
        let events = phone.book.events().unwrap();
        let at = |(at, (_, event)): (usize, &(_, Event))| (*event == Event::RemindersChanged).then_some(at);
        (events.iter().enumerate().filter_map(at).collect::<Vec<_>>(), events.len())
    };
    let (told, len) = changed();
    assert_eq!(told, [len - 1]);
    let last = phone.book.events().unwrap().pop().unwrap().0;
    phone.book.mark_read(last).unwrap();
    phone.book.sync().await.unwrap();
    assert_eq!(changed(), (vec![], 0), "nothing is owed otherwise than before");
    let form = phone
        .book
        .write(DocumentKind::Form, |draft| {
            draft.text("name", "weekly_visit_plan");
        })
        .unwrap();
    let user = phone.book.owner().unwrap().unwrap().user;
    phone.server.push(sync_core::protocol::FeedItem::User(user));
    phone.book.sync().await.unwrap();
    assert_eq!(changed(), (vec![0], 1), "the specialist is none any more");
    assert!(phone.book.document(form).unwrap().is_some());
    assert!(reminders(&phone, "填报下周拜访计划").is_empty());
}
