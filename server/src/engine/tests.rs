//! Stories of phones and supervisors, told through the engine.

mod anchors;
mod closings;
mod directory;
mod documents;
mod exceptions;
mod ledger;
mod quarantine;

use sync_core::{
    admission::RefusalCode,
    document::{Author, Document, Edit, FieldValue, Visit, field},
    log::EntryKind,
    protocol::{Cursor, FeedItem, PullRequest},
    record::{Cause, Phase, Ruling, Standing},
    rules::{Outcome, Reason, packs},
};

use super::{
    EngineError, Ruled,
    fixture::{DAY_MS, HOUR_MS, World, filled},
};

fn set(field: &str, text: &str) -> Edit {
    Edit::Set { field: field.to_owned(), value: FieldValue::Text(text.to_owned()) }
}

#[tokio::test]
async fn a_visit_submitted_in_time_is_sealed_when_its_deadline_passes() {
    let world = World::new().await;
    let (mut phone, visit) = (world.phone(world.rep).await, world.visit(1));
    phone.edit(visit, &filled(world.customer, world.now(), "好"));
    phone.submit(visit);
    let receipt = phone.sync(&world).await.unwrap().receipt;
    assert_eq!((receipt.refused.len(), receipt.records[0].phase), (0, Phase::Submitted));
    let deadline = receipt.records[0].deadline.unwrap();

    world.pass(deadline.millis_since(world.now()).unsigned_abs());
    assert_eq!(world.engine.tick().await.unwrap(), 0, "the last instant is still in time");
    world.pass(1);
    assert_eq!(world.engine.tick().await.unwrap(), 1);
    let status = world.record(visit).status;
    assert_eq!((status.phase, status.seals.len()), (Phase::Sealed, 1));
    assert_eq!(status.seals[0].version.cause, Cause::InTime);
    assert_eq!(world.engine.tick().await.unwrap(), 0);
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn the_feed_tells_what_is_said_of_a_record_now_and_not_what_was_said_then() {
    let world = World::new().await;
    let visit = world.visit(1);
    let (mut phone, mut tablet) = (world.phone(world.rep).await, world.phone(world.rep).await);
    phone.edit(visit, &filled(world.customer, world.now(), "好"));
    phone.sync(&world).await.unwrap();
    tablet.pull(&world).await.unwrap();
    tablet.submit(visit);
    let anchor = phone.pull(&world).await.unwrap();
    tablet.sync(&world).await.unwrap();
    phone.submit(visit);
    let commit = phone.commit(&anchor);
    let receipt = world.engine.commit(phone.session, commit).await.unwrap().receipt;
    assert_eq!(receipt.records[0].submits.len(), 2);
    // What the tablet caused lies in the feed before what the phone knows by its receipt.
    let request = PullRequest { cursor: Cursor(0), nonce: [9; 16], seen: None, shown: None, run: None };
    let items = world.engine.pull(phone.session, request).await.unwrap().items;
    let told: Vec<_> = items
        .iter()
        .filter_map(|item| if let FeedItem::Record(status) = item { Some(&**status) } else { None })
        .collect();
    assert_eq!(told, [&world.record(visit).status]);
}

#[tokio::test]
async fn two_devices_of_one_rep_edit_one_visit_and_both_see_the_merge() {
    let world = World::new().await;
    let visit = world.visit(1);
    let (mut phone, mut tablet) = (world.phone(world.rep).await, world.phone(world.rep).await);
    phone.edit(visit, &filled(world.customer, world.now(), "好"));
    tablet.edit(visit, &[set(field::CONTENT, "谈了价格")]);
    assert!(phone.sync(&world).await.unwrap().receipt.refused.is_empty());
    assert!(tablet.sync(&world).await.unwrap().receipt.refused.is_empty());
    phone.pull(&world).await.unwrap();
    tablet.pull(&world).await.unwrap();
    let both = Visit::read(&phone.document(visit).values());
    assert_eq!((both.content.as_deref(), both.result.as_deref()), (Some("谈了价格"), Some("好")));
    assert_eq!(phone.document(visit).values(), tablet.document(visit).values());
    let stored = Document::load(visit, &world.record(visit).saved).unwrap();
    assert_eq!(stored.heads(), phone.document(visit).heads());
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn a_late_submit_is_held_until_the_supervisor_accepts_it() {
    let world = World::new().await;
    let (mut phone, visit) = (world.phone(world.rep).await, world.visit(1));
    phone.edit(visit, &filled(world.customer, world.now(), "好"));
    phone.sync(&world).await.unwrap();
    world.pass(4 * DAY_MS);
    // The anchor of this pull proves that what comes now is late.
    phone.sync(&world).await.unwrap();
    let submit = phone.submit_with(visit, Some(Reason::NoCoverage));
    phone.sync(&world).await.unwrap();
    let status = world.record(visit).status;
    assert_eq!((status.phase, status.submits[0].standing), (Phase::HeldLate, Standing::Held));
    assert_eq!(status.submits[0].entry, submit);

    let ruled =
        |ruling| Ruled { document: visit, submit, ruling, reason: Reason::NoCoverage, note: String::new() };
    let decide = |by, ruling| world.engine.decide(world.tenant, by, ruled(ruling));
    assert!(matches!(decide(world.other_boss, Ruling::AcceptLate).await, Err(EngineError::NotFound)));
    assert!(matches!(decide(world.rep, Ruling::AcceptLate).await, Err(EngineError::NotPermitted)));
    assert!(matches!(decide(world.auditor, Ruling::AcceptLate).await, Err(EngineError::NotPermitted)));
    assert!(matches!(decide(world.boss, Ruling::Approve).await, Err(EngineError::NothingToDecide)));
    decide(world.boss, Ruling::AcceptLate).await.unwrap();
    let status = world.record(visit).status;
    assert_eq!((status.phase, status.submits[0].standing), (Phase::Sealed, Standing::Approved));
    assert!(matches!(decide(world.boss, Ruling::Refuse).await, Err(EngineError::NothingToDecide)));
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn a_forged_actor_is_refused_while_honest_entries_of_the_commit_are_accepted() {
    let world = World::new().await;
    let mut victim = world.phone(world.rep).await;
    let mut forger = world.phone(world.rep).await;
    let (forged, honest) = (world.visit(1), world.visit(2));
    let name: Author = victim.author();
    let bad = forger.edit_as(&name, forged, &[set(field::RESULT, "假")]);
    forger.edit(honest, &filled(world.customer, world.now(), "真"));
    let receipt = forger.sync(&world).await.unwrap().receipt;
    assert_eq!(receipt.refused.len(), 1);
    assert_eq!((receipt.refused[0].entry, receipt.refused[0].code), (bad, RefusalCode::ForeignActor));
    assert_eq!(receipt.records.len(), 1);
    assert_eq!(receipt.records[0].document, honest);

    // The victim's own first change of that very visit is none the worse for it.
    victim.edit(forged, &[set(field::RESULT, "真")]);
    assert!(victim.sync(&world).await.unwrap().receipt.refused.is_empty());
    let refused = world.engine.view(world.tenant).refused_of(forged, 10).unwrap();
    assert_eq!(refused.len(), 1);
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn the_same_page_gets_the_same_receipt_byte_for_byte() {
    let world = World::new().await;
    let (mut phone, visit) = (world.phone(world.rep).await, world.visit(1));
    phone.edit(visit, &filled(world.customer, world.now(), "好"));
    let anchor = phone.pull(&world).await.unwrap();
    let commit = phone.commit(&anchor);
    let first = world.engine.commit(phone.session, commit.clone()).await.unwrap();
    let root = world.engine.root();
    world.pass(HOUR_MS);
    let again = world.engine.commit(phone.session, commit).await.unwrap();
    assert_eq!(sync_core::encoding::encode(&again), sync_core::encoding::encode(&first));
    assert_eq!(world.engine.root(), root);
}

#[tokio::test]
async fn nobody_writes_another_reps_visit() {
    let world = World::new().await;
    let visit = world.visit(1);
    let (mut phone, mut other) = (world.phone(world.rep).await, world.phone(world.other_rep).await);
    phone.edit(visit, &filled(world.customer, world.now(), "好"));
    phone.sync(&world).await.unwrap();
    other.edit(visit, &[set(field::RESULT, "改")]);
    let receipt = other.sync(&world).await.unwrap().receipt;
    assert_eq!(receipt.refused[0].code, RefusalCode::NotPermitted);
}

#[tokio::test]
async fn what_a_revoked_device_sends_is_kept_apart() {
    let world = World::new().await;
    let (mut phone, visit) = (world.phone(world.rep).await, world.visit(1));
    phone.edit(visit, &filled(world.customer, world.now(), "好"));
    let anchor = phone.pull(&world).await.unwrap();
    let device = phone.session.device;
    world.engine.revoke_device(world.tenant, Some(world.boss), device).await.unwrap();
    let commit = phone.commit(&anchor);
    let refused = world.engine.commit(phone.session, commit).await;
    assert!(matches!(refused, Err(EngineError::DeviceRevoked(_))));
    assert!(phone.pull(&world).await.is_err());
    let view = world.engine.view(world.tenant);
    assert!(view.record(visit).unwrap().is_none());
    let kept = view.device(device).unwrap().unwrap();
    assert_eq!((kept.quarantined, kept.revoked_by), (1, Some(world.boss)));
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn the_index_made_again_from_the_journal_is_the_index_that_grew() {
    let world = World::new().await;
    let (mut phone, mut tablet) = (world.phone(world.rep).await, world.phone(world.rep).await);
    let mut other = world.phone(world.other_rep).await;
    for number in 1..=6 {
        let visit = world.visit(number);
        phone.write(EntryKind::CheckIn { document: visit });
        phone.edit(visit, &filled(world.customer, world.now(), "好"));
        world.pass(HOUR_MS);
        phone.write(EntryKind::CheckOut { document: visit });
        if number % 2 == 0 {
            phone.submit(visit);
        }
        if number == 3 {
            phone.restart(77);
        }
        phone.sync(&world).await.unwrap();
        tablet.pull(&world).await.unwrap();
        tablet.edit(visit, &[set(field::NEXT_STEP, "寄样")]);
        tablet.submit(visit);
        if number % 3 == 0 {
            world.pass(3 * DAY_MS);
            world.engine.tick().await.unwrap();
            tablet.sync(&world).await.unwrap();
        }
        let name = tablet.author();
        other.edit_as(&name, world.visit(100 + number), &[set(field::RESULT, "假")]);
        other.sync(&world).await.unwrap();
    }
    world.pass(5 * DAY_MS);
    world.engine.tick().await.unwrap();
    phone.pull(&world).await.unwrap();
    let amended = world.visit(2);
    phone.edit(amended, &[set(field::RESULT, "很好")]);
    let amendment = phone.submit_with(amended, Some(Reason::Correction));
    phone.sync(&world).await.unwrap();
    assert!(world.record(amended).status.amendment_waiting());
    let ruled = Ruled {
        document: amended,
        submit: amendment,
        ruling: Ruling::Approve,
        reason: Reason::Correction,
        note: "同意".to_owned(),
    };
    world.engine.decide(world.tenant, world.boss, ruled).await.unwrap();
    world.engine.revoke_device(world.tenant, None, other.session.device).await.unwrap();
    world.assert_rebuilds().await;
}

/// The shipped pack as another version that begins on a day.
fn pack_beginning(day: &str, version: u32, replacements: &[(&str, &str)]) -> String {
    let version = format!("version = {version}");
    let day = format!("effective_from = {day}");
    let own = [("version = 1", version.as_str()), ("effective_from = 2023-01-01", day.as_str())];
    own.iter().chain(replacements).fold(packs::KEY_ACCOUNT_VISITS.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    })
}

#[tokio::test]
async fn an_end_in_the_future_puts_a_record_under_no_rule_of_the_future() {
    let world = World::new().await;
    let (mut phone, visit) = (world.phone(world.rep).await, world.visit(1));
    let years_ahead = world.now().plus_millis(700 * DAY_MS as i64);
    phone.edit(visit, &filled(world.customer, years_ahead, "好"));
    phone.submit(visit);
    phone.sync(&world).await.unwrap();
    world.pass(4 * DAY_MS);
    world.engine.tick().await.unwrap();
    let sealed = world.record(visit).status;
    assert_eq!((sealed.phase, sealed.seals.len()), (Phase::Sealed, 1));

    let lenient = pack_beginning("2027-01-01", 2, &[("days = 2", "days = 9")]);
    world.engine.put_pack(world.tenant, None, &lenient).await.unwrap();
    phone.edit(visit, &[set(field::CONTENT, "补充")]);
    phone.submit_with(visit, Some(Reason::Correction));
    phone.sync(&world).await.unwrap();
    let after = world.record(visit).status;
    assert_eq!((after.ended, after.deadline), (sealed.ended, sealed.deadline));
    assert_eq!(after.seals, sealed.seals, "a version never changes");
    assert!(after.submits.iter().all(|submit| submit.verdict.rule.version == 1));
}

#[tokio::test]
async fn what_a_submit_lacks_is_asked_of_the_rule_that_judges_it() {
    let world = World::new().await;
    let tomorrow = pack_beginning("2026-11-18", 2, &[("required = [", "required = [\"counterpart\", ")]);
    world.engine.put_pack(world.tenant, None, &tomorrow).await.unwrap();
    let (mut phone, visit) = (world.phone(world.rep).await, world.visit(1));
    phone.edit(visit, &filled(world.customer, world.now(), "好"));
    phone.sync(&world).await.unwrap();
    world.pass(DAY_MS);
    // The end is moved to a day of the new version, but the record stays with the version of the end that was pinned.
    phone.edit(visit, &[Edit::Set { field: field::ENDED.to_owned(), value: FieldValue::Time(world.now()) }]);
    phone.submit(visit);
    phone.sync(&world).await.unwrap();
    let status = world.record(visit).status;
    let verdict = &status.submits[0].verdict;
    assert_eq!((verdict.rule.version, &verdict.outcome), (1, &Outcome::OnTime));
    assert_eq!(status.phase, Phase::Submitted);
}
