//! Calendars: which days are worked, from the iCalendar files of a country's public holidays.

mod china;
mod error;
mod festival;
mod holiday_file;
#[cfg(test)]
mod tests;
mod working_days;

pub use china::CN;
pub use error::CalendarError;
pub use working_days::Calendar;
