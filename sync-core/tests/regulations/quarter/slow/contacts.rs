//! S21-R1 to R11 and R13: how often whom to call and to visit.

use sync_core::{
    id::{CustomerId, UserId},
    rules::{Fact, FactKind, Period, Subject},
};

use super::{
    super::days::{days, end_of, fortnights, midnight, months, quarters, weeks, year_ends},
    Ledger, Rule, State, Then, is, lies_in, names,
};

pub(super) const RULES: &[Rule] = &[r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, r13];

const HANDLING: &[&str] = &["handling_contact", "handling_lead"];

/// A1: the specialist in charge calls at least twice a week.
fn r1(then: &Then<'_>, ledger: &mut Ledger) {
    calls(then, ledger, "S21-R1", &["A1"], &weeks(then.span), 2);
}

/// A1: the specialist in charge visits contact and lead of the handling level at least four times a month.
fn r2(then: &Then<'_>, ledger: &mut Ledger) {
    return_visits(then, ledger, "S21-R2", &["A1"], &months(then.span), 4);
}

/// A2: a call a week, three visits a month.
fn r3(then: &Then<'_>, ledger: &mut Ledger) {
    calls(then, ledger, "S21-R3", &["A2"], &weeks(then.span), 1);
    return_visits(then, ledger, "S21-R3", &["A2"], &months(then.span), 3);
}

/// B1: a call a week, two visits a month.
fn r4(then: &Then<'_>, ledger: &mut Ledger) {
    calls(then, ledger, "S21-R4", &["B1"], &weeks(then.span), 1);
    return_visits(then, ledger, "S21-R4", &["B1"], &months(then.span), 2);
}

/// B2: a call in two weeks, a visit a month.
fn r5(then: &Then<'_>, ledger: &mut Ledger) {
    calls(then, ledger, "S21-R5", &["B2"], &fortnights(then.span), 1);
    return_visits(then, ledger, "S21-R5", &["B2"], &months(then.span), 1);
}

/// C: a call in two weeks, a visit a month.
fn r6(then: &Then<'_>, ledger: &mut Ledger) {
    calls(then, ledger, "S21-R6", &["C"], &fortnights(then.span), 1);
    return_visits(then, ledger, "S21-R6", &["C"], &months(then.span), 1);
}

/// Who buys by tender, whatever the grade: a call a month, a visit a quarter.
fn r7(then: &Then<'_>, ledger: &mut Ledger) {
    for (customer, month) in then.tagged("tender", &months(then.span)) {
        let calls = then.of(customer, month, |fact| is_return_call(fact) && then.by_owner(fact));
        then.quota(ledger, "S21-R7", customer, month, then.in_charge(customer, month), &calls, &[], 1);
    }
    for (customer, quarter) in then.tagged("tender", &quarters(then.span)) {
        let visits = then.of(customer, quarter, |fact| {
            is_return_visit(fact) && meets(fact, HANDLING) && then.by_owner(fact)
        });
        let owner = then.in_charge(customer, quarter);
        then.quota(ledger, "S21-R7", customer, quarter, owner, &visits, HANDLING, 1);
    }
}

/// The direct supervisor visits the business leads: of A and B once a month, of C once a quarter.
fn r8(then: &Then<'_>, ledger: &mut Ledger) {
    let leads: &[&str] = &["business_lead"];
    for (grades, periods) in
        [(&["A1", "A2", "B1", "B2"][..], months(then.span)), (&["C"], quarters(then.span))]
    {
        for (customer, period) in then.graded(grades, &periods) {
            let visits = then.of(customer, period, |fact| {
                is_return_visit(fact) && meets(fact, leads) && then.by_owners_boss(fact)
            });
            let boss = then.in_charge(customer, period).and_then(|owner| then.boss(owner));
            then.quota(ledger, "S21-R8", customer, period, boss, &visits, leads, 1);
        }
    }
}

