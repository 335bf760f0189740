//! Which days the obligations are shown of: a calendar month or a quarter.

use jiff::{civil::Date, tz::TimeZone};
use sync_core::{
    rules::{Company, Every, Period},
    time::Timestamp,
};

/// The years that can be asked for.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2199;

/// A month or a quarter of the calendar year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// The month that begins on this day.
    Month(Date),
    /// The quarter that begins on this day.
    Quarter(Date),
}

impl Span {
    /// The month that a day lies in.
    pub fn month_of(day: Date) -> Self {
        Self::Month(around(&Every::Month, day))
    }

    /// The quarter that a day lies in.
    pub fn quarter_of(day: Date) -> Self {
        Self::Quarter(around(&Every::Quarter, day))
    }

    /// Reads a month as in `2026-11`.
    pub fn read_month(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        day(year, month.parse().ok()?).map(Self::month_of)
    }

    /// Reads a quarter as in `2026-4`.
    pub fn read_quarter(text: &str) -> Option<Self> {
        let (year, quarter) = text.split_once('-')?;
        let quarter: i8 = quarter.parse().ok().filter(|quarter| (1..=4).contains(quarter))?;
        day(year, quarter * 3 - 2).map(Self::quarter_of)
    }

    /// Reads what a link says of it.
    pub fn read(query: &str) -> Option<Self> {
        match query.split_once('=')? {
            ("month", text) => Self::read_month(text),
            ("quarter", text) => Self::read_quarter(text),
            _ => None,
        }
    }

    /// How it is written into a link.
    pub fn query(self) -> String {
        match self {
            Self::Month(first) => format!("month={}-{:02}", first.year(), first.month()),
            Self::Quarter(first) => format!("quarter={}-{}", first.year(), (first.month() + 2) / 3),
        }
    }

    /// Its first and last day.
    pub fn period(self) -> Period {
        let (every, first) = match self {
            Self::Month(first) => (Every::Month, first),
            Self::Quarter(first) => (Every::Quarter, first),
        };
        every.around(first, &Company::default()).unwrap_or(Period { first, last: first })
    }

    /// The one before it, if it can be asked for.
    pub fn previous(self) -> Option<Self> {
        self.with(self.period().first.yesterday().ok()?)
    }

    /// The one behind it, if it can be asked for.
    pub fn next(self) -> Option<Self> {
        self.with(self.period().last.tomorrow().ok()?)
    }

    /// The month or quarter in its place that a day lies in.
    fn with(self, day: Date) -> Option<Self> {
        YEARS.contains(&day.year()).then(|| match self {
            Self::Month(_) => Self::month_of(day),
            Self::Quarter(_) => Self::quarter_of(day),
        })
    }

    /// Behind which instant, and until which, something is due in it: what is due at 24:00 is due on the day that ends.
    pub fn due(self, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        let start = |day: Date| {
            let start = day.to_zoned(zone.clone()).ok()?;
            Some(Timestamp::from_millis(start.timestamp().as_millisecond()))
        };
        let period = self.period();
        Some((start(period.first)?, start(period.last.tomorrow().ok()?)?))
    }
}

fn around(every: &Every, day: Date) -> Date {
    every.around(day, &Company::default()).map_or(day, |period| period.first)
}

fn day(year: &str, month: i8) -> Option<Date> {
    let year: i16 = year.parse().ok().filter(|year| YEARS.contains(year))?;
    Date::new(year, month, 1).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_span_comes_back_from_its_own_query() {
        let read = |span: Span| Span::read(&span.query());
        let mut month = Span::month_of(date(2026, 11, 22));
        for _ in 0..24 {
            assert_eq!(read(month), Some(month));
            let quarter = Span::quarter_of(month.period().first);
            assert_eq!(read(quarter), Some(quarter));
            month = month.next().unwrap();
        }
        assert_eq!(month, Span::month_of(date(2028, 11, 1)));
        assert_eq!(Span::quarter_of(date(2026, 1, 5)).previous(), Some(Span::quarter_of(date(2025, 12, 31))));
    }

    #[test]
    fn what_makes_no_sense_is_no_span() {
        for text in
            ["", "2026", "2026-13", "2026-0", "1999-12", "2200-01", "26-11", "2026-11-01", "x-y", "-1-1"]
        {
            assert_eq!(Span::read_month(text), None, "{text}");
        }
        for text in ["2026-5", "2026-0", "2026-Q4", "9999-1", "2026--1"] {
            assert_eq!(Span::read_quarter(text), None, "{text}");
        }
        assert_eq!(Span::read_month("2000-01").and_then(Span::previous), None);
        assert_eq!(Span::read_quarter("2199-4").and_then(Span::next), None);
    }
}
