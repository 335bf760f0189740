//! Rulebooks, parsed once and shared.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use sync_core::{hash::Hash, rules::Rulebook};

use crate::{projection::corrupt, store::StoreError};

/// How many rulebooks are kept parsed.
const SHARED_MAX: usize = 64;

static SHARED: Mutex<BTreeMap<Hash, Arc<Rulebook>>> = Mutex::new(BTreeMap::new());

/// Parses packs and calendars that were checked when they were put in; equal texts share one rulebook.
pub(super) fn shared(packs: &[String], calendars: &[(i16, String)]) -> Result<Arc<Rulebook>, StoreError> {
    let texts = packs.iter().chain(calendars.iter().map(|(_, ics)| ics));
    let hashes: Vec<u8> =
        texts.flat_map(|text| *Hash::of("fieldbook/rulebook/1", &[text.as_bytes()]).as_bytes()).collect();
    let name = Hash::of("fieldbook/rulebooks/1", &[&hashes]);
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(rulebook) = shared.get(&name) {
        return Ok(Arc::clone(rulebook));
    }
    let rulebook = Rulebook::parse(packs, calendars).map_err(|error| corrupt(error.to_string()))?;
    let rulebook = Arc::new(rulebook);
    if shared.len() >= SHARED_MAX {
        shared.clear();
    }
    shared.insert(name, Arc::clone(&rulebook));
    Ok(rulebook)
}
