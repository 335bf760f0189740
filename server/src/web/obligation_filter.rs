//! Which obligations the list shows: read from the query, written back into links.

use sync_core::id::UserId;

use crate::web::{
    Span,
    filter::{self, percent_encoded},
    path,
    view::OwedState,
};

/// How the query says that nobody in particular owes something.
const ANYBODY: &str = "anybody";

/// Who owes what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owes {
    /// This person.
    Person(UserId),
    /// Nobody in particular.
    Anybody,
}

impl Owes {
    /// How the query says it.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Person(person) => person.to_string(),
            Self::Anybody => ANYBODY.to_owned(),
        }
    }
}

/// A rule of a pack, whatever its version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleName {
    /// The pack's id.
    pub pack: String,
    /// The rule's id.
    pub rule: String,
}

impl RuleName {
    /// How the query says it; no id has a colon in it.
    pub(crate) fn text(&self) -> String {
        format!("{}:{}", self.pack, self.rule)
    }

    fn read(text: &str) -> Option<Self> {
        let (pack, rule) = text.split_once(':')?;
        (text.len() <= 300).then(|| Self { pack: pack.to_owned(), rule: rule.to_owned() })
    }
}

/// The filter of the obligations; anything in a query that it does not understand is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ObligationFilter {
    /// When they are due; this month if it is not said.
    pub span: Option<Span>,
    /// Only those that became this.
    pub state: Option<OwedState>,
    /// Only what is owed by this one.
    pub owes: Option<Owes>,
    /// Only what is about customers whose name or number contains this; at most 100 characters, empty for all.
    pub customer: String,
    /// Only what this rule demands.
    pub rule: Option<RuleName>,
    /// Which page, from 1.
    pub page: u64,
}

impl ObligationFilter {
    /// Reads the decoded pairs of a query.
    pub fn read<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut filter = Self { page: 1, ..Self::default() };
        for (name, value) in pairs {
            match name {
                "month" => filter.span = Span::read_month(value),
                "quarter" => filter.span = Span::read_quarter(value),
                "state" => filter.state = OwedState::of_name(value),
                "person" if value == ANYBODY => filter.owes = Some(Owes::Anybody),
                "person" => filter.owes = value.parse().ok().map(Owes::Person),
                "rule" => filter.rule = RuleName::read(value),
                "customer" => filter.customer = filter::customer(value),
                "page" => filter.page = filter::page(value),
                _ => {}
            }
        }
        filter
    }

    /// The obligations under this filter.
    pub fn link(&self) -> String {
        let mut pairs = Vec::new();
        pairs.extend(self.span.map(Span::query));
        pairs.extend(self.state.map(|state| format!("state={}", state.name())));
        pairs.extend(self.owes.map(|owes| format!("person={}", owes.text())));
        pairs.extend(self.rule.as_ref().map(|rule| format!("rule={}", percent_encoded(&rule.text()))));
        filter::link(path::OBLIGATIONS, pairs, &self.customer, self.page)
    }

    /// The link with another state; the state that is already chosen is taken off instead, as with the others.
    pub(crate) fn with_state(&self, state: &OwedState) -> String {
        let state = (self.state != Some(*state)).then_some(*state);
        Self { state, page: 1, ..self.clone() }.link()
    }

    pub(crate) fn with_owes(&self, owes: &Owes) -> String {
        let owes = (self.owes != Some(*owes)).then_some(*owes);
        Self { owes, page: 1, ..self.clone() }.link()
    }

    pub(crate) fn with_rule(&self, rule: &RuleName) -> String {
        let rule = (self.rule.as_ref() != Some(rule)).then(|| rule.clone());
        Self { rule, page: 1, ..self.clone() }.link()
    }

    pub(crate) fn with_span(&self, span: Span) -> String {
        Self { span: Some(span), page: 1, ..self.clone() }.link()
    }

    pub(crate) fn without_customer(&self) -> String {
        Self { customer: String::new(), page: 1, ..self.clone() }.link()
    }

    pub(crate) fn with_page(&self, page: u64) -> String {
        Self { page, ..self.clone() }.link()
    }

    /// The same days without anything else that was chosen.
    pub(crate) fn cleared(&self) -> String {
        Self { span: self.span, page: 1, ..Self::default() }.link()
    }

    /// Whether nothing is chosen but the days.
    pub(crate) fn is_empty(&self) -> bool {
        self.state.is_none() && self.owes.is_none() && self.rule.is_none() && self.customer.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_comes_back_from_its_own_link() {
        let filter = ObligationFilter {
            span: Span::read_quarter("2026-4"),
            state: Some(OwedState::Breached),
            owes: Some(Owes::Person(UserId::from_bytes([7; 16]))),
            customer: "A&B=晨".to_owned(),
            rule: Some(RuleName { pack: "key_account".to_owned(), rule: "S21-R1".to_owned() }),
            page: 3,
        };
        let person = "07".repeat(16);
        let link = format!(
            "/obligations?quarter=2026-4&state=breached&person={person}&rule=key_account%3AS21-R1\
             &customer=A%26B%3D%E6%99%A8&page=3"
        );
        assert_eq!(filter.link(), link);
        let pairs = [
            ("quarter", "2026-4"),
            ("state", "breached"),
            ("person", person.as_str()),
            ("rule", "key_account:S21-R1"),
            ("customer", "A&B=晨"),
            ("page", "3"),
        ];
        assert_eq!(ObligationFilter::read(pairs), filter);
        assert_eq!(ObligationFilter::read([("person", ANYBODY)]).owes, Some(Owes::Anybody));
    }

    #[test]
    fn what_is_chosen_already_is_taken_off_by_its_own_link() {
        let rule = RuleName { pack: "p".to_owned(), rule: "R".to_owned() };
        let none = ObligationFilter { page: 1, ..ObligationFilter::default() };
        let chosen = ObligationFilter {
            state: Some(OwedState::Met),
            owes: Some(Owes::Anybody),
            rule: Some(rule.clone()),
            ..none.clone()
        };
        let without = |filter: ObligationFilter| filter.link();
        assert_eq!(
            chosen.with_state(&OwedState::Met),
            without(ObligationFilter { state: None, ..chosen.clone() })
        );
        assert_eq!(
            chosen.with_owes(&Owes::Anybody),
            without(ObligationFilter { owes: None, ..chosen.clone() })
        );
        assert_eq!(chosen.with_rule(&rule), without(ObligationFilter { rule: None, ..chosen.clone() }));
        assert_eq!(chosen.cleared(), path::OBLIGATIONS);
        assert!(none.is_empty() && !chosen.is_empty());
    }

    #[test]
    fn a_query_that_makes_no_sense_shows_everything() {
        let pairs =
            [("month", "??"), ("state", "lost"), ("person", ""), ("rule", "x"), ("page", "-1"), ("x", "y")];
        let read = ObligationFilter::read(pairs);
        assert_eq!(read, ObligationFilter { page: 1, ..ObligationFilter::default() });
    }
}
