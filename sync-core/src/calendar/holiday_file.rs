//! A holiday file: one year's days off and make-up workdays, read from iCalendar text.

use calcard::{
    Entry, Parser,
    icalendar::{ICalendarComponent, ICalendarComponentType, ICalendarProperty},
};
use jiff::{ToSpan, civil::Date};

use super::{CalendarError, festival};

/// Largest holiday file that is read, in bytes.
pub(super) const MAX_FILE_BYTES: usize = 256 * 1024;
/// Most events that are read from one holiday file.
pub(super) const MAX_EVENTS: usize = 400;
/// Longest event that is read, in days.
const MAX_EVENT_DAYS: i32 = 366;
/// How the summary of a make-up workday begins.
const MAKE_UP: &str = "上班";

/// A run of days that do not follow the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exception {
    /// Its first day.
    pub(super) first: Date,
    /// How many days it has, at least one.
    pub(super) days: i32,
    /// Whether they are worked.
    pub(super) worked: bool,
    /// Which festivals it is.
    pub(super) festivals: Vec<&'static str>,
}

/// Reads the events of one year's file.
pub(super) fn read(year: i16, text: &str) -> Result<Vec<Exception>, CalendarError> {
    if text.len() > MAX_FILE_BYTES {
        return Err(CalendarError::FileTooLarge { year, found: text.len(), limit: MAX_FILE_BYTES });
    }
    // The parser is lenient and would read a file that was cut off as a shorter calendar.
    if !text.trim_end().ends_with("END:VCALENDAR") {
        return Err(CalendarError::NotACalendar { year });
    }
    // The parser looks at every component, so the bound on events is checked before it runs.
    let found = text.lines().filter(|line| line.trim_end() == "BEGIN:VEVENT").count();
    if found > MAX_EVENTS {
        return Err(CalendarError::TooManyEvents { year, found, limit: MAX_EVENTS });
    }
    let Entry::ICalendar(calendar) = Parser::new(text).entry() else {
        return Err(CalendarError::NotACalendar { year });
    };
    let events: Vec<_> = calendar
        .components
        .iter()
        .filter(|component| component.component_type == ICalendarComponentType::VEvent)
        .collect();
    if events.len() != found {
        return Err(CalendarError::NotACalendar { year });
    }
    events
        .into_iter()
        .zip(1..)
        .map(|(event, number)| {
            exception(event).map_err(|problem| CalendarError::Event { year, number, problem })
        })
        .collect()
}

fn exception(event: &ICalendarComponent) -> Result<Exception, &'static str> {
    if event.is_recurrent_or_override() {
        return Err("repeats; holiday files list each day off by its date");
    }
    let summary = event
        .property(&ICalendarProperty::Summary)
        .and_then(|property| property.values.first())
        .and_then(|value| value.as_text())
        .ok_or("has no summary")?;
    let first = day(event, &ICalendarProperty::Dtstart)?.ok_or("has no first day (DTSTART)")?;
    let days = match day(event, &ICalendarProperty::Dtend)? {
        Some(end) => first.until(end).map_err(|_| "does not end after it starts")?.get_days(),
        None if event.has_property(&ICalendarProperty::Duration) => {
            return Err("has a duration; holiday files give the day after the last (DTEND)");
        }
        None => 1,
    };
    if days < 1 {
        return Err("does not end after it starts");
    }
    if days > MAX_EVENT_DAYS || first.checked_add(days.days()).is_err() {
        return Err("is longer than a year");
    }
    let worked = summary.trim_start().starts_with(MAKE_UP);
    Ok(Exception { first, days, worked, festivals: festival::named_in(summary, worked).collect() })
}

fn day(event: &ICalendarComponent, name: &ICalendarProperty) -> Result<Option<Date>, &'static str> {
    const PROBLEM: &str = "has a time that is not a whole day (VALUE=DATE)";
    let Some(property) = event.property(name) else { return Ok(None) };
    let Some(value) = property.values.first().and_then(|value| value.as_partial_date_time()) else {
        return Err(PROBLEM);
    };
    if value.has_time() {
        return Err(PROBLEM);
    }
    let (Some(year), Some(month), Some(day)) = (value.year, value.month, value.day) else {
        return Err(PROBLEM);
    };
    match (i16::try_from(year), i8::try_from(month), i8::try_from(day)) {
        (Ok(year), Ok(month), Ok(day)) => {
            Date::new(year, month, day).map(Some).map_err(|_| "names a day that does not exist")
        }
        _ => Err("names a day that does not exist"),
    }
}
