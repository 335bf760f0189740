//! What the engine takes for a quarter of a company: time and memory at one, two and four times the size, and what one
//! changed visit touches; and what it takes on one phone, beside reading its documents. `cargo bench -p tests --bench
//! rules`, with `REPS=10000` for the full size.

use std::{collections::BTreeMap, sync::Arc, time::Instant};

use anyhow::Context as _;
use peak_alloc::PeakAlloc;
use sync_core::{
    calendar::{CN, Calendar},
    document::{Author, Document, DocumentKind, Visit, new_id},
    hash::Hash,
    id::{CustomerId, DeviceId, TenantId, UserId},
    rules::{
        Account, Company, Fact, FactKind, FactSource as _, Facts, Of, Pack, Period, Person, Value,
        engine::{self, World},
        packs,
    },
    time::Timestamp,
};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What a rep of a large company has to do with in a quarter.
const REP: Size = Size { customers: 15, visits: 166 };
/// What is on the phone of a rep with many customers: each visit, and the line of the plan for it, is a document.
const PHONE: Size = Size { customers: 150, visits: 650 };
/// How often a thing is done whose median is printed.
const TIMES: usize = 9;
const GRADES: [&str; 6] = ["A1", "A2", "B1", "B2", "C", "tender"];
const DAY_MS: i64 = 24 * 3_600_000;
/// 2026-01-05T00:00+08:00, a Monday.
const BEGIN_MS: i64 = 1_767_542_400_000;

/// How much a rep has to do with.
#[derive(Clone, Copy)]
struct Size {
    customers: u32,
    visits: u32,
}

fn main() -> anyhow::Result<()> {
    let reps = std::env::var("REPS").map_or(Ok(2_000), |text| text.parse())?;
    let text = packs::named("key_account_outbound").context("a pack")?;
    let pack = Pack::parse(text)?;
    println!(
        "{:>8} {:>10} {:>9} {:>10} {:>12} {:>10} {:>9} {:>9}",
        "reps", "facts", "facts MB", "build s", "obligations", "judge s", "peak MB", "touched"
    );
    for reps in [reps / 4, reps / 2, reps] {
        measure(&pack, reps)?;
    }
    one_phone(&pack)
}

/// Judges the quarter of one rep from scratch, and reads as many documents as the phone has for it.
fn one_phone(pack: &Pack) -> anyhow::Result<()> {
    let company = company(1, PHONE);
    let mut facts = Facts::default();
    quarter(0, PHONE, &Words::default(), &mut facts);
    let calendar = Calendar::from_ics(&CN)?;
    let world = World { facts: &facts, company: &company, calendar: &calendar, now: end() };
    let span = span()?;
    let (obligations, judging_ms) = median_ms(|| Ok(engine::obligations(world, pack, span).count()))?;
    let saved = documents(PHONE.visits * 2)?;
    let bytes: usize = saved.iter().map(|(_, saved)| saved.len()).sum();
    let (fields, reading_ms) = median_ms(|| {
        let mut fields = 0;
        for (id, saved) in &saved {
            fields += Document::load(*id, saved)?.values().iter().count();
        }
        Ok(fields)
    })?;
    println!("one phone: {} customers, {} facts", PHONE.customers, facts.len());
    println!("  to judge from scratch     {judging_ms:>8.1} ms, {obligations} obligations");
    println!(
        "  to load {} documents   {reading_ms:>8.1} ms, {} kB, {fields} values",
        saved.len(),
        bytes / 1_000
    );
    Ok(())
}

/// What something gives, and the median of how long it takes.
fn median_ms<T>(mut what: impl FnMut() -> anyhow::Result<T>) -> anyhow::Result<(T, f64)> {
    let mut times = Vec::new();
    loop {
        let start = Instant::now();
        let given = what()?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
        if times.len() == TIMES {
            times.sort_by(f64::total_cmp);
            return Ok((given, times[TIMES / 2]));
        }
    }
}

