//! Which records the overview shows: read from the query, written back into links.

use sync_core::id::UserId;

use crate::web::{path, view::State};

/// The filter of the overview; anything in a query that it does not understand is left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecordFilter {
    /// Only records in this state.
    pub state: Option<State>,
    /// Only this rep's records.
    pub rep: Option<UserId>,
    /// Only customers whose name or number contains this; at most 100 characters, empty for all.
    pub customer: String,
    /// Which page, from 1.
    pub page: u64,
}

impl RecordFilter {
    /// Reads the decoded pairs of a query.
    pub fn read<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut filter = Self { page: 1, ..Self::default() };
        for (name, value) in pairs {
            match name {
                "state" => filter.state = State::of_name(value),
                "rep" => filter.rep = value.parse().ok(),
                "customer" => filter.customer = customer(value),
                "page" => filter.page = page(value),
                _ => {}
            }
        }
        filter
    }

    /// The overview under this filter.
    pub fn link(&self) -> String {
        let mut pairs = Vec::new();
        if let Some(state) = self.state {
            pairs.push(format!("state={}", state.name()));
        }
        if let Some(rep) = self.rep {
            pairs.push(format!("rep={rep}"));
        }
        link(path::OVERVIEW, pairs, &self.customer, self.page)
    }

    /// The link with another state; the state that is already chosen is taken off instead.
    pub(crate) fn with_state(&self, state: &State) -> String {
        let state = if self.state == Some(*state) { None } else { Some(*state) };
        Self { state, page: 1, ..self.clone() }.link()
    }

    pub(crate) fn with_rep(&self, rep: &UserId) -> String {
        let rep = if self.rep == Some(*rep) { None } else { Some(*rep) };
        Self { rep, page: 1, ..self.clone() }.link()
    }

    pub(crate) fn with_page(&self, page: u64) -> String {
        Self { page, ..self.clone() }.link()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.state.is_none() && self.rep.is_none() && self.customer.is_empty()
    }
}

/// The customer that is looked for, of a value in a query.
pub(crate) fn customer(value: &str) -> String {
    // Cutting may leave a blank at the end.
    let cut: String = value.trim().chars().take(100).collect();
    cut.trim_end().to_owned()
}

/// The page that is asked for, of a value in a query.
pub(crate) fn page(value: &str) -> u64 {
    value.parse().unwrap_or(1).max(1)
}

/// A page of a list under a filter: what is its own, then the customer and the page.
pub(crate) fn link(path: &str, mut pairs: Vec<String>, customer: &str, page: u64) -> String {
    if !customer.is_empty() {
        pairs.push(format!("customer={}", percent_encoded(customer)));
    }
    if page > 1 {
        pairs.push(format!("page={page}"));
    }
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

/// Encodes a text for a query value.
pub(crate) fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                encoded.push(byte.into())
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_comes_back_from_its_own_link() {
        let filter = RecordFilter {
            state: Some(State::HeldLate),
            rep: Some(UserId::from_bytes([7; 16])),
            customer: "A&B=晨".to_owned(),
            page: 3,
        };
        assert_eq!(
            filter.link(),
            format!("/?state=held_late&rep={}&customer=A%26B%3D%E6%99%A8&page=3", "07".repeat(16))
        );
        let read = RecordFilter::read([
            ("state", "held_late"),
            ("rep", &"07".repeat(16)),
            ("customer", "A&B=晨"),
            ("page", "3"),
        ]);
        assert_eq!(read, filter);
    }

    #[test]
    fn a_filter_that_is_cut_behind_a_blank_comes_back_from_its_own_link() {
        let long = format!("{} {}", "x".repeat(99), "y".repeat(9));
        let read = RecordFilter::read([("customer", long.as_str())]);
        assert_eq!(read.customer, "x".repeat(99));
        assert_eq!(RecordFilter::read([("customer", read.customer.as_str())]), read);
    }

    #[test]
    fn a_query_that_makes_no_sense_shows_everything() {
        let read = RecordFilter::read([("state", "??"), ("rep", ""), ("page", "-1"), ("x", "y")]);
        assert_eq!(read, RecordFilter { page: 1, ..RecordFilter::default() });
    }
}
