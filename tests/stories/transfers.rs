//! Broken transfers: lost answers, repeated pages, long logs.

use client_sdk::{Outcome, field};
use sync_core::{encoding, log::EntryKind};
use tests::{HostilePhone, World};

#[tokio::test(flavor = "multi_thread")]
async fn a_log_of_many_pages_arrives_whole() -> anyhow::Result<()> {
    let world = World::start().await?;
    let phone = world.phone("davolio").await?;
    // Sixty texts of some 45 KB are more than the 1 MiB a page may have.
    let mut visits = Vec::new();
    for n in 0..60 {
        let visit = phone.visit(phone.customer(n)?, "长记录")?;
        phone.book.edit(visit, |draft| {
            let text = |tail: char| "客户反馈".repeat(1_249) + &tail.to_string();
            draft.text(field::CONTENT, text('甲')).text(field::RESULT, text('乙'));
        })?;
        visits.push(visit);
    }
    let report = phone.sync().await?;
    assert!(report.requests >= 3, "{} requests", report.requests);
    for visit in visits {
        assert_eq!(world.fields(visit)?, phone.record(visit)?.fields);
    }
    assert!(phone.book.outbox()?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whichever_answer_is_lost_everything_arrives_once() -> anyhow::Result<()> {
    let (world, proxy) = World::start_behind_proxy().await?;
    let phone = world.phone("davolio").await?;
    for nth in 1..=2 {
        let visit = phone.visit(phone.customer(0)?, "回执丢失")?;
        phone.book.submit(visit, None)?;
        proxy.lose_piece(nth);
        let broken = phone.try_sync().await?;
        assert!(proxy.has_lost() && matches!(broken.outcome, Outcome::Offline { .. }), "{nth}: {broken:?}");
        assert!(!phone.book.outbox()?.is_empty());

        let report = phone.sync().await?;
        assert!(report.refused.is_empty());
        assert!(phone.book.outbox()?.is_empty());
        assert_eq!(world.fields(visit)?, phone.record(visit)?.fields);
        assert_eq!(world.status(visit)?.submits.len(), 1);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_commit_gets_the_same_receipt_byte_for_byte() -> anyhow::Result<()> {
    let world = World::start().await?;
    let mut phone = HostilePhone::enrol(&world, "davolio").await?;
    phone.append(EntryKind::Boot);
    phone.pull().await?;
    let commit = phone.commit()?;
    let first = phone.send(&commit).await?.expect("a receipt");
    world.pass_hours(100).await?;
    phone.pull().await?;
    let second = phone.send(&commit).await?.expect("the receipt again");
    assert_eq!(encoding::encode(&first), encoding::encode(&second));
    Ok(())
}
