//! The office: what supervisors and administrators do from their desks.

use std::sync::Arc;

use client_sdk::{Reason, Timestamp};
use jiff::{ToSpan as _, civil::Date};
use rand::{Rng as _, rngs::StdRng, seq::IndexedRandom as _};
use server::engine::{Engine, Excepting, Ruled};
use sync_core::{
    record::{Ruling, Standing},
    rules::{Excepted, Period, packs},
};

use super::machine::Machine;

/// The tag of customers who are to be visited twice a week.
pub(super) const KEY_ACCOUNT: &str = "key_account";

/// A supervisor rules on something that waits, if anything does; sometimes on something that does not.
pub(super) fn decide(machine: &mut Machine, company: usize, random: &mut StdRng) {
    let company = machine.companies[company].clone();
    let Some(engine) = machine.engine() else { return };
    let view = engine.view(company.tenant);
    let mut found = Vec::new();
    for rep in &company.reps {
        for (_, line) in view.lines_of(rep.user, None, 100).unwrap_or_default() {
            for submit in &line.status.submits {
                if submit.standing.waits() || random.random_bool(0.05) {
                    found.push((line.status.document, submit.entry, submit.standing));
                }
            }
        }
    }
    if found.is_empty() {
        return;
    }
    let (document, submit, standing) = found[random.random_range(0..found.len())];
    let rulings = match standing {
        Standing::Amendment => [Ruling::Approve, Ruling::Reject, Ruling::Approve],
        _ => [Ruling::AcceptLate, Ruling::Excuse, Ruling::Refuse],
    };
    let ruled = Ruled {
        document,
        submit,
        ruling: rulings[random.random_range(0..3)],
        reason: Reason::NoCoverage,
        note: "已核实".to_owned(),
    };
    machine.chore("a decision", move |engine: Arc<Engine>| async move {
        engine.decide(company.tenant, company.supervisor, ruled).await
    });
}

/// An administrator puts another version of the regulation in force, from one of the next days on.
pub(super) fn put_pack(machine: &mut Machine, company: usize, random: &mut StdRng) {
    let company = machine.companies[company].clone();
    let Some(engine) = machine.engine() else { return };
    let begins = engine.time().now.plus_millis(random.random_range(1..4) * 24 * 3_600_000);
    let Some(day) = day_of(begins) else { return };
    let within = [
        "{ days = 2, count = \"working\", start_day = \"excluded\" }",
        "{ days = 1, count = \"calendar\", start_day = \"excluded\" }",
        "{ hours = 48 }",
        // Ends in a year of which nobody knows the holidays yet.
        "{ days = 90, count = \"working\", start_day = \"excluded\" }",
    ];
    let time = ["receipt", "witnessed", "claimed", "review"];
    let breach = ["hold", "finding", "refuse"];
    let mut draw = |choices: &[&'static str]| choices[random.random_range(0..choices.len())];
    let (within, time, breach) = (draw(&within), draw(&time), draw(&breach));
    let toml: String = packs::KEY_ACCOUNT_VISITS
        .lines()
        .map(|line| match line.split_once(" = ").map(|(name, _)| name) {
            Some("version") => "version = 2\n".to_owned(),
            Some("effective_from") => format!("effective_from = {day}\n"),
            Some("within") => format!("within = {within}\n"),
            Some("time") => format!("time = \"{time}\"\n"),
            Some("on_breach") => format!("on_breach = \"{breach}\"\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    machine.chore("another pack", move |engine: Arc<Engine>| async move {
        engine.put_pack(company.tenant, Some(company.admin), &toml).await
    });
}

/// A supervisor rules on something that is owed: lets it off, asks for another number, or takes back what was ruled.
pub(super) fn except(machine: &mut Machine, company: usize, random: &mut StdRng) {
    let company = machine.companies[company].clone();
    let Some(engine) = machine.engine() else { return };
    let owed = engine.view(company.tenant).all_obligations().unwrap_or_default();
    let Some(stored) = owed.choose(random) else { return };
    let excepting = Excepting {
        obligation: stored.obligation.name().hash(),
        ruled: match random.random_range(0..4) {
            0 => Excepted::Withdrawn,
            // Refused, unless it is a quota.
            1 => Excepted::Required(random.random_range(0..4)),
            _ => Excepted::LetOff,
        },
        from: None,
        until: None,
        reason: Reason::Illness,
        note: "已核实".to_owned(),
    };
    machine.chore("an exception", move |engine: Arc<Engine>| async move {
        engine.except(company.tenant, company.supervisor, excepting).await
    });
}

/// An administrator closes days that are over.
pub(super) fn close(machine: &mut Machine, company: usize, random: &mut StdRng) {
    let company = machine.companies[company].clone();
    let Some(engine) = machine.engine() else { return };
    let Some(today) = day_of(engine.time().now) else { return };
    let last = today.saturating_sub(random.random_range(1..=4).days());
    let period = Period { first: last.saturating_sub(random.random_range(0..=7).days()), last };
    machine.chore("days are closed", move |engine: Arc<Engine>| async move {
        engine.close_period(company.tenant, Some(company.admin), period, "结账").await
    });
}

/// An administrator finds that a customer is more important, or less, or gives it to somebody else.
pub(super) fn change_customer(machine: &mut Machine, company: usize, random: &mut StdRng) {
    let company = machine.companies[company].clone();
    let Some(engine) = machine.engine() else { return };
    let customers = engine.view(company.tenant).customers().unwrap_or_default();
    let Some(mut customer) = customers.choose(random).cloned() else { return };
    if random.random_bool(0.5) {
        customer.tags = if customer.tags.is_empty() { vec![KEY_ACCOUNT.to_owned()] } else { Vec::new() };
    } else {
        customer.owner = company.reps.choose(random).map(|rep| rep.user).filter(|_| random.random_bool(0.8));
    }
    machine.chore("another customer", move |engine: Arc<Engine>| async move {
        engine.put_customers(company.tenant, Some(company.admin), vec![customer]).await
    });
}

/// The day on which an instant falls where the companies are.
fn day_of(at: Timestamp) -> Option<Date> {
    let at = jiff::Timestamp::from_millisecond(at.as_millis() + 8 * 3_600_000).ok()?;
    Some(at.to_zoned(jiff::tz::TimeZone::UTC).date())
}
