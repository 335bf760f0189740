//! The ledger: what is owed follows what happens, and is the same however it came about.

use std::collections::BTreeMap;

use sync_core::{
    directory::Customer,
    hash::Hash,
    id::CustomerId,
    rules::{
        Fulfilment, Obligation, ObligationName, Period, Subject,
        engine::{self, World as Rules},
        fact_of, packs,
    },
};

use super::super::fixture::{DAY_MS, HOUR_MS, World, filled};
use crate::projection::{IndexedFacts, key::Listed};

/// The regulation of the key-account department, in force from tomorrow on.
async fn put_regulation(world: &World) {
    let (_, text) = packs::ALL.iter().find(|(name, _)| *name == "key_account_outbound").unwrap();
    let line = text.lines().find(|line| line.starts_with("effective_from")).unwrap();
    let text = text.replace(line, "effective_from = 2026-11-18");
    world.engine.put_pack(world.tenant, None, &text).await.unwrap();
}

/// All obligations of the ledger.
fn ledger(world: &World) -> BTreeMap<ObligationName, Obligation> {
    let view = world.engine.view(world.tenant);
    let mut all = BTreeMap::new();
    for pack in view.rulebook().unwrap().packs() {
        for rule in &pack.rules {
            let list = Listed::Rule { pack: &pack.id, rule: &rule.id };
            let ever =
                (sync_core::time::Timestamp::from_millis(0), sync_core::time::Timestamp::MAX.plus_millis(1));
            for (_, stored) in view.obligations(list, ever, None, 10_000).unwrap() {
                all.insert(stored.obligation.name(), stored.obligation);
            }
        }
    }
    all
}

/// What looking at everything gives, over the days that the ledger covers.
fn from_scratch(world: &World) -> BTreeMap<ObligationName, Obligation> {
    let view = world.engine.view(world.tenant);
    let (rulebook, company, facts) =
        (view.rulebook().unwrap(), view.company().unwrap(), IndexedFacts::new(view));
    let now = world.engine.time().now;
    let rules = Rules { facts: &facts, company: &company, calendar: rulebook.calendar(), now };
    let Period { first, last } = view.ledger().unwrap().covered.unwrap();
    let all = rulebook.packs().iter().flat_map(|pack| {
        engine::obligations(rules, pack, Period { first, last }).map(|owed| (owed.name(), owed))
    });
    all.collect()
}

fn state(world: &World, rule: &str, visit: Hash) -> Option<Fulfilment> {
    let is_it = |name: &&ObligationName| name.rule == rule && name.subject == Subject::Fact(visit);
    let ledger = ledger(world);
    ledger.keys().find(is_it).map(|name| ledger[name].state.clone())
}

#[tokio::test]
async fn what_is_owed_on_a_visit_follows_it_to_its_deadline() {
    let world = World::new().await;
    let mut phone = world.phone(world.rep).await;
    let (kept, missed) = (world.visit(1), world.visit(2));
    for visit in [kept, missed] {
        phone.edit(visit, &filled(world.customer, world.now(), "谈妥了"));
    }
    phone.submit(kept);
    phone.sync(&world).await.unwrap();
    assert_eq!(state(&world, "S21-R17", fact_of(kept)), None, "nobody has looked yet");
    world.engine.tick().await.unwrap();
    assert_eq!(state(&world, "S21-R17", fact_of(kept)), Some(Fulfilment::Met));
    assert_eq!(state(&world, "S21-R17", fact_of(missed)), Some(Fulfilment::Pending));
    world.pass(3 * DAY_MS);
    world.engine.tick().await.unwrap();
    assert_eq!(state(&world, "S21-R17", fact_of(missed)), Some(Fulfilment::Breached));
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn the_ledger_is_what_looking_at_everything_gives() {
    let world = World::new().await;
    let mut phone = world.phone(world.rep).await;
    world.engine.tick().await.unwrap();
    put_regulation(&world).await;
    for day in 0..9u8 {
        world.pass(DAY_MS);
        let visit = world.visit(day + 1);
        phone.edit(visit, &filled(world.customer, world.now(), "谈妥了"));
        if day % 3 != 0 {
            phone.submit(visit);
        }
        world.pass(HOUR_MS);
        phone.sync(&world).await.unwrap();
        if day == 4 {
            let view = world.engine.view(world.tenant);
            let first = view.customer(world.customer).unwrap().unwrap();
            let second = Customer {
                id: CustomerId::from_bytes([8; 16]),
                number: "K-002".to_owned(),
                grade: "B1".to_owned(),
                ..first.clone()
            };
            let regraded = Customer { grade: "C".to_owned(), ..first };
            world.engine.put_customers(world.tenant, None, vec![regraded, second]).await.unwrap();
        }
        world.engine.tick().await.unwrap();
        let (ledger, scratch) = (ledger(&world), from_scratch(&world));
        for name in ledger.keys().chain(scratch.keys()) {
            assert_eq!(ledger.get(name), scratch.get(name), "on day {day}: {name:?}");
        }
        assert!(ledger.len() > 10, "there is something to compare");
    }
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn what_waits_is_brought_up_to_date_once_and_then_nothing_is_journaled() {
    let world = World::new().await;
    world.engine.tick().await.unwrap();
    let before = world.engine.root().size;
    world.engine.tick().await.unwrap();
    world.pass(HOUR_MS);
    world.engine.tick().await.unwrap();
    assert_eq!(world.engine.root().size, before, "an idle server writes nothing");
}
