//! The slow computation: what the sentences of the regulations say, day by day and fact by fact, without the engine.
//!
//! It shares with the engine what a fact and a company are, and nothing else: no selector, period, window or calendar.

mod checks;
mod contacts;
mod follow_ups;
mod forms;
mod grades;
mod property_a;
mod property_b;
mod receptions;
mod visits;

use std::collections::{BTreeMap, HashMap};

use sync_core::{
    hash::Hash,
    id::{CustomerId, UserId},
    rules::{Company, Evidence, Fact, FactKind, Flags, Fulfilment, Period, Subject, Value},
    time::Timestamp,
};

use super::days::{day_of, end_of, midnight};

pub(crate) use checks::may_see_spot_check;
pub(crate) use grades::{Figures, grade};
pub(crate) use receptions::working_days;

/// What is so at one moment.
pub(crate) struct Then<'a> {
    pub(crate) company: &'a Company,
    pub(crate) now: Timestamp,
    /// The days that are looked at.
    pub(crate) span: Period,
    by_id: HashMap<Hash, &'a Fact>,
    of_kind: HashMap<FactKind, Vec<&'a Fact>>,
    of_customer: HashMap<CustomerId, Vec<&'a Fact>>,
    about: HashMap<Hash, Vec<&'a Fact>>,
}

/// What becomes of something that is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    Met,
    Breached,
    Pending,
    /// Something is missing that one would have to know.
    Unknowable,
}

/// What is said of one subject: the state, and for quotas and shares how many there were.
pub(crate) type Said = (State, Option<u32>);

/// All that is said, by rule and subject; two parts of a rule may speak of the same subject.
#[derive(Default)]
pub(crate) struct Ledger(pub(crate) BTreeMap<(String, Subject), Vec<Said>>);

/// What the regulation 大客户拜访管理制度 (S21) says of a quarter, with the grades of S43.
pub(crate) fn key_accounts(then: &Then<'_>) -> Ledger {
    let mut ledger = Ledger::default();
    for rule in contacts::RULES.iter().chain(visits::RULES).chain(forms::RULES).chain(checks::RULES) {
        rule(then, &mut ledger);
    }
    grades::s43(then, &mut ledger);
    ledger
}

/// What the regulation 2023年客户回访制度 (S09) says.
pub(crate) fn property_a(then: &Then<'_>) -> Ledger {
    let mut ledger = Ledger::default();
    property_a::RULES.iter().for_each(|rule| rule(then, &mut ledger));
    ledger
}

/// What the regulation 物业管理-客户拜访、回访管理要求 (S18) says.
pub(crate) fn property_b(then: &Then<'_>) -> Ledger {
    let mut ledger = Ledger::default();
    property_b::RULES.iter().for_each(|rule| rule(then, &mut ledger));
    ledger
}

/// What the regulation 客戶接待管理規定 (S22) says of notices, forms, memos and minutes.
pub(crate) fn receptions(then: &Then<'_>) -> Ledger {
    let mut ledger = Ledger::default();
    receptions::RULES.iter().for_each(|rule| rule(then, &mut ledger));
    ledger
}

