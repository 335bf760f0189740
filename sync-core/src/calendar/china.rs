//! The public holidays of mainland China that Fieldbook ships.

/// The holiday file of each year, with the year it is for.
pub const CN: [(i16, &str); 4] = [
    (2023, include_str!("../../calendars/cn/2023.ics")),
    (2024, include_str!("../../calendars/cn/2024.ics")),
    (2025, include_str!("../../calendars/cn/2025.ics")),
    (2026, include_str!("../../calendars/cn/2026.ics")),
];
