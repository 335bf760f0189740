//! S21-R19 to R21 and R23: what is handed in each week and month, and what the supervisor does with it.

use jiff::civil::Date;
use sync_core::{
    id::UserId,
    rules::{Fact, FactKind, Period, Subject},
};

use super::{
    super::days::{end_of, later, midnight, months, weeks},
    Ledger, Rule, State, Then, has, is, is_for,
};

pub(super) const RULES: &[Rule] = &[r19, r20_form, r20_review, r21_form, r21_review, r23];

/// Each specialist hands in the plan of a week on the Saturday or Sunday before it.
fn r19(then: &Then<'_>, ledger: &mut Ledger) {
    for week in weeks(then.span) {
        let (saturday, sunday) = (later(week.first, -2), later(week.first, -1));
        for specialist in specialists(then, week) {
            let forms = forms(then, specialist, "weekly_visit_plan", week);
            let state = then.until(end_of(sunday), not_before(saturday, forms));
            ledger.say("S21-R19", Subject::Person(specialist, week), state, None);
        }
    }
}

/// Each specialist hands in the record of a week until its Saturday, and not before the week.
fn r20_form(then: &Then<'_>, ledger: &mut Ledger) {
    for week in weeks(then.span) {
        let saturday = later(week.first, 5);
        for specialist in specialists(then, week) {
            let forms = forms(then, specialist, "weekly_visit_record", week);
            let state = then.until(end_of(saturday), not_before(week.first, forms));
            ledger.say("S21-R20", Subject::Person(specialist, week), state, None);
        }
    }
}

/// The supervisor writes what to do next to each record of a week; there is no deadline.
fn r20_review(then: &Then<'_>, ledger: &mut Ledger) {
    for form in then.within(FactKind::FORM).filter(|form| is(form, "name", "weekly_visit_record")) {
        let state = by_the_boss(then, form, |review| has(review, "comment"));
        ledger.say_of_fact("S21-R20", form, state);
    }
}

/// Each specialist hands in the record of a month until the 5th of the next.
fn r21_form(then: &Then<'_>, ledger: &mut Ledger) {
    for month in months(then.span) {
        let fifth = later(month.last, 5);
        for specialist in specialists(then, month) {
            let forms = forms(then, specialist, "monthly_visit_record", month);
            ledger.say("S21-R21", Subject::Person(specialist, month), then.until(end_of(fifth), forms), None);
        }
    }
}

/// The supervisor passes each record of a month on to the manager of customer service; there is no deadline.
fn r21_review(then: &Then<'_>, ledger: &mut Ledger) {
    for form in then.within(FactKind::FORM).filter(|form| is(form, "name", "monthly_visit_record")) {
        let state =
            by_the_boss(then, form, |review| is(review, "act", "forward") && is(review, "to", "cs_manager"));
        ledger.say_of_fact("S21-R21", form, state);
    }
}

/// Who reads the record of a week compared it with the plan first.
fn r23(then: &Then<'_>, ledger: &mut Ledger) {
    let readings = then.within(FactKind::REVIEW);
    for reading in
        readings.filter(|review| is(review, "act", "read") && is(review, "form", "weekly_visit_record"))
    {
        let compared = reading.about.is_some_and(|form| {
            then.about(form, FactKind::REVIEW).any(|review| {
                is(review, "act", "compare") && review.actor == reading.actor && review.at <= reading.at
            })
        });
        ledger.say_clean("S21-R23", reading, compared);
    }
}

/// Those who are specialists when a period begins.
fn specialists(then: &Then<'_>, period: Period) -> Vec<UserId> {
    then.holders("ka_specialist", midnight(period.first))
}

/// What somebody handed in under a name for a period.
fn forms<'a>(then: &Then<'a>, person: UserId, name: &str, period: Period) -> Vec<&'a Fact> {
    let forms = then.all(FactKind::FORM).filter(|form| form.actor == Some(person));
    forms.filter(|form| is(form, "name", name) && is_for(form, period)).collect()
}

fn not_before(day: Date, forms: Vec<&Fact>) -> impl Iterator<Item = &Fact> {
    forms.into_iter().filter(move |form| form.at >= midnight(day))
}

/// Met once whom the one who did it reports to did something about it; open until then.
fn by_the_boss(then: &Then<'_>, form: &Fact, done: impl Fn(&Fact) -> bool) -> State {
    let Some(boss) = form.actor.and_then(|actor| then.boss(actor)) else { return State::Unknowable };
    let mut reviews = then.about(form.id, FactKind::REVIEW);
    let met = reviews.any(|review| review.actor == Some(boss) && review.at >= form.at && done(review));
    if met { State::Met } else { State::Pending }
}
