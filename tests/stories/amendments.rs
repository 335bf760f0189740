//! After the seal: what comes is an amendment, and version 1 never changes.

use client_sdk::{Error, Reason, field};
use sync_core::{
    encoding,
    record::{Phase, Ruling, Standing},
};
use tests::World;

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_after_the_seal_waits_as_an_amendment_and_its_approval_adds_a_version() -> anyhow::Result<()>
{
    let world = World::start().await?;
    let phone = world.phone("davolio").await?;
    let visit = phone.visit(phone.customer(0)?, "原始结果")?;
    phone.book.submit(visit, None)?;
    phone.sync().await?;
    world.until("2026-09-10T08:00").await?;
    let first = world.status(visit)?.seals.remove(0);
    phone.sync().await?;

    phone.book.edit(visit, |draft| {
        draft.text(field::RESULT, "更正后的结果");
    })?;
    assert!(matches!(phone.book.submit(visit, None), Err(Error::ReasonNeeded)));
    let submission = phone.book.submit(visit, Some(Reason::Correction))?;
    phone.sync().await?;
    let waiting = world.status(visit)?;
    assert_eq!((waiting.phase, waiting.seals.len()), (Phase::Sealed, 1));
    assert!(waiting.amendment_waiting());

    world.rule("fuller", visit, submission.entry, Ruling::Approve).await?;
    let approved = world.status(visit)?;
    assert_eq!(approved.seals.len(), 2);
    assert_eq!(encoding::encode(&approved.seals[0]), encoding::encode(&first));
    assert_eq!(approved.submit(submission.entry).map(|submit| submit.standing), Some(Standing::Approved));
    phone.sync().await?;
    assert_eq!(phone.record(visit)?.versions(), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_amendment_stays_in_the_history_and_changes_nothing_official() -> anyhow::Result<()> {
    let world = World::start().await?;
    let phone = world.phone("davolio").await?;
    let visit = phone.visit(phone.customer(0)?, "原始结果")?;
    phone.book.submit(visit, None)?;
    phone.sync().await?;
    world.until("2026-09-10T08:00").await?;
    phone.sync().await?;
    phone.book.edit(visit, |draft| {
        draft.text(field::RESULT, "美化过的结果");
    })?;
    let submission = phone.book.submit(visit, Some(Reason::Other))?;
    phone.sync().await?;
    world.rule("fuller", visit, submission.entry, Ruling::Reject).await?;
    let status = world.status(visit)?;
    assert_eq!(status.seals.len(), 1);
    assert_eq!(status.submit(submission.entry).map(|submit| submit.standing), Some(Standing::Rejected));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_rules_on_their_own_line_and_on_nobody_elses() -> anyhow::Result<()> {
    let world = World::start().await?;
    // Suyama reports to Buchanan, who reports to Fuller; Davolio reports to Fuller.
    let suyama = world.phone("suyama").await?;
    let davolio = world.phone("davolio").await?;
    let visits = [suyama.visit(suyama.customer(0)?, "迟交")?, davolio.visit(davolio.customer(0)?, "迟交")?];
    suyama.sync().await?;
    davolio.sync().await?;
    world.until("2026-09-12T08:00").await?;
    let own = suyama.book.submit(visits[0], None)?.entry;
    let other = davolio.book.submit(visits[1], None)?.entry;
    suyama.sync().await?;
    davolio.sync().await?;
    assert!(world.rule("suyama", visits[0], own, Ruling::AcceptLate).await.is_err(), "never one's own");
    assert!(world.rule("buchanan", visits[1], other, Ruling::AcceptLate).await.is_err());
    world.rule("buchanan", visits[0], own, Ruling::AcceptLate).await?;
    world.rule("fuller", visits[1], other, Ruling::AcceptLate).await?;
    assert_eq!(world.status(visits[0])?.phase, Phase::Sealed);
    assert_eq!(world.status(visits[1])?.phase, Phase::Sealed);
    Ok(())
}
