//! S21-R12, R14 to R17, R22 and R27: what has to be so before, at and after a visit.

use sync_core::rules::{Fact, FactKind};

use super::{
    super::days::{day_of, end_of, later},
    Ledger, Rule, State, Then, has, is, is_one_of, names, no, ticks, time, value, yes,
};

pub(super) const RULES: &[Rule] = &[r12, r14, r15, r16, r17, r22_visits, r22_lines, r22_plan, r27];

/// A key decision maker is visited only after the customer's handling lead agreed.
fn r12(then: &Then<'_>, ledger: &mut Ledger) {
    for visit in then.within(FactKind::VISIT).filter(|visit| names(visit, "level", "key_decision_maker")) {
        let agreed = consents(then, visit).iter().any(|consent| signs_as(then, consent, "handling_lead"));
        ledger.say_clean("S21-R12", visit, agreed);
    }
}

/// Before a visit the specialist planned it in the weekly plan, and the supervisor read that; what answers an event is
/// not planned.
fn r14(then: &Then<'_>, ledger: &mut Ledger) {
    for visit in specialists_visits(then).filter(|visit| !is(visit, "class", "event_return")) {
        let is_planned = |line: &Fact| {
            line.kind == FactKind::PLAN_LINE
                && is(line, "form", "weekly_visit_plan")
                && line.actor == visit.actor
                && line.customer == visit.customer
                && line.at <= visit.at
        };
        let boss = visit.actor.and_then(|actor| then.boss(actor));
        let is_read = |line: &Fact| {
            then.about(line.id, FactKind::REVIEW).any(|review| {
                is_one_of(review, "act", &["read", "approve"])
                    && review.actor == boss
                    && review.at <= visit.at
            })
        };
        let its_line = visit.about.and_then(|about| then.fact(about)).filter(|line| is_planned(line));
        let state = match its_line {
            None => State::Breached,
            // There is nobody who could have read it.
            Some(_) if boss.is_none() => State::Unknowable,
            Some(line) if is_read(line) => State::Met,
            Some(_) => State::Breached,
        };
        ledger.say_of_fact("S21-R14", visit, state);
    }
}

/// A gift takes the supervisor's consent, and then the manager's.
fn r15(then: &Then<'_>, ledger: &mut Ledger) {
    for visit in then.within(FactKind::VISIT).filter(|visit| yes(visit, "gift")) {
        let consents = consents(then, visit);
        let mut agreed = false;
        for (place, first) in consents.iter().enumerate() {
            for second in &consents[place + 1..] {
                agreed |=
                    signs_as(then, first, "direct_supervisor") && signs_as(then, second, "dept_manager");
            }
        }
        ledger.say_clean("S21-R15", visit, agreed);
    }
}

/// Entertainment takes the supervisor's consent.
fn r16(then: &Then<'_>, ledger: &mut Ledger) {
    for visit in then.within(FactKind::VISIT).filter(|visit| yes(visit, "entertainment")) {
        let agreed = consents(then, visit).iter().any(|consent| signs_as(then, consent, "direct_supervisor"));
        ledger.say_clean("S21-R16", visit, agreed);
    }
}

/// The record is filled in within two days after the end of the visit: until 24:00 of the second day after it. What is
/// missing in it the text does not say: a person decides about what is incomplete, and about what they decided time does
/// not matter any more.
fn r17(then: &Then<'_>, ledger: &mut Ledger) {
    for visit in then.within(FactKind::VISIT) {
        let Some(ended) = time(visit, "ended") else { continue };
        let due = end_of(later(day_of(ended), 2));
        let records: Vec<&Fact> = then.about(visit.id, FactKind::SUBMISSION).collect();
        let undecided = records.iter().copied().filter(|record| !has(record, "accepted"));
        let (incomplete, complete): (Vec<&Fact>, Vec<&Fact>) =
            undecided.partition(|record| no(record, "complete"));
        let state = if records.iter().any(|record| yes(record, "accepted")) {
            State::Met
        } else {
            match then.until(due, complete) {
                State::Breached if !incomplete.is_empty() => State::Pending,
                state => state,
            }
        };
        ledger.say_of_fact("S21-R17", visit, state);
    }
}

