//! S09: return visits after complaints, repairs and activities, and what they leave behind.

use jiff::ToSpan;
use sync_core::{
    id::UserId,
    rules::{Fact, FactKind, Subject},
};

use super::{
    super::days::{day_of, end_of, later, midnight, months},
    Ledger, Rule, State, Then, has, is, is_for, number, time, yes,
};

pub(super) const RULES: &[Rule] = &[
    r1, r2, r3, r4, r5, r8, r9, r11, r12_next, r12_made, r13, r14, r15_share, r15_closed, r16, r17, r19, r21,
];

/// A return visit is in the plan of the customer service's supervisor, for the same case, before it is made.
fn r1(then: &Then<'_>, ledger: &mut Ledger) {
    for visit in return_visits(then) {
        let planners = then.post("cs_supervisor", visit);
        let mut lines = visit.about.into_iter().flat_map(|case| then.about(case, FactKind::PLAN_LINE));
        let state = match planners {
            None => State::Unknowable,
            Some(planners) => {
                let planned = lines.any(|line| {
                    is(line, "form", "return_visit_plan")
                        && line.actor.is_some_and(|actor| planners.contains(&actor))
                        && line.at <= visit.at
                });
                if planned { State::Met } else { State::Breached }
            }
        };
        ledger.say_of_fact("S09-R1", visit, state);
    }
}

/// After a complaint was handled it takes a return visit within three days, in half of the cases of a month; by whom, its
/// severity says. Anonymous complaints, and those that a letter answers, need none; the same complaint counts once.
fn r2(then: &Then<'_>, ledger: &mut Ledger) {
    then.share(ledger, "S09-R2", FactKind::COMPLAINT, 50, |complaint| {
        let exempt =
            yes(complaint, "anonymous") || (yes(complaint, "reply_letter") && has(complaint, "attachment"));
        if exempt || then.is_repeated(complaint) {
            return None;
        }
        let third_day = later(day_of(complaint.at), 3);
        let visitors = visitors(then, complaint);
        Some(then.follow_up(complaint, visitors, end_of(third_day), FactKind::VISIT, is_return_visit))
    });
}

/// Who makes a return visit about a complaint has the post for its severity.
fn r3(then: &Then<'_>, ledger: &mut Ledger) {
    for visit in return_visits(then) {
        for (severity, post) in POSTS {
            if is(visit, "severity", severity) {
                ledger.say_clean("S09-R3", visit, then.actor_has_post(visit, post));
            }
        }
    }
}

/// A month after a repair the assistant of the area has returned, in 30 of 100 cases.
fn r4(then: &Then<'_>, ledger: &mut Ledger) {
    then.share(ledger, "S09-R4", FactKind::REPAIR, 30, |repair| {
        let owner = then.owner(repair.customer.unwrap(), repair.at).map(|owner| vec![owner]);
        Some(then.follow_up(repair, owner, end_of(month_later(repair)), FactKind::VISIT, is_return_visit))
    });
}

/// A month after an activity an assistant has visited those who took part, in 10 of 100 cases.
fn r5(then: &Then<'_>, ledger: &mut Ledger) {
    then.share(ledger, "S09-R5", FactKind::ACTIVITY, 10, |activity| {
        let assistants = then.post("property_assistant", activity);
        let due = end_of(month_later(activity));
        Some(then.follow_up(activity, assistants, due, FactKind::VISIT, is_return_visit))
    });
}

/// The customer signs a return visit on site.
fn r8(then: &Then<'_>, ledger: &mut Ledger) {
    for visit in finished(then).filter(|visit| is(visit, "channel", "on_site")) {
        ledger.say_clean("S09-R8", visit, has(visit, "signature"));
    }
}

/// A return visit by phone is marked with these words.
fn r9(then: &Then<'_>, ledger: &mut Ledger) {
    for visit in finished(then).filter(|visit| is(visit, "channel", "phone")) {
        ledger.say_clean("S09-R9", visit, is(visit, "label", "电话回访"));
    }
}

/// Who cannot answer at once says by when.
fn r11(then: &Then<'_>, ledger: &mut Ledger) {
    for item in then.within(FactKind::ITEM).filter(|item| is(item, "type", "open_question")) {
        ledger.say_clean("S09-R11", item, has(item, "due"));
    }
}

/// A return visit that settled nothing names the next.
fn r12_next(then: &Then<'_>, ledger: &mut Ledger) {
    for visit in return_visits(then).filter(|visit| super::no(visit, "settled")) {
        ledger.say_clean("S09-R12", visit, has(visit, "next_visit"));
    }
}

/// The next one is made on its day, by the one who planned it.
fn r12_made(then: &Then<'_>, ledger: &mut Ledger) {
    for line in then.within(FactKind::PLAN_LINE).filter(|line| is(line, "form", "next_return_visit")) {
        let day = day_of(time(line, "planned").unwrap_or(line.at));
        let mut visits = then.same_customer(line, FactKind::VISIT);
        let made = visits
            .any(|visit| is_return_visit(visit) && visit.actor == line.actor && day_of(visit.at) == day);
        let state = if made {
            State::Met
        } else if then.now <= end_of(day) {
            State::Pending
        } else {
            State::Breached
        };
        ledger.say_of_fact("S09-R12", line, state);
    }
}

