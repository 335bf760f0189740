//! Times as people read them, in the pack's zone.

use jiff::{
    Zoned,
    civil::{Date, Time},
    tz::TimeZone,
};
use sync_core::{
    rules::{Company, Every, Period},
    time::Timestamp,
};

use crate::web::{Lang, Page};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const WEEKDAYS_CHINESE: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];

/// Day and minute; the year only when it is not this one. A time outside the calendar is a dash.
pub(crate) fn minute(page: &Page, at: Timestamp) -> String {
    local(page, at).map_or_else(dash, |local| day_and(page, local.date(), &clock(&local)))
}

/// A deadline's day and minute.
pub(crate) fn due_minute(page: &Page, due: Timestamp) -> String {
    local(page, due).map_or_else(dash, |local| {
        let (day, clock) = due_clock(&local);
        day_and(page, day, &clock)
    })
}

/// Day, weekday and minute.
pub(crate) fn weekday_minute(page: &Page, at: Timestamp) -> String {
    local(page, at).map_or_else(dash, |local| weekday_and(page, local.date(), &clock(&local)))
}

/// A deadline's day, weekday and minute.
pub(crate) fn due_weekday_minute(page: &Page, due: Timestamp) -> String {
    local(page, due).map_or_else(dash, |local| {
        let (day, clock) = due_clock(&local);
        weekday_and(page, day, &clock)
    })
}

fn day_and(page: &Page, day: Date, clock: &str) -> String {
    format!("{} {clock}", date(page, day))
}

fn weekday_and(page: &Page, day: Date, clock: &str) -> String {
    let weekday = usize::from(day.weekday().to_monday_zero_offset().unsigned_abs());
    let name = match page.lang {
        Lang::ZhHans => format!("周{}", WEEKDAYS_CHINESE[weekday]),
        Lang::ZhHant => format!("週{}", WEEKDAYS_CHINESE[weekday]),
        Lang::En => WEEKDAYS[weekday].to_owned(),
    };
    match page.lang {
        Lang::En => format!("{name} {} {clock}", date(page, day)),
        _ => format!("{} {name} {clock}", date(page, day)),
    }
}

/// To the second, with the offset, as `2026-11-19 14:02:07 +08:00`.
pub(crate) fn exact(page: &Page, at: Timestamp) -> String {
    local(page, at).map_or_else(dash, |local| local.strftime("%Y-%m-%d %H:%M:%S %:z").to_string())
}

/// The day alone; the year only when it is not this one.
pub(crate) fn day(page: &Page, at: Timestamp) -> String {
    local(page, at).map_or_else(dash, |local| date(page, local.date()))
}

/// The minute alone.
pub(crate) fn time_of_day(page: &Page, at: Timestamp) -> String {
    local(page, at).map_or_else(dash, |local| local.strftime("%H:%M").to_string())
}

/// The day of an instant; the first of the calendar for one outside it.
pub(crate) fn day_of(zone: &TimeZone, at: Timestamp) -> Date {
    let instant = jiff::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default();
    instant.to_zoned(zone.clone()).date()
}

/// A period: a day, a month, a quarter or a year by its name, any other by its first and last day.
pub(crate) fn period(page: &Page, period: Period) -> String {
    let Period { first, last } = period;
    let (year, month) = (first.year(), first.month());
    let whole = |every: Every| every.around(first, &Company::default()) == Some(period);
    let quarter = (month + 2) / 3;
    match page.lang {
        _ if first == last => date(page, first),
        Lang::En if whole(Every::Month) => {
            format!("{} {year}", MONTHS[usize::from(month.unsigned_abs()) - 1])
        }
        Lang::En if whole(Every::Quarter) => format!("Q{quarter} {year}"),
        _ if whole(Every::Month) => format!("{year}年{month}月"),
        _ if whole(Every::Quarter) => format!("{year}年第{quarter}季度"),
        Lang::En if whole(Every::Year) => year.to_string(),
        _ if whole(Every::Year) => format!("{year}年"),
        _ => format!("{}–{}", date(page, first), date(page, last)),
    }
}

pub(crate) fn local(page: &Page, at: Timestamp) -> Option<Zoned> {
    let instant = jiff::Timestamp::from_millisecond(at.as_millis()).ok()?;
    Some(instant.to_zoned(page.zone.clone()))
}

fn dash() -> String {
    "—".to_owned()
}

fn clock(local: &Zoned) -> String {
    local.strftime("%H:%M").to_string()
}

/// A deadline at midnight is written as 24:00 of the day it ends, as regulations write it.
fn due_clock(local: &Zoned) -> (Date, String) {
    let (day, time) = (local.date(), local.time());
    match day.yesterday() {
        Ok(ended) if time == Time::midnight() => (ended, "24:00".to_owned()),
        _ => (day, clock(local)),
    }
}

fn date(page: &Page, date: Date) -> String {
    let this_year = local(page, page.now).is_some_and(|now| now.year() == date.year());
    match page.lang {
        Lang::En => {
            let month = MONTHS[usize::from(date.month().unsigned_abs()) - 1];
            if this_year {
                format!("{} {month}", date.day())
            } else {
                format!("{} {month} {}", date.day(), date.year())
            }
        }
        _ if this_year => format!("{}月{}日", date.month(), date.day()),
        _ => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_at_midnight_is_the_end_of_the_day_before() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        // 2026-11-20T00:00:00+08:00
        let midnight = Timestamp::from_millis(1_795_104_000_000);
        let page = Page { lang: Lang::ZhHans, zone, now: midnight, session: None, here: "/".to_owned() };
        assert_eq!(due_minute(&page, midnight), "11月19日 24:00");
        assert_eq!(due_weekday_minute(&page, midnight), "11月19日 周四 24:00");
        assert_eq!(minute(&page, midnight), "11月20日 00:00");
        assert_eq!(due_minute(&page, midnight.plus_millis(60_000)), "11月20日 00:01");
    }
}