/// At the end of the year every customer of the table gets a calendar and a card from the specialist in charge.
fn r9(then: &Then<'_>, ledger: &mut Ledger) {
    for (customer, december) in then.rows_of_the_table(&year_ends(then.span)) {
        let sent = then.of(customer, december, |fact| {
            fact.kind == FactKind::DELIVERY && is(fact, "item", "calendar_and_card") && then.by_owner(fact)
        });
        let owner = then.in_charge(customer, december);
        then.quota(ledger, "S21-R9", customer, december, owner, &sent, &[], 1);
    }
}

/// At each festival somebody speaks to the key decision maker: senior management with A1, A2 and B1, the department's
/// supervisor with B2, C and those who buy by tender.
fn r10(then: &Then<'_>, ledger: &mut Ledger) {
    let decider: &[&str] = &["key_decision_maker"];
    let festivals = festivals(then);
    for (customer, festival) in then.graded(&["A1", "A2", "B1"], &festivals) {
        let talks = then.of(customer, festival, |fact| {
            let senior = then.holders("senior_mgmt", fact.at);
            fact.kind == FactKind::VISIT
                && meets(fact, decider)
                && fact.actor.is_some_and(|actor| senior.contains(&actor))
        });
        let anybody = then.holders("senior_mgmt", midnight(festival.first)).first().copied();
        then.quota(ledger, "S21-R10", customer, festival, anybody, &talks, decider, 1);
    }
    let lower = then.graded(&["B2", "C"], &festivals);
    let lower = lower.into_iter().filter(|(customer, _)| !then.has_tag(*customer, "tender"));
    for (customer, festival) in lower.chain(then.tagged("tender", &festivals)) {
        let talks = then.of(customer, festival, |fact| {
            fact.kind == FactKind::VISIT && meets(fact, decider) && then.by_owners_boss(fact)
        });
        let boss = then.in_charge(customer, festival).and_then(|owner| then.boss(owner));
        then.quota(ledger, "S21-R10", customer, festival, boss, &talks, decider, 1);
    }
}

/// Prospects: a call a week, a visit in two weeks, of whatever class.
fn r11(then: &Then<'_>, ledger: &mut Ledger) {
    for (channel, periods) in [("phone", weeks(then.span)), ("on_site", fortnights(then.span))] {
        for (customer, period) in then.tagged("prospect", &periods) {
            let contacts = then.of(customer, period, |fact| {
                fact.kind == FactKind::VISIT && is(fact, "channel", channel) && then.by_owner(fact)
            });
            let owner = then.in_charge(customer, period);
            then.quota(ledger, "S21-R11", customer, period, owner, &contacts, &[], 1);
        }
    }
}

/// Only dedicated return visits count: every row of the table has one in a month, whatever else there was.
fn r13(then: &Then<'_>, ledger: &mut Ledger) {
    for (customer, month) in then.rows_of_the_table(&months(then.span)) {
        let returns = then.of(customer, month, |fact| {
            fact.kind == FactKind::VISIT && is(fact, "class", "scheduled_return") && then.by_owner(fact)
        });
        then.quota(ledger, "S21-R13", customer, month, then.in_charge(customer, month), &returns, &[], 1);
    }
}

fn calls(
    then: &Then<'_>,
    ledger: &mut Ledger,
    rule: &str,
    grades: &[&str],
    periods: &[Period],
    least: usize,
) {
    for (customer, period) in then.graded(grades, periods) {
        let calls = then.of(customer, period, |fact| is_return_call(fact) && then.by_owner(fact));
        then.quota(ledger, rule, customer, period, then.in_charge(customer, period), &calls, &[], least);
    }
}

/// Visits to contact and lead of the handling level; over the period both are met.
fn return_visits(
    then: &Then<'_>,
    ledger: &mut Ledger,
    rule: &str,
    grades: &[&str],
    periods: &[Period],
    least: usize,
) {
    for (customer, period) in then.graded(grades, periods) {
        let visits = then.of(customer, period, |fact| {
            is_return_visit(fact) && meets(fact, HANDLING) && then.by_owner(fact)
        });
        let owner = then.in_charge(customer, period);
        then.quota(ledger, rule, customer, period, owner, &visits, HANDLING, least);
    }
}

