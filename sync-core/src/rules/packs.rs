//! The rule packs that Fieldbook ships, as their TOML text.

use super::{Pack, PackError};

/// The key-account visit regulation with the two-day rule `S21-R17`.
pub const KEY_ACCOUNT_VISITS: &str = include_str!("../../packs/key_account_visits.toml");

macro_rules! packs {
    ($($name:literal)*) => {
        /// The regulations, each a pack of its own: their names and texts.
        pub const ALL: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../packs/", $name, ".toml")))),*];
    };
}

packs! { "key_account_outbound" "property_return_visit_a" "property_return_visit_b" "inbound_reception" "inbound_visitor" "visit_conduct" "periodic_visits" "visit_standard" "business_trip" "key_customer_visits" "visit_articles" "key_account_abridged" "annual_grading" "contribution_grading" "example_grading" "sector_grading" "department_duties" }

/// The text of one of [`ALL`].
pub fn named(name: &str) -> Option<&'static str> {
    ALL.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Reads all of [`ALL`].
pub fn all() -> Result<Vec<Pack>, PackError> {
    ALL.iter().map(|(_, text)| Pack::parse(text)).collect()
}
