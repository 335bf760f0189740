//! S22: what is told before a customer comes, and written within two working days after they have left.

use std::collections::BTreeMap;

use jiff::civil::{Date, Weekday};
use sync_core::{
    id::UserId,
    rules::{Fact, FactKind},
    time::Timestamp,
};

use super::{
    super::days::{HOUR_MS, day_of, end_of, later},
    Ledger, Rule, State, Then, is, is_one_of, no, number, ticks, yes,
};

pub(super) const RULES: &[Rule] = &[r3, r6, r7, r10, r11, r20, r21];

/// The notice of the State Council for 2026, as its calendar has it.
const OFFICIAL: &str = include_str!("../../../../calendars/cn/2026.ics");

/// Who wants the president tells the back office until the end of the second day before.
fn r3(then: &Then<'_>, ledger: &mut Ledger) {
    for reception in then.within(FactKind::RECEPTION).filter(|reception| yes(reception, "president")) {
        let due = end_of(later(day_of(reception.at), -2));
        let told = then.about(reception.id, FactKind::NOTICE).filter(|notice| {
            is(notice, "to", "marketing_back_office") && is(notice, "artefact", "president")
        });
        say(then, ledger, "S22-R3", reception, due, told);
    }
}

/// The form is filled in until the end of the day before.
fn r6(then: &Then<'_>, ledger: &mut Ledger) {
    for reception in then.within(FactKind::RECEPTION) {
        let due = end_of(later(day_of(reception.at), -1));
        let forms = then.about(reception.id, FactKind::FORM);
        say(
            then,
            ledger,
            "S22-R6",
            reception,
            due,
            forms.filter(|form| is(form, "name", "reception_arrangement")),
        );
    }
}

/// Three copies of it go to the head of the department until the end of the day before.
fn r7(then: &Then<'_>, ledger: &mut Ledger) {
    for reception in then.within(FactKind::RECEPTION) {
        let due = end_of(later(day_of(reception.at), -1));
        let forms = then.about(reception.id, FactKind::FORM).filter(|form| {
            is(form, "name", "reception_arrangement") && is(form, "to", "dept_head") && copies(form) >= 3
        });
        say(then, ledger, "S22-R7", reception, due, forms);
    }
}

/// A tour that was not fixed is announced an hour before.
fn r10(then: &Then<'_>, ledger: &mut Ledger) {
    for tour in open_programme(then, &["tour"]) {
        let due = tour.at.plus_millis(-HOUR_MS);
        let notices = then.about(tour.id, FactKind::NOTICE);
        let told = notices.filter(|notice| is(notice, "artefact", "tour") && super::has(notice, "to"));
        say(then, ledger, "S22-R10", tour, due, told);
    }
}

/// A meal that was not fixed is ordered an hour before, by a receptionist.
fn r11(then: &Then<'_>, ledger: &mut Ledger) {
    for meal in open_programme(then, &["lunch", "dinner"]) {
        let due = meal.at.plus_millis(-HOUR_MS);
        let receptionists = then.holders("receptionist", meal.at);
        let ordered = then.about(meal.id, FactKind::NOTICE).filter(|notice| {
            is(notice, "to", "marketing_support")
                && is(notice, "artefact", "meal")
                && notice.actor.is_some_and(|actor| receptionists.contains(&actor))
        });
        ledger.say_of_fact("S22-R11", meal, then.until(due, ordered));
    }
}

/// The customer has the memo with its timetable within two working days after they have left.
fn r20(then: &Then<'_>, ledger: &mut Ledger) {
    for left in ends_of_talks(then) {
        let memos = about_the_same(then, left).filter(|form| {
            is(form, "name", "meeting_memo")
                && is(form, "to", "customer")
                && ticks(form, "fields", &["timetable"])
        });
        say(then, ledger, "S22-R20", left, two_working_days_after(left), memos);
    }
}

/// Three copies of the minutes are with marketing within two working days after the customer has left.
fn r21(then: &Then<'_>, ledger: &mut Ledger) {
    for left in ends_of_talks(then) {
        let minutes = about_the_same(then, left).filter(|form| {
            is(form, "name", "meeting_minutes") && is(form, "to", "marketing") && copies(form) >= 3
        });
        say(then, ledger, "S22-R21", left, two_working_days_after(left), minutes);
    }
}

/// The working days of 2026: Monday to Friday, but for the days off, and the days on which they are made up for.
pub(crate) fn working_days() -> impl Fn(Date) -> bool {
    let mut exceptions: BTreeMap<Date, bool> = BTreeMap::new();
    for event in OFFICIAL.split("BEGIN:VEVENT").skip(1) {
        let line = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        let day = |name: &str| Date::strptime("%Y%m%d", line(name)).unwrap();
        let is_worked = line("SUMMARY:").starts_with("上班");
        let mut next = day("DTSTART;VALUE=DATE:");
        while next < day("DTEND;VALUE=DATE:") {
            exceptions.insert(next, is_worked);
            next = next.tomorrow().unwrap();
        }
    }
    move |day| {
        let is_weekend = [Weekday::Saturday, Weekday::Sunday].contains(&day.weekday());
        exceptions.get(&day).copied().unwrap_or(!is_weekend)
    }
}

fn two_working_days_after(left: &Fact) -> Timestamp {
    let is_worked = working_days();
    let mut day = day_of(left.at);
    for _ in 0..2 {
        day = day.tomorrow().unwrap();
        while !is_worked(day) {
            day = day.tomorrow().unwrap();
        }
    }
    end_of(day)
}

fn ends_of_talks<'a>(then: &Then<'a>) -> impl Iterator<Item = &'a Fact> {
    then.within(FactKind::STAGE).filter(|stage| is(stage, "name", "left") && is(stage, "process", "talks"))
}

fn open_programme<'a>(then: &Then<'a>, types: &'static [&'static str]) -> impl Iterator<Item = &'a Fact> {
    then.within(FactKind::PROGRAMME).filter(|part| is_one_of(part, "type", types) && no(part, "fixed"))
}

/// The forms about the reception that a customer left, after they did.
fn about_the_same<'a>(then: &Then<'a>, left: &'a Fact) -> impl Iterator<Item = &'a Fact> {
    let forms = left.about.into_iter().flat_map(|reception| then.about(reception, FactKind::FORM));
    forms.filter(move |form| form.at >= left.at)
}

fn copies(form: &Fact) -> i64 {
    number(form, "copies").unwrap_or(0)
}

/// The salesperson owes it: whoever is responsible for the customer at the time.
fn say<'a>(
    then: &Then<'_>,
    ledger: &mut Ledger,
    rule: &str,
    on: &Fact,
    due: Timestamp,
    acts: impl Iterator<Item = &'a Fact>,
) {
    let salesperson: Option<UserId> = on.customer.and_then(|customer| then.owner(customer, on.at));
    let state = match salesperson {
        None => State::Unknowable,
        Some(_) => then.until(due, acts.filter(|act| act.actor == salesperson)),
    };
    ledger.say_of_fact(rule, on, state);
}
