//! The ledger: what is owed follows what happens, and is the same however it came about.

use sync_core::{
    directory::{Customer, User},
    hash::Hash,
    id::CustomerId,
    rules::{Fulfilment, Subject, fact_of, packs},
};

use super::super::fixture::{DAY_MS, HOUR_MS, World, filled};
use crate::projection::ledger;

/// The regulation of the key-account department, in force from tomorrow on.
async fn put_regulation(world: &World) {
    let text = packs::named("key_account_outbound").unwrap();
    let line = text.lines().find(|line| line.starts_with("effective_from")).unwrap();
    let text = text.replace(line, "effective_from = 2026-11-18");
    world.engine.put_pack(world.tenant, None, &text).await.unwrap();
}

fn state(world: &World, rule: &str, visit: Hash) -> Option<Fulfilment> {
    let all = world.engine.view(world.tenant).all_obligations().unwrap();
    let mut owed = all.into_iter().map(|stored| stored.obligation);
    owed.find(|owed| owed.rule.rule == rule && owed.subject == Subject::Fact(visit)).map(|owed| owed.state)
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
        if day == 5 || day == 6 {
            let first = world.engine.view(world.tenant).customer(world.customer).unwrap().unwrap();
            let (owner, tags) = if day == 5 {
                (Some(world.other_rep), vec!["tender".to_owned()])
            } else {
                (None, vec!["key_account".to_owned()])
            };
            let other = Customer { owner, tags, ..first };
            world.engine.put_customers(world.tenant, None, vec![other]).await.unwrap();
        }
        if (4..7).contains(&day) {
            let swept = world.engine.view(world.tenant).ledger().unwrap().sweep;
            assert!(swept.is_none_or(|sweep| !sweep.whole), "a customer is looked at by itself");
        }
        world.engine.tick().await.unwrap();
        let view = world.engine.view(world.tenant);
        let differences = ledger::differences(&view, world.engine.time().now).unwrap();
        assert!(differences.is_empty(), "on day {day}: {differences:?}");
        assert!(
            view.all_obligations().unwrap().len() > 5 + usize::from(day),
            "there is something to compare"
        );
    }
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn who_leaves_a_post_owes_nothing_of_it_any_more() {
    let world = World::new().await;
    world.engine.tick().await.unwrap();
    put_regulation(&world).await;
    let view = || world.engine.view(world.tenant);
    let forms = || {
        let owed = view().all_obligations().unwrap().into_iter().map(|stored| stored.obligation);
        owed.filter(|owed| matches!(owed.subject, Subject::Person(person, _) if person == world.rep)).count()
    };
    let rep = view().user(world.rep).unwrap().unwrap();
    let specialist = User { posts: vec!["ka_specialist".to_owned()], ..rep.clone() };
    world.engine.put_users(world.tenant, None, vec![specialist]).await.unwrap();
    world.engine.tick().await.unwrap();
    assert!(forms() > 3, "a specialist owes plans and forms");
    world.engine.put_users(world.tenant, None, vec![rep]).await.unwrap();
    world.engine.tick().await.unwrap();
    assert_eq!(forms(), 0);
    assert!(ledger::differences(&view(), world.engine.time().now).unwrap().is_empty());
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn a_new_version_that_counts_by_other_periods_leaves_none_of_the_old_behind() {
    let world = World::new().await;
    let pack = |version: u32, from: &str, per: &str| {
        format!(
            "id = \"calls\"\nversion = {version}\ndocument_number = \"N\"\neffective_from = {from}\nowner = \"O\"\n\
             zone = \"Asia/Shanghai\"\ncalendar = \"cn\"\n[[rule]]\nid = \"R1\"\nkind = \"contact_quota\"\n\
             says = \"calls\"\nquota = {{ of = {{ customers = {{ grades = [\"A1\"] }} }}, \
             counted = [{{ fact = \"visit\" }}], by = \"owner\", at_least = 1, per = \"{per}\" }}"
        )
    };
    world.engine.put_pack(world.tenant, None, &pack(1, "2026-11-01", "week")).await.unwrap();
    world.engine.tick().await.unwrap();
    world.engine.put_pack(world.tenant, None, &pack(2, "2026-11-30", "month")).await.unwrap();
    world.engine.tick().await.unwrap();
    let all = world.engine.view(world.tenant).all_obligations().unwrap();
    let periods = all.into_iter().filter_map(|stored| match stored.obligation.subject {
        Subject::Customer(_, period) if stored.obligation.rule.pack == "calls" => {
            Some((stored.obligation.rule.version, period.first.to_string()))
        }
        _ => None,
    });
    let weeks = ["2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23"].map(|day| (1, day.to_owned()));
    let months = [(2, "2026-12-01".to_owned())];
    let found: std::collections::BTreeSet<_> = periods.collect();
    assert_eq!(found, weeks.into_iter().chain(months).collect());
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
