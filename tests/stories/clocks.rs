//! Wrong clocks and restarts: what they do to an honest rep, and what they do not.

use client_sdk::{Basis, Flags, VerdictOutcome};
use sync_core::record::{Phase, Ruling, Standing};
use tests::World;

const YEAR_MS: i64 = 365 * 24 * 3_600_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_wall_clock_does_not_make_an_honest_rep_late() -> anyhow::Result<()> {
    for skew_ms in [-YEAR_MS, 3 * 24 * 3_600_000, YEAR_MS] {
        let world = World::start().await?;
        let phone = world.boxed_phone("davolio")?;
        phone.set_wall(skew_ms);
        phone.enrol(&world.url(), &world.code("davolio").await?).await?;
        phone.sync().await?;
        let visit = phone.visit(phone.customer(0)?, "手机时间不准")?;
        world.pass_hours(30).await?;
        phone.book.submit(visit, None)?;
        world.until("2026-09-12T08:00").await?;
        phone.sync().await?;
        let status = world.status(visit)?;
        let verdict = &status.submits[0].verdict;
        assert_eq!(
            (&verdict.outcome, verdict.basis),
            (&VerdictOutcome::OnTime, Basis::Measured),
            "{skew_ms}"
        );
        assert_eq!(status.phase, Phase::Sealed);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn setting_the_wall_clock_back_does_not_make_a_late_submit_timely() -> anyhow::Result<()> {
    let world = World::start().await?;
    let phone = world.phone("davolio").await?;
    let visit = phone.visit(phone.customer(0)?, "想把时间调回去")?;
    world.until("2026-09-12T08:00").await?;
    phone.set_wall(-4 * 24 * 3_600_000);
    phone.book.submit(visit, None)?;
    phone.sync().await?;
    let status = world.status(visit)?;
    assert_eq!((status.phase, status.submits[0].standing), (Phase::HeldLate, Standing::Held));
    assert_eq!(status.submits[0].verdict.outcome, VerdictOutcome::Late);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reboot_before_the_submit_leaves_it_to_review() -> anyhow::Result<()> {
    let world = World::start().await?;
    let mut phone = world.phone("davolio").await?;
    let visit = phone.visit(phone.customer(0)?, "手机重启过")?;
    world.pass_hours(2).await?;
    phone.reboot()?;
    let submission = phone.book.submit(visit, None)?;
    world.until("2026-09-12T08:00").await?;
    phone.sync().await?;
    let status = world.status(visit)?;
    assert_eq!((status.phase, status.submits[0].standing), (Phase::NeedsReview, Standing::NeedsReview));
    let evidence = status.submits[0].verdict.evidence.as_ref().expect("a verdict has evidence");
    assert!(evidence.flags.intersects(Flags::REBOOT_SINCE_ANCHOR));
    assert_eq!(evidence.measured, None);

    world.rule("fuller", visit, submission.entry, Ruling::Excuse).await?;
    assert_eq!(world.status(visit)?.phase, Phase::Sealed);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_boot_clock_two_hundred_millionths_off_stays_measured() -> anyhow::Result<()> {
    for ppm in [-200, 200] {
        let world = World::start().await?;
        let phone = world.phone("davolio").await?;
        phone.set_drift(ppm);
        let visit = phone.visit(phone.customer(0)?, "晶振偏差")?;
        world.until("2026-09-09T23:50").await?;
        phone.book.submit(visit, None)?;
        world.until("2026-09-16T08:00").await?;
        phone.sync().await?;
        let verdict = world.status(visit)?.submits.remove(0).verdict;
        assert_eq!((verdict.outcome, verdict.basis), (VerdictOutcome::OnTime, Basis::Measured), "{ppm} ppm");
    }
    Ok(())
}
