//! Exceptions: who makes them, what they change, and who is told.

use jiff::civil::{Date, date};
use sync_core::{
    directory::{Role, User},
    document::{DocumentKind, FieldValue, envelope},
    hash::Hash,
    id::{DocumentId, UserId},
    protocol::{Cursor, FeedItem, PullRequest},
    rules::{Excepted, Fulfilment, ObligationName, Period, Reason, Subject, fact_of},
};

use super::super::{
    EngineError, Excepting,
    fixture::{DAY_MS, World, filled},
};
use crate::projection::{StoredException, StoredObligation, ledger};

fn letting_off(obligation: Hash) -> Excepting {
    let (reason, note) = (Reason::Illness, "in hospital".to_owned());
    Excepting { obligation, ruled: Excepted::LetOff, from: None, until: None, reason, note }
}

async fn except(world: &World, by: UserId, excepting: Excepting) -> Result<DocumentId, EngineError> {
    world.engine.except(world.tenant, by, excepting).await
}

/// Brings the ledger up to date, which is then what looking at everything gives.
async fn tick(world: &World) {
    world.engine.tick().await.unwrap();
    let view = world.engine.view(world.tenant);
    assert_eq!(ledger::differences(&view, world.engine.time().now).unwrap(), []);
}

fn owed(world: &World, id: Hash) -> StoredObligation {
    world.engine.view(world.tenant).obligation(id).unwrap().unwrap()
}

/// What is owed on a visit of the rep's that ended four days ago, and of which nothing was submitted.
async fn missed(world: &World) -> Hash {
    let mut phone = world.phone(world.rep).await;
    phone.edit(world.visit(1), &filled(world.customer, world.now(), "谈妥了"));
    phone.sync(world).await.unwrap();
    world.pass(4 * DAY_MS);
    tick(world).await;
    let name = ObligationName {
        pack: "key_account_visits".to_owned(),
        rule: "S21-R17".to_owned(),
        part: 0,
        subject: Subject::Fact(fact_of(world.visit(1))),
    };
    name.hash()
}

/// Three calls a week to each customer, in force from the beginning of the month.
async fn put_calls(world: &World) {
    let pack = "id = \"calls\"\nversion = 1\ndocument_number = \"N\"\neffective_from = 2026-11-01\nowner = \"O\"\n\
         zone = \"Asia/Shanghai\"\ncalendar = \"cn\"\n[[rule]]\nid = \"R1\"\nkind = \"contact_quota\"\n\
         says = \"calls\"\nquota = { of = { customers = { grades = [\"A1\"] } }, \
         counted = [{ fact = \"visit\" }], by = \"owner\", at_least = 3, per = \"week\" }\n\
         [[rule]]\nid = \"R2\"\nkind = \"contact_quota\"\n\
         says = \"all\"\nquota = { of = { company = true }, counted = [{ fact = \"visit\" }], at_least = 9, per = \"week\" }";
    world.engine.put_pack(world.tenant, None, pack).await.unwrap();
    tick(world).await;
}

/// The calls to the customer in the week from a Monday.
fn calls(world: &World, monday: Date) -> Hash {
    let week = Period { first: monday, last: monday.saturating_add(jiff::Span::new().days(6)) };
    let subject = Subject::Customer(world.customer, week);
    ObligationName { pack: "calls".to_owned(), rule: "R1".to_owned(), part: 0, subject }.hash()
}

