//! Deadlines of every day of four years, and at the edges.

use super::{at, ms, slow_calendar};
use crate::{
    calendar::{CN, Calendar, CalendarError},
    rules::{Count, RuleError, StartDay, Within, Zone, due, lead},
    time::Timestamp,
};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// China is eight hours ahead of UTC, all year, in these years.
const CHINA_MS: i64 = 8 * HOUR_MS;

const CALENDAR_DAYS: Within =
    Within { amount: 2, count: Count::Calendar, start_day: StartDay::Excluded, roll_forward: false };
const WORKING_DAYS: Within = Within { count: Count::Working, ..CALENDAR_DAYS };
const HOURS: Within = Within { amount: 48, count: Count::Hours, ..CALENDAR_DAYS };

fn due_in_china(within: &Within, end: Timestamp) -> Result<Timestamp, RuleError> {
    due(within, &Zone::named("Asia/Shanghai").unwrap(), &Calendar::from_ics(&CN).unwrap(), end)
}

fn midnight_after(day_number: i64) -> Timestamp {
    ms((day_number + 1) * DAY_MS - CHINA_MS)
}

/// The last of `amount` worked days from `day` on, one day at a time.
fn slow_working_day(mut day: i64, amount: u32) -> Option<i64> {
    let mut counted = 0;
    loop {
        counted += u32::from(slow_calendar::is_worked(day)?);
        if counted == amount {
            return Some(day);
        }
        day += 1;
    }
}

#[test]
fn every_day_of_four_years_is_due_when_slower_arithmetic_says() {
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let calendar = Calendar::from_ics(&CN).unwrap();
    let due = |within: &Within, end| due(within, &zone, &calendar, end);
    let included = |within: Within| Within { start_day: StartDay::Included, ..within };
    let rolled = Within { roll_forward: true, ..CALENDAR_DAYS };
    let days = slow_calendar::days();
    assert_eq!(days.len(), 365 + 366 + 365 + 365);
    for (year, month, day, number) in days {
        // The first and last millisecond of the day in China, and four in the afternoon.
        for of_day in [0, 16 * HOUR_MS, DAY_MS - 1] {
            let end = ms(number * DAY_MS - CHINA_MS + of_day);
            let says = format!("{year}-{month}-{day} + {of_day} ms");
            let slow = |last: Option<i64>| last.map(midnight_after);
            assert_eq!(due(&CALENDAR_DAYS, end).ok(), slow(Some(number + 2)), "calendar, {says}");
            assert_eq!(due(&included(CALENDAR_DAYS), end).ok(), slow(Some(number + 1)), "included, {says}");
            assert_eq!(due(&rolled, end).ok(), slow(slow_working_day(number + 2, 1)), "rolled, {says}");
            assert_eq!(
                due(&WORKING_DAYS, end).ok(),
                slow(slow_working_day(number + 1, 2)),
                "working, {says}"
            );
            assert_eq!(
                due(&included(WORKING_DAYS), end).ok(),
                slow(slow_working_day(number, 2)),
                "working included, {says}"
            );
            assert_eq!(due(&HOURS, end), Ok(end.plus_millis(2 * DAY_MS)), "hours, {says}");
        }
    }
}

#[test]
fn a_visit_that_ends_on_tuesday_is_due_on_thursday_at_24() {
    let end = at("2026-06-02T16:00:00+08:00");
    assert_eq!(due_in_china(&CALENDAR_DAYS, end), Ok(at("2026-06-05T00:00:00+08:00")));
    assert_eq!(due_in_china(&HOURS, end), Ok(at("2026-06-04T16:00:00+08:00")));
}

#[test]
fn two_working_days_before_spring_festival_end_on_the_make_up_day_or_after_it() {
    // Friday the 13th; Saturday the 14th makes up; the festival runs to Monday the 23rd.
    let friday = at("2026-02-13T18:00:00+08:00");
    assert_eq!(due_in_china(&WORKING_DAYS, friday), Ok(at("2026-02-25T00:00:00+08:00")));
    let thursday = at("2026-02-12T18:00:00+08:00");
    assert_eq!(due_in_china(&WORKING_DAYS, thursday), Ok(at("2026-02-15T00:00:00+08:00")));
}

