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

    /// The first day up to `until` that is worked in only one of the two calendars, of the years this one knows.
    pub fn first_difference(&self, other: &Self, until: Date) -> Option<Date> {
        let exceptions: BTreeSet<&Date> = self.worked.keys().chain(other.worked.keys()).collect();
        let differs = |day: &Date| {
            let here = self.is_working_day(*day);
            here.is_ok() && here != other.is_working_day(*day)
        };
        exceptions.into_iter().copied().take_while(|day| *day <= until).find(differs)
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
        }
        if has_own_day { Ok(()) } else { Err(CalendarError::NoDayOfItsYear { year }) }
    }
}
