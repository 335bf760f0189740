//! The rule packs that Fieldbook ships, as their TOML text.

/// The key-account visit regulation with the two-day rule `S21-R17`.
pub const KEY_ACCOUNT_VISITS: &str = include_str!("../../packs/key_account_visits.toml");
