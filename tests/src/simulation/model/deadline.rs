//! The deadline, by counting days in China, where all clocks have been eight hours ahead since 1991.

use std::{collections::BTreeMap, ops::Range};

use anyhow::{Context as _, ensure};
use jiff::{ToSpan as _, civil::Date};
use sync_core::{
    rules::{Count, Pack, PackRule, StartDay, Within},
    time::Timestamp,
};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
const AHEAD_MS: i64 = 8 * HOUR_MS;

/// A tenant's packs with a rule about records, by when they begin, and the days that do not follow the week, by the year of their file.
#[derive(Clone, Default)]
pub(super) struct Rules {
    packs: BTreeMap<(Date, u32, String), Pack>,
    exceptions: BTreeMap<i16, Vec<(Range<i64>, bool)>>,
}

impl Rules {
    pub(super) fn put_pack(&mut self, toml: &str) -> anyhow::Result<()> {
        let pack = Pack::parse(toml)?;
        ensure!(pack.zone.name() == "Asia/Shanghai", "the model only counts days in China");
        // The others have no say about records.
        if pack.record_rule().is_some() {
            self.packs.insert((pack.effective_from, pack.version, pack.id.clone()), pack);
        }
        Ok(())
    }

    /// Reads a holiday file line by line.
    pub(super) fn put_calendar(&mut self, year: i16, ics: &str) -> anyhow::Result<()> {
        let mut exceptions = Vec::new();
        for event in ics.split("BEGIN:VEVENT").skip(1) {
            let line = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
            let day = |name: &str| line(name).map(|text| Ok::<_, jiff::Error>(number(text.trim().parse()?)));
            let first = day("DTSTART;VALUE=DATE:").context("a holiday without a first day")??;
            let behind = day("DTEND;VALUE=DATE:").transpose()?.unwrap_or(first + 1);
            let worked = line("SUMMARY:").is_some_and(|summary| summary.trim().starts_with("上班"));
            exceptions.push((first..behind, worked));
        }
        self.exceptions.insert(year, exceptions);
        Ok(())
    }

    /// The rule of the pack that began last before an instant; before the first begins, of the first.
    pub(super) fn in_force(&self, at: Timestamp) -> anyhow::Result<PackRule<'_>> {
        let begun = self.packs.values().rev().find(|pack| start_of(number(pack.effective_from)) <= at);
        let pack = begun.or(self.packs.values().next()).context("the tenant has no pack")?;
        pack.record_rule().context("the pack has no rule about records")
    }

    /// The last instant in time for what ended then, or the calendar year that is missing.
    pub(super) fn due(&self, within: &Within, ended: Timestamp) -> Result<Timestamp, String> {
        let today = (ended.as_millis() + AHEAD_MS).div_euclid(DAY_MS);
        let day_one = if within.start_day == StartDay::Included { today } else { today + 1 };
        let amount = i64::from(within.amount);
        let last_day = match within.count {
            Count::Hours => return Ok(ended.plus_millis(amount * HOUR_MS)),
            Count::Minutes => return Ok(ended.plus_millis(amount * HOUR_MS / 60)),
            Count::Months => {
                // The same day of a later month, or the last day of one that is too short.
                let day =
                    Date::constant(1970, 1, 1).checked_add(today.days()).map_err(|_| "time".to_owned())?;
                let months = i64::from(day.year()) * 12 + i64::from(day.month()) - 1 + amount;
                let year = i16::try_from(months.div_euclid(12)).map_err(|_| "time".to_owned())?;
                let month = (months.rem_euclid(12) + 1) as i8;
                let of = |day| Date::new(year, month, day).ok();
                number((1..=day.day()).rev().find_map(of).ok_or("time")?)
            }
            Count::Calendar => {
                let mut day = day_one + amount - 1;
                while within.roll_forward && !self.is_worked(day)? {
                    day += 1;
                }
                day
            }
            Count::Working => {
                let (mut day, mut left) = (day_one - 1, amount);
                while left > 0 {
                    day += 1;
                    left -= i64::from(self.is_worked(day)?);
                }
                day
            }
        };
        Ok(start_of(last_day + 1))
    }

    fn is_worked(&self, day: i64) -> Result<bool, String> {
        let year = Date::constant(1970, 1, 1).checked_add(day.days()).map_err(|_| "time".to_owned())?.year();
        if !self.exceptions.contains_key(&year) {
            return Err(format!("calendar.{year}"));
        }
        let exception = self.exceptions.values().flatten().find(|(days, _)| days.contains(&day));
        // The first day of 1970 was a Thursday.
        Ok(exception.map_or((day + 3).rem_euclid(7) < 5, |(_, worked)| *worked))
    }
}

/// How many days a date is behind the first day of 1970.
fn number(date: Date) -> i64 {
    let days = Date::constant(1970, 1, 1).until(date).map_or(0, |span| span.get_days());
    i64::from(days)
}

fn start_of(day: i64) -> Timestamp {
    Timestamp::from_millis(day * DAY_MS - AHEAD_MS)
}
