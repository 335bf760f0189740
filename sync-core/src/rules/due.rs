//! The deadline: the last instant that is in time.

use jiff::{ToSpan, civil::Date};

use super::{Count, StartDay, Within, Zone};
use crate::{
    calendar::{Calendar, CalendarError},
    time::Timestamp,
};

/// A deadline cannot be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// The anchor or the deadline lies outside the years the product knows.
    #[error("a window that begins at {0} leaves the range of time")]
    OutOfRange(Timestamp),
    /// The calendar cannot answer.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

impl RuleError {
    /// What is missing, as a verdict names it: `calendar.2027`, or `time` for an instant out of range.
    pub fn missing(&self) -> String {
        match self {
            Self::Calendar(CalendarError::YearMissing(year)) => format!("calendar.{year}"),
            Self::Calendar(_) => "calendar".to_owned(),
            Self::OutOfRange(_) => "time".to_owned(),
        }
    }
}

/// Computes the last instant that is in time for an anchor at `end`; an act at exactly that instant is on time.
///
/// A window in days runs to 24:00 of its last day, which is the first instant of the day after it in `zone`.
pub fn due(
    within: &Within,
    zone: &Zone,
    calendar: &Calendar,
    end: Timestamp,
) -> Result<Timestamp, RuleError> {
    let out_of_range = || RuleError::OutOfRange(end);
    let first_day = zone.day_of(end).ok_or_else(out_of_range)?;
    let after = |day: Date, days: u32| day.checked_add(i64::from(days).days()).map_err(|_| out_of_range());
    let last_day = match within.count {
        Count::Hours | Count::Minutes => {
            let deadline = end
                .as_millis()
                .checked_add(exact_ms(within))
                .map(Timestamp::from_millis)
                .filter(|deadline| *deadline <= Timestamp::MAX);
            return deadline.ok_or_else(out_of_range);
        }
        Count::Months => {
            first_day.checked_add(i64::from(within.amount).months()).map_err(|_| out_of_range())?
        }
        Count::Calendar => {
            let counted_today = u32::from(within.start_day == StartDay::Included);
            let mut day = after(first_day, within.amount.saturating_sub(counted_today))?;
            while within.roll_forward && !calendar.is_working_day(day)? {
                day = after(day, 1)?;
            }
            day
        }
        Count::Working => {
            let mut day = match within.start_day {
                StartDay::Excluded => after(first_day, 1)?,
                StartDay::Included => first_day,
            };
            let mut counted = 0;
            loop {
                counted += u32::from(calendar.is_working_day(day)?);
                if counted >= within.amount {
                    break day;
                }
                day = after(day, 1)?;
            }
        }
    };
    zone.start_of(after(last_day, 1)?).ok_or_else(out_of_range)
}

/// Computes the last instant that is so long before `event`; an act at exactly that instant is in time.
///
/// A lead in days ends at 24:00 of the day that is so many days before the day of the event.
pub fn lead(
    within: &Within,
    zone: &Zone,
    calendar: &Calendar,
    event: Timestamp,
) -> Result<Timestamp, RuleError> {
    let out_of_range = || RuleError::OutOfRange(event);
    let day = zone.day_of(event).ok_or_else(out_of_range)?;
    let before = |day: Date, days: u32| day.checked_sub(i64::from(days).days()).map_err(|_| out_of_range());
    let last_day = match within.count {
        Count::Hours | Count::Minutes => return Ok(event.plus_millis(-exact_ms(within))),
        Count::Calendar => before(day, within.amount)?,
        Count::Months => day.checked_sub(i64::from(within.amount).months()).map_err(|_| out_of_range())?,
        Count::Working => {
            let (mut day, mut counted) = (day, 0);
            while counted < within.amount {
                day = before(day, 1)?;
                if calendar.is_working_day(day)? {
                    counted += 1;
                }
            }
            day
        }
    };
    let after = last_day.checked_add(1.day()).map_err(|_| out_of_range())?;
    zone.start_of(after).ok_or_else(out_of_range)
}

fn exact_ms(within: &Within) -> i64 {
    let unit = if within.count == Count::Hours { 3_600_000 } else { 60_000 };
    i64::from(within.amount) * unit
}
