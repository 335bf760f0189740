//! Refused entries: kept and explained on the phone, without holding up what is honest.

use client_sdk::{NextStep, OutboxState, RefusalCode, Role, field};
use tests::World;

async fn set_role(world: &World, login: &str, role: Role) -> anyhow::Result<()> {
    let user = client_sdk::User { role, ..world.company.user(login)?.clone() };
    world.engine().put_users(world.company.tenant, Some(world.company.admin), vec![user]).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_change_stays_in_the_outbox_with_its_code_and_the_next_edit_goes_through()
-> anyhow::Result<()> {
    let world = World::start().await?;
    let phone = world.phone("davolio").await?;
    let kept = phone.visit(phone.customer(0)?, "先前的记录")?;
    phone.sync().await?;
    set_role(&world, "davolio", Role::Auditor).await?;
    phone.book.edit(kept, |draft| {
        draft.text(field::PURPOSE, "被拒的修改");
    })?;
    let report = phone.sync().await?;
    assert_eq!(report.refused.len(), 1);
    let outbox = phone.book.outbox()?;
    assert!(
        matches!(
            &outbox[..],
            [item] if matches!(
                item.state,
                OutboxState::Refused {
                    code: RefusalCode::NotPermitted, next: NextStep::AskSupervisor, ..
                }
            )
        ),
        "{outbox:?}"
    );

    set_role(&world, "davolio", Role::Rep).await?;
    phone.book.edit(kept, |draft| {
        draft.text(field::PLACE, "一号会议室");
    })?;
    let report = phone.sync().await?;
    assert!(report.refused.is_empty());
    let fields = world.fields(kept)?;
    assert_eq!((fields.place.as_deref(), fields.purpose), (Some("一号会议室"), None));
    assert_eq!(phone.book.outbox()?.len(), 1, "only the rep's own word takes it out");
    phone.book.dismiss_refused(outbox[0].entry)?;
    assert!(phone.book.outbox()?.is_empty());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn five_devices_that_together_overfill_a_text_lose_only_the_last_ones_edit() -> anyhow::Result<()> {
    let world = World::start().await?;
    let first = world.phone("davolio").await?;
    let visit = first.visit(first.customer(0)?, "空")?;
    first.sync().await?;
    let mut others = Vec::new();
    for _ in 0..5 {
        others.push(world.phone("davolio").await?);
    }
    let mut refused = Vec::new();
    for device in &others {
        device.book.edit(visit, |draft| {
            draft.text(field::CONTENT, "字".repeat(4_500));
        })?;
    }
    for device in &others {
        refused.push(device.sync().await?.refused.len());
    }
    assert_eq!(refused, [0, 0, 0, 0, 1]);
    let outbox = others[4].book.outbox()?;
    assert!(
        matches!(&outbox[0].state, OutboxState::Refused { code: RefusalCode::OverLimit, .. }),
        "{:?}",
        outbox[0].state
    );
    assert_eq!(world.fields(visit)?.content.map(|text| text.chars().count()), Some(4 * 4_500));
    Ok(())
}