#[test]
fn a_working_day_in_a_year_without_holidays_is_an_error() {
    let year_missing = RuleError::Calendar(CalendarError::YearMissing(2027));
    assert_eq!(year_missing.missing(), "calendar.2027");
    let missing = Err(year_missing);
    assert_eq!(due_in_china(&WORKING_DAYS, at("2026-12-31T10:00:00+08:00")), missing);
    assert_eq!(due_in_china(&WORKING_DAYS, at("2027-06-01T10:00:00+08:00")), missing);
    let rolled = Within { roll_forward: true, ..CALENDAR_DAYS };
    assert_eq!(due_in_china(&rolled, at("2026-12-31T10:00:00+08:00")), missing);
    assert!(due_in_china(&CALENDAR_DAYS, at("2027-06-01T10:00:00+08:00")).is_ok());
}

#[test]
fn an_end_outside_the_range_of_time_is_an_error_and_no_panic() {
    for end in [i64::MIN, i64::MIN + 1, -400_000_000_000_000, i64::MAX - 1, i64::MAX] {
        for within in [CALENDAR_DAYS, WORKING_DAYS, HOURS] {
            assert!(due_in_china(&within, ms(end)).is_err(), "{end} {within:?}");
        }
    }
    for within in [CALENDAR_DAYS, HOURS] {
        assert_eq!(due_in_china(&within, Timestamp::MAX), Err(RuleError::OutOfRange(Timestamp::MAX)));
    }
}

#[test]
fn where_clocks_change_a_day_still_ends_at_midnight() {
    let berlin = Zone::named("Europe/Berlin").unwrap();
    let due = |end| due(&CALENDAR_DAYS, &berlin, &Calendar::default(), end);
    // The day after the visit has 23 hours.
    assert_eq!(due(at("2026-03-28T12:00:00+01:00")), Ok(at("2026-03-31T00:00:00+02:00")));
    // In Beirut the day begins at one o'clock when clocks go forward.
    let beirut = Zone::named("Asia/Beirut").unwrap();
    let day = jiff::civil::date(2026, 3, 29);
    assert_eq!(beirut.start_of(day), Some(at("2026-03-29T01:00:00+03:00")));
}

#[test]
fn minutes_are_exact_and_months_end_with_their_day() {
    let within = |amount, count| Within { amount, count, ..CALENDAR_DAYS };
    let half_past = at("2026-03-10T10:30:00+08:00");
    assert_eq!(due_in_china(&within(30, Count::Minutes), half_past), Ok(at("2026-03-10T11:00:00+08:00")));
    assert_eq!(due_in_china(&within(1, Count::Months), half_past), Ok(at("2026-04-11T00:00:00+08:00")));
    let last_of_january = at("2026-01-31T10:00:00+08:00");
    assert_eq!(due_in_china(&within(1, Count::Months), last_of_january), Ok(at("2026-03-01T00:00:00+08:00")));
}

#[test]
fn a_lead_counts_back_from_the_event_over_holidays_and_make_up_days() {
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let calendar = Calendar::from_ics(&CN).unwrap();
    let latest = |within: Within, event| lead(&within, &zone, &calendar, at(event)).unwrap();
    // Two plain days before Thursday is until 24:00 of Tuesday.
    assert_eq!(latest(CALENDAR_DAYS, "2026-03-12T09:00:00+08:00"), at("2026-03-11T00:00:00+08:00"));
    // The 24th of February 2026 is the first working day after the Spring Festival; the 14th, a Saturday, is worked.
    assert_eq!(latest(WORKING_DAYS, "2026-02-24T09:00:00+08:00"), at("2026-02-14T00:00:00+08:00"));
    let hour = Within { amount: 1, count: Count::Hours, ..CALENDAR_DAYS };
    assert_eq!(latest(hour, "2026-03-12T09:00:00+08:00"), at("2026-03-12T08:00:00+08:00"));
    for event in [i64::MIN, i64::MAX] {
        for within in [CALENDAR_DAYS, WORKING_DAYS] {
            assert!(lead(&within, &zone, &calendar, ms(event)).is_err());
        }
    }
}
