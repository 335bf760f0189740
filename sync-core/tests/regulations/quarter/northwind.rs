//! The demo company of the project: its staff, its customers with the orders of a year, and prospects beside them.

use std::collections::BTreeMap;

use jiff::civil::date;
use sync_core::{
    id::{CustomerId, UserId},
    rules::{Account, Company, Period, Person},
    time::Timestamp,
};

use super::{
    days::{DAY_MS, midnight},
    dice::Dice,
    slow::{Figures, grade},
};
use crate::case::{customer, user};

const STAFF: &str = include_str!("../../../../tests/data/northwind/employees.csv");
const CUSTOMERS: &str = include_str!("../../../../tests/data/northwind/customers.csv");
const ORDERS: &str = include_str!("../../../../tests/data/northwind/orders.csv");
/// Those who do not buy yet.
const PROSPECTS: usize = 59;
const BEGINNING: Timestamp = Timestamp::from_millis(0);

/// The company in one quarter.
pub(crate) struct Northwind {
    pub(crate) company: Company,
    /// The figures of a year for each customer who buys.
    pub(crate) figures: BTreeMap<CustomerId, Figures<'static>>,
    pub(crate) specialists: Vec<UserId>,
    pub(crate) supervisors: Vec<UserId>,
    pub(crate) senior: UserId,
}

impl Northwind {
    /// The company as the dice have it in a quarter: who buys how much, whose customers go to somebody else.
    pub(crate) fn new(dice: &mut Dice, quarter: Period) -> Self {
        let mut company = Company::default();
        company.festivals = festivals();
        let (mut specialists, mut supervisors) = (Vec::new(), Vec::new());
        let senior = user("2");
        for line in STAFF.lines().skip(1) {
            let (number, boss) = (key(line), column(STAFF, "reports_to", line));
            let posts: &[&str] = match number {
                "2" => &["dept_manager", "senior_mgmt"],
                "5" | "8" => &["direct_supervisor"],
                _ => &["ka_specialist"],
            };
            if posts == ["ka_specialist"] {
                specialists.push(user(number));
            }
            if posts == ["direct_supervisor"] {
                supervisors.push(user(number));
            }
            let person = Person {
                reports_to: (!boss.is_empty()).then(|| user(boss)),
                posts: posts.iter().map(|post| (*post).into()).collect(),
                until: None,
            };
            company.put(user(number), person);
        }
        // Somebody leaves, and somebody answers to nobody.
        let leaves = midnight(quarter.first).plus_millis(dice.between(20, 70) * DAY_MS);
        let leaver = dice.pick(&[specialists[1], supervisors[1]]);
        let left = Person { until: Some(leaves), ..company.people()[&leaver].clone() };
        company.put(leaver, left);
        if dice.chance(30) {
            let free = Person { reports_to: None, ..company.people()[&specialists[0]].clone() };
            company.put(specialists[0], free);
        }

        let mut bought: BTreeMap<&str, i64> = BTreeMap::new();
        for line in ORDERS.lines().skip(1).filter(|line| line.contains(",1997-")) {
            let (customer, amount) =
                (column(ORDERS, "customer_id", line), column(ORDERS, "amount_usd", line));
            *bought.entry(customer).or_default() += amount.replace('.', "").parse::<i64>().unwrap();
        }
        let mut figures = BTreeMap::new();
        for line in CUSTOMERS.lines().skip(1) {
            let (number, owner) = (key(line), column(CUSTOMERS, "owner_employee_id", line));
            let usage = bought.get(number).copied().unwrap_or(0);
            let of_year = year(dice, usage);
            let found = grade(&of_year).unwrap_or(if dice.chance(40) { "C" } else { "" });
            let mut account = Account {
                owners: vec![(BEGINNING, (!owner.is_empty()).then(|| user(owner)))],
                grades: vec![(BEGINNING, found.into())],
                tags: if dice.chance(10) { Box::from(["tender".into()]) } else { Box::default() },
            };
            let change = midnight(quarter.first).plus_millis(dice.between(-5 * DAY_MS, 80 * DAY_MS));
            if dice.chance(12) {
                account.owners.push((change, dice.chance(80).then(|| dice.pick(&specialists))));
            }
            if dice.chance(12) {
                account.grades.push((change, dice.pick(&["A1", "A2", "B1", "B2", "C", "D", ""]).into()));
            }
            figures.insert(customer(number), of_year);
            company.customers.insert(customer(number), account);
        }
        for number in 0..PROSPECTS {
            let account = Account {
                owners: vec![(BEGINNING, Some(specialists[number % specialists.len()]))],
                grades: Vec::new(),
                tags: Box::from(["prospect".into()]),
            };
            company.customers.insert(customer(&format!("prospect {number}")), account);
        }
        Self { company, figures, specialists, supervisors, senior }
    }
}

/// The figures of a customer who bought for so many cents; of some they are thrown to lie on the edges of the grades.
fn year(dice: &mut Dice, bought_cents: i64) -> Figures<'static> {
    let edges = [
        1_999_999, 2_000_000, 4_999_999, 5_000_000, 5_000_001, 10_000_000, 10_000_001, 19_999_999,
        20_000_000, 25_000_000, 30_000_000, 30_000_001, 40_000_000, 49_999_999, 50_000_000, 80_000_000,
    ];
    Figures {
        usage: if dice.chance(70) { dice.pick(&edges) } else { bought_cents * 7 },
        scale: dice.pick(&["small", "fairly_large", "large", "large", "large"]),
        payment: dice.pick(&["bad", "fairly_good", "good", "good", "good"]),
        potential: dice.pick(&["small", "some", "large"]),
    }
}

/// The first column.
fn key(line: &str) -> &str {
    line.split(',').next().unwrap()
}

/// The column with a name, found from the end: quoted commas stand before all that is read here.
fn column<'l>(file: &str, name: &str, line: &'l str) -> &'l str {
    let heads = file.lines().next().unwrap().rsplit(',');
    let from_end = heads.into_iter().position(|head| head == name).unwrap();
    line.rsplit(',').nth(from_end).unwrap()
}

fn festivals() -> BTreeMap<std::sync::Arc<str>, Vec<(jiff::civil::Date, jiff::civil::Date)>> {
    BTreeMap::from([
        ("spring_festival".into(), vec![(date(2026, 2, 15), date(2026, 2, 23))]),
        (
            "mid_autumn".into(),
            vec![(date(2025, 10, 6), date(2025, 10, 6)), (date(2026, 9, 25), date(2026, 9, 27))],
        ),
        ("anniversary".into(), vec![(date(2026, 6, 1), date(2026, 6, 7))]),
    ])
}
