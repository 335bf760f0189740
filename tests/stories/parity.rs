//! One engine on phone and server: over two working weeks of mishaps, both say the same, byte for byte.

use std::collections::BTreeMap;

use client_sdk::Flags;
use sync_core::{
    encoding,
    record::Phase,
    rules::{Pack, judge, packs},
};
use tests::{Fortnight, World, clock::shanghai};

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
