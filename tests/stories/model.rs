//! The reference model against the server: after whole worlds, both say the same of every record.

mod odd_world;
mod raw_phone;

use std::collections::BTreeMap;

use anyhow::Context as _;
use client_sdk::{Reason, field};
use odd_world::OddWorld;
use raw_phone::RawPhone;
use server::event::{Event, EventKind};
use sync_core::{
    document::{DocumentKind, Edit, FieldValue, new_id},
    id::DocumentId,
    log::EntryKind,
    record::{Phase, Ruling, Standing},
    rules::{Basis, Outcome},
};
use tests::{
    Fortnight, World,
    clock::shanghai,
    simulation::model::{Model, ModelRecord},
};

/// Lets the server look at its deadlines, and gives what it and the model disagree on.
async fn differences(world: &World) -> anyhow::Result<Vec<String>> {
    world.engine().tick().await?;
    differences_under(world, &world.journal()?)
}

/// What the server and a model that read this journal disagree on.
fn differences_under(world: &World, journal: &[Event]) -> anyhow::Result<Vec<String>> {
    let model = Model::read(journal)?;
    model.differences(world.company.tenant, &world.engine().view(world.company.tenant), world.now())
}

async fn assert_agreed(world: &World) -> anyhow::Result<()> {
    assert_eq!(differences(world).await?, Vec::<String>::new());
    Ok(())
}

/// What the model says of a record.
fn modelled(world: &World, visit: DocumentId) -> anyhow::Result<ModelRecord> {
    let mut records = Model::read(&world.journal()?)?.at(world.company.tenant, world.now())?;
    records.remove(&visit).context("the model has no such record")
}

fn visit(number: u8) -> DocumentId {
    new_id(DocumentKind::Visit, [number; 15])
}

/// The edits of a visit that ends now and lacks nothing.
fn filled(world: &World, result: &str) -> Vec<Edit> {
    let set = |field: &str, value| Edit::Set { field: field.to_owned(), value };
    vec![
        set(field::CUSTOMER, FieldValue::Id([9; 16])),
        set(field::CHANNEL, FieldValue::Text("on_site".to_owned())),
        set(field::ENDED, FieldValue::Time(world.now())),
        set(field::RESULT, FieldValue::Text(result.to_owned())),
    ]
}

