//! Exceptions: a supervisor lets a rep off, and phone and server say the same of it.

use anyhow::Context as _;
use client_sdk::{Fulfilment, Owed, OwedFilter, Reason, Subject};
use server::engine::Excepting;
use sync_core::{hash::Hash, id::UserId, rules::Excepted};
use tests::{Phone, World};

/// The calls that a person owes one of their customers of the second grade in the week that begins on a day.
fn calls_of(world: &World, person: UserId, monday: &str) -> anyhow::Result<Hash> {
    let all = world.engine().view(world.company.tenant).all_obligations()?;
    let mine = all.into_iter().map(|stored| stored.obligation).filter(|owed| {
        let in_week = matches!(owed.subject, Subject::Customer(_, week) if week.first.to_string() == monday);
        owed.rule.rule == "S21-R3" && in_week && owed.owed_by == [person]
    });
    let first = mine.min_by_key(|owed| owed.subject).context("a customer of the second grade")?;
    Ok(first.name().hash())
}

fn shown(phone: &Phone, id: Hash, filter: OwedFilter) -> anyhow::Result<Option<Owed>> {
    Ok(phone.book.obligations(filter)?.into_iter().find(|owed| owed.obligation == id))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_week_in_hospital_is_let_off_on_the_phone_and_at_the_server_and_the_next_is_owed()
-> anyhow::Result<()> {
    let world = World::start().await?;
    world.put_regulation().await?;
    let phone = world.phone("davolio").await?;
    let (me, boss) = (world.company.user("davolio")?.id, world.company.user("fuller")?.id);
    let tenant = world.company.tenant;
    world.until("2026-09-14T08:00").await?;
    let [week, next] = [calls_of(&world, me, "2026-09-14")?, calls_of(&world, me, "2026-09-21")?];
    phone.sync().await?;
    assert!(shown(&phone, week, OwedFilter::Open)?.is_some_and(|owed| owed.state == Fulfilment::Pending));

    let excepting = Excepting {
        obligation: week,
        ruled: Excepted::LetOff,
        from: None,
        until: None,
        reason: Reason::Illness,
        note: "住院一周".to_owned(),
    };
    world.engine().except(tenant, boss, excepting).await?;
    phone.sync().await?;
    assert_eq!(shown(&phone, week, OwedFilter::Open)?, None);
    world.until("2026-09-21T08:00").await?;
    phone.sync().await?;
    let owed = shown(&phone, week, OwedFilter::All)?.context("it stays to be seen")?;
    let stored = world.engine().view(tenant).obligation(week)?.context("at the server too")?.obligation;
    assert_eq!((owed.state, owed.let_off), (Fulfilment::Breached, true));
    assert_eq!((stored.state, stored.let_off), (Fulfilment::Breached, true));
    let exception = owed.exception.context("with its author")?;
    assert_eq!((exception.by, exception.reason), (Some(boss), Some(Reason::Illness)));
    assert_eq!(exception.note, "住院一周");
    assert!(shown(&phone, next, OwedFilter::Open)?.is_some_and(|owed| !owed.let_off));
    Ok(())
}
