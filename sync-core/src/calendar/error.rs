//! What can be wrong with a calendar, or with a question to it.

use jiff::civil::Date;

/// A holiday file cannot be used, or a day is asked for that no file covers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// There is no holiday file for the year, so nobody can say which of its days are worked.
    #[error("the calendar has no holidays for {0}; add that year's file")]
    YearMissing(i16),
    /// A day outside the years 1 to 9998.
    #[error("the calendar does not reach that far")]
    OutOfRange,
    /// More files than a calendar may have.
    #[error("{found} holiday files; at most {limit} are read")]
    TooManyFiles {
        /// How many were given.
        found: usize,
        /// How many may be.
        limit: usize,
    },
    /// Two files for the same year.
    #[error("two holiday files for {0}")]
    YearTwice(i16),
    /// A file is larger than a calendar file may be.
    #[error("the holiday file for {year} has {found} bytes; at most {limit} are read")]
    FileTooLarge {
        /// The year it is for.
        year: i16,
        /// Its size in bytes.
        found: usize,
        /// The largest size in bytes.
        limit: usize,
    },
    /// A file is not an iCalendar file, or is cut off.
    #[error("the holiday file for {year} is not a complete iCalendar file")]
    NotACalendar {
        /// The year it is for.
        year: i16,
    },
    /// A file has more events than a calendar file may have.
    #[error("the holiday file for {year} has {found} events; at most {limit} are read")]
    TooManyEvents {
        /// The year it is for.
        year: i16,
        /// How many it has.
        found: usize,
        /// How many it may have.
        limit: usize,
    },
    /// A file has no event in its own year, so it is not that year's file.
    #[error("the holiday file for {year} has no day in {year}")]
    NoDayOfItsYear {
        /// The year it is for.
        year: i16,
    },
    /// An event cannot be understood.
    #[error("event {number} of the holiday file for {year} {problem}")]
    Event {
        /// The year of the file.
        year: i16,
        /// Which event it is, from 1.
        number: usize,
        /// What is wrong with it, as the rest of a sentence.
        problem: &'static str,
    },
    /// One day is called both a day off and a make-up workday.
    #[error("{day} is both a day off and a make-up workday")]
    Contradiction {
        /// The day.
        day: Date,
    },
}
