//! One engine on phone and server: over two working weeks of mishaps, both say the same, byte for byte.

use std::collections::BTreeMap;

use anyhow::Context as _;
use client_sdk::Flags;
use jiff::ToSpan as _;
use server::engine::Excepting;
use sync_core::{
    directory::Role,
    encoding,
    record::Phase,
    rules::{Excepted, Fulfilment, Pack, Part, Reason, Subject, judge, packs},
};
use tests::{Fortnight, World, clock::shanghai, owed};

#[tokio::test(flavor = "multi_thread")]
async fn phone_and_server_come_to_the_same_verdicts_over_a_whole_fortnight() -> anyhow::Result<()> {
    let world = World::start().await?;
    let mut fortnight = Fortnight::plan(world, shanghai("2026-09-18T20:00")?, 20_261).await?;
    fortnight.run(|_, _| {}).await?;
    let world = &fortnight.world;
    let pack = Pack::parse(packs::KEY_ACCOUNT_VISITS)?;
    let rule = pack.record_rule().expect("the pack has a record rule");

    let (mut phases, mut foretold, mut rejudged) = (BTreeMap::new(), 0, 0);
    for visit in fortnight.visits() {
        let Some(stored) = world.stored(visit)? else { continue };
        *phases.entry(format!("{:?}", stored.status.phase)).or_insert(0) += 1;
        for submit in &stored.status.submits {
            let verdict = &submit.verdict;
            if let (Some(deadline), Some(evidence)) = (verdict.deadline, &verdict.evidence) {
                assert_eq!(encoding::encode(&judge(&rule, deadline, evidence)), encoding::encode(verdict));
                rejudged += 1;
            }
            let rebooted = verdict
                .evidence
                .as_ref()
                .is_some_and(|evidence| evidence.flags.intersects(Flags::REBOOT_SINCE_ANCHOR));
            // Without an anchor of this boot a phone does not know what time it is, so it cannot know its arrival.
            if let (Some(said), false) = (fortnight.foretold().get(&submit.entry), rebooted) {
                assert_eq!(encoding::encode(said), encoding::encode(verdict), "{said:?}\n{verdict:?}");
                foretold += 1;
            }
        }
    }
    for phase in [Phase::Sealed, Phase::Submitted, Phase::HeldLate, Phase::NeedsReview] {
        assert!(phases.contains_key(&format!("{phase:?}")), "the fortnight has no {phase:?}: {phases:?}");
    }
    assert!(foretold > 100 && rejudged > 200, "{foretold} foretold, {rejudged} judged again");

    for phone in fortnight.phones() {
        phone.sync().await?;
        for line in phone.book.visits(client_sdk::VisitFilter::All)? {
            let record = phone.record(line.id)?;
            let stored = world.stored(line.id)?.expect("a synced visit is on the server");
            assert_eq!(record.status.as_ref(), Some(&stored.status));
            assert_eq!(record.fields, world.fields(line.id)?);
        }
    }
    Ok(())
}

/// What is owed over two working weeks under the whole regulation, as the phone of whoever owes it says and as the server
/// says: rule, subject, window, state, counts, and the facts that count or do not, each with why.
#[tokio::test(flavor = "multi_thread")]
async fn a_phone_and_the_server_say_the_same_of_what_its_user_owes() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.put_regulation().await?;
    let mut fortnight = Fortnight::plan(world, shanghai("2026-09-18T20:00")?, 20_262).await?;
    fortnight.run(|_, _| {}).await?;
    let world = &fortnight.world;
    for phone in fortnight.phones() {
        phone.sync().await?;
    }
    world.engine().tick().await?;
    make_exceptions(world).await?;
    world.engine().tick().await?;
    let view = world.engine().view(world.company.tenant);
    let (mut same, mut of_leaders, mut states, mut ruled) = (0, 0, BTreeMap::new(), BTreeMap::new());
    for phone in fortnight.phones() {
        phone.sync().await?;
        let user = phone.book.owner()?.context("an enrolled phone")?.user;
        let (there, here) = (owed::on_server(&view, user.id)?, owed::on_phone(&phone.book)?);
        for (id, said) in &there {
            assert_eq!(here.get(id), Some(said));
            let word = matches!(said.state, Fulfilment::NotEvaluable(_));
            let word = if word { "not evaluable".to_owned() } else { format!("{:?}", said.state) };
            *states.entry(word).or_insert(0) += 1;
            *ruled.entry((said.let_off, said.exception.is_some())).or_insert(0) += 1;
        }
        assert_eq!(here.len(), there.len(), "the phone says more than the server");
        same += there.len();
        of_leaders += if user.role == Role::Rep { 0 } else { there.len() };
    }
    assert!(of_leaders > 50, "only {of_leaders} of them are owed by somebody who leads others");
    assert!(same > 1_000, "only {same} obligations were compared");
    for state in ["Met", "Breached", "Pending"] {
        assert!(states.contains_key(state), "nothing was {state}: {states:?}");
    }
    for kind in [(true, true), (false, true), (false, false)] {
        assert!(ruled.get(&kind).is_some_and(|count| *count > 10), "let off, with an exception: {ruled:?}");
    }
    Ok(())
}

/// Makes exceptions from many obligations of all sorts, and takes some back.
async fn make_exceptions(world: &World) -> anyhow::Result<()> {
    let tenant = world.company.tenant;
    let all = world.engine().view(tenant).all_obligations()?;
    for (number, stored) in all.iter().enumerate().step_by(5) {
        let owed = &stored.obligation;
        let version = world.engine().view(tenant).rulebook()?;
        let part = version.rule(&owed.rule).and_then(|rule| rule.parts().get(owed.part));
        let is_quota = matches!(part, Some(Part::Quota(_)));
        let ruled = match number / 5 % 4 {
            0 if is_quota => Excepted::Required(1),
            1 if is_quota => Excepted::Required(9),
            _ => Excepted::LetOff,
        };
        let (obligation, note) = (owed.name().hash(), String::new());
        // Some reach beyond the days that are looked at.
        let until = match owed.subject {
            Subject::Customer(_, period) | Subject::Person(_, period) if number % 3 == 0 => {
                period.first.checked_add(100.days()).ok()
            }
            _ => None,
        };
        let excepting = Excepting { obligation, ruled, from: None, until, reason: Reason::Illness, note };
        world.engine().except(tenant, world.company.admin, excepting.clone()).await?;
        if number / 5 % 7 == 3 {
            let withdrawing = Excepting { ruled: Excepted::Withdrawn, ..excepting };
            world.engine().except(tenant, world.company.admin, withdrawing).await?;
        }
    }
    Ok(())
}
