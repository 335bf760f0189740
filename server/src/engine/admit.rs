//! Admitting a page: which of its entries are merged, and why the others are not.

use std::collections::{BTreeMap, btree_map};

use sync_core::{
    admission::{self, Author, Limits, Refusal, RefusalCode},
    directory::Role,
    document::{Document, DocumentKind},
    encoding::Bytes,
    hash::Hash,
    id::DocumentId,
    log::{CheckedPage, Entry, EntryKind, Refused},
};

use crate::{
    engine::line,
    projection::{EnrolledDevice, StoredRecord, View, corrupt, page::Merged},
    store::StoreError,
};

/// A page sorted into what is merged and what is refused.
pub struct AdmittedPage {
    /// The accepted entries with their hashes, in log order.
    pub entries: Vec<(Entry, Hash)>,
    /// The refused entries, in log order.
    pub refused: Vec<Refused>,
    /// The documents that accepted entries are about, with the accepted changes merged.
    pub merged: BTreeMap<DocumentId, Merged>,
}

/// One document of a page while it is being admitted.
struct Draft {
    before: Option<StoredRecord>,
    document: Document,
    changes: Vec<(u64, Bytes)>,
    moments: usize,
}

/// Puts each entry of a page through admission. One refused entry never stops the others.
pub fn admit_page(
    view: &View<'_>,
    device: &EnrolledDevice,
    role: Role,
    page: &CheckedPage,
) -> Result<AdmittedPage, StoreError> {
    let mut refusals: BTreeMap<u64, Refusal> = BTreeMap::new();
    let mut drafts: BTreeMap<DocumentId, Draft> = BTreeMap::new();
    for checked in &page.entries {
        let entry = match &checked.content {
            Ok(entry) => entry,
            Err(_) => {
                refusals.extend(checked.refusal().map(|refusal| (checked.index, refusal)));
                continue;
            }
        };
        if let EntryKind::Anchor { anchor, .. } = entry.kind {
            if view.anchor_time(device.id(), anchor)?.is_none() {
                let refusal = Refusal::new(RefusalCode::UnknownAnchor, "not an open anchor of this device");
                refusals.insert(checked.index, refusal);
            }
            continue;
        }
        let Some(id) = document_of(entry) else { continue };
        let draft = match drafts.entry(id) {
            btree_map::Entry::Occupied(draft) => draft.into_mut(),
            btree_map::Entry::Vacant(vacant) => match open(view, device, role, id)? {
                Ok(draft) => vacant.insert(draft),
                Err(refusal) => {
                    refusals.insert(checked.index, refusal);
                    continue;
                }
            },
        };
        match &entry.kind {
            EntryKind::Change { change, .. } => draft.changes.push((checked.index, change.clone())),
            EntryKind::CheckIn { .. } | EntryKind::CheckOut { .. } => {
                draft.moments += 1;
                if draft.moments > StoredRecord::MAX_MOMENTS {
                    let refusal = Refusal::new(RefusalCode::OverLimit, "too many check-ins and check-outs");
                    refusals.insert(checked.index, refusal);
                }
            }
            _ => {}
        }
    }
    let author = Author { tenant: view.tenant(), device: device.id() };
    let mut spare = Limits::DRY_RUNS;
    let mut merged: BTreeMap<DocumentId, Merged> = drafts
        .into_iter()
        .map(|(id, draft)| (id, merge(&author, draft, &mut spare, &mut refusals)))
        .collect();
    let mut submits: BTreeMap<DocumentId, usize> = BTreeMap::new();
    for checked in &page.entries {
        if let (Ok(entry), false) = (&checked.content, refusals.contains_key(&checked.index))
            && let EntryKind::Submit { document, heads, value, .. } = &entry.kind
            && let Some(merged) = merged.get(document)
        {
            let before = merged.before.as_ref().map_or(0, |record| record.status.submits.len());
            let count = submits.entry(*document).or_insert(before);
            *count += 1;
            if *count > StoredRecord::MAX_SUBMITS {
                let refusal = Refusal::new(RefusalCode::OverLimit, "too many submits of one record");
                refusals.insert(checked.index, refusal);
            } else if let Err(refusal) = check_submit(merged, heads, *value) {
                refusals.insert(checked.index, refusal);
            }
        }
    }
    let mut entries = Vec::with_capacity(page.entries.len());
    let mut refused = Vec::with_capacity(refusals.len());
    for checked in &page.entries {
        match (refusals.remove(&checked.index), &checked.content) {
            (None, Ok(entry)) => entries.push((entry.clone(), checked.hash)),
            (Some(refusal), content) => refused.push(Refused {
                index: checked.index,
                entry: checked.hash,
                document: content.as_ref().ok().and_then(document_of),
                code: refusal.code,
                detail: refusal.detail,
            }),
            (None, Err(_)) => unreachable!("an entry that cannot be read is refused"),
        }
    }
    merged.retain(|id, _| entries.iter().any(|(entry, _)| document_of(entry) == Some(*id)));
    Ok(AdmittedPage { entries, refused, merged })
}

