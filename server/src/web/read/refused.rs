//! Refused entries, for the overview and for one record's page.

use sync_core::time::Timestamp;

use super::names::Names;
use crate::{
    projection::{RefusedEntry, View},
    store::StoreError,
    web::view::RefusedRow,
};

/// No page looks at more refused entries than this.
const REFUSED_MAX: usize = 5_000;

/// How many of the newest the overview shows.
const SHOWN: usize = 20;

/// Counts the refused entries since an instant and shows the newest, of the people for whom `is_seen` holds.
pub(super) fn latest(
    view: &View<'_>,
    names: &mut Names<'_>,
    since: Timestamp,
    mut is_seen: impl FnMut(sync_core::id::UserId) -> bool,
) -> Result<(u64, Vec<RefusedRow>), StoreError> {
    let mut found = Vec::new();
    for entry in view.refused(REFUSED_MAX)? {
        let user = names.device(entry.device)?.map(|device| device.user);
        if entry.arrived >= since && user.is_some_and(&mut is_seen) {
            found.push(entry);
        }
    }
    let total = found.len() as u64;
    let mut rows = Vec::new();
    for entry in found.into_iter().take(SHOWN) {
        let record = match entry.refused.document {
            Some(document) => view.visit(document)?.map(|_| document),
            None => None,
        };
        rows.push(RefusedRow { record, detail: String::new(), ..row(names, entry)? });
    }
    Ok((total, rows))
}

/// One refused entry with its names.
pub(super) fn row(names: &mut Names<'_>, entry: RefusedEntry) -> Result<RefusedRow, StoreError> {
    let (by, device) = names.hand(entry.device)?;
    let arrived = entry.arrived;
    Ok(RefusedRow {
        record: None,
        code: entry.refused.code,
        detail: entry.refused.detail,
        by,
        device,
        arrived,
    })
}
