//! A second opinion on days: its own civil arithmetic and a holiday list transcribed by hand from the notices.

/// Days since 1970-01-01 of a civil day, counted year by year and month by month.
pub(crate) fn day_number(year: i64, month: usize, day: i64) -> i64 {
    let years: i64 = (1970..year).map(|y| if is_leap(y) { 366 } else { 365 }).sum();
    years + (1..month).map(|m| days_in(year, m)).sum::<i64>() + day - 1
}

/// Every day of 2023 to 2026 as (year, month, day, day number).
pub(crate) fn days() -> Vec<(i64, usize, i64, i64)> {
    let mut days = Vec::new();
    for year in 2023..=2026 {
        for month in 1..=12 {
            for day in 1..=days_in(year, month) {
                days.push((year, month, day, day_number(year, month, day)));
            }
        }
    }
    days
}

/// Whether a day number is worked in China; `None` outside 2023 to 2026.
pub(crate) fn is_worked(number: i64) -> Option<bool> {
    if !(day_number(2023, 1, 1)..=day_number(2026, 12, 31)).contains(&number) {
        return None;
    }
    let listed = |list: &[(i64, usize, i64, i64)]| {
        list.iter().any(|&(year, month, day, length)| {
            let first = day_number(year, month, day);
            (first..first + length).contains(&number)
        })
    };
    // Day 0 was a Thursday.
    let weekend = matches!((number + 3).rem_euclid(7), 5 | 6);
    Some(listed(MAKE_UP) || !(weekend || listed(OFF)))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: usize) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days off: year, month, first day, how many.
const OFF: &[(i64, usize, i64, i64)] = &[
    (2023, 1, 1, 2),
    (2023, 1, 21, 7),
    (2023, 4, 5, 1),
    (2023, 4, 29, 5),
    (2023, 6, 22, 3),
    (2023, 9, 29, 8),
    (2024, 1, 1, 1),
    (2024, 2, 10, 8),
    (2024, 4, 4, 3),
    (2024, 5, 1, 5),
    (2024, 6, 10, 1),
    (2024, 9, 15, 3),
    (2024, 10, 1, 7),
    (2025, 1, 1, 1),
    (2025, 1, 28, 8),
    (2025, 4, 4, 3),
    (2025, 5, 1, 5),
    (2025, 5, 31, 3),
    (2025, 10, 1, 8),
    (2026, 1, 1, 3),
    (2026, 2, 15, 9),
    (2026, 4, 4, 3),
    (2026, 5, 1, 5),
    (2026, 6, 19, 3),
    (2026, 9, 25, 3),
    (2026, 10, 1, 7),
];

/// Make-up workdays: year, month, first day, how many.
const MAKE_UP: &[(i64, usize, i64, i64)] = &[
    (2023, 1, 28, 2),
    (2023, 4, 23, 1),
    (2023, 5, 6, 1),
    (2023, 6, 25, 1),
    (2023, 10, 7, 2),
    (2024, 2, 4, 1),
    (2024, 2, 18, 1),
    (2024, 4, 7, 1),
    (2024, 4, 28, 1),
    (2024, 5, 11, 1),
    (2024, 9, 14, 1),
    (2024, 9, 29, 1),
    (2024, 10, 12, 1),
    (2025, 1, 26, 1),
    (2025, 2, 8, 1),
    (2025, 4, 27, 1),
    (2025, 9, 28, 1),
    (2025, 10, 11, 1),
    (2026, 1, 4, 1),
    (2026, 2, 14, 1),
    (2026, 2, 28, 1),
    (2026, 5, 9, 1),
    (2026, 9, 20, 1),
    (2026, 10, 10, 1),
];
