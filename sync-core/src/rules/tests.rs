//! Rules against the calendar, against the table of evidence, and against slower arithmetic.

mod bytes;
mod company;
mod due;
mod evidence;
mod pack;
mod period;
mod shapes;
pub(crate) mod slow_calendar;

use super::{Evidence, Flags, Measured, Pack, packs};
use crate::time::Timestamp;

/// The shipped pack with some of its text replaced.
pub(crate) fn pack_with(replacements: &[(&str, &str)]) -> Pack {
    let mut text = packs::KEY_ACCOUNT_VISITS.to_owned();
    for (from, to) in replacements {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    Pack::parse(&text).unwrap()
}

/// Milliseconds as an instant.
pub(crate) const fn ms(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// An instant written as RFC 3339.
pub(crate) fn at(text: &str) -> Timestamp {
    ms(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

/// Evidence of an interval, claimed at its lower end, without a measurement.
pub(crate) fn between(not_before: Timestamp, not_after: Timestamp) -> Evidence {
    Evidence {
        not_before,
        anchor: None,
        not_after: Some(not_after),
        measured: None,
        claimed: not_before,
        flags: Flags::empty(),
    }
}

/// The same evidence with a measurement.
pub(crate) fn measured(evidence: Evidence, earliest: Timestamp, latest: Timestamp) -> Evidence {
    Evidence { measured: Some(Measured { earliest, latest }), ..evidence }
}
