//! Hostile phones: what they send is refused with a code of its own, and nobody else notices.

use client_sdk::{FieldValue, Reason, RefusalCode, field};
use sync_core::{
    document::{Document, Edit},
    log::{Chain, EntryKind},
    record::{Phase, Ruling, Standing},
};
use tests::{
    HostilePhone, World,
    hostile::{draft::Draft, forgery},
};

/// A visit of the hostile phone's own; the number makes its id.
fn blank(number: u8) -> anyhow::Result<Draft> {
    Draft::new([number; 15])
}

fn text(value: &str) -> FieldValue {
    FieldValue::Text(value.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_bad_documents_is_searched_for_culprits_within_one_budget() -> anyhow::Result<()> {
    let world = World::start().await?;
    let mut phone = HostilePhone::enrol(&world, "davolio").await?;
    let mut drafts = (0..100).map(blank).collect::<anyhow::Result<Vec<_>>>()?;
    for draft in &mut drafts {
        let good = draft.write(&phone.author, field::PLACE, "一号楼")?;
        let next = draft.write(&phone.author, field::PLACE, "二号楼")?;
        phone.change(draft.id, good);
        phone.change(draft.id, forgery::in_another_form(&next)?);
    }
    let mut honest = blank(200)?;
    for change in honest.fill(&phone.author, world.now())? {
        phone.change(honest.id, change);
    }
    let receipt = phone.deliver().await?;
    let codes = |code| receipt.refused.iter().filter(|refused| refused.code == code).count();
    // Each document's own dry run fails; the second one, without the culprit, is one of the page's 64.
    assert_eq!(codes(RefusalCode::MalformedChange), 100);
    assert_eq!(codes(RefusalCode::OverLimit), 36);
    assert_eq!(receipt.refused.len(), 136);
    assert!(world.stored(drafts[63].id)?.is_some() && world.stored(drafts[64].id)?.is_none());
    assert!(receipt.refused.iter().all(|refused| refused.document != Some(honest.id)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_actor_is_refused_and_its_victim_is_not() -> anyhow::Result<()> {
    let world = World::start().await?;
    let victim = world.phone("davolio").await?;
    let mut thief = HostilePhone::enrol(&world, "davolio").await?;
    let visit = victim.visit(victim.customer(0)?, "真实记录")?;
    victim.sync().await?;
    let owner = victim.book.owner()?.expect("an enrolled phone has an owner");
    let victims = sync_core::admission::Author { device: owner.device, ..thief.author };

    // The next number of the victim's own, so that its genuine change would be taken for a repetition.
    let record = world.stored(visit)?.expect("the visit arrived");
    let mut stolen = Document::load(visit, &record.saved)?;
    let next = stolen
        .edit(&victims, &[Edit::Set { field: field::PLACE.to_owned(), value: text("伪造地点") }])?
        .expect("a change");
    let mut own = blank(1)?;
    let honest = own.write(&thief.author, field::PLACE, "自己的")?;
    thief.change(visit, next);
    thief.change(own.id, honest);
    let receipt = thief.deliver().await?;
    let codes: Vec<_> = receipt.refused.iter().map(|refused| refused.code).collect();
    assert_eq!(codes, [RefusalCode::ForeignActor], "the honest entry of the same commit is accepted");
    assert_eq!(world.fields(own.id)?.place.as_deref(), Some("自己的"));

    victim.book.edit(visit, |draft| {
        draft.text(field::PLACE, "真实地点");
    })?;
    let report = victim.sync().await?;
    assert!(report.refused.is_empty());
    assert_eq!(world.fields(visit)?.place.as_deref(), Some("真实地点"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_to_anothers_visit_is_not_permitted() -> anyhow::Result<()> {
    let world = World::start().await?;
    let victim = world.phone("leverling").await?;
    let visit = victim.visit(victim.customer(0)?, "别人的记录")?;
    victim.sync().await?;
    let before = world.stored(visit)?;
    let mut thief = HostilePhone::enrol(&world, "davolio").await?;
    let record = before.clone().expect("the visit arrived");
    let change = Document::load(visit, &record.saved)?
        .edit(&thief.author, &[Edit::Set { field: field::PLACE.to_owned(), value: text("篡改") }])?
        .expect("a change");
    thief.change(visit, change);
    let receipt = thief.deliver().await?;
    assert_eq!(receipt.refused[0].code, RefusalCode::NotPermitted);
    assert_eq!(world.stored(visit)?, before);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn three_bombs_are_refused_and_the_rest_of_their_commit_is_accepted() -> anyhow::Result<()> {
    let world = World::start().await?;
    let mut phone = HostilePhone::enrol(&world, "davolio").await?;
    let mut draft = blank(2)?;
    let actor = phone.author.actor(draft.id);
    let honest = draft.write(&phone.author, field::PLACE, "正常修改")?;
    phone.change(draft.id, forgery::row_bomb(actor, 10_000_000));
    phone.change(draft.id, forgery::predecessor_bomb(actor));
    phone.change(draft.id, forgery::deflate_bomb());
    phone.change(draft.id, honest);
    let receipt = phone.deliver().await?;
    let codes: Vec<_> = receipt.refused.iter().map(|refused| refused.code).collect();
    assert_eq!(codes, [RefusalCode::OverLimit, RefusalCode::OverLimit, RefusalCode::MalformedChange]);
    assert_eq!(world.fields(draft.id)?.place.as_deref(), Some("正常修改"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_over_the_size_limit_is_refused_as_a_whole() -> anyhow::Result<()> {
    let world = World::start().await?;
    let mut phone = HostilePhone::enrol(&world, "davolio").await?;
    let draft = blank(3)?;
    phone.change(draft.id, vec![0; sync_core::log::limits::ENTRY_BYTES]);
    phone.pull().await?;
    let commit = phone.commit()?;
    let problem = phone.send(&commit).await?.expect_err("a refusal");
    assert_eq!((problem.status, problem.code.as_str()), (413, "over_limit"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_without_the_sessions_anchor_is_refused() -> anyhow::Result<()> {
    let world = World::start().await?;
    let mut phone = HostilePhone::enrol(&world, "davolio").await?;
    let mut draft = blank(4)?;
    let change = draft.write(&phone.author, field::PLACE, "没有锚")?;
    phone.change(draft.id, change);
    phone.pull().await?;
    let anchor = phone.anchor.as_ref().expect("an anchor").anchor.hash();
    let problem = phone.send(&phone.commit_naming(anchor)?).await?.expect_err("a refusal");
    assert_eq!(problem.code, "anchor_missing");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_anchor_cannot_be_answered_again() -> anyhow::Result<()> {
    let world = World::start().await?;
    let mut phone = HostilePhone::enrol(&world, "davolio").await?;
    phone.pull().await?;
    let old = phone.anchor.clone();
    world.pass_hours(80).await?;
    phone.pull().await?;
    let fresh = std::mem::replace(&mut phone.anchor, old);
    let chain = phone.chain;
    let commit = phone.commit()?;
    let problem = phone.send(&commit).await?.expect_err("a refusal");
    assert_eq!(problem.code, "anchor_stale");

    // In the log of the next commit it is an anchor that was handed out, and proves nothing newer.
    phone.step_back(chain);
    phone.anchor = fresh;
    let commit = phone.commit()?;
    assert!(phone.send(&commit).await?.is_ok());
    phone.step_back(phone.chain);
    let replayed = EntryKind::Anchor { anchor: commit.statement.anchor, round_trip_ms: 0 };
    phone.append(replayed);
    let receipt = phone.deliver().await?;
    let codes: Vec<_> = receipt.refused.iter().map(|refused| refused.code).collect();
    assert_eq!(codes, [RefusalCode::UnknownAnchor], "an answered anchor is closed");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rewritten_log_is_refused() -> anyhow::Result<()> {
    let world = World::start().await?;
    let mut phone = HostilePhone::enrol(&world, "davolio").await?;
    let mut draft = blank(5)?;
    let change = draft.write(&phone.author, field::PLACE, "第一版")?;
    phone.change(draft.id, change);
    phone.deliver().await?;
    phone.step_back(Chain::EMPTY);
    let rewritten = blank(5)?.write(&phone.author, field::PLACE, "改写历史")?;
    phone.change(draft.id, rewritten);
    phone.pull().await?;
    let commit = phone.commit()?;
    let problem = phone.send(&commit).await?.expect_err("a refusal");
    assert_eq!(problem.code, "log_forked");
    assert_eq!(world.fields(draft.id)?.place.as_deref(), Some("第一版"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_moved_back_after_the_first_commit_leaves_the_deadline() -> anyhow::Result<()> {
    let world = World::start().await?;
    let mut phone = HostilePhone::enrol(&world, "davolio").await?;
    let mut draft = blank(6)?;
    for change in draft.fill(&phone.author, world.now())? {
        phone.change(draft.id, change);
    }
    phone.deliver().await?;
    let deadline = world.status(draft.id)?.deadline;
    world.until("2026-09-12T08:00").await?;
    let moved = draft.set(&phone.author, field::ENDED, FieldValue::Time(world.now()))?;
    phone.change(draft.id, moved);
    let (heads, value) = (draft.document.heads(), draft.document.values().hash());
    phone.submit(draft.id, heads, value);
    phone.deliver().await?;
    let status = world.status(draft.id)?;
    assert_eq!((status.deadline, status.phase), (deadline, Phase::HeldLate));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_after_the_seal_that_builds_on_old_changes_is_an_amendment_only() -> anyhow::Result<()> {
    let world = World::start().await?;
    let mut phone = HostilePhone::enrol(&world, "davolio").await?;
    let mut draft = blank(7)?;
    for change in draft.fill(&phone.author, world.now())? {
        phone.change(draft.id, change);
    }
    let mut before_submit = draft.document.clone();
    let last = draft.write(&phone.author, field::PLACE, "提交时的地点")?;
    phone.change(draft.id, last);
    phone.submit(draft.id, draft.document.heads(), draft.document.values().hash());
    phone.deliver().await?;
    world.until("2026-09-12T08:00").await?;
    let sealed = world.status(draft.id)?.seals;
    assert_eq!(sealed.len(), 1);

    // Made now, by the tablet of the same rep, but it pretends never to have seen the submitted state.
    let mut tablet = HostilePhone::enrol(&world, "davolio").await?;
    let backdated = before_submit
        .edit(&tablet.author, &[Edit::Set { field: field::RESULT.to_owned(), value: text("倒填的结果") }])?
        .expect("a change");
    tablet.change(draft.id, backdated);
    let entry = tablet.append(EntryKind::Submit {
        document: draft.id,
        heads: before_submit.heads(),
        value: before_submit.values().hash(),
        reason: Some(Reason::Correction),
    });
    let receipt = tablet.deliver().await?;
    assert!(receipt.refused.is_empty());
    let status = world.status(draft.id)?;
    assert_eq!(status.seals, sealed);
    assert_eq!(status.submit(entry).map(|submit| submit.standing), Some(Standing::Amendment));
    world.rule("fuller", draft.id, entry, Ruling::Reject).await?;
    assert_eq!(world.status(draft.id)?.seals, sealed);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submit_with_a_false_value_hash_is_refused() -> anyhow::Result<()> {
    let world = World::start().await?;
    let mut phone = HostilePhone::enrol(&world, "davolio").await?;
    let mut draft = blank(8)?;
    for change in draft.fill(&phone.author, world.now())? {
        phone.change(draft.id, change);
    }
    let false_value = blank(8)?.document.values().hash();
    phone.submit(draft.id, draft.document.heads(), false_value);
    let receipt = phone.deliver().await?;
    let codes: Vec<_> = receipt.refused.iter().map(|refused| refused.code).collect();
    assert_eq!(codes, [RefusalCode::ValueMismatch]);
    assert!(world.status(draft.id)?.submits.is_empty());
    Ok(())
}