/// The document an entry is about.
pub fn document_of(entry: &Entry) -> Option<DocumentId> {
    match &entry.kind {
        EntryKind::Change { document, .. }
        | EntryKind::Submit { document, .. }
        | EntryKind::CheckIn { document }
        | EntryKind::CheckOut { document } => Some(*document),
        EntryKind::Boot | EntryKind::Anchor { .. } | EntryKind::ClockSet { .. } => None,
    }
}

/// Opens a document for a device, if its user may write it.
fn open(
    view: &View<'_>,
    device: &EnrolledDevice,
    role: Role,
    id: DocumentId,
) -> Result<Result<Draft, Refusal>, StoreError> {
    let refuse = |code, detail: &str| Ok(Err(Refusal::new(code, detail)));
    let Some(kind) = DocumentKind::of(id) else {
        return refuse(RefusalCode::UnknownKind, "no document kind has this code");
    };
    if !line::may_write(role, kind) {
        return refuse(RefusalCode::NotPermitted, "this role writes no documents of this kind");
    }
    let before = view.record(id)?;
    let document = match &before {
        Some(record) if record.owner != device.user => {
            return refuse(RefusalCode::NotPermitted, "another user's document");
        }
        Some(record) if record.events.len() >= StoredRecord::MAX_EVENTS => {
            return refuse(RefusalCode::OverLimit, "too many commits to one document");
        }
        Some(record) => Document::load(id, &record.saved)
            .map_err(|error| corrupt(format!("record {id} does not load: {error}")))?,
        None => match Document::genesis(id) {
            Ok(document) => document,
            Err(error) => return refuse(RefusalCode::UnknownKind, &error.to_string()),
        },
    };
    let moments = before.as_ref().map_or(0, |record| record.moments.len());
    Ok(Ok(Draft { before, document, changes: Vec::new(), moments }))
}

/// `spare` are the dry runs that the page has left beyond one for each document.
fn merge(author: &Author, draft: Draft, spare: &mut usize, refusals: &mut BTreeMap<u64, Refusal>) -> Merged {
    let changes: Vec<&[u8]> = draft.changes.iter().map(|(_, change)| change.as_slice()).collect();
    let limits = Limits::default().of_page(*spare);
    let admitted = admission::admit(&draft.document, author, &changes, &limits);
    *spare = spare.saturating_sub(admitted.dry_runs.saturating_sub(1));
    let mut accepted = Vec::with_capacity(draft.changes.len());
    let mut last_change = None;
    for ((index, change), result) in draft.changes.into_iter().zip(admitted.results) {
        match result {
            Ok(hash) => {
                last_change = Some(hash);
                accepted.push(change);
            }
            Err(refusal) => {
                refusals.insert(index, refusal);
            }
        }
    }
    Merged {
        before: draft.before,
        values: admitted.values,
        document: admitted.document,
        saved: admitted.saved,
        accepted,
        last_change,
    }
}

fn check_submit(merged: &Merged, heads: &sync_core::document::Heads, value: Hash) -> Result<(), Refusal> {
    if !matches!(merged.document.kind(), DocumentKind::Visit | DocumentKind::Form) {
        return Err(Refusal::new(RefusalCode::NotPermitted, "only visits and forms are handed in"));
    }
    if merged.before.is_none() && merged.accepted.is_empty() {
        return Err(Refusal::new(RefusalCode::UnknownDocument, "nothing of this document is here"));
    }
    if heads.is_empty() || !merged.document.knows(heads) {
        return Err(Refusal::new(RefusalCode::UnknownHeads, "not all heads are here"));
    }
    let actual = if *heads == merged.document.heads() {
        merged.values.hash()
    } else {
        match merged.document.values_at(heads) {
            Ok(values) => values.hash(),
            Err(error) => return Err(Refusal::new(RefusalCode::UnknownHeads, error.to_string())),
        }
    };
    if actual != value {
        return Err(Refusal::new(
            RefusalCode::ValueMismatch,
            format!("the values at these heads hash to {actual}"),
        ));
    }
    Ok(())
}