/// Who changed the itinerary told the supervisor, and the record has the hours of stay.
fn r22_visits(then: &Then<'_>, ledger: &mut Ledger) {
    for visit in then.within(FactKind::VISIT).filter(|visit| has(visit, "change_reason")) {
        ledger.say_clean("S21-R22", visit, has(visit, "change_reported") && has(visit, "hours_of_stay"));
    }
}

/// The weekly plan has the hours of stay beside a change.
fn r22_lines(then: &Then<'_>, ledger: &mut Ledger) {
    for line in weekly_lines(then).filter(|line| has(line, "change")) {
        ledger.say_clean("S21-R22", line, has(line, "hours_of_stay"));
    }
}

/// What was planned without a change is done on its day, at its place, for its purpose and with its content, or the
/// record says why not, when the supervisor was told, and how long it took. Until the day is over it still may be.
fn r22_plan(then: &Then<'_>, ledger: &mut Ledger) {
    for line in weekly_lines(then).filter(|line| !has(line, "change")) {
        let day = day_of(time(line, "planned").unwrap_or(line.at));
        let done = then.same_customer(line, FactKind::VISIT).any(|visit| {
            let as_planned = ["place", "purpose", "content"]
                .iter()
                .all(|name| !has(line, name) || value(line, name) == value(visit, name));
            let explained =
                ["change_reason", "change_reported", "hours_of_stay"].iter().all(|name| has(visit, name));
            visit.actor == line.actor && day_of(visit.at) == day && (as_planned || explained)
        });
        let state = if done {
            State::Met
        } else if then.now <= end_of(day) {
            State::Pending
        } else {
            State::Breached
        };
        ledger.say_of_fact("S21-R22", line, state);
    }
}

/// Before a visit the specialist spoke to the customer, knows whom to meet and has the seven things along.
fn r27(then: &Then<'_>, ledger: &mut Ledger) {
    const SEVEN: &[&str] = &[
        "qualification_papers",
        "brochure",
        "purchase_handbook",
        "price_list",
        "proofs",
        "name_cards",
        "notebook_and_pen",
    ];
    for visit in specialists_visits(then) {
        let told = then.about(visit.id, FactKind::NOTICE).any(|notice| {
            is(notice, "to", "customer") && notice.actor == visit.actor && notice.at <= visit.at
        });
        ledger.say_clean("S21-R27", visit, told && has(visit, "with") && ticks(visit, "checklist", SEVEN));
    }
}

fn specialists_visits<'a>(then: &Then<'a>) -> impl Iterator<Item = &'a Fact> {
    let on_site = then.within(FactKind::VISIT).filter(|visit| is(visit, "channel", "on_site"));
    on_site.filter(|visit| then.actor_has_post(visit, "ka_specialist"))
}

fn weekly_lines<'a>(then: &Then<'a>) -> impl Iterator<Item = &'a Fact> {
    then.within(FactKind::PLAN_LINE).filter(|line| is(line, "form", "weekly_visit_plan"))
}

/// Who agreed before an act, one after the other: to it, to the line of the plan that it is about, or to a request for it.
fn consents<'a>(then: &Then<'a>, act: &Fact) -> Vec<&'a Fact> {
    let mut asked = vec![act.id];
    asked.extend(act.about);
    asked.extend(then.about(act.id, FactKind::REQUEST).map(|request| request.id));
    let approvals = asked.into_iter().flat_map(|asked| then.about(asked, FactKind::APPROVAL));
    let mut consents: Vec<&Fact> =
        approvals.filter(|approval| !no(approval, "agreed") && approval.at <= act.at).collect();
    consents.sort_by_key(|consent| (consent.at, consent.id));
    consents
}

fn signs_as(then: &Then<'_>, approval: &Fact, post: &str) -> bool {
    is(approval, "post", post) || then.actor_has_post(approval, post)
}
