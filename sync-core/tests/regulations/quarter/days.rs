//! Days in Shanghai, where the clocks have not been changed since 1991: midnight is always 16:00 UTC of the day before.

use jiff::{
    Span, ToSpan,
    civil::{Date, date},
};
use sync_core::{rules::Period, time::Timestamp};

pub(crate) const MINUTE_MS: i64 = 60_000;
pub(crate) const HOUR_MS: i64 = 60 * MINUTE_MS;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;
const AHEAD_OF_UTC_MS: i64 = 8 * HOUR_MS;
const EPOCH: Date = date(1970, 1, 1);

/// The day that an instant lies on.
pub(crate) fn day_of(at: Timestamp) -> Date {
    EPOCH.saturating_add(((at.as_millis() + AHEAD_OF_UTC_MS).div_euclid(DAY_MS)).days())
}

/// 0:00 of a day.
pub(crate) fn midnight(day: Date) -> Timestamp {
    let days = i64::from((day - EPOCH).get_days());
    Timestamp::from_millis(days * DAY_MS - AHEAD_OF_UTC_MS)
}

/// 24:00 of a day.
pub(crate) fn end_of(day: Date) -> Timestamp {
    midnight(day.tomorrow().unwrap())
}

/// So many days later, or earlier.
pub(crate) fn later(day: Date, days: i64) -> Date {
    day.checked_add(days.days()).unwrap()
}

pub(crate) fn days(period: Period) -> impl Iterator<Item = Date> {
    period.first.series(1.day()).take_while(move |day| *day <= period.last)
}

/// The weeks, from Monday to Sunday, that have a day in a span.
pub(crate) fn weeks(span: Period) -> Vec<Period> {
    stretches(date(2023, 1, 2), 7.days(), span)
}

/// The fortnights, one after the other from Monday the 2nd of January 2023, that have a day in a span.
pub(crate) fn fortnights(span: Period) -> Vec<Period> {
    stretches(date(2023, 1, 2), 14.days(), span)
}

/// The months of the calendar that have a day in a span.
pub(crate) fn months(span: Period) -> Vec<Period> {
    stretches(date(2023, 1, 1), 1.month(), span)
}

/// The quarters of the calendar that have a day in a span.
pub(crate) fn quarters(span: Period) -> Vec<Period> {
    stretches(date(2023, 1, 1), 3.months(), span)
}

/// The Decembers that have a day in a span.
pub(crate) fn year_ends(span: Period) -> Vec<Period> {
    months(span).into_iter().filter(|month| month.first.month() == 12).collect()
}

fn stretches(begin: Date, step: Span, span: Period) -> Vec<Period> {
    let mut found = Vec::new();
    let mut first = begin;
    while first <= span.last {
        let next = first.checked_add(step).unwrap();
        let last = next.yesterday().unwrap();
        if last >= span.first {
            found.push(Period { first, last });
        }
        first = next;
    }
    found
}
