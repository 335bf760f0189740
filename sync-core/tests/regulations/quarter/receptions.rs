//! Made-up receptions of customers around the Spring Festival of 2026, whose days off are made up for on Saturdays.

use sync_core::{
    id::UserId,
    rules::{Account, Company, FactKind, Period, Person},
    time::Timestamp,
};

use super::{
    days::{DAY_MS, HOUR_MS, day_of, days, end_of, later, midnight},
    diary::{Diary, Entry},
    dice::Dice,
};
use crate::case::{customer, user};

/// Somebody who sells, and somebody who orders meals.
pub(super) fn company() -> Company {
    let mut company = Company::default();
    for (name, post) in [("seller", "salesperson"), ("desk", "receptionist"), ("other", "salesperson")] {
        let person = Person { posts: Box::from([post.into()]), ..Person::default() };
        company.put(user(name), person);
    }
    for (name, owner) in [("c", Some(user("seller"))), ("nobody's", None)] {
        let account = Account { owners: vec![(Timestamp::from_millis(0), owner)], ..Account::default() };
        company.customers.insert(customer(name), account);
    }
    company
}

/// A reception on each of these days, which ends on that day or one of the next.
pub(super) fn happen(dice: &mut Dice, diary: &mut Diary, span: Period) {
    for day in days(span) {
        let at = midnight(day).plus_millis(dice.between(0, DAY_MS - 1));
        let guest = customer(if dice.chance(95) { "c" } else { "nobody's" });
        let (president, by) = (dice.chance(60), user("seller"));
        let reception = Entry::new(FactKind::RECEPTION, at).by(by).to(guest).word("type", "talks");
        let reception = diary.note(reception.flag("president", president));
        let seller = |dice: &mut Dice| -> UserId { user(if dice.chance(85) { "seller" } else { "other" }) };
        for (kind, artefact) in [(FactKind::NOTICE, "president"), (FactKind::FORM, "reception_arrangement")] {
            for _ in 0..dice.below(3) {
                let told = around(dice, at, &[-4, -3, -2, -1, 0]);
                let evidence = diary.evidence(dice, told);
                let copies = dice.between(1, 4);
                let entry = Entry::new(kind, told).by(seller(dice)).about(reception).shown_by(evidence);
                let entry = if kind == FactKind::NOTICE {
                    let to = dice.pick(&["marketing_back_office", "marketing_back_office", "office"]);
                    entry.word("to", to).word("artefact", artefact)
                } else {
                    let to = dice.pick(&["dept_head", "dept_head", "office"]);
                    entry.word("name", artefact).word("to", to).number("copies", copies)
                };
                diary.note(entry);
            }
        }
        let part = dice.pick(&["tour", "lunch", "dinner", "talk"]);
        let starts = at.plus_millis(2 * HOUR_MS);
        let fixed = dice.chance(30);
        let programme = Entry::new(FactKind::PROGRAMME, starts).to(guest).about(reception).word("type", part);
        let programme = diary.note(programme.flag("fixed", fixed));
        for _ in 0..dice.below(3) {
            let told = starts.plus_millis(-HOUR_MS + dice.pick(&[-HOUR_MS, -1, 0, 1, HOUR_MS]));
            let by = user(dice.pick(&["seller", "desk"]));
            let notice = Entry::new(FactKind::NOTICE, told).by(by).about(programme);
            let artefact = if part == "tour" { "tour" } else { "meal" };
            diary.note(notice.word("to", "marketing_support").word("artefact", artefact));
        }
        let left = at.plus_millis(dice.between(3, 60) * HOUR_MS);
        let process = dice.pick(&["talks", "talks", "talks", "tour"]);
        let leaving = Entry::new(FactKind::STAGE, left).to(guest).about(reception);
        diary.note(leaving.word("name", "left").word("process", process));
        for (name, to) in [("meeting_memo", "customer"), ("meeting_minutes", "marketing")] {
            for _ in 0..dice.below(3) {
                let written = around(dice, left, &[0, 1, 2, 3, 4, 5, 9, 10, 11, 12]);
                let evidence = diary.evidence(dice, written);
                let copies = dice.between(2, 4);
                let form = Entry::new(FactKind::FORM, written).by(seller(dice)).about(reception);
                let form = form.word("name", name).word("to", to).number("copies", copies);
                let form = form.perhaps(dice, 80, |form| form.words("fields", &["timetable", "topics"]));
                diary.note(form.shown_by(evidence));
            }
        }
    }
}

/// So many days from a moment: at the very end of that day, just after it, or at the same hour.
fn around(dice: &mut Dice, at: Timestamp, off: &[i64]) -> Timestamp {
    let days = dice.pick(off);
    match dice.below(4) {
        0 => end_of(later(day_of(at), days)),
        1 => end_of(later(day_of(at), days)).plus_millis(1),
        _ => at.plus_millis(days * DAY_MS),
    }
}
