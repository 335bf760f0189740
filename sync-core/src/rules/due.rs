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
        Count::Hours => {
            let deadline = end
                .as_millis()
                .checked_add(i64::from(within.amount) * 3_600_000)
                .map(Timestamp::from_millis)
                .filter(|deadline| *deadline <= Timestamp::MAX);
            return deadline.ok_or_else(out_of_range);
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
