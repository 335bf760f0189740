//! Closings: what was known when days were closed stays, whatever comes later.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan as _;
use proptest::prelude::*;
use sync_core::{
    directory::{Customer, User},
    document::{DocumentKind, Edit, FieldValue, envelope},
    hash::Hash,
    id::{CustomerId, UserId},
    rules::{Company, Fact, FactKind, FactSource as _, Fulfilment, Of, Period, Subject},
    time::Timestamp,
};

use super::super::{
    EngineError, Entering,
    fixture::{DAY_MS, HOUR_MS, Phone, START, World, filled},
};
use crate::projection::{
    Closing, IndexedFacts, Known, StoredFact, StoredObligation, Then,
    key::Listed,
    points::{PackPoints, points},
    restated::{self, Because},
};

/// A regulation that asks for a visit a week and for an answer to each repair, and takes points for a visit that is missing
/// and for a finding.
fn regulation(version: u32, from: &str, at_least: u32) -> String {
    format!(
        "id = \"calls\"\nversion = {version}\ndocument_number = \"N\"\neffective_from = {from}\nowner = \"O\"\n\
         zone = \"Asia/Shanghai\"\ncalendar = \"cn\"\n[[rule]]\nid = \"R1\"\nkind = \"contact_quota\"\n\
         says = \"a visit a week\"\nquota = {{ of = {{ customers = {{ grades = [\"A1\"] }} }}, \
         counted = [{{ fact = \"visit\" }}], by = \"owner\", at_least = {at_least}, per = \"week\" }}\n\
         [[rule]]\nid = \"R2\"\nkind = \"scoring\"\nsays = \"points\"\n\
         score = {{ found = {{ fact = \"finding\", name = \"rudeness\", actor_post = {{ not = [\"spared\"] }} }}, \
         breaches = [\"R1\"], points = -2, per = \"month\" }}\n\
         [[rule]]\nid = \"R3\"\nkind = \"follow_up_sla\"\nsays = \"somebody looks after a repair\"\n\
         anchored = {{ anchor = {{ fact = \"repair\" }}, act = {{ fact = \"stage\" }}, by = \"actor\", \
         within = {{ days = 3, count = \"calendar\" }} }}\n"
    )
}

fn days(first: &str, last: &str) -> Period {
    Period { first: first.parse().unwrap(), last: last.parse().unwrap() }
}

async fn closes(world: &World, first: &str, last: &str) -> Closing {
    world.engine.close_period(world.tenant, None, days(first, last), "").await.unwrap()
}

/// A company with the regulation, and a phone of its rep.
async fn regulated() -> (World, Phone) {
    let world = World::new().await;
    world.engine.put_pack(world.tenant, None, &regulation(1, "2026-11-01", 1)).await.unwrap();
    let phone = world.phone(world.rep).await;
    (world, phone)
}

fn moment(at: Timestamp) -> Edit {
    Edit::Set { field: envelope::AT.to_owned(), value: FieldValue::Time(at) }
}

/// Looks back at a closing.
fn back(world: &World, closing: &Closing) -> Then {
    Then::of(&world.engine.view(world.tenant), closing.clone()).unwrap()
}

fn quota(world: &World, closing: Option<&Closing>, week: &str) -> Option<StoredObligation> {
    let then = closing.map(|closing| back(world, closing));
    let known = Known::at(world.engine.view(world.tenant), then.as_ref());
    let rule = Listed::Rule { pack: "calls", rule: "R1" };
    let due = (Timestamp::from_millis(0), Timestamp::MAX);
    let mut all = known.obligations(rule, due, None, 1_000).unwrap().into_iter().map(|(_, stored)| stored);
    all.find(|stored| match stored.obligation.subject {
        Subject::Customer(_, period) => period.first.to_string() == week,
        _ => false,
    })
}

fn state(world: &World, then: Option<&Closing>, week: &str) -> Fulfilment {
    quota(world, then, week).unwrap().obligation.state
}

fn lost(world: &World, closing: Option<&Closing>, span: Period) -> i32 {
    let then = closing.map(|closing| back(world, closing));
    let known = Known::at(world.engine.view(world.tenant), then.as_ref());
    points(known, span, world.now()).unwrap().iter().map(|points| points.points.points).sum()
}

