//! S18: what is answered on the day, in an hour or in half an hour, and by whom a customer who moves in is met.

use jiff::ToSpan;
use sync_core::rules::{Fact, FactKind};

use super::{
    super::days::{HOUR_MS, MINUTE_MS, day_of, end_of, later},
    Ledger, Rule, State, Then, has, is, is_one_of, ticks, time, yes,
};

pub(super) const RULES: &[Rule] =
    &[r1, r2_before, r2_made, r3, r4, r5_met, r5_prepared, r6, r9, r10, r11, r12, r14, r15];

const ANYBODY: Option<Vec<sync_core::id::UserId>> = Some(Vec::new());

/// A visit is made on site or by phone.
fn r1(then: &Then<'_>, ledger: &mut Ledger) {
    for visit in finished(then) {
        ledger.say_clean("S18-R1", visit, by_phone_or_on_site(visit));
    }
}

/// No periodic visit is made that nobody planned.
fn r2_before(then: &Then<'_>, ledger: &mut Ledger) {
    let periodic = |visit: &&Fact| is_one_of(visit, "class", &["walk", "scheduled_return"]);
    for visit in then.within(FactKind::VISIT).filter(periodic) {
        let mut lines = then.same_customer(visit, FactKind::PLAN_LINE);
        ledger.say_clean(
            "S18-R2",
            visit,
            lines.any(|line| is(line, "form", "visit_plan") && line.at <= visit.at),
        );
    }
}

/// A planned visit is made on its day, by the one who planned it.
fn r2_made(then: &Then<'_>, ledger: &mut Ledger) {
    for line in then.within(FactKind::PLAN_LINE).filter(|line| is(line, "form", "visit_plan")) {
        let day = day_of(time(line, "planned").unwrap_or(line.at));
        let mut visits = then.same_customer(line, FactKind::VISIT);
        let state = if visits.any(|visit| visit.actor == line.actor && day_of(visit.at) == day) {
            State::Met
        } else if then.now <= end_of(day) {
            State::Pending
        } else {
            State::Breached
        };
        ledger.say_of_fact("S18-R2", line, state);
    }
}

/// A complaint met on a visit is answered with the result on the same day.
fn r3(then: &Then<'_>, ledger: &mut Ledger) {
    let met_on_visit = |problem: &&Fact| yes(problem, "on_visit") && yes(problem, "complaint");
    for problem in then.within(FactKind::PROBLEM).filter(met_on_visit) {
        let due = end_of(day_of(problem.at));
        let state = then.follow_up(problem, ANYBODY, due, FactKind::ANSWER, |answer| has(answer, "result"));
        ledger.say_of_fact("S18-R3", problem, state);
    }
}

/// Who calls asks first whether it is convenient.
fn r4(then: &Then<'_>, ledger: &mut Ledger) {
    for call in finished(then).filter(|visit| is(visit, "channel", "phone")) {
        ledger.say_clean("S18-R4", call, yes(call, "asked_convenient"));
    }
}

/// On the day on which a customer moves in, the supervisor and the manager of the service are there.
fn r5_met(then: &Then<'_>, ledger: &mut Ledger) {
    for move_in in then.within(FactKind::MOVE_IN) {
        let due = end_of(day_of(move_in.at));
        let state = then.follow_up(move_in, ANYBODY, due, FactKind::VISIT, |visit| {
            is(visit, "class", "move_in")
                && is(visit, "channel", "on_site")
                && ticks(visit, "with", &["service_supervisor", "service_manager"])
        });
        ledger.say_of_fact("S18-R5", move_in, state);
    }
}

/// There are flowers or fruit, and a lift.
fn r5_prepared(then: &Then<'_>, ledger: &mut Ledger) {
    for move_in in then.within(FactKind::MOVE_IN) {
        ledger.say_clean("S18-R5", move_in, yes(move_in, "flowers") && yes(move_in, "lift"));
    }
}

/// Until a month later an assistant asked on site how it was, and wrote it down.
fn r6(then: &Then<'_>, ledger: &mut Ledger) {
    for move_in in then.within(FactKind::MOVE_IN) {
        let due = end_of(day_of(move_in.at).checked_add(1.month()).unwrap());
        let assistants = then.post("customer_assistant", move_in);
        let state = then.follow_up(move_in, assistants, due, FactKind::VISIT, |visit| {
            is(visit, "class", "event_return") && is(visit, "channel", "on_site") && has(visit, "result")
        });
        ledger.say_of_fact("S18-R6", move_in, state);
    }
}

/// After a complaint was handled it takes a return visit within two days, in all cases.
fn r9(then: &Then<'_>, ledger: &mut Ledger) {
    then.share(ledger, "S18-R9", FactKind::COMPLAINT, 100, |complaint| {
        let due = end_of(later(day_of(complaint.at), 2));
        Some(then.follow_up(complaint, ANYBODY, due, FactKind::VISIT, |visit| {
            is(visit, "class", "event_return") && by_phone_or_on_site(visit)
        }))
    });
}

/// Who suggests something is called on the same day.
fn r10(then: &Then<'_>, ledger: &mut Ledger) {
    for suggestion in then.within(FactKind::SUGGESTION) {
        let due = end_of(day_of(suggestion.at));
        let state = then.follow_up(suggestion, ANYBODY, due, FactKind::VISIT, |visit| {
            is(visit, "class", "event_return") && is(visit, "channel", "phone")
        });
        ledger.say_of_fact("S18-R10", suggestion, state);
    }
}

/// Half an hour after a repair by work order the customer is asked.
fn r11(then: &Then<'_>, ledger: &mut Ledger) {
    for repair in then.within(FactKind::REPAIR).filter(|repair| has(repair, "order")) {
        let due = repair.at.plus_millis(30 * MINUTE_MS);
        let state = then.follow_up(repair, ANYBODY, due, FactKind::VISIT, |visit| {
            is(visit, "class", "event_return") && by_phone_or_on_site(visit)
        });
        ledger.say_of_fact("S18-R11", repair, state);
    }
}

/// The content is written down during the visit.
fn r12(then: &Then<'_>, ledger: &mut Ledger) {
    for visit in finished(then) {
        ledger.say_clean("S18-R12", visit, yes(visit, "recorded") && has(visit, "content"));
    }
}

/// What is urgent has a clear answer within an hour.
fn r14(then: &Then<'_>, ledger: &mut Ledger) {
    answered(then, ledger, "S18-R14", true, 1);
}

/// What is not has one within 24 hours.
fn r15(then: &Then<'_>, ledger: &mut Ledger) {
    answered(then, ledger, "S18-R15", false, 24);
}

fn answered(then: &Then<'_>, ledger: &mut Ledger, rule: &str, urgent: bool, hours: i64) {
    for problem in then.within(FactKind::PROBLEM).filter(|problem| yes(problem, "urgent") == urgent) {
        let due = problem.at.plus_millis(hours * HOUR_MS);
        let state = then.follow_up(problem, ANYBODY, due, FactKind::ANSWER, |answer| has(answer, "result"));
        ledger.say_of_fact(rule, problem, state);
    }
}

fn finished<'a>(then: &Then<'a>) -> impl Iterator<Item = &'a Fact> {
    then.within(FactKind::VISIT).filter(|visit| has(visit, "ended"))
}

fn by_phone_or_on_site(visit: &Fact) -> bool {
    is_one_of(visit, "channel", &["on_site", "phone"])
}
