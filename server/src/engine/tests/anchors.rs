//! Anchors: how many stay open, and those that a restored server lost.

use sync_core::{
    admission::RefusalCode,
    hash::Hash,
    id::RunId,
    log::{Anchor, EntryKind, JournalRoot, SignedAnchor, limits},
    protocol::{Cursor, FeedItem, PullRequest, PullResponse},
    rules::Flags,
};

use super::{
    super::fixture::{HOUR_MS, Phone, World, filled},
    EngineError,
};
use crate::projection::FeedPlace;

const MINUTE_MS: u64 = 60_000;

async fn pull(world: &World, phone: &Phone, request: PullRequest) -> Result<PullResponse, EngineError> {
    world.engine.pull(phone.session, request).await
}

fn asks(seen: Option<u64>, shown: Option<Vec<SignedAnchor>>) -> PullRequest {
    PullRequest { cursor: Default::default(), nonce: [4; 16], seen, shown, run: None }
}

/// An anchor of this server that its journal does not know.
fn lost(world: &World, phone: &Phone, sequence: u64) -> SignedAnchor {
    let anchor = Anchor {
        tenant: world.tenant,
        device: phone.session.device,
        sequence,
        time: world.now(),
        nonce: [9; 16],
        device_head: Hash::ZERO,
        journal: JournalRoot { size: 1, hash: Hash::ZERO },
    };
    SignedAnchor::sign(anchor, world.authority.keys.signing())
}

