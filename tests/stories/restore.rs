//! Backups that came back: a server that forgot, a phone that forgot, and what each gets back from the other.

use client_sdk::{Error, Outcome, ReEnrolCause, VerdictOutcome, field};
use sync_core::record::{Phase, RecordStatus};
use tests::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_synced_since_the_backup_hands_everything_over_again() -> anyhow::Result<()> {
    let world = World::start_at_one_address().await?;
    let phone = world.phone("davolio").await?;
    let early = phone.visit(phone.customer(0)?, "备份之前")?;
    phone.sync().await?;
    let backup = world.back_up()?;
    let mut late = Vec::new();
    for n in 1..4 {
        // Longer than an access token is good for: each sync renews it.
        world.pass_hours(1).await?;
        let visit = phone.visit(phone.customer(n)?, "备份之后")?;
        phone.book.submit(visit, None)?;
        phone.sync().await?;
        late.push(visit);
    }
    let receipted = world.status(late[2])?;

    let world = world.restore(backup).await?;
    assert!(world.stored(late[0])?.is_none());
    world.pass_hours(1).await?;
    let report = phone.sync().await?;
    assert_eq!((report.refused.len(), report.distrusted), (0, 0), "{report:?}");
    assert!(phone.book.outbox()?.is_empty());
    for visit in &late {
        assert_eq!(world.fields(*visit)?.result.as_deref(), Some("备份之后"));
        let status = world.status(*visit)?;
        assert_eq!((status.submits.len(), status.phase), (1, Phase::Submitted));
        assert_eq!(status.submits[0].verdict.outcome, VerdictOutcome::OnTime);
    }
    let anchor = |status: &RecordStatus| {
        status.submits[0].verdict.evidence.as_ref().and_then(|evidence| evidence.anchor)
    };
    assert!(anchor(&receipted).is_some());
    assert_eq!(anchor(&world.status(late[2])?), anchor(&receipted), "what the server lost counts again");
    assert_eq!(world.fields(early)?.result.as_deref(), Some("备份之前"));
    assert_eq!(phone.sync().await?.requests, 2, "the next sync is like any other");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_enrolled_since_the_backup_enrols_again_and_loses_nothing() -> anyhow::Result<()> {
    let world = World::start_at_one_address().await?;
    let backup = world.back_up()?;
    let phone = world.phone("davolio").await?;
    let visit = phone.visit(phone.customer(0)?, "有回执，但服务器忘了")?;
    phone.book.submit(visit, None)?;
    phone.sync().await?;
    let unsent = phone.visit(phone.customer(1)?, "尚未同步")?;

    let world = world.restore(backup).await?;
    for _ in 0..2 {
        let refused = phone.try_sync().await;
        assert!(matches!(refused, Err(Error::SignInAgain { .. })), "{refused:?}");
        world.pass_hours(1).await?;
    }
    phone.enrol(&world.url(), &world.code("davolio").await?).await?;
    assert_eq!(phone.sync().await?.made_again, 2);
    assert_eq!(world.fields(visit)?.result.as_deref(), Some("有回执，但服务器忘了"));
    assert_eq!(world.fields(unsent)?.result.as_deref(), Some("尚未同步"));
    assert_eq!(world.status(visit)?.submits.len(), 0);
    phone.book.submit(visit, None)?;
    phone.sync().await?;
    assert_eq!(world.status(visit)?.phase, Phase::Submitted);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_phone_gets_back_to_a_restored_server_reaches_the_others() -> anyhow::Result<()> {
    let world = World::start_at_one_address().await?;
    let (phone, tablet) = (world.phone("davolio").await?, world.phone("davolio").await?);
    let backup = world.back_up()?;
    let visit = phone.visit(phone.customer(0)?, "手机写的")?;
    phone.sync().await?;
    tablet.sync().await?;
    tablet.book.edit(visit, |draft| {
        draft.text(field::PLACE, "平板补充");
    })?;
    tablet.sync().await?;
    phone.sync().await?;

    let world = world.restore(backup).await?;
    let _newer = phone.visit(phone.customer(1)?, "恢复之后")?;
    for device in [&phone, &tablet, &phone] {
        assert_eq!(device.sync().await?.refused.len(), 0);
    }
    let fields = world.fields(visit)?;
    assert_eq!((fields.result.as_deref(), fields.place.as_deref()), (Some("手机写的"), Some("平板补充")));
    assert_eq!(phone.record(visit)?.fields, tablet.record(visit)?.fields);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_set_up_from_a_backup_is_noticed_and_both_branches_are_kept() -> anyhow::Result<()> {
    let world = World::start().await?;
    let mut phone = world.phone("davolio").await?;
    let visit = phone.visit(phone.customer(0)?, "第一稿")?;
    let copy = phone.back_up()?;
    phone.sync().await?;
    phone.book.edit(visit, |draft| {
        draft.text(field::PLACE, "备份之后写的");
    })?;
    phone.sync().await?;
    phone.restore(&copy)?;
    phone.book.edit(visit, |draft| {
        draft.text(field::COUNTERPART, "恢复之后写的");
    })?;

    let forked = phone.try_sync().await;
    assert!(matches!(forked, Err(Error::ReEnrol { cause: ReEnrolCause::Forked })), "{forked:?}");
    phone.enrol(&world.url(), &world.code("davolio").await?).await?;
    let report = phone.sync().await?;
    assert_eq!((report.outcome, report.refused.len()), (Outcome::Complete, 0));
    for fields in [world.fields(visit)?, phone.record(visit)?.fields] {
        assert_eq!(fields.result.as_deref(), Some("第一稿"));
        assert_eq!(fields.place.as_deref(), Some("备份之后写的"));
        assert_eq!(fields.counterpart.as_deref(), Some("恢复之后写的"));
    }
    Ok(())
}
