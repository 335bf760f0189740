//! What both pages of obligations say in words: what one is about, who owes it, how far it is.

use crate::web::{
    Page, RuleName, moment,
    view::{About, FactName, FactRow, Owers},
};

/// How much was done of what is asked for.
pub(crate) struct Progress {
    pub(crate) done: u64,
    pub(crate) asked: u64,
    /// In per cent; more than enough is enough.
    pub(crate) share: f64,
}

impl Progress {
    pub(crate) fn of(done: u64, asked: u64) -> Self {
        Self { done, asked, share: 100.0 * done.min(asked) as f64 / asked.max(1) as f64 }
    }
}

/// What a rule says, or its id.
pub(crate) fn says(says: &str, rule: &RuleName) -> String {
    if says.is_empty() { rule.rule.clone() } else { says.to_owned() }
}

/// What an obligation is about: first whom or what, then when.
pub(crate) fn about(page: &Page, about: &About) -> (String, String) {
    match about {
        About::Fact(Some(fact)) => fact_words(page, fact),
        About::Fact(None) => (page.t("about-hidden"), String::new()),
        About::Customer(name, period) if name.is_empty() => {
            (page.t("customer-outside-line"), page.period(period))
        }
        About::Customer(name, period) => (name.clone(), page.period(period)),
        About::Person(name, period) if name.is_empty() => (page.t("outside-line"), page.period(period)),
        About::Person(name, period) => (name.clone(), page.period(period)),
        About::Company(period) => (page.t("about-company"), page.period(period)),
    }
}

/// A fact: with its customer if it has one, and when it was.
fn fact_words(page: &Page, fact: &FactName) -> (String, String) {
    let (kind, at) = (page.coded("kind", fact.kind), page.when(&fact.at));
    if fact.customer.is_empty() { (kind, at) } else { (fact.customer.clone(), format!("{kind} · {at}")) }
}

/// When a fact came to be known, if that was after the day on which it happened.
pub(crate) fn came(page: &Page, fact: &FactRow) -> Option<String> {
    let day = |at| moment::day_of(&page.zone, at);
    (day(fact.came) > day(fact.name.at)).then(|| page.arrived(&fact.came))
}

/// Who owes something.
pub(crate) fn owers(page: &Page, owers: &Owers) -> String {
    let mut words = owers.names.clone();
    if owers.others > 0 {
        words.push(page.counted("owed-by-others", &owers.others));
    }
    if words.is_empty() { page.t("owed-by-anybody") } else { words.join(&page.t("list-comma")) }
}
