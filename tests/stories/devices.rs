//! Several devices of one rep, lost devices, and devices that come back.

use client_sdk::{Error, ReEnrolCause, field};
use sync_core::record::Phase;
use tests::World;

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_that_edit_one_visit_offline_are_both_in_the_merged_record() -> anyhow::Result<()> {
    let world = World::start().await?;
    let phone = world.phone("davolio").await?;
    let tablet = world.phone("davolio").await?;
    let visit = phone.visit(phone.customer(0)?, "👨‍👩‍👧客户一家都在场。")?;
    phone.sync().await?;
    tablet.sync().await?;

    let chars = "👨‍👩‍👧客户一家都在场。".chars().count();
    phone.book.edit(visit, |draft| {
        draft.splice(field::RESULT, 0, 0, "【手机】");
    })?;
    phone.book.submit(visit, None)?;
    tablet.book.edit(visit, |draft| {
        draft.splice(field::RESULT, chars, 0, "【平板】🎉");
    })?;
    tablet.book.submit(visit, None)?;
    tablet.sync().await?;
    phone.sync().await?;
    tablet.sync().await?;

    let merged = "【手机】👨‍👩‍👧客户一家都在场。【平板】🎉";
    assert_eq!(world.fields(visit)?.result.as_deref(), Some(merged));
    for device in [&phone, &tablet] {
        assert_eq!(device.record(visit)?.fields.result.as_deref(), Some(merged));
    }
    world.until("2026-09-10T08:00").await?;
    let status = world.status(visit)?;
    assert_eq!(status.phase, Phase::Sealed);
    assert!(status.seals[0].version.merged, "two submits apart are sealed together and marked so");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_phone_delivers_nothing_more_and_loses_nothing_it_delivered() -> anyhow::Result<()> {
    let world = World::start().await?;
    let phone = world.phone("davolio").await?;
    let delivered = phone.visit(phone.customer(0)?, "丢失之前")?;
    phone.sync().await?;
    let device = phone.book.owner()?.expect("an enrolled phone has an owner").device;
    world.revoke(device).await?;
    let stolen = phone.visit(phone.customer(1)?, "丢失之后")?;

    let refused = phone.try_sync().await;
    assert!(matches!(refused, Err(Error::ReEnrol { cause: ReEnrolCause::Revoked })), "{refused:?}");
    assert!(world.stored(stolen)?.is_none());
    assert_eq!(world.fields(delivered)?.result.as_deref(), Some("丢失之前"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn re_enrolment_brings_unsent_work_back() -> anyhow::Result<()> {
    let world = World::start().await?;
    let phone = world.phone("davolio").await?;
    let device = phone.book.owner()?.expect("an enrolled phone has an owner").device;
    let visit = phone.visit(phone.customer(0)?, "尚未同步的内容")?;
    world.revoke(device).await?;
    assert!(phone.try_sync().await.is_err());
    world.pass_hours(1).await?;

    phone.enrol(&world.url(), &world.code("davolio").await?).await?;
    let report = phone.sync().await?;
    assert_eq!((report.made_again, report.refused.len()), (1, 0));
    assert_eq!(world.fields(visit)?.result.as_deref(), Some("尚未同步的内容"));
    assert!(phone.book.outbox()?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_phone_gets_all_of_its_reps_visits() -> anyhow::Result<()> {
    let world = World::start().await?;
    let old = world.phone("davolio").await?;
    let mut visits = Vec::new();
    for n in 0..12 {
        visits.push(old.visit(old.customer(n)?, &format!("第{n}次拜访"))?);
    }
    old.sync().await?;
    let new = world.phone("davolio").await?;
    for (n, visit) in visits.into_iter().enumerate() {
        assert_eq!(new.record(visit)?.fields, old.record(visit)?.fields, "visit {n}");
    }
    Ok(())
}
