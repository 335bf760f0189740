//! The rules in force: packs and calendars as the phone holds them, parsed.

use rusqlite::Connection;
use sync_core::{
    calendar::Calendar,
    rules::{Pack, PackRule, due},
    time::Timestamp,
};

use crate::{error::Error, store};

/// All packs and the calendar, read once for one call.
pub(crate) struct Rules {
    packs: Vec<Pack>,
    calendar: Calendar,
}

/// By when a record has to be submitted, or what is missing to say so.
pub(crate) type Deadline = Result<Timestamp, String>;

impl Rules {
    /// Reads what the store holds. What arrives is parsed before it is kept, so an error here is damage.
    pub(crate) fn load(db: &Connection) -> Result<Self, Error> {
        let packs = store::packs(db)?
            .iter()
            .map(|text| Pack::parse(text).map_err(Error::corrupt))
            .collect::<Result<Vec<_>, _>>()?;
        let files = store::calendars(db)?;
        let files: Vec<(i16, &str)> = files.iter().map(|(year, ics)| (*year, ics.as_str())).collect();
        Ok(Self { packs, calendar: Calendar::from_ics(&files).map_err(Error::corrupt)? })
    }

    /// The submit rule in force on the day of an instant: of the packs in effect by then, the latest.
    pub(crate) fn record_rule(&self, at: Timestamp) -> Option<PackRule<'_>> {
        let in_force = |rule: &PackRule<'_>| {
            rule.pack.zone.day_of(at).is_some_and(|day| rule.pack.effective_from <= day)
        };
        self.packs.iter().filter_map(Pack::record_rule).rfind(in_force)
    }

    /// The deadline under a rule for a visit that ended then.
    pub(crate) fn deadline(&self, rule: &PackRule<'_>, ended: Timestamp) -> Deadline {
        due(&rule.rule.within, &rule.pack.zone, &self.calendar, ended).map_err(|error| error.missing())
    }

    /// The first instant of the day of an instant, and of the day after; days of UTC before there are any rules.
    pub(crate) fn day_around(&self, at: Timestamp) -> (Timestamp, Timestamp) {
        const DAY_MS: i64 = 86_400_000;
        let zone = self.packs.last().map(|pack| &pack.zone);
        let of_zone = zone.and_then(|zone| {
            let day = zone.day_of(at)?;
            Some((zone.start_of(day)?, zone.start_of(day.tomorrow().ok()?)?))
        });
        of_zone.unwrap_or_else(|| {
            let start = Timestamp::from_millis(at.as_millis().div_euclid(DAY_MS) * DAY_MS);
            (start, start.plus_millis(DAY_MS))
        })
    }
}
