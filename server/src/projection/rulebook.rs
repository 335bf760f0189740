//! The rulebook: a tenant's packs and calendars, parsed once and shared.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use sync_core::{calendar::Calendar, hash::Hash, rules::Pack, time::Timestamp};

use crate::{projection::corrupt, store::StoreError};

/// The packs and the calendar of a tenant.
#[derive(Debug)]
pub struct Rulebook {
    packs: Vec<Pack>,
    calendar: Calendar,
}

/// How many rulebooks are kept parsed.
const SHARED_MAX: usize = 64;

static SHARED: Mutex<BTreeMap<Hash, Arc<Rulebook>>> = Mutex::new(BTreeMap::new());

impl Rulebook {
    /// Parses packs and calendars that were checked when they were put in; equal texts share one rulebook.
    pub fn shared(packs: &[String], calendars: &[(i16, String)]) -> Result<Arc<Self>, StoreError> {
        let texts = packs.iter().chain(calendars.iter().map(|(_, ics)| ics));
        let hashes: Vec<u8> =
            texts.flat_map(|text| *Hash::of("fieldbook/rulebook/1", &[text.as_bytes()]).as_bytes()).collect();
        let name = Hash::of("fieldbook/rulebooks/1", &[&hashes]);
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rulebook) = shared.get(&name) {
            return Ok(Arc::clone(rulebook));
        }
        let rulebook = Arc::new(Self::parse(packs, calendars).map_err(corrupt)?);
        if shared.len() >= SHARED_MAX {
            shared.clear();
        }
        shared.insert(name, Arc::clone(&rulebook));
        Ok(rulebook)
    }

    fn parse(packs: &[String], calendars: &[(i16, String)]) -> Result<Self, String> {
        let packs = packs.iter().map(|toml| Pack::parse(toml)).collect::<Result<Vec<_>, _>>();
        let years: Vec<(i16, &str)> = calendars.iter().map(|(year, ics)| (*year, ics.as_str())).collect();
        Ok(Self {
            packs: packs.map_err(|error| format!("a stored pack does not parse: {error}"))?,
            calendar: Calendar::from_ics(&years)
                .map_err(|error| format!("a stored calendar does not parse: {error}"))?,
        })
    }

    /// The pack in force at an instant: of those that have begun, the one that began last, in its highest version.
    /// Before the first begins, the first.
    pub fn in_force(&self, at: Timestamp) -> Option<&Pack> {
        let begun = |pack: &&Pack| pack.zone.start_of(pack.effective_from).is_some_and(|start| start <= at);
        self.packs.iter().rev().find(begun).or(self.packs.first())
    }

    /// The calendar of public holidays and make-up workdays.
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }
}
