//! A calendar: Monday to Friday are worked, but for the days its holiday files name.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{ToSpan, civil::Date};

use super::{CalendarError, holiday_file};

/// Most files one calendar is made from.
const MAX_FILES: usize = 100;

/// Which days are worked, for the years it has a holiday file for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Calendar {
    years: BTreeSet<i16>,
    worked: BTreeMap<Date, bool>,
    /// First day, last day and name.
    festivals: BTreeSet<(Date, Date, &'static str)>,
}

impl Calendar {
    /// Reads one iCalendar file per year: at most 100 files of at most 256 KiB and 400 all-day events each.
    ///
    /// A summary that begins with 上班 makes its days workdays, any other makes them days off. A file's days in a
    /// neighbouring year count too, but do not make that year known.
    pub fn from_ics(files: &[(i16, &str)]) -> Result<Self, CalendarError> {
        if files.len() > MAX_FILES {
            return Err(CalendarError::TooManyFiles { found: files.len(), limit: MAX_FILES });
        }
        let mut calendar = Self::default();
        for &(year, text) in files {
            if !calendar.years.insert(year) {
                return Err(CalendarError::YearTwice(year));
            }
            calendar.add(year, text)?;
        }
        Ok(calendar)
    }

    /// Whether the day is worked; [`CalendarError::YearMissing`] if no file is for its year.
    pub fn is_working_day(&self, day: Date) -> Result<bool, CalendarError> {
        if !self.years.contains(&day.year()) {
            return Err(CalendarError::YearMissing(day.year()));
        }
        let weekday = day.weekday().to_monday_one_offset() <= 5;
        Ok(self.worked.get(&day).copied().unwrap_or(weekday))
    }

    /// The years it has a file for, ascending.
    pub fn years(&self) -> impl Iterator<Item = i16> {
        self.years.iter().copied()
    }

    /// Each time a festival comes, with its first and last day, ascending: `spring_festival`, `mid_autumn` and others
    /// that the summaries of days off name, and `anniversary`, which may be worked.
    pub fn festivals(&self) -> impl Iterator<Item = (&'static str, Date, Date)> {
        self.festivals.iter().map(|(first, last, name)| (*name, *first, *last))
    }

    /// The first day up to `until` that is worked in only one of the two calendars, or on which a festival begins in
    /// only one, of the years this one knows.
    pub fn first_difference(&self, other: &Self, until: Date) -> Option<Date> {
        let exceptions: BTreeSet<&Date> = self.worked.keys().chain(other.worked.keys()).collect();
        let differs = |day: &Date| {
            let here = self.is_working_day(*day);
            here.is_ok() && here != other.is_working_day(*day)
        };
        let worked = exceptions.into_iter().copied().take_while(|day| *day <= until).find(differs);
        let begins = self.festivals.symmetric_difference(&other.festivals).map(|(first, ..)| *first);
        let festival = begins.take_while(|day| *day <= until).find(|day| self.years.contains(&day.year()));
        [worked, festival].into_iter().flatten().min()
    }

    fn add(&mut self, year: i16, text: &str) -> Result<(), CalendarError> {
        let mut has_own_day = false;
        for exception in holiday_file::read(year, text)? {
            for offset in 0..exception.days {
                let day =
                    exception.first.checked_add(offset.days()).map_err(|_| CalendarError::OutOfRange)?;
                has_own_day |= day.year() == year;
                if self.worked.insert(day, exception.worked) == Some(!exception.worked) {
                    return Err(CalendarError::Contradiction { day });
                }
            }
            let last = exception.first.checked_add((exception.days - 1).days());
            let last = last.map_err(|_| CalendarError::OutOfRange)?;
            for name in exception.festivals {
                self.festivals.insert((exception.first, last, name));
            }
        }
        if has_own_day { Ok(()) } else { Err(CalendarError::NoDayOfItsYear { year }) }
    }
}