fn result(text: &str) -> [Edit; 1] {
    [Edit::ReplaceText { field: field::RESULT.to_owned(), text: text.to_owned() }]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_model_and_the_server_agree_on_every_record_of_a_fortnight() -> anyhow::Result<()> {
    let world = World::start().await?;
    let mut fortnight = Fortnight::plan(world, shanghai("2026-09-18T20:00")?, 20_261).await?;
    fortnight.run(|_, _| {}).await?;
    let world = &fortnight.world;
    assert_agreed(world).await?;
    let model = Model::read(&world.journal()?)?;
    let counts = model.counts(world.company.tenant, world.now())?;
    assert!(counts.values().sum::<usize>() > 150, "{counts:?}");

    // A journal that is altered in one place gives another model.
    let journal = world.journal()?;
    for name in ["pack_put", "decided", "committed"] {
        let mut altered = journal.clone();
        let place = altered.iter().rposition(|event| event.kind.name() == name).context(name)?;
        match &mut altered[place].kind {
            EventKind::PackPut { toml } => *toml = toml.replace("days = 2", "days = 1"),
            EventKind::Committed { receipt, .. } => {
                receipt.receipt.received = receipt.receipt.received.plus_millis(1);
            }
            _ => drop(altered.remove(place)),
        }
        assert!(!differences_under(world, &altered)?.is_empty(), "{name}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_model_and_the_server_agree_on_worlds_where_everything_is_odd() -> anyhow::Result<()> {
    let mut seen = BTreeMap::new();
    for seed in 0..6 {
        let mut odd = OddWorld::begin(seed).await?;
        for step in 1..=400 {
            odd.step().await?;
            if step % 100 == 0 {
                odd.come_to_rest().await?;
                assert_eq!(differences(&odd.world).await?, Vec::<String>::new(), "seed {seed}, step {step}");
            }
        }
        let model = Model::read(&odd.world.journal()?)?;
        for record in model.at(odd.world.company.tenant, odd.world.now())?.into_values() {
            note(&mut seen, &record);
        }
    }
    // An agreement on worlds in which nothing happens would say nothing.
    let missing: Vec<&str> = SIGHTS.into_iter().filter(|sight| !seen.contains_key(*sight)).collect();
    assert!(missing.is_empty(), "no {missing:?} among {seen:#?}");
    Ok(())
}

/// What the odd worlds have to bring forth, all together.
const SIGHTS: [&str; 25] = [
    // bases
    "Claimed",
    "Measured",
    "Proven",
    "Receipt",
    // causes of versions
    "ArrivedLate",
    "Decision",
    "Finding",
    "InTime",
    // phases
    "Draft",
    "HeldLate",
    "Overdue",
    "Sealed",
    // standings
    "Amendment",
    "Approved",
    "Contained",
    "Held",
    "NeedsReview",
    "NotEvaluable",
    "Official",
    // flags
    "anchors_unanswered",
    "boot_rate_odd",
    "claim_outside_bounds",
    "reboot_since_anchor",
    "server_time_suspect",
    "wall_jump",
];

fn note(seen: &mut BTreeMap<String, usize>, record: &ModelRecord) {
    let mut note = |what: String| *seen.entry(what).or_insert(0) += 1;
    note(format!("{:?}", record.phase));
    for submit in &record.submits {
        note(format!("{:?}", submit.standing));
        note(format!("{:?}", submit.basis));
        submit.evidence.flags.names().for_each(|flag| note(flag.to_owned()));
    }
    for version in &record.versions {
        let cause = format!("{:?}", version.cause);
        note(cause.split(' ').next().unwrap_or_default().to_owned());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_amendments_and_every_ruling_are_modelled_as_the_regulation_has_them()
-> anyhow::Result<()> {
    let world = World::start().await?;
    let mut phone = RawPhone::enrol(&world, "davolio", 1).await?;
    let mut tablet = RawPhone::enrol(&world, "davolio", 2).await?;
    // Both submit apart, in time; another visit is not submitted at all.
    phone.edit(visit(1), &filled(&world, "手机"))?;
    let first = phone.submit(visit(1), None)?;
    phone.edit(visit(2), &filled(&world, "迟交"))?;
    tablet.edit(visit(1), &result("平板"))?;
    tablet.edit(visit(1), &filled(&world, "平板"))?;
    let second = tablet.submit(visit(1), None)?;
    phone.sync().await?;
    tablet.sync().await?;
    world.until("2026-09-10T00:00").await?;
    assert_eq!(modelled(&world, visit(1))?.phase, Phase::Submitted, "24:00 is still in time");
    assert_agreed(&world).await?;
    world.until("2026-09-10T08:00").await?;
    let sealed = modelled(&world, visit(1))?;
    assert_eq!((sealed.phase, sealed.deadline), (Phase::Sealed, Some(shanghai("2026-09-10T00:00")?)));
    assert_eq!((sealed.versions[0].merged, &sealed.versions[0].submits), (true, &vec![first, second]));
    assert_eq!(modelled(&world, visit(2))?.phase, Phase::Overdue);
    assert_agreed(&world).await?;

    // Two amendments, one of them of nothing new, and two late submits.
    phone.sync().await?;
    phone.edit(visit(1), &result("更正"))?;
    let amendment = phone.submit(visit(1), Some(Reason::Correction))?;
    let late = phone.submit(visit(2), Some(Reason::Forgot))?;
    phone.edit(visit(2), &result("再补"))?;
    let later = phone.submit(visit(2), Some(Reason::Forgot))?;
    let nothing_new = tablet.submit(visit(1), None)?;
    phone.sync().await?;
    tablet.sync().await?;
    assert_agreed(&world).await?;
    let rulings = [
        (visit(1), amendment, Ruling::Reject, Standing::Rejected, 1),
        (visit(1), amendment, Ruling::Approve, Standing::Approved, 2),
        (visit(2), late, Ruling::Refuse, Standing::Refused, 0),
        (visit(2), late, Ruling::AcceptLate, Standing::Approved, 1),
        (visit(2), later, Ruling::Approve, Standing::Approved, 2),
    ];
    for (visit, submit, ruling, standing, versions) in rulings {
        world.rule("fuller", visit, submit, ruling).await?;
        let record = modelled(&world, visit)?;
        let ruled = record.submits.iter().find(|other| other.entry == submit).context("it is gone")?;
        assert_eq!((ruled.standing, record.versions.len()), (standing, versions), "{ruling:?}");
        assert_agreed(&world).await?;
    }
    let record = modelled(&world, visit(1))?;
    let contained = record.submits.iter().find(|submit| submit.entry == nothing_new).context("it is gone")?;
    assert_eq!(contained.standing, Standing::Contained);
    assert_eq!(record.versions[0], sealed.versions[0], "version 1 never changes");
    let late = modelled(&world, visit(2))?.submits.remove(0);
    assert_eq!((late.outcome, late.basis), (Outcome::Late, Basis::Proven), "no ruling alters the evidence");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn restarts_wrong_clocks_and_unanswered_anchors_are_modelled_from_the_whole_log() -> anyhow::Result<()>
{
    let world = World::start().await?;
    let mut phones = Vec::new();
    for number in 1..=6 {
        let mut phone = RawPhone::enrol(&world, "davolio", number).await?;
        phone.boot = number;
        phone.sync().await?;
        phone.edit(visit(number), &filled(&world, "写于周一"))?;
        phones.push(phone);
    }
    world.pass_hours(1).await?;
    // 1 is honest, 2 restarts, 3 lets its boot clock gain an hour, 4 sets its wall clock, 5 asks for anchors
    // only, 6 arrives while the server's own clock is in doubt.
    phones[1].boot = 99;
    phones[1].write(EntryKind::Boot);
    phones[3].wall_off_ms = -7_200_000;
    phones[3].write(EntryKind::ClockSet { delta_ms: -7_200_000 });
    for (phone, number) in phones.iter_mut().zip(1..) {
        phone.submit(visit(number), None)?;
    }
    phones[2].boot_off_ms += 3_600_000;
    for _ in 0..8 {
        phones[4].pull().await?;
    }
    world.until("2026-09-14T08:00").await?;
    let expected = [
        (Outcome::OnTime, Basis::Measured, vec![]),
        (Outcome::NeedsReview, Basis::None, vec!["reboot_since_anchor"]),
        (Outcome::NeedsReview, Basis::None, vec!["boot_rate_odd"]),
        (Outcome::OnTime, Basis::Measured, vec!["wall_jump", "claim_outside_bounds"]),
        (Outcome::NeedsReview, Basis::None, vec!["anchors_unanswered"]),
        (Outcome::NeedsReview, Basis::None, vec!["server_time_suspect"]),
    ];
    for ((phone, number), (outcome, basis, flags)) in phones.iter_mut().zip(1..).zip(expected) {
        let anchor = phone.pull().await?.context("the server's clock is in order")?;
        if number == 6 {
            world.clock.jump_ms(3_600_000);
        }
        phone.push(&anchor, 20, usize::MAX).await?;
        let submit = modelled(&world, visit(number))?.submits.remove(0);
        let raised: Vec<&str> = submit.evidence.flags.names().collect();
        assert_eq!((submit.outcome, submit.basis, raised), (outcome, basis, flags), "phone {number}");
    }
    // Its clock has to be in order for as long as it takes to be trusted again.
    for _ in 0..3 {
        world.engine().tick().await?;
        world.clock.pass_ms(60_000);
    }
    assert_agreed(&world).await
}