#[tokio::test]
async fn a_restored_server_takes_back_the_anchors_it_lost_and_counts_on_behind_them() {
    let world = World::new().await;
    let (mut phone, visit) = (world.phone(world.rep).await, world.visit(1));
    phone.sync(&world).await.unwrap();
    world.pass(HOUR_MS);
    let shown: Vec<_> = (40..43).map(|sequence| lost(&world, &phone, sequence)).collect();
    world.pass(HOUR_MS);
    let size = world.engine.root().size;
    let behind = pull(&world, &phone, asks(Some(42), None)).await;
    assert!(matches!(behind, Err(EngineError::AnchorAhead { seen: 42 })), "{behind:?}");
    assert_eq!(world.engine.root().size, size, "no number is given out before the lost ones are known");

    let answer = pull(&world, &phone, asks(Some(42), Some(shown.clone()))).await.unwrap();
    assert_eq!(answer.anchor.unwrap().anchor.sequence, 43);
    for anchor in &shown {
        phone.write(EntryKind::Anchor { anchor: anchor.anchor.hash(), round_trip_ms: 20 });
    }
    phone.edit(visit, &filled(world.customer, world.now(), "好"));
    phone.submit(visit);
    assert!(phone.sync(&world).await.unwrap().receipt.refused.is_empty());
    let evidence = world.record(visit).status.submits[0].verdict.evidence.clone().unwrap();
    assert_eq!(evidence.anchor, Some(shown[0].anchor.hash()), "the first of one instant");
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn anchors_of_another_device_or_another_key_are_not_taken_back() {
    let world = World::new().await;
    let (phone, other) = (world.phone(world.rep).await, world.phone(world.rep).await);
    let mut forged = lost(&world, &phone, 90);
    forged.signature[0] ^= 1;
    for shown in [forged, lost(&world, &other, 90)] {
        let answer = pull(&world, &phone, asks(Some(90), Some(vec![shown]))).await;
        assert!(matches!(answer, Err(EngineError::AnchorAhead { seen: 90 })), "{answer:?}");
    }
}

#[tokio::test]
async fn a_phone_that_pulls_in_a_loop_gets_one_anchor_a_minute_after_the_first_ones() {
    let world = World::new().await;
    let phone = world.phone(world.rep).await;
    let before = world.engine.root().size;
    let mut given = 0;
    for _ in 0..300 {
        given += u32::from(pull(&world, &phone, asks(None, None)).await.unwrap().anchor.is_some());
    }
    assert_eq!(given as usize, limits::OPEN_ANCHORS);
    assert_eq!(world.engine.root().size - before, limits::OPEN_ANCHORS as u64);
    for _ in 0..30 {
        world.pass(MINUTE_MS);
        assert!(pull(&world, &phone, asks(None, None)).await.unwrap().anchor.is_some());
        assert!(pull(&world, &phone, asks(None, None)).await.unwrap().anchor.is_none());
    }
    let open = world.engine.view(world.tenant).anchors(phone.session.device).unwrap();
    assert_eq!(open.len(), limits::OPEN_ANCHORS, "a commit has no more than these to load");
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn fifty_pulls_without_a_commit_are_no_obstacle_and_show_in_the_evidence() {
    let world = World::new().await;
    let (mut phone, visit) = (world.phone(world.rep).await, world.visit(1));
    phone.edit(visit, &filled(world.customer, world.now(), "好"));
    phone.submit(visit);
    for _ in 0..50 {
        world.pass(1_000);
        let anchor = phone.pull(&world).await.unwrap();
        phone.commit_lost(&anchor);
    }
    let receipt = phone.sync(&world).await.unwrap().receipt;
    assert_eq!(receipt.refused, [], "each of the anchors was open");
    let evidence = world.record(visit).status.submits[0].verdict.evidence.clone().unwrap();
    assert!(evidence.flags.intersects(Flags::ANCHORS_UNANSWERED));
}

#[tokio::test]
async fn after_many_more_pulls_the_oldest_anchors_no_longer_count_and_the_rest_is_accepted() {
    let world = World::new().await;
    let (mut phone, visit) = (world.phone(world.rep).await, world.visit(1));
    phone.edit(visit, &filled(world.customer, world.now(), "好"));
    for _ in 0..limits::OPEN_ANCHORS + 9 {
        world.pass(MINUTE_MS);
        let anchor = phone.pull(&world).await.unwrap();
        phone.commit_lost(&anchor);
    }
    phone.submit(visit);
    world.pass(MINUTE_MS);
    let receipt = phone.sync(&world).await.unwrap().receipt;
    assert!(receipt.refused.iter().all(|refused| refused.code == RefusalCode::UnknownAnchor));
    assert_eq!(receipt.refused.len(), 10);
    assert_eq!(world.record(visit).status.submits.len(), 1);
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn what_a_phone_read_in_another_story_is_not_gone_on_from() {
    let world = World::new().await;
    let phone = world.phone(world.rep).await;
    let first = pull(&world, &phone, asks(None, None)).await.unwrap();
    assert_eq!(first.run, pull(&world, &phone, asks(None, None)).await.unwrap().run);
    let again = |cursor, run| PullRequest { cursor, run, ..asks(None, None) };
    let far = Cursor::from(FeedPlace { position: world.engine.root().size - 1, item: 0 });

    let world = world.reopened();
    let idle = pull(&world, &phone, again(far, first.run)).await.unwrap();
    world.engine.draw_enrolment_code(world.tenant, None, world.rep).await.unwrap();
    let second = pull(&world, &phone, again(idle.cursor, idle.run)).await.unwrap();
    assert_ne!((first.run, None), (second.run, second.run), "a run begins with the first thing it writes");
    let further = Cursor::from(FeedPlace { position: world.engine.root().size - 1, item: 0 });
    assert!(pull(&world, &phone, again(further, second.run)).await.is_ok());
    for (cursor, run) in [(further, first.run), (first.cursor, Some(RunId::from_bytes([8; 16])))] {
        let other = pull(&world, &phone, again(cursor, run)).await;
        assert!(matches!(other, Err(EngineError::CursorAhead { .. })), "{other:?}");
    }
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn what_a_device_caused_in_an_earlier_run_is_told_to_it_too() {
    let world = World::new().await;
    let (mut phone, visit) = (world.phone(world.rep).await, world.visit(1));
    phone.edit(visit, &filled(world.customer, world.now(), "好"));
    phone.submit(visit);
    phone.sync(&world).await.unwrap();
    let told = |answer: PullResponse| {
        let records = answer.items.into_iter().filter(|item| matches!(item, FeedItem::Record(_)));
        records.count()
    };
    assert_eq!(told(pull(&world, &phone, asks(None, None)).await.unwrap()), 0, "its receipt said so");
    // Whatever was said of the record after that receipt may be lost.
    let world = world.reopened();
    assert_eq!(told(pull(&world, &phone, asks(None, None)).await.unwrap()), 1);
    world.assert_rebuilds().await;
}
