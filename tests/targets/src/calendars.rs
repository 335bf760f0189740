//! Holiday calendars: a file is a calendar or is refused; a calendar answers for each day of its year and for no other
//! year, whatever else is in the file.

use jiff::civil::Date;
use sync_core::calendar::{Calendar, CalendarError};

use crate::{Outcome, memory::within_mib};

const YEAR: i16 = 2026;

/// Reads a text as the file of one year.
pub fn run(data: &[u8]) -> Outcome {
    let Ok(text) = std::str::from_utf8(data) else { return Outcome::Refused };
    let calendar = match within_mib(64, || Calendar::from_ics(&[(YEAR, text)])) {
        Ok(calendar) => calendar,
        Err(error) => {
            assert!(error.to_string().len() <= 1_000, "a message of any length");
            assert_eq!(Calendar::from_ics(&[(YEAR, text)]), Err(error));
            return Outcome::Refused;
        }
    };
    assert_eq!(calendar.years().collect::<Vec<_>>(), [YEAR]);
    for day in
        Date::new(YEAR, 1, 1).unwrap().series(jiff::ToSpan::days(1)).take_while(|day| day.year() == YEAR)
    {
        calendar.is_working_day(day).unwrap();
    }
    for year in [YEAR - 1, YEAR + 1, -9999, 9999] {
        let day = Date::new(year, 1, 1).unwrap();
        assert_eq!(calendar.is_working_day(day), Err(CalendarError::YearMissing(year)));
    }
    // A line end more says nothing more.
    assert_eq!(Calendar::from_ics(&[(YEAR, &format!("{text}\n"))]).as_ref(), Ok(&calendar));
    Outcome::Accepted
}