/// One rule: looks at what is so, and says what it says.
type Rule = fn(&Then<'_>, &mut Ledger);

impl Ledger {
    fn say(&mut self, rule: &str, subject: Subject, state: State, count: Option<u32>) {
        let said = self.0.entry((rule.to_owned(), subject)).or_default();
        said.push((state, if state == State::Unknowable { None } else { count }));
        said.sort();
    }

    fn say_of_fact(&mut self, rule: &str, fact: &Fact, state: State) {
        self.say(rule, Subject::Fact(fact.id), state, None);
    }

    /// An act is clean, or it is not.
    fn say_clean(&mut self, rule: &str, fact: &Fact, clean: bool) {
        self.say_of_fact(rule, fact, if clean { State::Met } else { State::Breached });
    }
}

impl From<&Fulfilment> for State {
    fn from(state: &Fulfilment) -> Self {
        match state {
            Fulfilment::Met => Self::Met,
            Fulfilment::Breached => Self::Breached,
            Fulfilment::Pending => Self::Pending,
            Fulfilment::NotEvaluable(_) => Self::Unknowable,
        }
    }
}

impl<'a> Then<'a> {
    pub(crate) fn new(facts: &'a [Fact], company: &'a Company, now: Timestamp, span: Period) -> Self {
        let mut sorted: Vec<&Fact> = facts.iter().collect();
        sorted.sort_by_key(|fact| (fact.at, fact.id));
        let mut then = Self {
            company,
            now,
            span,
            by_id: HashMap::new(),
            of_kind: HashMap::new(),
            of_customer: HashMap::new(),
            about: HashMap::new(),
        };
        for fact in sorted {
            then.by_id.insert(fact.id, fact);
            then.of_kind.entry(fact.kind).or_default().push(fact);
            if let Some(customer) = fact.customer {
                then.of_customer.entry(customer).or_default().push(fact);
            }
            if let Some(about) = fact.about {
                then.about.entry(about).or_default().push(fact);
            }
        }
        then
    }

    fn fact(&self, id: Hash) -> Option<&'a Fact> {
        self.by_id.get(&id).copied()
    }

    /// All of a kind.
    fn all(&self, kind: FactKind) -> impl Iterator<Item = &'a Fact> {
        self.of_kind.get(&kind).into_iter().flatten().copied()
    }

    /// All of a kind in the days that are looked at.
    fn within(&self, kind: FactKind) -> impl Iterator<Item = &'a Fact> {
        let span = self.span;
        self.all(kind).filter(move |fact| lies_in(fact, span))
    }

    /// All of a kind about a fact.
    fn about(&self, fact: Hash, kind: FactKind) -> impl Iterator<Item = &'a Fact> {
        self.about.get(&fact).into_iter().flatten().copied().filter(move |other| other.kind == kind)
    }

    /// All of a kind with the same customer.
    fn same_customer(&self, fact: &Fact, kind: FactKind) -> impl Iterator<Item = &'a Fact> {
        let facts = fact.customer.and_then(|customer| self.of_customer.get(&customer));
        facts.into_iter().flatten().copied().filter(move |other| other.kind == kind)
    }

    // --- people and customers ---

    /// Who is responsible for a customer at an instant.
    fn owner(&self, customer: CustomerId, at: Timestamp) -> Option<UserId> {
        let mut owner = None;
        for (from, who) in &self.company.customers[&customer].owners {
            if *from <= at {
                owner = *who;
            }
        }
        owner
    }

    /// The grade of a customer at an instant; empty if there is none.
    fn grade(&self, customer: CustomerId, at: Timestamp) -> &'a str {
        let mut grade = "";
        for (from, what) in &self.company.customers[&customer].grades {
            if *from <= at {
                grade = what;
            }
        }
        grade
    }

    fn has_tag(&self, customer: CustomerId, tag: &str) -> bool {
        self.company.customers[&customer].tags.iter().any(|known| **known == *tag)
    }

    fn boss(&self, person: UserId) -> Option<UserId> {
        self.company.people()[&person].reports_to
    }

    fn has_post(&self, person: UserId, post: &str) -> bool {
        self.company.people()[&person].posts.iter().any(|held| **held == *post)
    }

    /// Everybody who works here with a post at an instant.
    fn holders(&self, post: &str, at: Timestamp) -> Vec<UserId> {
        let works = |person: &UserId| self.company.people()[person].until.is_none_or(|until| at < until);
        self.company.people().keys().copied().filter(|id| works(id) && self.has_post(*id, post)).collect()
    }

    fn actor_has_post(&self, fact: &Fact, post: &str) -> bool {
        fact.actor.is_some_and(|actor| self.has_post(actor, post))
    }

    /// Whether the one responsible for the customer on that day did it.
    fn by_owner(&self, fact: &Fact) -> bool {
        let owner = fact.customer.and_then(|customer| self.owner(customer, fact.at));
        owner.is_some() && fact.actor == owner
    }

    /// Whether the supervisor of the one responsible for the customer on that day did it.
    fn by_owners_boss(&self, fact: &Fact) -> bool {
        let owner = fact.customer.and_then(|customer| self.owner(customer, fact.at));
        let boss = owner.and_then(|owner| self.boss(owner));
        boss.is_some() && fact.actor == boss
    }

    // --- time ---

    /// What becomes of a duty until an instant: met if one of these acts was surely in time; open while one of them may
    /// have been, or there still is time.
    fn until<'f>(&self, due: Timestamp, acts: impl IntoIterator<Item = &'f Fact>) -> State {
        let acts: Vec<Option<bool>> = acts.into_iter().map(|act| in_time(act, due)).collect();
        if acts.contains(&Some(true)) {
            State::Met
        } else if acts.contains(&None) || self.now <= due {
            State::Pending
        } else {
            State::Breached
        }
    }
}

