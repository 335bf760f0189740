//! The company: a tenant's directory and calendar as rules see them, made once for each version and shared.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use sync_core::{hash::Hash, id::TenantId, rules::Company};

use crate::{projection::View, store::StoreError};

/// Of how many tenants the company is kept.
const SHARED_MAX: usize = 64;

/// The newest company of each tenant that was asked for, with its version.
static SHARED: Mutex<BTreeMap<TenantId, (Hash, Arc<Company>)>> = Mutex::new(BTreeMap::new());

/// The company of a view's tenant; equal versions share one.
pub(super) fn shared(view: &View<'_>) -> Result<Arc<Company>, StoreError> {
    let version = view.directory_version()?;
    let known = |of: &BTreeMap<TenantId, (Hash, Arc<Company>)>| {
        of.get(&view.tenant()).filter(|(of, _)| *of == version).map(|(_, company)| Arc::clone(company))
    };
    if let Some(company) = known(&SHARED.lock().unwrap_or_else(PoisonError::into_inner)) {
        return Ok(company);
    }
    // Read without the lock: other tenants need not wait for a large directory.
    let rulebook = view.rulebook()?;
    let company = Arc::new(Company::of(&view.users()?, &view.customers()?, rulebook.calendar()));
    // What was written meanwhile may be in it or not, and then it is nobody else's.
    if view.directory_version()? == version {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if shared.len() >= SHARED_MAX {
            shared.clear();
        }
        shared.insert(view.tenant(), (version, Arc::clone(&company)));
    }
    Ok(company)
}