#[tokio::test]
async fn a_breach_that_is_let_off_stays_one_and_its_rep_is_told_why() {
    let world = World::new().await;
    let id = missed(&world).await;
    let before = owed(&world, id);
    assert_eq!((&before.obligation.state, before.obligation.let_off), (&Fulfilment::Breached, false));
    let document = except(&world, world.boss, letting_off(id)).await.unwrap();
    tick(&world).await;
    let after = owed(&world, id);
    assert_eq!((&after.obligation.state, after.since), (&Fulfilment::Breached, before.since));
    assert!(after.obligation.let_off);
    let view = world.engine.view(world.tenant);
    let fact = view.stored_fact(after.obligation.exception.unwrap()).unwrap().unwrap();
    let said = StoredException::read(&view, &fact).unwrap().unwrap();
    assert_eq!((said.document, said.note.as_str()), (document, "in hospital"));
    assert_eq!((said.exception.by, said.exception.reason), (Some(world.boss), Some(Reason::Illness)));
    for (user, is_told) in [(world.rep, true), (world.boss, true), (world.other_rep, false)] {
        let phone = world.phone(user).await;
        let request = PullRequest { cursor: Cursor(0), nonce: [9; 16], seen: None, shown: None, run: None };
        let items = world.engine.pull(phone.session, request).await.unwrap().items;
        let told =
            |item: &FeedItem| matches!(item, FeedItem::Changes { document: id, .. } if *id == document);
        assert_eq!(items.iter().any(told), is_told, "{user}");
    }
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn what_was_let_off_is_owed_again_once_that_is_withdrawn_in_the_same_instant() {
    let world = World::new().await;
    let id = missed(&world).await;
    for turn in 0..6 {
        let ruled = if turn % 2 == 0 { Excepted::LetOff } else { Excepted::Withdrawn };
        except(&world, world.boss, Excepting { ruled, ..letting_off(id) }).await.unwrap();
        tick(&world).await;
        assert_eq!(owed(&world, id).obligation.let_off, turn % 2 == 0, "turn {turn}");
    }
}

#[tokio::test]
async fn who_may_decide_about_those_who_owe_it_makes_exceptions_and_nobody_else() {
    let world = World::new().await;
    let id = missed(&world).await;
    let admin = world.engine.view(world.tenant).user_by_login("admin").unwrap().unwrap().id;
    for user in [world.other_rep, world.other_boss] {
        let answer = except(&world, user, letting_off(id)).await;
        assert!(matches!(answer, Err(EngineError::NotFound)), "{answer:?}");
    }
    for user in [world.rep, world.auditor] {
        let answer = except(&world, user, letting_off(id)).await;
        assert!(matches!(answer, Err(EngineError::NotPermitted)), "{answer:?}");
    }
    let unknown = except(&world, world.boss, letting_off(Hash::ZERO)).await;
    assert!(matches!(unknown, Err(EngineError::NotFound)), "{unknown:?}");
    tick(&world).await;
    assert!(!owed(&world, id).obligation.let_off);
    except(&world, admin, letting_off(id)).await.unwrap();
}

#[tokio::test]
async fn what_nobody_in_particular_owes_managers_and_administrators_let_off() {
    let world = World::new().await;
    put_calls(&world).await;
    let week = Period { first: date(2026, 11, 16), last: date(2026, 11, 22) };
    let (pack, rule) = ("calls".to_owned(), "R2".to_owned());
    let id = ObligationName { pack, rule, part: 0, subject: Subject::Company(week) }.hash();
    assert!(owed(&world, id).obligation.owed_by.is_empty());
    let boss = world.engine.view(world.tenant).user(world.boss).unwrap().unwrap();
    for (role, expected) in [(Role::Supervisor, false), (Role::Auditor, false), (Role::Manager, true)] {
        world.engine.put_users(world.tenant, None, vec![User { role, ..boss.clone() }]).await.unwrap();
        let answer = except(&world, world.boss, letting_off(id)).await;
        assert_eq!(answer.is_ok(), expected, "{role:?}: {answer:?}");
    }
    tick(&world).await;
    assert!(owed(&world, id).obligation.let_off);
}

#[tokio::test]
async fn a_quota_asks_for_another_number_in_the_weeks_that_the_exception_names() {
    let world = World::new().await;
    put_calls(&world).await;
    let mondays = [date(2026, 11, 9), date(2026, 11, 16), date(2026, 11, 23), date(2026, 11, 30)];
    let asks = || mondays.map(|monday| owed(&world, calls(&world, monday)).obligation.done.1);
    assert_eq!(asks(), [3, 3, 3, 3]);
    let excepting = Excepting {
        ruled: Excepted::Required(1),
        from: Some(date(2026, 11, 10)),
        until: Some(date(2026, 11, 29)),
        ..letting_off(calls(&world, mondays[1]))
    };
    except(&world, world.boss, excepting).await.unwrap();
    tick(&world).await;
    assert_eq!(asks(), [3, 1, 1, 3]);
    except(&world, world.boss, letting_off(calls(&world, mondays[2]))).await.unwrap();
    tick(&world).await;
    let let_off = mondays.map(|monday| owed(&world, calls(&world, monday)).obligation.let_off);
    assert_eq!((asks(), let_off), ([3, 1, 3, 3], [false, false, true, false]));
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn weeks_that_are_not_looked_at_yet_are_let_off_when_their_day_comes() {
    let world = World::new().await;
    put_calls(&world).await;
    let excepting =
        Excepting { until: Some(date(2027, 11, 15)), ..letting_off(calls(&world, date(2026, 11, 16))) };
    except(&world, world.boss, excepting).await.unwrap();
    tick(&world).await;
    let far = calls(&world, date(2027, 1, 4));
    assert_eq!(world.engine.view(world.tenant).obligation(far).unwrap(), None);
    world.pass(20 * DAY_MS);
    tick(&world).await;
    assert!(owed(&world, far).obligation.let_off);
}

#[tokio::test]
async fn what_does_not_fit_the_obligation_is_no_exception() {
    let world = World::new().await;
    put_calls(&world).await;
    let (record, week) = (missed(&world).await, calls(&world, date(2026, 11, 16)));
    let day = |day: Date| Some(day);
    let before = world.engine.root();
    for (what, excepting) in [
        ("a number", Excepting { ruled: Excepted::Required(2), ..letting_off(record) }),
        ("days", Excepting { from: day(date(2026, 11, 16)), ..letting_off(record) }),
        ("later", Excepting { from: day(date(2026, 11, 17)), ..letting_off(week) }),
        ("earlier", Excepting { until: day(date(2026, 11, 15)), ..letting_off(week) }),
        ("a year", Excepting { until: day(date(2027, 11, 18)), ..letting_off(week) }),
        ("no word", Excepting { reason: Reason::Other, note: " ".to_owned(), ..letting_off(week) }),
    ] {
        let answer = except(&world, world.boss, excepting).await;
        assert!(matches!(answer, Err(EngineError::Invalid(_))), "{what}: {answer:?}");
    }
    let long = except(&world, world.boss, Excepting { note: "长".repeat(501), ..letting_off(week) }).await;
    assert!(matches!(long, Err(EngineError::TooLong { .. })), "{long:?}");
    assert_eq!(world.engine.root(), before);
    let year = Excepting { until: day(date(2027, 11, 17)), ..letting_off(week) };
    except(&world, world.boss, year).await.unwrap();
}

#[tokio::test]
async fn the_document_of_an_exception_says_all_of_it() {
    let world = World::new().await;
    put_calls(&world).await;
    let excepting =
        Excepting { ruled: Excepted::Required(1), ..letting_off(calls(&world, date(2026, 11, 16))) };
    let document = except(&world, world.boss, excepting).await.unwrap();
    assert_eq!(DocumentKind::of(document), Some(DocumentKind::Exception));
    let saved = world.record(document).saved;
    let values = sync_core::document::Document::load(document, &saved).unwrap().values();
    let text = |text: &str| Some(FieldValue::Text(text.to_owned()));
    for (field, expected) in [
        ("pack", text("calls")),
        ("rule", text("R1")),
        ("part", Some(FieldValue::Count(0))),
        ("required", Some(FieldValue::Count(1))),
        ("withdrawn", None),
        ("reason", text("illness")),
        (envelope::NOTE, text("in hospital")),
        (envelope::CUSTOMER, Some(FieldValue::Id(*world.customer.as_bytes()))),
        (envelope::ABOUT, None),
    ] {
        assert_eq!(values.get(field), expected.as_ref(), "{field}");
    }
}

#[tokio::test]
async fn of_one_series_there_is_a_last_exception() {
    let world = World::new().await;
    put_calls(&world).await;
    let [week, other] = [date(2026, 11, 16), date(2026, 11, 23)].map(|monday| calls(&world, monday));
    for _ in 0..1_000 {
        except(&world, world.boss, letting_off(week)).await.unwrap();
    }
    let answer = except(&world, world.boss, letting_off(other)).await;
    assert!(matches!(answer, Err(EngineError::Invalid(_))), "{answer:?}");
}
