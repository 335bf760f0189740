//! The rules in force: packs and calendars as the phone holds them.

use rusqlite::Connection;
use sync_core::{
    rules::{PackRule, Rulebook, due},
    time::Timestamp,
};

use crate::{error::Error, store};

/// Reads what the store holds. What arrives is parsed before it is kept, so an error here is damage.
pub(crate) fn rulebook(db: &Connection) -> Result<Rulebook, Error> {
    Rulebook::parse(&store::packs(db)?, &store::calendars(db)?).map_err(Error::corrupt)
}

/// By when a record has to be submitted, or what is missing to say so.
pub(crate) type Deadline = Result<Timestamp, String>;

/// The deadline under a rule for a visit that ended then.
pub(crate) fn deadline(rulebook: &Rulebook, rule: &PackRule<'_>, ended: Timestamp) -> Deadline {
    due(&rule.rule.within, &rule.pack.zone, rulebook.calendar(), ended).map_err(|error| error.missing())
}

/// The first instant of the day of an instant, and of the day after; days of UTC before there are any rules.
pub(crate) fn day_around(rulebook: &Rulebook, at: Timestamp) -> (Timestamp, Timestamp) {
    const DAY_MS: i64 = 86_400_000;
    let of_zone = rulebook.zone(at).and_then(|zone| {
        let day = zone.day_of(at)?;
        Some((zone.start_of(day)?, zone.start_of(day.tomorrow().ok()?)?))
    });
    of_zone.unwrap_or_else(|| {
        let start = Timestamp::from_millis(at.as_millis().div_euclid(DAY_MS) * DAY_MS);
        (start, start.plus_millis(DAY_MS))
    })
}
