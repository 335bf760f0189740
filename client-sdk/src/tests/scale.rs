//! How long a rep waits for what is owed; a figure to be read, run by hand in release.

use std::time::Instant;

use sync_core::{
    protocol::FeedItem,
    record::{self, Standing},
    rules::{Basis, Rulebook},
};

use crate::{
    Customer, CustomerId, OwedFilter, RecordStatus, VerdictOutcome, field, store,
    tests::{
        fake_server::FakeServer,
        phone::{HOUR, Phone},
        status,
    },
};

const CUSTOMERS: u8 = 150;
const VISITS: usize = 1_300;

#[tokio::test]
#[ignore = "a measurement"]
async fn what_is_owed_of_a_quarter_is_there_while_the_thumb_is_still_on_the_glass() {
    let phone = Phone::of_specialist(&FakeServer::new()).await;
    let known = phone.customer();
    let grades = ["A1", "A2", "B1", "B2", "C"];
    let customers: Vec<Customer> = (0..CUSTOMERS)
        .map(|number| Customer {
            id: CustomerId::from_bytes([number + 50; 16]),
            grade: grades[usize::from(number) % grades.len()].into(),
            ..known.clone()
        })
        .collect();
    customers.iter().for_each(|customer| phone.server.push(FeedItem::Customer(customer.clone())));
    phone.book.sync().await.unwrap();
    // A quarter of visits, all of them at the server but those of the last day.
    for (number, customer) in customers.iter().cycle().take(VISITS).enumerate() {
        if number == VISITS - 20 {
            phone.book.sync().await.unwrap();
        }
        let visit = phone.book.new_visit(customer.id).unwrap();
        phone.pass(HOUR);
        phone.book.check_in(visit).unwrap();
        phone.book.check_out(visit).unwrap();
        let channel = if number % 3 == 0 { "on_site" } else { "phone" };
        let write = |draft: &mut crate::Draft| {
            draft
                .text(field::CLASS, "scheduled_return")
                .text(field::CHANNEL, channel)
                .text(field::RESULT, "续约");
        };
        phone.book.edit(visit, write).unwrap();
        let entry = phone.book.submit(visit, None).unwrap().entry;
        if number < VISITS - 20 {
            let mut submit = status::submit(entry, Standing::Candidate);
            (submit.verdict.outcome, submit.verdict.basis) = (VerdictOutcome::OnTime, Basis::Proven);
            let phase = record::Phase::Submitted;
            phone.server.answer_with(RecordStatus { phase, submits: vec![submit], ..status::draft(visit) });
        }
    }
    let parts = phone.book.read(|db| Ok((store::packs(db)?, store::calendars(db)?))).unwrap();
    let begun = Instant::now();
    Rulebook::parse(&parts.0, &parts.1).unwrap();
    println!("rules alone: {:?}", begun.elapsed());
    let begun = Instant::now();
    let facts = phone.book.read(store::facts).unwrap().len();
    println!("{facts} facts alone: {:?}", begun.elapsed());
    for _ in 0..3 {
        let begun = Instant::now();
        let owed = phone.book.obligations(OwedFilter::Open).unwrap().len();
        println!("{owed} open obligations: {:?}", begun.elapsed());
        let begun = Instant::now();
        let owed = phone.book.obligations(OwedFilter::All).unwrap().len();
        println!("{owed} obligations: {:?}", begun.elapsed());
        let begun = Instant::now();
        let counts = phone.book.quotas().unwrap().len();
        println!("{counts} quotas: {:?}", begun.elapsed());
        let now = phone.book.read(|db| crate::book::best_time(db, phone.book.platform.clock())).unwrap();
        let begun = Instant::now();
        let reminders = phone.book.reminders(now.plus_millis(7 * 24 * HOUR)).unwrap().len();
        println!("{reminders} reminders: {:?}", begun.elapsed());
    }
}