fn changes(world: &World, closing: &Closing) -> Vec<restated::Change> {
    let view = world.engine.view(world.tenant);
    let touched = restated::touched(&view, closing, None, 1_000).unwrap();
    let then = back(world, closing);
    touched.into_iter().filter_map(|id| restated::change(&view, &then, id).unwrap()).collect()
}

#[tokio::test]
async fn evidence_that_comes_after_the_close_changes_the_present_and_not_what_was_known() {
    let (world, mut phone) = regulated().await;
    phone.edit(world.visit(1), &filled(world.customer, world.now(), "谈妥了"));
    phone.submit(world.visit(1));
    world.pass(7 * DAY_MS);
    let closing = closes(&world, "2026-11-16", "2026-11-22").await;
    let week = "2026-11-16";
    assert_eq!(state(&world, Some(&closing), week), Fulfilment::Breached);
    assert!(changes(&world, &closing).is_empty());
    assert_eq!(lost(&world, None, closing.period), -2);

    world.pass(HOUR_MS);
    phone.sync(&world).await.unwrap();
    world.engine.tick().await.unwrap();
    assert_eq!(state(&world, None, week), Fulfilment::Met);
    assert_eq!(state(&world, Some(&closing), week), Fulfilment::Breached);
    assert_eq!((lost(&world, None, closing.period), lost(&world, Some(&closing), closing.period)), (0, -2));
    let changed = changes(&world, &closing);
    let quota = changed.iter().find(|change| change.then.is_some()).unwrap();
    assert_eq!((quota.because, quota.came.len(), quota.went.len()), (Because::Facts, 1, 0));
    assert!(quota.came[0].fact.at < closing.at && quota.came[0].came > closing.at, "late, and seen to be");
    let handing_in = changed.iter().find(|change| change.then.is_none()).unwrap();
    assert_eq!(handing_in.now.as_ref().unwrap().obligation.rule.rule, "S21-R17");

    let second = closes(&world, "2026-11-16", "2026-11-22").await;
    assert_eq!(state(&world, Some(&second), week), Fulfilment::Met, "the restated figure is official now");
    assert_eq!(state(&world, Some(&closing), week), Fulfilment::Breached);
    assert!(changes(&world, &second).is_empty());
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn what_comes_at_the_very_instant_of_the_close_but_after_it_counts_as_after() {
    let (world, mut phone) = regulated().await;
    let mut other = world.phone(world.rep).await;
    phone.edit(world.visit(1), &filled(world.customer, world.now(), "谈妥了"));
    other.edit(world.visit(2), &filled(world.customer, world.now(), "谈妥了"));
    world.pass(7 * DAY_MS);
    phone.sync(&world).await.unwrap();
    let closing = closes(&world, "2026-11-16", "2026-11-22").await;
    other.sync(&world).await.unwrap();
    world.engine.tick().await.unwrap();
    assert_eq!(world.now(), closing.at, "no time has passed");
    let done = |then| quota(&world, then, "2026-11-16").unwrap().obligation.done.0;
    assert_eq!((done(Some(&closing)), done(None)), (1, 2));
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn a_change_of_the_directory_after_the_close_is_named_as_what_it_is() {
    let (world, _) = regulated().await;
    world.pass(7 * DAY_MS);
    let closing = closes(&world, "2026-11-16", "2026-11-22").await;
    let view = || world.engine.view(world.tenant);
    world.engine.tick().await.unwrap();
    let customer = view().customer(world.customer).unwrap().unwrap();
    let second = Customer {
        id: CustomerId::from_bytes([8; 16]),
        number: "K-002".to_owned(),
        owner: Some(world.other_rep),
        ..customer
    };
    world.engine.put_customers(world.tenant, None, vec![second.clone()]).await.unwrap();
    world.engine.tick().await.unwrap();
    let changed = changes(&world, &closing);
    let appeared = |change: &&restated::Change| change.then.is_none() && change.now.is_some();
    let new = changed.iter().find(appeared).unwrap();
    assert_eq!((new.because, new.came.len()), (Because::Other, 0));
    let then = back(&world, &closing);
    let then = Known::at(view(), Some(&then)).company().unwrap();
    assert!(!then.customers.contains_key(&second.id) && then.customers.contains_key(&world.customer));
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn only_days_that_are_over_are_closed_and_only_by_administrators() {
    let world = World::new().await;
    let close = |by, first: &'static str, last: &'static str, note: &'static str| {
        let world = &world;
        async move { world.engine.close_period(world.tenant, by, days(first, last), note).await }
    };
    let long: &'static str = "备".repeat(501).leak();
    let invalid = |closed: Result<Closing, EngineError>, part: &str| match closed {
        Err(EngineError::Invalid(what)) => assert!(what.contains(part), "{what}"),
        other => panic!("{other:?}"),
    };
    assert!(matches!(
        close(Some(world.boss), "2026-11-01", "2026-11-16", "").await,
        Err(EngineError::NotPermitted)
    ));
    assert!(matches!(
        close(None, "2026-11-01", "2026-11-16", long).await,
        Err(EngineError::TooLong { what: "note", limit: 500 })
    ));
    invalid(close(None, "2026-11-01", "2026-11-17", "").await, "2026-11-17 is not over");
    invalid(close(None, "2026-11-02", "2026-11-01", "").await, "is after");
    invalid(close(None, "2025-10-12", "2026-11-16", "").await, "more than 400 days");
    let closed = close(None, "2025-10-13", "2026-11-16", "备").await.unwrap();
    let view = world.engine.view(world.tenant);
    assert_eq!(view.closing(closed.id).unwrap(), Some(closed.clone()));
    let again = close(None, "2025-10-13", "2026-11-16", "备").await.unwrap();
    assert_ne!(again.id, closed.id, "each closing has its own name, also at one instant");
    assert_eq!(view.closings().unwrap(), [closed, again]);
    world.clock.set(START.plus_millis(-3 * i64::try_from(DAY_MS).unwrap()));
    invalid(close(None, "2026-11-01", "2026-11-16", "").await, "in doubt");
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn what_comes_to_be_due_on_closed_days_has_changed_since_and_has_not_once_it_is_due_elsewhere() {
    let (world, mut phone) = regulated().await;
    world.pass(10 * DAY_MS);
    let closing = closes(&world, "2026-11-16", "2026-11-22").await;
    let repair = world.document(DocumentKind::Repair, 1);
    for (days_ago, expected) in [(0, 0), (9, 1), (1, 0)] {
        let at = world.now().plus_millis(-days_ago * i64::try_from(DAY_MS).unwrap());
        phone.edit(repair, &[moment(at)]);
        phone.sync(&world).await.unwrap();
        world.engine.tick().await.unwrap();
        let changed = changes(&world, &closing);
        assert_eq!(changed.len(), expected, "{days_ago} days ago: {changed:?}");
        assert!(changed.iter().all(|change| change.then.is_none() && change.because == Because::Facts));
    }
    world.assert_rebuilds().await;
}

#[tokio::test]
async fn what_a_month_was_missed_by_costs_points_in_that_month() {
    let (world, _) = regulated().await;
    let monthly =
        regulation(1, "2026-11-01", 1).replace("\"calls\"", "\"monthly\"").replace("\"week\"", "\"month\"");
    world.engine.put_pack(world.tenant, None, &monthly).await.unwrap();
    world.pass(14 * DAY_MS);
    world.engine.tick().await.unwrap();
    let known = Known::from(world.engine.view(world.tenant));
    let of_month = |first, last| {
        let mut found = points(known, days(first, last), world.now()).unwrap();
        found.retain(|points| points.pack == "monthly");
        found.into_iter().map(|points| points.points.period).collect::<Vec<_>>()
    };
    let november = days("2026-11-01", "2026-11-30");
    assert_eq!(of_month("2026-11-01", "2026-11-30"), [november]);
    assert_eq!(of_month("2026-12-01", "2026-12-31"), []);
}

/// Something that happens in a company.
#[derive(Debug, Clone)]
enum Step {
    /// A rep visits a customer, some days before it is written down.
    Visits { rep: usize, customer: usize, days_ago: u64, submits: bool },
    /// A rep hands in an earlier visit.
    HandsIn { rep: usize, visit: usize },
    /// A rep notes a repair of some days ago, or that it was on another day.
    Repairs { rep: usize, repair: u8, days_ago: i64 },
    /// A phone finds a signal.
    Syncs { rep: usize },
    /// Somebody was rude.
    Found { rep: usize },
    /// A customer gets another grade and owner.
    Regraded { customer: usize, grade: usize, owner: usize },
    /// A customer is taken out of the directory.
    Gone { customer: usize },
    /// A rep gets another post.
    Spared { rep: usize, spared: bool },
    /// A new version of the regulation is put in force from tomorrow on.
    Ruled { at_least: u32 },
    /// Hours pass.
    Passes { hours: u64 },
    /// The server looks at what is due.
    Ticks,
    /// Days are closed, the last of them some days ago.
    Closes { days_ago: i64, days: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let rep = 0..2_usize;
    let customer = 0..2_usize;
    prop_oneof![
        6 => (rep.clone(), customer.clone(), 0..20_u64, any::<bool>())
            .prop_map(|(rep, customer, days_ago, submits)| Step::Visits { rep, customer, days_ago, submits }),
        2 => (rep.clone(), 0..8_usize).prop_map(|(rep, visit)| Step::HandsIn { rep, visit }),
        3 => (rep.clone(), 0..3_u8, 0..15_i64)
            .prop_map(|(rep, repair, days_ago)| Step::Repairs { rep, repair, days_ago }),
        5 => rep.clone().prop_map(|rep| Step::Syncs { rep }),
        2 => rep.clone().prop_map(|rep| Step::Found { rep }),
        2 => (customer.clone(), 0..2_usize, rep.clone())
            .prop_map(|(customer, grade, owner)| Step::Regraded { customer, grade, owner }),
        1 => customer.prop_map(|customer| Step::Gone { customer }),
        1 => (rep, any::<bool>()).prop_map(|(rep, spared)| Step::Spared { rep, spared }),
        1 => (1..3_u32).prop_map(|at_least| Step::Ruled { at_least }),
        4 => (1..120_u64).prop_map(|hours| Step::Passes { hours }),
        3 => Just(Step::Ticks),
        4 => (1..15_i64, 1..30_i64).prop_map(|(days_ago, days)| Step::Closes { days_ago, days }),
    ]
}

/// All that is known, copied.
struct Copied {
    closing: Closing,
    owed: BTreeMap<Hash, StoredObligation>,
    lists: Vec<Vec<(Vec<u8>, StoredObligation)>>,
    facts: Vec<Vec<Fact>>,
    reasons: BTreeMap<Hash, StoredFact>,
    points: Vec<PackPoints>,
    company: Company,
    packs: Vec<Hash>,
}

struct Life {
    world: World,
    phones: Vec<Phone>,
    visits: Vec<Vec<sync_core::id::DocumentId>>,
    customers: [CustomerId; 2],
    versions: u32,
    edits: i64,
    copies: Vec<Copied>,
}

impl Life {
    async fn new() -> Self {
        let (world, first) = regulated().await;
        let second = world.phone(world.other_rep).await;
        let customers = [world.customer, CustomerId::from_bytes([8; 16])];
        let (phones, visits) = (vec![first, second], vec![Vec::new(), Vec::new()]);
        Self { world, phones, visits, customers, versions: 1, edits: 0, copies: Vec::new() }
    }

    fn rep(&self, rep: usize) -> UserId {
        [self.world.rep, self.world.other_rep][rep]
    }

    async fn goes_through(&mut self, step: &Step) {
        let (engine, tenant) = (&self.world.engine, self.world.tenant);
        match *step {
            Step::Visits { rep, customer, days_ago, submits } => {
                let number = self.visits.iter().map(Vec::len).sum::<usize>() + 1;
                let visit = self.world.visit(u8::try_from(number).unwrap());
                let ended =
                    self.world.now().plus_millis(-i64::try_from(days_ago * DAY_MS).unwrap()).max(START);
                self.phones[rep].edit(visit, &filled(self.customers[customer], ended, "谈妥了"));
                if submits {
                    self.phones[rep].submit(visit);
                }
                self.visits[rep].push(visit);
            }
            Step::HandsIn { rep, visit } => {
                if let Some(visit) = self.visits[rep].get(visit) {
                    self.phones[rep].submit(*visit);
                }
            }
            Step::Repairs { rep, repair, days_ago } => {
                let number = u8::try_from(rep).unwrap() * 8 + repair + 1;
                // No two edits say the same, or there would be none.
                self.edits += 1;
                let at = self.world.now().plus_millis(self.edits - days_ago * i64::try_from(DAY_MS).unwrap());
                let id = self.world.document(DocumentKind::Repair, number);
                self.phones[rep].edit(id, &[moment(at)]);
            }
            Step::Syncs { rep } => {
                self.phones[rep].sync(&self.world).await.unwrap();
            }
            Step::Found { rep } => {
                let fields = BTreeMap::from([("name".to_owned(), FieldValue::Text("rudeness".to_owned()))]);
                let entering = Entering { kind: DocumentKind::Finding, owner: self.rep(rep), fields };
                let admin = engine.view(tenant).user_by_login("admin").unwrap().unwrap();
                engine.enter(tenant, admin.id, entering).await.unwrap();
            }
            Step::Regraded { customer, grade, owner } => {
                let id = self.customers[customer];
                let changed = Customer {
                    id,
                    number: format!("K-00{}", customer + 1),
                    name: "店".to_owned(),
                    address: String::new(),
                    contact: String::new(),
                    phone: String::new(),
                    owner: Some(self.rep(owner)),
                    grade: ["A1", "C"][grade].to_owned(),
                    tags: Vec::new(),
                    owners: Vec::new(),
                    grades: Vec::new(),
                };
                engine.put_customers(tenant, None, vec![changed]).await.unwrap();
            }
            Step::Gone { customer } => {
                let kind = crate::event::EventKind::CustomersRemoved(vec![self.customers[customer]]);
                engine.append(tenant, None, kind).await.unwrap();
            }
            Step::Spared { rep, spared } => {
                let user = engine.view(tenant).user(self.rep(rep)).unwrap().unwrap();
                let posts = if spared { vec!["spared".to_owned()] } else { Vec::new() };
                engine.put_users(tenant, None, vec![User { posts, ..user }]).await.unwrap();
            }
            Step::Ruled { at_least } => {
                self.versions += 1;
                let zone = sync_core::rules::Zone::named("Asia/Shanghai").unwrap();
                let tomorrow = zone.day_of(self.world.now()).unwrap().tomorrow().unwrap();
                let text = regulation(self.versions, &tomorrow.to_string(), at_least);
                engine.put_pack(tenant, None, &text).await.unwrap();
            }
            Step::Passes { hours } => self.world.pass(hours * HOUR_MS),
            Step::Ticks => {
                engine.tick().await.unwrap();
            }
            Step::Closes { days_ago, days } => {
                let zone = sync_core::rules::Zone::named("Asia/Shanghai").unwrap();
                let last = zone.day_of(self.world.now()).unwrap().checked_sub(days_ago.days()).unwrap();
                let first = last.checked_sub((days - 1).days()).unwrap();
                let closing = engine.close_period(tenant, None, Period { first, last }, "").await.unwrap();
                let copy = self.copy(Known::from(engine.view(tenant)), closing);
                self.copies.push(copy);
            }
        }
    }

    /// Copies what is known, as far as a closing tells of it.
    fn copy(&self, known: Known<'_>, closing: Closing) -> Copied {
        let rulebook = known.view().rulebook().unwrap();
        let mut lists = Vec::new();
        let people = [self.rep(0), self.rep(1), self.world.boss].map(Listed::Person);
        let customers = self.customers.map(Listed::Customer);
        let rules = [("calls", "R1"), ("calls", "R3"), ("key_account_visits", "S21-R17")]
            .map(|(pack, rule)| Listed::Rule { pack, rule });
        let all = people.into_iter().chain(customers).chain(rules);
        for (list, limit) in all.zip((1..=4).cycle()) {
            let (mut found, mut after) = (Vec::new(), None::<Vec<u8>>);
            loop {
                let due = (Timestamp::from_millis(0), Timestamp::MAX);
                let page = known.obligations(list, due, after.as_deref(), limit).unwrap();
                after = page.last().map(|(place, _)| place.clone());
                let is_last = page.len() < limit;
                found.extend(page.into_iter().filter(|(_, owed)| closing.holds(&owed.obligation, &rulebook)));
                if is_last {
                    break;
                }
            }
            lists.push(found);
        }
        let mut owed = BTreeMap::new();
        for id in self.ids() {
            let stored = known.obligation(id).unwrap();
            let held = stored.filter(|stored| closing.holds(&stored.obligation, &rulebook));
            owed.extend(held.map(|stored| (id, stored)));
        }
        let mut reasons = BTreeMap::new();
        for stored in owed.values() {
            let passed_over = stored.obligation.passed_over.iter().map(|(fact, _)| fact);
            for fact in stored.obligation.counted.iter().chain(passed_over) {
                reasons.insert(*fact, known.fact(*fact).unwrap().unwrap());
            }
        }
        let source = IndexedFacts::new(known);
        let customers = self.customers.map(Of::Customer);
        let people = [self.rep(0), self.rep(1)].map(Of::Actor);
        let mut facts = Vec::new();
        for of in [Of::Any].into_iter().chain(customers).chain(people) {
            facts.extend(FactKind::ALL.iter().map(|kind| source.all(of, *kind).cloned().collect()));
        }
        source.check().unwrap();
        let points = points(known, closing.period, self.world.now()).unwrap();
        let company = (*known.company().unwrap()).clone();
        let packs = known.rulebook().unwrap().packs().iter().map(|pack| pack.hash).collect();
        Copied { closing, owed, lists, facts, reasons, points, company, packs }
    }

    /// Every obligation that was ever seen.
    fn ids(&self) -> BTreeSet<Hash> {
        let all = self.world.engine.view(self.world.tenant).all_obligations().unwrap();
        let known = all.iter().map(|stored| stored.obligation.name().hash());
        known.chain(self.copies.iter().flat_map(|copy| copy.owed.keys().copied())).collect()
    }

    /// Checks that what was known at each closing is what was copied then, and what is listed as changed since is what is.
    fn check(&self) {
        let view = self.world.engine.view(self.world.tenant);
        let rulebook = view.rulebook().unwrap();
        for copied in &self.copies {
            let closing = &copied.closing;
            let then = back(&self.world, closing);
            let then = self.copy(Known::at(view, Some(&then)), closing.clone());
            assert_eq!(then.owed, copied.owed, "one by one, {closing:?}");
            assert_eq!(then.lists, copied.lists, "in lists, {closing:?}");
            assert_eq!(then.facts, copied.facts, "facts, {closing:?}");
            assert_eq!(then.reasons, copied.reasons, "reasons, {closing:?}");
            assert_eq!(then.company, copied.company, "company, {closing:?}");
            assert_eq!(then.packs, copied.packs, "packs, {closing:?}");
            assert_eq!(then.points, copied.points, "points, {closing:?}");
            let listed: BTreeSet<Hash> =
                changes(&self.world, closing).into_iter().map(|change| change.id).collect();
            let differs = |id: &Hash| {
                let now = view.obligation(*id).unwrap().map(|stored| stored.obligation);
                let then = copied.owed.get(id).map(|stored| stored.obligation.clone());
                let is_its = now.as_ref().is_some_and(|now| closing.holds(now, &rulebook));
                (then.is_some() || is_its) && then != now
            };
            assert_eq!(listed, self.ids().into_iter().filter(differs).collect(), "changes, {closing:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_was_known_at_each_closing_is_what_a_copy_made_then_says(
        steps in prop::collection::vec(step(), 10..60)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut life = Life::new().await;
            for step in &steps {
                life.goes_through(step).await;
            }
            life.world.engine.tick().await.unwrap();
            life.check();
            life.world.assert_rebuilds().await;
        });
    }
}
