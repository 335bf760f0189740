//! The quarantine: what comes back when an administrator brings it back.

use sync_core::{document::field, rules::Outcome};

use super::{
    super::{
        Released,
        fixture::{DAY_MS, HOUR_MS, World, filled},
    },
    EngineError, set,
};

#[tokio::test]
async fn what_is_brought_back_counts_as_of_its_arrival() {
    let world = World::new().await;
    let (mut phone, visit) = (world.phone(world.rep).await, world.visit(1));
    let mut other = world.phone(world.rep).await;
    phone.edit(visit, &filled(world.customer, world.now(), "好"));
    phone.submit(visit);
    let stolen = phone.edit_as(&other.author(), world.visit(2), &[set(field::RESULT, "假")]);
    let anchor = phone.pull(&world).await.unwrap();
    let device = phone.session.device;
    world.pass(HOUR_MS);
    world.engine.revoke_device(world.tenant, Some(world.boss), device).await.unwrap();
    let (commit, arrived) = (phone.commit(&anchor), world.now());
    let entries = commit.entries.len() as u64;
    for _ in 0..2 {
        let refused = world.engine.commit(phone.session, commit.clone()).await;
        assert!(matches!(refused, Err(EngineError::DeviceRevoked(_))));
    }
    let kept = world.engine.quarantined(world.tenant, device).unwrap();
    assert_eq!((kept.len(), kept[0].arrived, kept[0].time_suspect), (2, arrived, false));
    assert!(world.engine.quarantined(world.tenant, other.session.device).unwrap().is_empty());

    world.pass(6 * DAY_MS);
    let release = |by| world.engine.release_quarantine(world.tenant, by, device);
    for by in [world.rep, world.boss, world.auditor] {
        assert!(matches!(release(Some(by)).await, Err(EngineError::NotPermitted)));
    }
    let admin = world.engine.view(world.tenant).user_by_login("admin").unwrap().unwrap().id;
    let released = release(Some(admin)).await.unwrap();
    assert_eq!(released, Released { accepted: entries - 1, refused: 1, pages_left: 1 });
    let verdict = world.record(visit).status.submits[0].verdict.clone();
    assert_eq!((verdict.outcome, verdict.evidence.unwrap().not_after), (Outcome::OnTime, Some(arrived)));
    let receipt = world.engine.view(world.tenant).receipt(device, entries - 1).unwrap().unwrap().receipt;
    assert_eq!((receipt.received, receipt.refused[0].entry), (arrived, stolen));

    world.engine.tick().await.unwrap();
    assert_eq!(world.record(visit).status.seals.len(), 1, "sealed like any other once looked at again");
    assert!(matches!(phone.pull(&world).await, Err(EngineError::DeviceRevoked(_))), "it stays revoked");
    assert_eq!(release(None).await.unwrap(), Released { pages_left: 1, ..Released::default() });
    other.pull(&world).await.unwrap();
    assert_eq!(
        other.document(visit).values().get(field::RESULT),
        phone.document(visit).values().get(field::RESULT)
    );
    world.assert_rebuilds().await;
}
