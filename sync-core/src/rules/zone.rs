//! A time zone by its IANA name, always from the bundled database so that phone and server agree.

use std::fmt;

use jiff::{
    civil::Date,
    tz::{TimeZone, TimeZoneDatabase},
};

use crate::time::Timestamp;

/// A name is not that of a time zone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an IANA time zone; write one such as \"Asia/Shanghai\"")]
pub struct UnknownZone(pub String);

/// The time zone in which a pack counts days.
#[derive(Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

impl Zone {
    /// Looks a zone up by its exact IANA name.
    pub fn named(name: &str) -> Result<Self, UnknownZone> {
        let unknown = || UnknownZone(name.chars().take(80).collect());
        let zone = TimeZoneDatabase::bundled().get(name).map_err(|_| unknown())?;
        if zone.iana_name() == Some(name) { Ok(Self { name: name.to_owned(), zone }) } else { Err(unknown()) }
    }

    /// Its IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The civil day an instant falls on; `None` outside the years the product knows.
    pub fn day_of(&self, instant: Timestamp) -> Option<Date> {
        let instant = jiff::Timestamp::from_millisecond(instant.as_millis()).ok()?;
        Some(self.zone.to_datetime(instant).date())
    }

    /// The first instant of a civil day; `None` outside the years the product knows.
    ///
    /// Where clocks jump over midnight this is the instant of the jump.
    pub fn start_of(&self, day: Date) -> Option<Timestamp> {
        let start = day.to_zoned(self.zone.clone()).ok()?;
        let start = Timestamp::from_millis(start.timestamp().as_millisecond());
        (start <= Timestamp::MAX).then_some(start)
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name)
    }
}

impl TryFrom<String> for Zone {
    type Error = UnknownZone;

    fn try_from(name: String) -> Result<Self, UnknownZone> {
        Self::named(&name)
    }
}
