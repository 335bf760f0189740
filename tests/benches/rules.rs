//! What the engine takes for a quarter of a company: time and memory at one, two and four times the size, and what one
//! changed visit touches. `cargo bench -p tests --bench rules`, with `REPS=10000` for the full size.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use anyhow::Context as _;
use peak_alloc::PeakAlloc;
use sync_core::{
    calendar::{CN, Calendar},
    hash::Hash,
    id::{CustomerId, UserId},
    rules::{
        Account, Company, Fact, FactKind, FactSource as _, Facts, Of, Pack, Period, Person, Value,
        engine::{self, World},
        packs,
    },
    time::Timestamp,
};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const CUSTOMERS: u32 = 15;
const VISITS: u32 = 166;
const GRADES: [&str; 6] = ["A1", "A2", "B1", "B2", "C", "tender"];
const DAY_MS: i64 = 24 * 3_600_000;
/// 2026-01-05T00:00+08:00, a Monday.
const BEGIN_MS: i64 = 1_767_542_400_000;

fn main() -> anyhow::Result<()> {
    let reps = std::env::var("REPS").map_or(Ok(2_000), |text| text.parse())?;
    let (_, text) = packs::ALL.iter().find(|(name, _)| *name == "key_account_outbound").context("a pack")?;
    let pack = Pack::parse(text)?;
    println!(
        "{:>8} {:>10} {:>9} {:>10} {:>12} {:>10} {:>9} {:>9}",
        "reps", "facts", "facts MB", "build s", "obligations", "judge s", "peak MB", "touched"
    );
    for reps in [reps / 4, reps / 2, reps] {
        measure(&pack, reps)?;
    }
    Ok(())
}

fn measure(pack: &Pack, reps: u32) -> anyhow::Result<()> {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage_as_mb();
    let start = Instant::now();
    let words = Words::default();
    let company = company(reps);
    let mut facts = Facts::default();
    for rep in 0..reps {
        quarter(rep, &words, &mut facts);
    }
    let built = start.elapsed().as_secs_f64();
    let held = MEMORY.current_usage_as_mb() - before;
    let day = |text: &str| text.parse::<jiff::civil::Date>();
    let span = Period { first: day("2026-01-01")?, last: day("2026-03-31")? };
    let calendar = Calendar::from_ics(&CN)?;
    let now = Timestamp::from_millis(BEGIN_MS + 90 * DAY_MS);
    let world = World { facts: &facts, company: &company, calendar: &calendar, now };
    let start = Instant::now();
    let obligations = engine::obligations(world, pack, span).count();
    let judged = start.elapsed().as_secs_f64();
    let visit = facts.all(Of::Any, FactKind::VISIT).nth(7).context("a visit")?;
    let touched = engine::touched(world, pack, visit).len();
    println!(
        "{reps:>8} {:>10} {held:>9.0} {built:>10.2} {obligations:>12} {judged:>10.2} {:>9.0} {touched:>9}",
        facts.len(),
        MEMORY.peak_usage_as_mb() - before,
    );
    Ok(())
}

/// Words that many facts share.
#[derive(Default)]
struct Words(std::cell::RefCell<BTreeMap<&'static str, Arc<str>>>);

impl Words {
    fn get(&self, word: &'static str) -> Value {
        Value::Text(Arc::clone(self.0.borrow_mut().entry(word).or_insert_with(|| word.into())))
    }
}

fn company(reps: u32) -> Company {
    let mut company = Company::default();
    let begin = Timestamp::from_millis(0);
    for rep in 0..reps {
        let boss = user(u32::MAX - rep / 10);
        let posts = |post: &str| Box::from([Arc::from(post)]);
        company
            .people
            .insert(user(rep), Person { reports_to: Some(boss), posts: posts("ka_specialist"), until: None });
        let posts = posts("direct_supervisor");
        company.people.entry(boss).or_insert(Person { reports_to: None, posts, until: None });
        for number in 0..CUSTOMERS {
            let account = Account {
                owners: vec![(begin, Some(user(rep)))],
                grades: vec![(begin, GRADES[number as usize % GRADES.len()].into())],
                tags: Box::default(),
            };
            company.customers.insert(customer(rep, number), account);
        }
    }
    company
}

/// What a rep plans, visits and submits in a quarter.
fn quarter(rep: u32, words: &Words, facts: &mut Facts) {
    for visit in 0..VISITS {
        let day = i64::from(visit) * 90 / i64::from(VISITS);
        let at = Timestamp::from_millis(
            BEGIN_MS + day * DAY_MS + 10 * 3_600_000 + i64::from(visit % 5) * 3_600_000,
        );
        let (channel, level) =
            if visit % 3 == 0 { ("on_site", "handling_lead") } else { ("phone", "handling_contact") };
        let id = |what: &str| Hash::of(what, &[&rep.to_be_bytes(), &visit.to_be_bytes()]);
        let fact = |kind: FactKind, id, at, about, attributes: Vec<(&str, Value)>| {
            let mut attributes: Vec<_> = attributes
                .into_iter()
                .filter_map(|(name, value)| Some((kind.attribute(name)?, value)))
                .collect();
            attributes.sort();
            Fact {
                id,
                kind,
                at,
                evidence: None,
                customer: Some(customer(rep, visit % CUSTOMERS)),
                actor: Some(user(rep)),
                about,
                attributes: attributes.into_boxed_slice(),
            }
        };
        let ended = at.plus_millis(1_800_000);
        facts.put(fact(
            FactKind::PLAN_LINE,
            id("plan"),
            at.plus_millis(-3 * DAY_MS),
            None,
            vec![("planned", Value::Time(at))],
        ));
        let attributes = vec![
            ("class", words.get("scheduled_return")),
            ("channel", words.get(channel)),
            ("level", words.get(level)),
            ("planned", Value::Time(at)),
            ("ended", Value::Time(ended)),
        ];
        facts.put(fact(FactKind::VISIT, id("visit"), at, None, attributes));
        let handed_in = ended.plus_millis(i64::from(visit % 4) * DAY_MS);
        facts.put(fact(FactKind::SUBMISSION, id("submit"), handed_in, Some(id("visit")), Vec::new()));
    }
}

fn user(number: u32) -> UserId {
    UserId::from_bytes(u128::from(number).to_be_bytes())
}

fn customer(rep: u32, number: u32) -> CustomerId {
    CustomerId::from_bytes(u128::from(rep * CUSTOMERS + number).to_be_bytes())
}
