//! The obligations of a reader's line in a month or quarter, counted by state, person and rule.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashSet},
};

use jiff::tz::TimeZone;
use sync_core::{
    directory::{Role, User},
    hash::Hash,
    rules::{Part, Population, Rule, RuleState, RuleVersion, Rulebook, Subject},
    time::Timestamp,
};

use super::owed::{OwedReading, rule_name};
use crate::{
    engine::{EngineError, line},
    projection::{Known, StoredObligation, View, key::Listed},
    store::StoreError,
    web::{
        ObligationFilter, Owes, RuleName, Span,
        moment::day_of,
        view::{ObligationsView, OwedCounts, OwedState, OwerRow, QuotaOf, QuotaRow, RuleRow, WaitingRule},
    },
};

/// No list looks at more obligations than this.
const OBLIGATIONS_MAX: usize = 20_000;

/// No list shows more people than this.
const PEOPLE_MAX: usize = 500;

/// How many obligations are read at a time.
const READ: usize = 500;

/// Obligations on one page.
const ROWS: usize = 50;

/// Reads the obligations under a filter.
pub(crate) fn obligations(
    view: &View<'_>,
    reader: &User,
    filter: ObligationFilter,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<ObligationsView, EngineError> {
    let today = day_of(zone, now);
    let span = filter.span.unwrap_or_else(|| Span::month_of(today));
    let mut reading = OwedReading::new(Known::from(*view), reader)?;
    let days = Days::of(span, zone);
    let (mut gathered, mut is_cut) = (Gathered::default(), false);
    let seen = line::seen_by(view, reader)?;
    let people = seen.iter().map(|user| (Owes::Person(user.id), Some(user)));
    let lists: Vec<(Owes, Option<&User>)> = people.chain(std::iter::once((Owes::Anybody, None))).collect();
    let mut left = OBLIGATIONS_MAX;
    let count = lists.len();
    for (at, (owes, user)) in lists.into_iter().enumerate() {
        // What one leaves of their share goes to those behind; who is chosen has a whole bound to themselves.
        let most = if filter.owes == Some(owes) { OBLIGATIONS_MAX } else { left / (count - at) };
        let (found, more) = days.owed_by(view, owes, most)?;
        is_cut |= more;
        left = left.saturating_sub(found.len());
        let own = gathered.take(&mut reading, &filter, found)?;
        let works = user.is_some_and(|user| user.active && user.role == Role::Rep);
        if own.total() > 0 || works {
            let name = user.map(|user| user.name.clone()).unwrap_or_default();
            gathered.people.push(OwerRow { owes, name, counts: own });
        }
    }
    // Those come first whom there is most to talk about with.
    let breaches = |row: &OwerRow| Reverse(row.counts.get(OwedState::Breached));
    gathered.people.sort_by_key(|row| (row.owes == Owes::Anybody, breaches(row)));
    is_cut |= gathered.people.len() > PEOPLE_MAX;
    gathered.people.truncate(PEOPLE_MAX);
    let Gathered { counts, people, rules, mut found, .. } = gathered;
    found.sort_by_cached_key(order);
    let total = found.len() as u64;
    let pages = total.div_ceil(ROWS as u64).max(1);
    let filter = ObligationFilter { page: filter.page.clamp(1, pages), ..filter };
    let skipped = usize::try_from(filter.page - 1).unwrap_or(usize::MAX).saturating_mul(ROWS);
    let mut rows = Vec::with_capacity(ROWS);
    for stored in found.iter().skip(skipped).take(ROWS) {
        rows.push(reading.row(stored, now)?);
    }
    let rulebook = &reading.eyes.rulebook;
    Ok(ObligationsView {
        rules: rule_rows(rules, filter.rule.as_ref(), rulebook),
        waiting: waiting(rulebook, now),
        filter,
        span,
        today,
        counts,
        people,
        rows,
        total,
        pages,
        is_cut,
    })
}

/// The days whose obligations are shown.
struct Days {
    /// The first instant and the first one behind them.
    bounds: (Timestamp, Timestamp),
    span: Span,
}

impl Days {
    fn of(span: Span, zone: &TimeZone) -> Self {
        // Days outside the calendar have no obligations.
        let nothing = (Timestamp::MAX, Timestamp::MAX);
        Self { bounds: span.due(zone).unwrap_or(nothing), span }
    }

    /// What somebody owes in these days, at most so much, and whether there is more.
    fn owed_by(
        &self,
        view: &View<'_>,
        owes: Owes,
        most: usize,
    ) -> Result<(Vec<StoredObligation>, bool), StoreError> {
        let list = match owes {
            Owes::Person(person) => Listed::Person(person),
            Owes::Anybody => Listed::Anybody,
        };
        let (from, before) = self.bounds;
        // What is due at 24:00 belongs to the day that ends then.
        let (mut found, is_cut) = read(view, list, (from.plus_millis(1), before.plus_millis(1)), most)?;
        let undated = (Timestamp::MAX, Timestamp::MAX.plus_millis(1));
        let (others, more) = read(view, list, undated, most.saturating_sub(found.len()))?;
        for stored in others {
            if self.holds(view, stored.obligation.subject)? {
                found.push(stored);
            }
        }
        Ok((found, is_cut || more))
    }

    /// Whether what an obligation without a date is about lies in these days.
    fn holds(&self, view: &View<'_>, subject: Subject) -> Result<bool, StoreError> {
        Ok(match subject {
            Subject::Fact(id) => {
                view.fact(id)?.is_some_and(|fact| self.bounds.0 <= fact.at && fact.at < self.bounds.1)
            }
            Subject::Customer(_, period) | Subject::Person(_, period) | Subject::Company(period) => {
                let span = self.span.period();
                span.first <= period.last && period.last <= span.last
            }
        })
    }
}

fn read(
    view: &View<'_>,
    list: Listed<'_>,
    due: (Timestamp, Timestamp),
    most: usize,
) -> Result<(Vec<StoredObligation>, bool), StoreError> {
    let mut all = Vec::new();
    let mut after: Option<Vec<u8>> = None;
    loop {
        // One more than is kept says whether there is more.
        let limit = READ.min(most.saturating_add(1) - all.len());
        let found = view.obligations(list, due, after.as_deref(), limit)?;
        let is_last = found.len() < limit;
        after = found.last().map(|(place, _)| place.clone());
        all.extend(found.into_iter().map(|(_, stored)| stored));
        if all.len() > most {
            all.truncate(most);
            return Ok((all, true));
        }
        if is_last {
            return Ok((all, false));
        }
    }
}

/// What was read so far, counted.
#[derive(Default)]
struct Gathered {
    counts: OwedCounts,
    people: Vec<OwerRow>,
    rules: BTreeMap<RuleName, RuleTally>,
    found: Vec<StoredObligation>,
    /// What several people owe is in the list of each of them.
    shared: HashSet<Hash>,
}

/// A rule as far as its obligations were read.
struct RuleTally {
    version: u32,
    counts: OwedCounts,
    /// Done and asked of each part.
    parts: BTreeMap<usize, (u64, u64)>,
}

impl Gathered {
    /// Takes in what one person owes, and counts it for them.
    fn take(
        &mut self,
        reading: &mut OwedReading<'_>,
        filter: &ObligationFilter,
        found: Vec<StoredObligation>,
    ) -> Result<OwedCounts, StoreError> {
        let mut own = OwedCounts::default();
        for mut stored in found {
            if !names_customer(reading, filter, &stored)? {
                continue;
            }
            let owed = &mut stored.obligation;
            let (state, rule) = (OwedState::of(owed), rule_name(owed));
            let is_rule = filter.rule.as_ref().is_none_or(|wanted| *wanted == rule);
            if is_rule {
                own.add(state);
            }
            let is_owed = match filter.owes {
                None => true,
                Some(Owes::Person(person)) => owed.owed_by.contains(&person),
                Some(Owes::Anybody) => owed.owed_by.is_empty(),
            };
            if !is_owed || (owed.owed_by.len() > 1 && !self.shared.insert(owed.name().hash())) {
                continue;
            }
            self.tally(rule, state, &stored);
            if is_rule {
                self.counts.add(state);
                if filter.state.is_none_or(|wanted| wanted == state) {
                    // A list shows no facts, and there may be many.
                    stored.obligation.counted = Vec::new();
                    stored.obligation.passed_over = Vec::new();
                    self.found.push(stored);
                }
            }
        }
        Ok(own)
    }

    fn tally(&mut self, rule: RuleName, state: OwedState, stored: &StoredObligation) {
        let owed = &stored.obligation;
        let none = || RuleTally { version: 0, counts: OwedCounts::default(), parts: BTreeMap::new() };
        let tally = self.rules.entry(rule).or_insert_with(none);
        tally.version = tally.version.max(owed.rule.version);
        tally.counts.add(state);
        if !matches!(state, OwedState::NotEvaluable | OwedState::LetOff) {
            let (done, asked) = tally.parts.entry(owed.part).or_default();
            *done += u64::from(owed.done.0.min(owed.done.1));
            *asked += u64::from(owed.done.1);
        }
    }
}

fn names_customer(
    reading: &mut OwedReading<'_>,
    filter: &ObligationFilter,
    stored: &StoredObligation,
) -> Result<bool, StoreError> {
    if filter.customer.is_empty() {
        return Ok(true);
    }
    reading.customer_has(stored, &filter.customer)
}

/// Breaches come first, the latest on top; what is open by when it is due; and then the rest, the latest on top.
fn order(
    stored: &StoredObligation,
) -> (OwedState, Option<Timestamp>, Reverse<Option<Timestamp>>, RuleName, Hash) {
    let (owed, state) = (&stored.obligation, OwedState::of(&stored.obligation));
    let is_open = state == OwedState::Pending;
    let due = owed.due;
    let first = due.or(Some(Timestamp::MAX)).filter(|_| is_open);
    (state, first, Reverse(due.filter(|_| !is_open)), rule_name(owed), owed.name().hash())
}

/// The rules that demand something, those with most breaches first, and the chosen one in any case.
fn rule_rows(
    mut tallies: BTreeMap<RuleName, RuleTally>,
    chosen: Option<&RuleName>,
    rulebook: &Rulebook,
) -> Vec<RuleRow> {
    if let Some(name) = chosen
        && let Some(pack) = rulebook.packs().iter().rfind(|pack| pack.id == name.pack)
        && pack.rule(&name.rule).is_some()
    {
        let none =
            || RuleTally { version: pack.version, counts: OwedCounts::default(), parts: BTreeMap::new() };
        tallies.entry(name.clone()).or_insert_with(none);
    }
    let mut rows: Vec<RuleRow> = tallies
        .into_iter()
        .map(|(name, tally)| {
            let judged_by =
                RuleVersion { pack: name.pack.clone(), version: tally.version, rule: name.rule.clone() };
            let rule = rulebook.rule(&judged_by);
            RuleRow {
                says: rule.map(|rule| rule.says.clone()).unwrap_or_default(),
                quotas: rule.map(|rule| quotas(rule, &tally.parts)).unwrap_or_default(),
                counts: tally.counts,
                rule: name,
            }
        })
        .collect();
    rows.sort_by_key(|row| {
        let of = |state| Reverse(row.counts.get(state));
        (of(OwedState::Breached), of(OwedState::NotEvaluable), of(OwedState::Missed))
    });
    rows
}

fn quotas(rule: &Rule, parts: &BTreeMap<usize, (u64, u64)>) -> Vec<QuotaRow> {
    let quota = |(number, part): (usize, &Part)| {
        let (Part::Quota(quota), Some((done, asked))) = (part, parts.get(&number)) else { return None };
        let of = match &quota.of {
            Population::Customers(segment) => {
                let words = segment.grades.iter().chain(&segment.tags);
                QuotaOf::Customers(words.map(ToString::to_string).collect())
            }
            Population::Post(post) => QuotaOf::Post(post.to_string()),
            Population::Company(_) => QuotaOf::Company,
        };
        Some(QuotaRow { of, at_least: quota.at_least, per: quota.per.clone(), done: *done, asked: *asked })
    };
    rule.parts().iter().enumerate().filter_map(quota).collect()
}

/// The rules in force that wait for parameters.
fn waiting(rulebook: &Rulebook, now: Timestamp) -> Vec<WaitingRule> {
    let packs = rulebook.packs().iter();
    let in_force = packs.filter(|pack| pack.zone.day_of(now).is_some_and(|today| pack.in_force(today)));
    let rules = in_force.flat_map(|pack| pack.rules.iter().map(move |rule| (pack, rule)));
    rules
        .filter_map(|(pack, rule)| match &rule.state {
            RuleState::Waiting(missing) => Some(WaitingRule {
                rule: RuleName { pack: pack.id.clone(), rule: rule.id.clone() },
                says: rule.says.clone(),
                missing: missing.clone(),
            }),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use sync_core::id::UserId;

    use super::*;
    use crate::engine::fixture::{World, filled};

    #[tokio::test]
    async fn what_is_beyond_the_bound_is_left_out_and_told() {
        let world = World::new().await;
        let mut phone = world.phone(world.rep).await;
        for number in 1..=3 {
            phone.edit(world.visit(number), &filled(world.customer, world.now(), "好"));
        }
        phone.sync(&world).await.unwrap();
        world.engine.tick().await.unwrap();
        let view = world.engine.view(world.tenant);
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let days = Days::of(Span::month_of(date(2026, 11, 1)), &zone);
        let read = |owes, most| {
            let (found, is_cut) = days.owed_by(&view, owes, most).unwrap();
            (found.len(), is_cut)
        };
        let rep = Owes::Person(world.rep);
        assert_eq!([0, 2, 3, 4].map(|most| read(rep, most)), [(0, true), (2, true), (3, false), (3, false)]);
        assert_eq!(read(Owes::Person(UserId::from_bytes([0; 16])), 0), (0, false));
        assert_eq!(read(Owes::Anybody, 5), (0, false));
    }

    #[tokio::test]
    async fn what_has_no_date_lies_where_what_it_is_about_lies() {
        let world = World::new().await;
        let mut phone = world.phone(world.rep).await;
        let visit = world.visit(1);
        phone.edit(visit, &filled(world.customer, world.now(), "好"));
        phone.sync(&world).await.unwrap();
        let view = world.engine.view(world.tenant);
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let holds = |month: i8, subject| {
            Days::of(Span::month_of(date(2026, month, 1)), &zone).holds(&view, subject).unwrap()
        };
        let fact = Subject::Fact(sync_core::rules::fact_of(visit));
        assert_eq!([10, 11, 12].map(|month| holds(month, fact)), [false, true, false]);
        let quarter = Span::quarter_of(date(2026, 10, 1)).period();
        let company = Subject::Company(quarter);
        assert_eq!([10, 11, 12].map(|month| holds(month, company)), [false, false, true]);
        assert!(!holds(11, Subject::Fact(Hash::ZERO)), "a fact that is gone lies nowhere");
    }
}
