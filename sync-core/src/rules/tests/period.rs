//! Periods: where they begin and end.

use jiff::{ToSpan, civil::date};

use crate::rules::{Company, Every, Period};

fn around(every: &Every, year: i16, month: i8, day: i8) -> Option<Period> {
    every.around(date(year, month, day), &Company::default())
}

fn period(first: (i16, i8, i8), last: (i16, i8, i8)) -> Option<Period> {
    let day = |(year, month, day)| date(year, month, day);
    Some(Period { first: day(first), last: day(last) })
}

#[test]
fn weeks_begin_on_monday_and_months_end_with_their_last_day() {
    assert_eq!(around(&Every::Week, 2026, 3, 15), period((2026, 3, 9), (2026, 3, 15)));
    assert_eq!(around(&Every::Fortnight, 2023, 1, 15), period((2023, 1, 2), (2023, 1, 15)));
    assert_eq!(around(&Every::Fortnight, 2023, 1, 1), period((2022, 12, 19), (2023, 1, 1)));
    assert_eq!(around(&Every::Month, 2024, 2, 1), period((2024, 2, 1), (2024, 2, 29)));
    assert_eq!(around(&Every::Quarter, 2026, 5, 31), period((2026, 4, 1), (2026, 6, 30)));
    assert_eq!(around(&Every::HalfYear, 2026, 7, 1), period((2026, 7, 1), (2026, 12, 31)));
    assert_eq!(around(&Every::Year, 2026, 12, 31), period((2026, 1, 1), (2026, 12, 31)));
}

#[test]
fn plain_periods_follow_each_other_without_gap_or_overlap() {
    let plain = [
        Every::Day,
        Every::Week,
        Every::Fortnight,
        Every::Month,
        Every::Quarter,
        Every::HalfYear,
        Every::Year,
    ];
    for every in plain {
        let periods = every.between(date(2023, 1, 1), date(2026, 12, 31), &Company::default());
        assert!(periods[0].first <= date(2023, 1, 1), "{every:?}");
        assert!(periods.last().unwrap().last >= date(2026, 12, 31), "{every:?}");
        for pair in periods.windows(2) {
            assert_eq!(pair[0].last.checked_add(1.day()).unwrap(), pair[1].first, "{every:?}");
        }
        for period in periods {
            assert_eq!(every.around(period.first, &Company::default()), Some(period), "{every:?}");
            assert_eq!(every.around(period.last, &Company::default()), Some(period), "{every:?}");
        }
    }
}

#[test]
fn a_window_of_the_year_may_lie_over_its_end_and_festivals_are_those_of_the_company() {
    let year_end = Every::Yearly { from: (12, 15), until: (1, 15) };
    assert_eq!(around(&year_end, 2026, 12, 20), period((2026, 12, 15), (2027, 1, 15)));
    assert_eq!(around(&year_end, 2027, 1, 10), period((2026, 12, 15), (2027, 1, 15)));
    assert_eq!(around(&year_end, 2027, 1, 16), None);
    let mut company = Company::default();
    company.festivals.insert("mid_autumn".into(), vec![(date(2026, 9, 25), date(2026, 9, 27))]);
    let festivals = Every::Festivals(vec!["mid_autumn".into(), "spring_festival".into()]);
    assert_eq!(festivals.around(date(2026, 9, 26), &company), period((2026, 9, 25), (2026, 9, 27)));
    assert_eq!(festivals.around(date(2026, 9, 28), &company), None);
    assert_eq!(festivals.between(date(2026, 1, 1), date(2026, 12, 31), &company).len(), 1);
}
