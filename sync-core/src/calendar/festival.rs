//! Festivals: which of them an event of a holiday file is, by its summary.

/// The names that rules use, each with the words by which a summary names it.
const FESTIVALS: [(&str, &[&str]); 8] = [
    ("new_year", &["元旦", "New Year's Day"]),
    ("spring_festival", &["春节", "春節", "Spring Festival", "Chinese New Year"]),
    ("qingming", &["清明", "Qingming"]),
    ("labour_day", &["劳动节", "勞動節", "Labour Day", "Labor Day"]),
    ("dragon_boat", &["端午", "Dragon Boat"]),
    ("mid_autumn", &["中秋", "Mid-Autumn"]),
    ("national_day", &["国庆", "國慶", "National Day"]),
    (ANNIVERSARY, &["周年庆", "週年慶", "司庆", "司慶", "Anniversary"]),
];

/// The company's own festival, on which work may go on.
const ANNIVERSARY: &str = "anniversary";

/// The festivals that an event with this summary is; two that meet share one. A workday is at most the company's
/// anniversary: what else its summary names is what it makes up for.
pub(super) fn named_in(summary: &str, worked: bool) -> impl Iterator<Item = &'static str> {
    FESTIVALS.iter().filter_map(move |(name, words)| {
        let named = words.iter().any(|word| summary.contains(word));
        (named && (!worked || *name == ANNIVERSARY)).then_some(*name)
    })
}