/// Saved documents of ordinary length: planned, then written up after the visit, then corrected.
fn documents(count: u32) -> anyhow::Result<Vec<(sync_core::id::DocumentId, Vec<u8>)>> {
    let author = Author { tenant: TenantId::from_bytes([1; 16]), device: DeviceId::from_bytes([2; 16]) };
    let mut saved = Vec::new();
    for number in 0..count {
        let mut random = [0; 15];
        random[..4].copy_from_slice(&number.to_be_bytes());
        let id = new_id(DocumentKind::Visit, random);
        let mut document = Document::genesis(id)?;
        let begun = Timestamp::from_millis(BEGIN_MS + i64::from(number) * 3_600_000);
        let word = |word: &str| Some(word.to_owned());
        let planned = Visit {
            customer: Some(u128::from(number % PHONE.customers).to_be_bytes()),
            rep: Some([3; 16]),
            class: word("scheduled_return"),
            channel: word("on_site"),
            planned: Some(begun),
            place: word("总部三楼会议室"),
            purpose: word("续签年度采购协议"),
            expected_effect: word("确定数量和交货日期"),
            ..Visit::default()
        };
        document.edit(&author, &planned.edits())?;
        let written = Visit {
            started: Some(begun),
            ended: Some(begun.plus_millis(3_600_000)),
            counterpart: word("王经理"),
            counterpart_level: word("handling_lead"),
            content: Some("谈了明年的用量、价格和交货安排，对方希望分四次交货。".repeat(4)),
            result: Some("对方同意下周给出书面答复。".repeat(3)),
            consensus: word("按季度结算"),
            next_step: word("寄送样品和报价单"),
            ..planned
        };
        document.edit(&author, &written.edits())?;
        let corrected = Visit { satisfaction: Some(4), place: word("总部四楼会议室"), ..written };
        document.edit(&author, &corrected.edits())?;
        saved.push((id, document.save()));
    }
    Ok(saved)
}

fn span() -> anyhow::Result<Period> {
    Ok(Period { first: "2026-01-01".parse()?, last: "2026-03-31".parse()? })
}

/// The present: the quarter is over.
fn end() -> Timestamp {
    Timestamp::from_millis(BEGIN_MS + 90 * DAY_MS)
}

fn measure(pack: &Pack, reps: u32) -> anyhow::Result<()> {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage_as_mb();
    let start = Instant::now();
    let words = Words::default();
    let company = company(reps, REP);
    let mut facts = Facts::default();
    for rep in 0..reps {
        quarter(rep, REP, &words, &mut facts);
    }
    let built = start.elapsed().as_secs_f64();
    let held = MEMORY.current_usage_as_mb() - before;
    let calendar = Calendar::from_ics(&CN)?;
    let world = World { facts: &facts, company: &company, calendar: &calendar, now: end() };
    let span = span()?;
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

fn company(reps: u32, size: Size) -> Company {
    let mut company = Company::default();
    let begin = Timestamp::from_millis(0);
    for rep in 0..reps {
        let boss = user(u32::MAX - rep / 10);
        let posts = |post: &str| Box::from([Arc::from(post)]);
        company.put(user(rep), Person { reports_to: Some(boss), posts: posts("ka_specialist"), until: None });
        let posts = posts("direct_supervisor");
        company.put(boss, Person { reports_to: None, posts, until: None });
        for number in 0..size.customers {
            let account = Account {
                owners: vec![(begin, Some(user(rep)))],
                grades: vec![(begin, GRADES[number as usize % GRADES.len()].into())],
                tags: Box::default(),
            };
            company.customers.insert(customer(rep * size.customers + number), account);
        }
    }
    company
}

/// What a rep plans, visits and submits in a quarter.
fn quarter(rep: u32, size: Size, words: &Words, facts: &mut Facts) {
    for visit in 0..size.visits {
        let day = i64::from(visit) * 90 / i64::from(size.visits);
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
                customer: Some(customer(rep * size.customers + visit % size.customers)),
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

fn customer(number: u32) -> CustomerId {
    CustomerId::from_bytes(u128::from(number).to_be_bytes())
}
