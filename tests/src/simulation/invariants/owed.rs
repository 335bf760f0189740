//! What is true of obligations, one function each.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::Context as _;
use client_sdk::VisitFilter;
use server::{
    event::{Event, EventKind},
    projection::{
        Closing, Known, Projection, StoredFact, StoredObligation, Then, View, key::Listed, ledger, restated,
    },
    store::{Indexes as _, Mark, MemoryIndexes},
};
use sync_core::{encoding, hash::Hash, log::JournalRoot, time::Timestamp};

use super::{Handset, Machine, Rare, Reached, broken};
use crate::{clock::shanghai, owed, simulation::world::FOUNDED};

/// How far ahead phones look, about.
const AHEAD_MS: i64 = 30 * 24 * 3_600_000;

/// More than any world has of anything.
const MANY: usize = 10_000;

/// I21: whatever happened in whatever order, the ledger says of every obligation what looking at everything gives.
pub(super) fn i21_the_ledger_is_what_looking_at_everything_gives(
    view: &View<'_>,
    now: Timestamp,
) -> anyhow::Result<()> {
    if ledger::waits(view, now)? {
        return Ok(());
    }
    if let Some(first) = ledger::differences(view, now)?.first() {
        broken("I21", format_args!("the ledger is wrong of {first:?}"))?;
    }
    Ok(())
}

/// I22: what is said of closed days as they were known when they were closed is what was said of them then: by an index
/// that is made of the journal up to the closing.
pub(super) fn i22_what_was_said_of_closed_days_stays(
    machine: &Machine,
    reached: &mut Reached,
) -> anyhow::Result<()> {
    let engine = machine.engine().context("the server is down")?;
    let records = machine.records()?;
    let mut events = Vec::new();
    for (position, record) in &records {
        events.push((*position, record, encoding::decode::<Event>(record)?));
    }
    let is_closing = |event: &Event| matches!(event.kind, EventKind::PeriodClosed { .. });
    let Some(last) = events.iter().rposition(|(.., event)| is_closing(event)) else { return Ok(()) };
    let (projector, index) = (Projection::shared(), MemoryIndexes::new().open(Path::new("")));
    let Ok(index) = index else { anyhow::bail!("an empty index does not open") };
    for (position, record, event) in &events[..=last] {
        if is_closing(event) {
            let (was, is) = (View::new(&*index, event.tenant), engine.view(event.tenant));
            let nth = was.closings()?.len();
            let closing = is.closings()?.into_iter().nth(nth).context("a closing is gone")?;
            let then = Then::of(&is, closing.clone())?;
            let (before, after) = (said(was.into(), &closing)?, said(Known::at(is, Some(&then)), &closing)?);
            if let Some((said, says)) = first_difference(&before, &after) {
                let days = closing.period;
                broken("I22", format_args!("of {days:?} it was said {said:?}, and is said {says:?}"))?;
            }
            for id in restated::touched(&is, &closing, None, MANY)? {
                if restated::change(&is, &then, id)?.is_some() {
                    reached.note(Rare::Restated);
                }
            }
        }
        let writes = projector.project(&*index, *position, record)?;
        let root = JournalRoot { size: 0, hash: Hash::ZERO };
        index.apply(vec![(*position, writes)], Mark { schema_version: projector.schema_version(), root })?;
    }
    Ok(())
}

/// I23: of what its user alone owes, a phone says what the server says: window, state, counts, and the facts that count
/// or do not, each with why.
///
/// What is about a customer whom somebody else has now is no longer on the phone, and visits of others never were. Before
/// the companies were founded nobody did anything, and what a wrong clock puts far ahead has its day on the phone later.
pub(super) fn i23_a_phone_says_of_what_is_owed_what_the_server_says(
    phone: usize,
    handset: &Handset,
    machine: &Machine,
    now: Timestamp,
) -> anyhow::Result<()> {
    let company = &machine.companies[handset.carrier.tenant];
    let engine = machine.engine().context("the server is down")?;
    let view = engine.view(company.tenant);
    if ledger::waits(&view, now)? {
        return Ok(());
    }
    let user = company.reps[handset.carrier.rep].user;
    let customers: BTreeSet<_> = handset.book().customers("")?.iter().map(|customer| customer.id).collect();
    let mine: BTreeSet<_> = handset.book().visits(VisitFilter::All)?.iter().map(|line| line.id).collect();
    let (mut there, mut here) = (owed::on_server(&view, user)?, owed::on_phone(handset.book())?);
    let (founded, ahead) = (shanghai(FOUNDED)?, now.plus_millis(AHEAD_MS));
    for said in [&mut there, &mut here] {
        said.retain(|_, said| {
            said.passed_over.retain(|(seen, _)| mine.contains(&seen.document));
            said.customer.is_none_or(|customer| customers.contains(&customer))
                && said.window.1.is_none_or(|due| founded < due && due < ahead)
        });
    }
    if let Some((said, says)) = first_difference(&there, &here) {
        broken("I23", format_args!("the server says {said:?}, phone {phone} says {says:?}"))?;
    }
    Ok(())
}

/// Notes what was ruled of what is owed.
pub(super) fn note_owed(view: &View<'_>, reached: &mut Reached) -> anyhow::Result<()> {
    for stored in view.all_obligations()? {
        match (stored.obligation.exception, stored.obligation.let_off) {
            (Some(_), true) => reached.note(Rare::LetOff),
            (Some(_), false) => reached.note(Rare::OtherNumber),
            (None, _) => {}
        }
    }
    Ok(())
}

/// Every obligation of a closing's days, with the facts that it rests on.
fn said(
    known: Known<'_>,
    closing: &Closing,
) -> anyhow::Result<BTreeMap<Hash, (StoredObligation, Vec<StoredFact>)>> {
    let rulebook = known.rulebook()?;
    let ever = (Timestamp::from_millis(i64::MIN), Timestamp::MAX);
    let mut all = BTreeMap::new();
    for pack in rulebook.packs() {
        for rule in &pack.rules {
            let list = Listed::Rule { pack: &pack.id, rule: &rule.id };
            for (_, stored) in known.obligations(list, ever, None, MANY)? {
                if !closing.holds(&stored.obligation, &rulebook) {
                    continue;
                }
                let owed = &stored.obligation;
                let rests = owed.counted.iter().chain(owed.passed_over.iter().map(|(fact, _)| fact));
                let facts = rests.chain(&owed.exception).filter_map(|fact| known.fact(*fact).transpose());
                let facts = facts.collect::<Result<_, _>>()?;
                all.insert(owed.name().hash(), (stored, facts));
            }
        }
    }
    Ok(all)
}

/// The first entry that is not the same in two maps.
fn first_difference<'a, T: PartialEq>(
    one: &'a BTreeMap<Hash, T>,
    other: &'a BTreeMap<Hash, T>,
) -> Option<(Option<&'a T>, Option<&'a T>)> {
    let names = one.keys().chain(other.keys());
    names.map(|name| (one.get(name), other.get(name))).find(|(one, other)| one != other)
}
