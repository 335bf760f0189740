//! What happened to a record: who wrote, submitted and decided, on which phone, and what the server sealed.

use std::collections::{BTreeMap, BTreeSet};

use sync_core::{
    document::{Actor, Author, Document},
    id::{DeviceId, DocumentId, TenantId},
    record::RecordEvent,
};

use super::names::Names;
use crate::{
    projection::{MomentKind, StoredRecord},
    store::StoreError,
    web::view::{Happening, HistoryRow},
};

/// No history shows more than this; what is left out is the oldest.
const ROWS_MAX: usize = 500;

/// Everything that happened, newest first.
pub(super) fn history(
    tenant: TenantId,
    names: &mut Names<'_>,
    id: DocumentId,
    record: &StoredRecord,
    document: &Document,
) -> Result<Vec<HistoryRow>, StoreError> {
    let mut rows = written(tenant, names, id, record, document)?;
    for moment in &record.moments {
        let (by, device) = names.hand(moment.device)?;
        let what = match moment.kind {
            MomentKind::CheckIn => Happening::CheckedIn,
            MomentKind::CheckOut => Happening::CheckedOut,
        };
        let evidence = &moment.evidence;
        rows.push(HistoryRow { at: evidence.claimed, arrived: evidence.not_after, by, device, what });
    }
    for event in &record.events {
        match event {
            RecordEvent::Committed(committed) => {
                for submit in &committed.submits {
                    let (by, device) = names.hand(committed.device)?;
                    let (at, arrived) = (submit.evidence.claimed, Some(committed.arrived));
                    rows.push(HistoryRow { at, arrived, by, device, what: Happening::Submitted });
                }
            }
            RecordEvent::Decided(decision) => rows.push(HistoryRow {
                at: decision.at,
                arrived: None,
                by: names.user(decision.by)?,
                device: String::new(),
                what: Happening::Decided { ruling: decision.ruling },
            }),
        }
    }
    for seal in &record.status.seals {
        rows.push(HistoryRow {
            at: seal.version.at,
            arrived: None,
            by: String::new(),
            device: String::new(),
            what: Happening::Sealed { version: seal.version.number },
        });
    }
    // What phones claim may be anything, so the server's time comes first.
    rows.sort_by_key(|row| std::cmp::Reverse((row.arrived.unwrap_or(row.at), row.at)));
    rows.truncate(ROWS_MAX);
    Ok(rows)
}

/// One row per page that brought changes, with the fields they touched.
fn written(
    tenant: TenantId,
    names: &mut Names<'_>,
    id: DocumentId,
    record: &StoredRecord,
    document: &Document,
) -> Result<Vec<HistoryRow>, StoreError> {
    let devices: BTreeSet<DeviceId> = record.written.iter().map(|written| written.device).collect();
    let actors: BTreeMap<Actor, DeviceId> =
        devices.into_iter().map(|device| (Author { tenant, device }.actor(id), device)).collect();
    let mut fields: BTreeMap<(DeviceId, u64), Vec<&'static str>> = BTreeMap::new();
    for change in document.history() {
        if let Some(device) = actors.get(&change.actor) {
            fields.insert((*device, change.seq), change.fields);
        }
    }
    let mut arrived_so_far: BTreeMap<DeviceId, u64> = BTreeMap::new();
    let mut rows = Vec::new();
    for page in &record.written {
        let before = arrived_so_far.entry(page.device).or_default();
        let last = *before + u64::from(page.changes);
        let mut touched: Vec<&str> = Vec::new();
        for (_, names) in fields.range((page.device, *before + 1)..=(page.device, last)) {
            touched.extend(names.iter().filter(|name| !touched.contains(name)).copied().collect::<Vec<_>>());
        }
        *before = last;
        let (by, device) = names.hand(page.device)?;
        let what = Happening::Wrote { fields: touched.into_iter().map(str::to_owned).collect() };
        rows.push(HistoryRow { at: page.claimed, arrived: Some(page.arrived), by, device, what });
    }
    Ok(rows)
}