/// The second and later visits about a major complaint are not made by phone.
fn r13(then: &Then<'_>, ledger: &mut Ledger) {
    for visit in return_visits(then).filter(|visit| is(visit, "severity", "major")) {
        if number(visit, "round").is_some_and(|round| round >= 2) {
            ledger.say_clean("S09-R13", visit, is(visit, "channel", "on_site"));
        }
    }
}

/// An open letter is kept.
fn r14(then: &Then<'_>, ledger: &mut Ledger) {
    for letter in then.within(FactKind::DELIVERY).filter(|sent| is(sent, "item", "open_letter")) {
        ledger.say_clean("S09-R14", letter, yes(letter, "archived"));
    }
}

/// Every problem of a month is answered; the pack looks a month after each was reported.
fn r15_share(then: &Then<'_>, ledger: &mut Ledger) {
    then.share(ledger, "S09-R15", FactKind::PROBLEM, 100, |problem| {
        let due = end_of(month_later(problem));
        Some(then.follow_up(problem, Some(Vec::new()), due, FactKind::ANSWER, |_| true))
    });
}

/// What is closed was settled and answered.
fn r15_closed(then: &Then<'_>, ledger: &mut Ledger) {
    for item in then.within(FactKind::ITEM).filter(|item| has(item, "closed")) {
        ledger.say_clean("S09-R15", item, yes(item, "handled") && yes(item, "fed_back"));
    }
}

/// The same complaint has one record, written before it was handled.
fn r16(then: &Then<'_>, ledger: &mut Ledger) {
    for complaint in then.within(FactKind::COMPLAINT).filter(|complaint| !then.is_repeated(complaint)) {
        let records =
            then.about(complaint.id, FactKind::FORM).filter(|form| is(form, "name", "complaint_record"));
        ledger.say_of_fact("S09-R16", complaint, then.until(complaint.at, records));
    }
}

/// What needs no return visit has its answer attached.
fn r17(then: &Then<'_>, ledger: &mut Ledger) {
    for complaint in then.within(FactKind::COMPLAINT) {
        for exemption in ["anonymous", "reply_letter"] {
            if yes(complaint, exemption) {
                ledger.say_clean("S09-R17", complaint, has(complaint, "attachment"));
            }
        }
    }
}

/// Dissatisfaction that cannot be ended at once gets a date and a department.
fn r19(then: &Then<'_>, ledger: &mut Ledger) {
    for item in then.within(FactKind::ITEM).filter(|item| is(item, "type", "dissatisfaction")) {
        if !yes(item, "handled") {
            ledger.say_clean("S09-R19", item, has(item, "due") && has(item, "department"));
        }
    }
}

/// Each supervisor hands the figures of a month to the leaders; the pack lets the next month's 28 days pass.
fn r21(then: &Then<'_>, ledger: &mut Ledger) {
    for month in months(then.span) {
        for supervisor in then.holders("direct_supervisor", midnight(month.first)) {
            let forms = then.all(FactKind::FORM).filter(|form| {
                form.actor == Some(supervisor)
                    && is(form, "name", "return_visit_statistics")
                    && is(form, "to", "senior_mgmt")
                    && is_for(form, month)
            });
            let state = then.until(end_of(later(month.last, 28)), forms);
            ledger.say("S09-R21", Subject::Person(supervisor, month), state, None);
        }
    }
}

const POSTS: [(&str, &str); 3] =
    [("ordinary", "property_assistant"), ("important", "direct_supervisor"), ("major", "company_manager")];

fn is_return_visit(visit: &Fact) -> bool {
    is(visit, "class", "event_return")
}

fn return_visits<'a>(then: &Then<'a>) -> impl Iterator<Item = &'a Fact> {
    then.within(FactKind::VISIT).filter(|visit| is_return_visit(visit))
}

fn finished<'a>(then: &Then<'a>) -> impl Iterator<Item = &'a Fact> {
    return_visits(then).filter(|visit| has(visit, "ended"))
}

/// The same day of the next month, or its last.
fn month_later(fact: &Fact) -> jiff::civil::Date {
    day_of(fact.at).checked_add(1.month()).unwrap()
}

/// Those who make a return visit about a complaint; nobody knows whom if the severity is none of the three.
fn visitors(then: &Then<'_>, complaint: &Fact) -> Option<Vec<UserId>> {
    let (_, post) = POSTS.iter().find(|(severity, _)| is(complaint, "severity", severity))?;
    then.post(post, complaint)
}

impl Then<'_> {
    /// Those with a post when something happens; nobody knows who if nobody has it.
    pub(super) fn post(&self, post: &str, fact: &Fact) -> Option<Vec<UserId>> {
        let holders = self.holders(post, fact.at);
        (!holders.is_empty()).then_some(holders)
    }
}