fn is_return_call(fact: &Fact) -> bool {
    fact.kind == FactKind::VISIT && is(fact, "class", "scheduled_return") && is(fact, "channel", "phone")
}

fn is_return_visit(fact: &Fact) -> bool {
    fact.kind == FactKind::VISIT && is(fact, "class", "scheduled_return") && is(fact, "channel", "on_site")
}

/// Whether one of those who are to be met was met.
fn meets(fact: &Fact, levels: &[&str]) -> bool {
    levels.iter().any(|level| names(fact, "level", level))
}

/// The days of each festival that has a day in the span.
fn festivals(then: &Then<'_>) -> Vec<Period> {
    let all =
        then.company.festivals.values().flatten().map(|(first, last)| Period { first: *first, last: *last });
    all.filter(|festival| days(then.span).any(|day| festival.first <= day && day <= festival.last)).collect()
}

impl<'a> Then<'a> {
    /// Each customer with each period at whose beginning it has one of these grades.
    fn graded(&self, grades: &[&str], periods: &[Period]) -> Vec<(CustomerId, Period)> {
        self.each(periods, |customer, period| grades.contains(&self.grade(customer, midnight(period.first))))
    }

    fn tagged(&self, tag: &str, periods: &[Period]) -> Vec<(CustomerId, Period)> {
        self.each(periods, |customer, _| self.has_tag(customer, tag))
    }

    /// The customers of the table: those of the grades A1 to C, and those who buy by tender.
    fn rows_of_the_table(&self, periods: &[Period]) -> Vec<(CustomerId, Period)> {
        self.each(periods, |customer, period| {
            let grade = self.grade(customer, midnight(period.first));
            ["A1", "A2", "B1", "B2", "C"].contains(&grade) || self.has_tag(customer, "tender")
        })
    }

    fn each(
        &self,
        periods: &[Period],
        is_meant: impl Fn(CustomerId, Period) -> bool,
    ) -> Vec<(CustomerId, Period)> {
        let mut meant = Vec::new();
        for period in periods {
            for customer in self.company.customers.keys() {
                if is_meant(*customer, *period) {
                    meant.push((*customer, *period));
                }
            }
        }
        meant
    }

    /// What happened with a customer in a period.
    fn of(&self, customer: CustomerId, period: Period, counts: impl Fn(&Fact) -> bool) -> Vec<&'a Fact> {
        let facts = self.of_customer.get(&customer).into_iter().flatten().copied();
        facts.filter(|fact| lies_in(fact, period) && counts(fact)).collect()
    }

    /// Who is responsible for a customer when a period begins.
    fn in_charge(&self, customer: CustomerId, period: Period) -> Option<UserId> {
        self.owner(customer, midnight(period.first))
    }

    /// At least so many contacts until the period is over, and each of these levels among them.
    #[expect(clippy::too_many_arguments, reason = "a row of the table, as it is read")]
    fn quota(
        &self,
        ledger: &mut Ledger,
        rule: &str,
        customer: CustomerId,
        period: Period,
        owed_by: Option<UserId>,
        contacts: &[&Fact],
        levels: &[&str],
        least: usize,
    ) {
        let all_met = levels.iter().all(|level| contacts.iter().any(|fact| names(fact, "level", level)));
        let state = if owed_by.is_none() {
            State::Unknowable
        } else if contacts.len() >= least && all_met {
            State::Met
        } else if self.now >= end_of(period.last) {
            State::Breached
        } else {
            State::Pending
        };
        let count = u32::try_from(contacts.len()).unwrap();
        ledger.say(rule, Subject::Customer(customer, period), state, Some(count));
    }
}
