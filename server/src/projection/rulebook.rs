//! Rulebooks: a tenant's packs and calendars, parsed once for each version and shared.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use sync_core::{hash::Hash, rules::Rulebook};

use crate::{projection::corrupt, store::StoreError};

/// How many rulebooks are kept parsed.
const SHARED_MAX: usize = 64;

/// Rulebooks by their version.
static SHARED: Mutex<BTreeMap<Hash, Arc<Rulebook>>> = Mutex::new(BTreeMap::new());

/// Packs, and calendars by year, that were checked when they were put in.
pub(super) type Texts = (Vec<String>, Vec<(i16, String)>);

/// The rulebook of a version; `read` gives its texts, and whether they are certain to be those of the version.
pub(super) fn shared(
    version: Hash,
    read: impl FnOnce() -> Result<(Texts, bool), StoreError>,
) -> Result<Arc<Rulebook>, StoreError> {
    if let Some(rulebook) = SHARED.lock().unwrap_or_else(PoisonError::into_inner).get(&version) {
        return Ok(Arc::clone(rulebook));
    }
    let ((packs, calendars), certain) = read()?;
    let rulebook = Rulebook::parse(&packs, &calendars).map_err(|error| corrupt(error.to_string()))?;
    let rulebook = Arc::new(rulebook);
    if certain {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if shared.len() >= SHARED_MAX {
            shared.clear();
        }
        shared.insert(version, Arc::clone(&rulebook));
    }
    Ok(rulebook)
}
