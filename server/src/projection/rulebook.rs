//! Rulebooks: a tenant's packs and calendars, parsed once for each version and shared.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use sync_core::{hash::Hash, rules::Rulebook};

use crate::{
    projection::{View, corrupt, key::room},
    store::StoreError,
};

/// How many rulebooks are kept parsed.
const SHARED_MAX: usize = 64;

/// Rulebooks by their version.
static SHARED: Mutex<BTreeMap<Hash, Arc<Rulebook>>> = Mutex::new(BTreeMap::new());

/// The rulebook of a view's tenant, from packs and calendars that were checked when they were put in.
pub(super) fn shared(view: &View<'_>) -> Result<Arc<Rulebook>, StoreError> {
    let version = view.rules_version()?;
    if let Some(rulebook) = SHARED.lock().unwrap_or_else(PoisonError::into_inner).get(&version) {
        return Ok(Arc::clone(rulebook));
    }
    let packs: Vec<String> = view.room(room::PACK)?;
    let rulebook = Rulebook::parse(&packs, &view.calendars()?).map_err(|error| corrupt(error.to_string()))?;
    let rulebook = Arc::new(rulebook);
    // What was put in meanwhile may be in it or not, and then it is nobody else's.
    if view.rules_version()? == version {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if shared.len() >= SHARED_MAX {
            shared.clear();
        }
        shared.insert(version, Arc::clone(&rulebook));
    }
    Ok(rulebook)
}
