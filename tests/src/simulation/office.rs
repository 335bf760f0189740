//! The office: what supervisors and administrators do from their desks.

use std::sync::Arc;

use client_sdk::Reason;
use rand::{Rng as _, rngs::StdRng};
use server::engine::{Engine, Ruled};
use sync_core::{
    record::{Ruling, Standing},
    rules::packs,
};

use super::machine::Machine;

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
    let Ok(day) = jiff::Timestamp::from_millisecond(begins.as_millis() + 8 * 3_600_000) else { return };
    let day = day.to_zoned(jiff::tz::TimeZone::UTC).date();
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
