//! The two-day rule: in time, made in time but late to arrive, and late.

use client_sdk::{Basis, Phase, VerdictOutcome};
use sync_core::{
    encoding,
    record::{self, Cause, Ruling, Standing},
};
use tests::{World, clock::shanghai};

#[tokio::test(flavor = "multi_thread")]
async fn a_submit_that_arrives_in_time_is_sealed_when_the_deadline_passes() -> anyhow::Result<()> {
    let world = World::start().await?;
    let phone = world.phone("davolio").await?;
    let visit = phone.visit(phone.customer(0)?, "续签意向明确")?;
    let submission = phone.book.submit(visit, None)?;
    // A Monday's visit is due on Wednesday at 24:00.
    let due = submission.due.as_ref().and_then(|due| due.deadline);
    assert_eq!(due, Some(shanghai("2026-09-10T00:00")?));
    phone.sync().await?;
    assert_eq!(world.status(visit)?.phase, record::Phase::Submitted);
    assert_eq!(phone.record(visit)?.phase, Phase::Submitted);

    world.until("2026-09-10T00:01").await?;
    let status = world.status(visit)?;
    assert_eq!((status.phase, status.seals.len()), (record::Phase::Sealed, 1));
    assert_eq!(status.seals[0].version.cause, Cause::InTime);
    let submit = &status.submits[0];
    assert_eq!((&submit.verdict.outcome, submit.verdict.basis), (&VerdictOutcome::OnTime, Basis::Proven));
    phone.sync().await?;
    assert_eq!(phone.record(visit)?.phase, Phase::Sealed);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submit_made_in_time_that_arrives_late_is_official_and_marked_so() -> anyhow::Result<()> {
    let world = World::start().await?;
    let phone = world.phone("davolio").await?;
    let visit = phone.visit(phone.customer(0)?, "地下车库，无信号")?;
    world.until("2026-09-09T18:00").await?;
    let submission = phone.book.submit(visit, None)?;
    world.until("2026-09-14T09:00").await?;
    let report = phone.sync().await?;

    assert_eq!((report.seals, report.verdicts), (1, 1));
    let status = world.status(visit)?;
    assert_eq!(status.phase, record::Phase::Sealed);
    assert_eq!(status.seals[0].version.cause, Cause::ArrivedLate);
    let submit = status.submit(submission.entry).expect("the submit is known");
    assert_eq!(submit.standing, Standing::Official);
    assert_eq!((&submit.verdict.outcome, submit.verdict.basis), (&VerdictOutcome::OnTime, Basis::Measured));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_submit_is_held_and_counts_after_the_manager_accepts_it() -> anyhow::Result<()> {
    let world = World::start().await?;
    let phone = world.phone("davolio").await?;
    let visit = phone.visit(phone.customer(0)?, "忘记提交了")?;
    phone.sync().await?;
    world.until("2026-09-11T10:00").await?;
    assert_eq!(world.status(visit)?.phase, record::Phase::Overdue);
    let submission = phone.book.submit(visit, Some(client_sdk::Reason::Forgot))?;
    phone.sync().await?;
    let held = world.status(visit)?;
    assert_eq!((held.phase, held.seals.len()), (record::Phase::HeldLate, 0));
    assert_eq!(held.submits[0].standing, Standing::Held);
    assert_eq!(held.submits[0].verdict.outcome, VerdictOutcome::Late);
    assert_eq!(phone.record(visit)?.phase, Phase::Held);

    world.rule("fuller", visit, submission.entry, Ruling::AcceptLate).await?;
    let accepted = world.status(visit)?;
    assert_eq!((accepted.phase, accepted.seals.len()), (record::Phase::Sealed, 1));
    assert_eq!(accepted.submits[0].standing, Standing::Approved);
    assert_eq!(
        accepted.submits[0].verdict, held.submits[0].verdict,
        "the evidence stays beside the decision"
    );
    let report = phone.sync().await?;
    assert_eq!((report.decisions, report.seals), (1, 1));
    assert_eq!(phone.record(visit)?.phase, Phase::Sealed);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_phone_foretells_the_servers_verdict() -> anyhow::Result<()> {
    let world = World::start().await?;
    let phone = world.phone("davolio").await?;
    let visit = phone.visit(phone.customer(0)?, "等待回复")?;
    phone.book.submit(visit, None)?;
    for (until, expected) in
        [("2026-09-08T08:00", VerdictOutcome::OnTime), ("2026-09-20T08:00", VerdictOutcome::OnTime)]
    {
        world.until(until).await?;
        let due = phone.book.due()?;
        let foretold = due.iter().find(|due| due.visit == visit).and_then(|due| due.prediction.clone());
        assert_eq!(foretold.expect("a prediction").if_sent_now.outcome, expected, "{until}");
    }
    let foretold = phone.book.due()?.remove(0).prediction.expect("a prediction").if_sent_now;
    phone.sync().await?;
    let judged = world.status(visit)?.submits.remove(0).verdict;
    assert_eq!(encoding::encode(&foretold), encoding::encode(&judged));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_end_after_the_first_sync_leaves_the_deadline_where_it_was() -> anyhow::Result<()> {
    let world = World::start().await?;
    let phone = world.phone("davolio").await?;
    let visit = phone.visit(phone.customer(0)?, "改时间试试")?;
    phone.sync().await?;
    let before = world.status(visit)?.deadline;
    world.until("2026-09-09T12:00").await?;
    phone.book.edit(visit, |draft| {
        draft.time(client_sdk::field::ENDED, world.now());
    })?;
    phone.sync().await?;
    assert_eq!(world.status(visit)?.deadline, before);
    Ok(())
}