fn lies_in(fact: &Fact, period: Period) -> bool {
    midnight(period.first) <= fact.at && fact.at < end_of(period.last)
}

/// Whether something was done by an instant; `None` if nobody can say.
fn in_time(fact: &Fact, due: Timestamp) -> Option<bool> {
    let (earliest, latest) = match &fact.evidence {
        None => (fact.at, fact.at),
        Some(evidence) => could_be(evidence),
    };
    if latest <= due {
        Some(true)
    } else if earliest > due {
        Some(false)
    } else {
        None
    }
}

/// The earliest and the latest instant at which a phone can have written something.
fn could_be(evidence: &Evidence) -> (Timestamp, Timestamp) {
    let proven_from = evidence.not_before;
    // What has not arrived may be written still; what arrived while the server's own clock was in doubt shows no end.
    let in_doubt = evidence.flags.intersects(Flags::SERVER_TIME_SUSPECT);
    let Some(arrived) = evidence.not_after.filter(|_| !in_doubt) else {
        return (proven_from, Timestamp::MAX);
    };
    // A boot clock that does not run true, or whose anchors nobody answered, measures nothing.
    let against = Flags::BOOT_RATE_ODD.with(Flags::ANCHORS_UNANSWERED);
    match evidence.measured {
        Some(measured) if !evidence.flags.intersects(against) => {
            (proven_from.max(measured.earliest), arrived.min(measured.latest))
        }
        _ => (proven_from, arrived),
    }
}

// --- what a fact says ---

fn value<'f>(fact: &'f Fact, name: &str) -> Option<&'f Value> {
    fact.get(fact.kind.attribute(name).unwrap_or_else(|| panic!("{:?} has no {name}", fact.kind)))
}

fn has(fact: &Fact, name: &str) -> bool {
    value(fact, name).is_some()
}

/// Whether an attribute is this one word.
fn is(fact: &Fact, name: &str, word: &str) -> bool {
    matches!(value(fact, name), Some(Value::Text(text)) if **text == *word)
}

fn is_one_of(fact: &Fact, name: &str, words: &[&str]) -> bool {
    words.iter().any(|word| is(fact, name, word))
}

/// Whether an attribute is a word, or has it among several.
fn names(fact: &Fact, name: &str, word: &str) -> bool {
    match value(fact, name) {
        Some(Value::Words(words)) => words.iter().any(|known| **known == *word),
        _ => is(fact, name, word),
    }
}

/// Whether all of these items of a list are ticked.
fn ticks(fact: &Fact, name: &str, items: &[&str]) -> bool {
    match value(fact, name) {
        Some(Value::Words(ticked)) => items.iter().all(|item| ticked.iter().any(|known| **known == **item)),
        _ => false,
    }
}

fn yes(fact: &Fact, name: &str) -> bool {
    value(fact, name) == Some(&Value::Flag(true))
}

fn no(fact: &Fact, name: &str) -> bool {
    value(fact, name) == Some(&Value::Flag(false))
}

fn number(fact: &Fact, name: &str) -> Option<i64> {
    match value(fact, name) {
        Some(Value::Number(number)) => Some(*number),
        _ => None,
    }
}

fn time(fact: &Fact, name: &str) -> Option<Timestamp> {
    match value(fact, name) {
        Some(Value::Time(at)) => Some(*at),
        _ => None,
    }
}

/// Whether something is about a day of a period, by its attribute `from`.
fn is_for(fact: &Fact, period: Period) -> bool {
    time(fact, "from").is_some_and(|from| period.first <= day_of(from) && day_of(from) <= period.last)
}
