//! Work without a signal.

use client_sdk::{Phase, field};
use tests::World;

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_made_offline_for_days_reaches_the_manager() -> anyhow::Result<()> {
    let world = World::start().await?;
    let phone = world.phone("davolio").await?;
    let visit = phone.visit(phone.customer(0)?, "现场无信号，先记录：客户对交付进度满意。")?;
    world.pass_hours(5 * 24).await?;
    phone.book.edit(visit, |draft| {
        draft.text(field::NEXT_STEP, "下周带样品复访 📦");
    })?;
    assert!(world.stored(visit)?.is_none(), "nothing reaches the server without a sync");

    phone.sync().await?;
    let fields = world.fields(visit)?;
    assert_eq!(fields.result.as_deref(), Some("现场无信号，先记录：客户对交付进度满意。"));
    assert_eq!(fields.next_step.as_deref(), Some("下周带样品复访 📦"));
    let owner = world.stored(visit)?.map(|record| record.owner);
    assert_eq!(owner, Some(world.company.user("davolio")?.id));
    assert!(phone.book.outbox()?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_takes_two_requests_however_many_visits_wait() -> anyhow::Result<()> {
    let world = World::start().await?;
    let phone = world.phone("davolio").await?;
    let mut visits = Vec::new();
    for n in 0..20 {
        visits.push(phone.visit(phone.customer(n)?, "例行拜访，无异常。")?);
    }
    let report = phone.sync().await?;
    assert_eq!(report.requests, 2);
    for visit in visits {
        assert!(world.stored(visit)?.is_some());
        assert_eq!(phone.record(visit)?.phase, Phase::Draft);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_app_keeps_every_edit_that_returned() -> anyhow::Result<()> {
    let world = World::start().await?;
    let mut phone = world.phone("davolio").await?;
    let visit = phone.visit(phone.customer(0)?, "刚写完就没电了")?;
    let waiting = phone.book.outbox()?;
    phone.reboot()?;
    assert_eq!(phone.book.outbox()?, waiting);
    assert_eq!(phone.record(visit)?.fields.result.as_deref(), Some("刚写完就没电了"));
    phone.sync().await?;
    assert_eq!(world.fields(visit)?.result.as_deref(), Some("刚写完就没电了"));
    Ok(())
}
