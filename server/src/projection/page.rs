//! A page of a commit: what its accepted entries do to the device and to the records they are about.

use std::collections::{BTreeMap, BTreeSet};

use sync_core::{
    document::{Document, Heads, Values, Visit, hash_of_change},
    encoding::Bytes,
    hash::Hash,
    id::{DeviceId, DocumentId, UserId},
    log::{Chain, Commit, Entry, EntryKind, SignedReceipt},
    record::{Committed, RecordEvent, Submitted},
    rules::{Evidence, Fact, Flags},
    time::Timestamp,
};

use crate::{
    event::Readers,
    projection::{EnrolledDevice, Moment, MomentKind, StoredRecord, View, Written, corrupt, record},
    store::StoreError,
};

/// A document with the accepted changes of a page merged into it.
pub struct Merged {
    /// The record before, if there was one.
    pub before: Option<StoredRecord>,
    /// The document after.
    pub document: Document,
    /// The document after, saved.
    pub saved: Vec<u8>,
    /// Its values.
    pub values: Values,
    /// The accepted changes, in log order.
    pub accepted: Vec<Bytes>,
    /// Hash of the last of them.
    pub last_change: Option<Hash>,
}

/// What a page does.
pub struct PageOutcome {
    /// The device afterwards.
    pub device: EnrolledDevice,
    /// Anchors that were given out but do not lie behind the page.
    pub open_anchors: Vec<(Hash, Timestamp)>,
    /// The records it touches.
    pub records: Vec<Touched>,
}

/// A record that a page touches.
pub struct Touched {
    /// The record.
    pub document: DocumentId,
    /// As it was.
    pub before: Option<StoredRecord>,
    /// As it is.
    pub record: StoredRecord,
    /// Its values.
    pub values: Values,
    /// The facts that it tells.
    pub facts: Vec<Fact>,
    /// The changes the page brought.
    pub accepted: Vec<Bytes>,
}

/// A page to be reckoned: its entries without those that are refused.
pub struct Page<'a> {
    /// Whose log it is from.
    pub device: DeviceId,
    /// The accepted entries with their hashes, in log order; anchors included.
    pub entries: &'a [(Entry, Hash)],
    /// Index of the last entry of the page, refused or not.
    pub last: u64,
    /// Hash of that entry.
    pub head: Hash,
    /// Whether it reaches the signed head.
    pub complete: bool,
    /// When it arrived.
    pub arrived: Timestamp,
    /// Whether the server's own clock was in doubt then.
    pub time_suspect: bool,
    /// Who is told of new documents beside their owner, if the journal says so already; else that is found out.
    pub readers: Option<&'a [Readers]>,
}

/// Merges a page that was admitted earlier, by its receipt.
pub fn replay(
    view: &View<'_>,
    commit: &Commit,
    receipt: &SignedReceipt,
    time_suspect: bool,
    readers: &[Readers],
) -> Result<PageOutcome, StoreError> {
    let receipt = &receipt.receipt;
    let refused: BTreeSet<u64> = receipt.refused.iter().map(|refused| refused.index).collect();
    let mut entries = Vec::with_capacity(commit.entries.len());
    for (index, bytes) in (commit.first..).zip(&commit.entries) {
        if !refused.contains(&index) {
            let entry = Entry::decode(bytes)
                .map_err(|error| corrupt(format!("a journaled entry does not decode: {error}")))?;
            entries.push((entry, Entry::hash_of(bytes)));
        }
    }
    let mut changes: BTreeMap<DocumentId, Vec<Bytes>> = BTreeMap::new();
    for (entry, _) in &entries {
        match &entry.kind {
            EntryKind::Change { document, change } => {
                changes.entry(*document).or_default().push(change.clone())
            }
            EntryKind::Submit { document, .. }
            | EntryKind::CheckIn { document }
            | EntryKind::CheckOut { document } => {
                changes.entry(*document).or_default();
            }
            EntryKind::Boot | EntryKind::Anchor { .. } | EntryKind::ClockSet { .. } => {}
        }
    }
    let merged = changes
        .into_iter()
        .map(|(id, accepted)| Ok((id, remerge(view, id, accepted)?)))
        .collect::<Result<BTreeMap<_, _>, StoreError>>()?;
    let page = Page {
        device: receipt.device,
        entries: &entries,
        last: receipt.last,
        head: receipt.head,
        complete: receipt.last == commit.statement.last,
        arrived: receipt.received,
        time_suspect,
        readers: Some(readers),
    };
    reckon(view, &page, merged)
}

fn remerge(view: &View<'_>, id: DocumentId, accepted: Vec<Bytes>) -> Result<Merged, StoreError> {
    let broken = |error: &dyn std::fmt::Display| corrupt(format!("record {id}: {error}"));
    let before = view.record(id)?;
    let mut document = match &before {
        Some(record) => Document::load(id, &record.saved).map_err(|error| broken(&error))?,
        None => Document::genesis(id).map_err(|error| broken(&error))?,
    };
    let changes: Vec<&[u8]> = accepted.iter().map(|change| change.as_slice()).collect();
    document.apply_trusted(&changes).map_err(|error| broken(&error))?;
    let last_change = accepted.last().map(|change| hash_of_change(change));
    let (saved, values) = (document.save(), document.values());
    Ok(Merged { before, document, saved, values, accepted, last_change })
}

/// Works out what a page does, from its accepted entries and the documents they were merged into.
pub fn reckon(
    view: &View<'_>,
    page: &Page<'_>,
    merged: BTreeMap<DocumentId, Merged>,
) -> Result<PageOutcome, StoreError> {
    let mut device = view
        .device(page.device)?
        .ok_or_else(|| corrupt(format!("a page of device {}, never enrolled", page.device)))?;
    let anchors: BTreeMap<Hash, Timestamp> = view
        .anchors(page.device)?
        .into_iter()
        .filter_map(|(key, time)| Some((Hash::from_bytes(key.get(key.len() - 32..)?.try_into().ok()?), time)))
        .collect();
    let first_changes = first_changes(page, &merged);
    let evidence = device.witness.read_where(
        &|entry| match entry.kind {
            EntryKind::Submit { .. } | EntryKind::CheckIn { .. } | EntryKind::CheckOut { .. } => true,
            EntryKind::Change { document, .. } => first_changes.get(&document) == Some(&entry.index),
            _ => false,
        },
        page.entries,
        &|hash| anchors.get(&hash).copied(),
        Some(page.arrived),
        device.sync.unanswered,
        device.enrolled,
    );
    let answered = page.entries.iter().rev().find_map(|(entry, _)| match &entry.kind {
        EntryKind::Anchor { anchor, .. } => anchors.get(anchor).copied(),
        _ => None,
    });
    let open_anchors =
        anchors.into_iter().filter(|(_, time)| answered.is_none_or(|answered| *time > answered)).collect();
    device.sync.chain = Chain { next_index: page.last + 1, head: page.head };
    device.last_contact = page.arrived;
    if page.complete {
        device.sync.unanswered = 0;
    }
    let mut evidence: BTreeMap<u64, Evidence> = evidence.into_iter().collect();
    if page.time_suspect {
        for evidence in evidence.values_mut() {
            evidence.flags = evidence.flags.with(Flags::SERVER_TIME_SUSPECT);
        }
    }
    let rulebook = view.rulebook()?;
    let mut records = Vec::with_capacity(merged.len());
    for (id, merged) in merged {
        let mut record = match &merged.before {
            Some(before) => before.clone(),
            None => StoredRecord {
                evidence: first_changes.get(&id).and_then(|index| evidence.get(index)).cloned(),
                readers: readers(view, page, id, device.user, &merged.values)?,
                ..StoredRecord::new(id, device.user, page.arrived)
            },
        };
        record.events.push(RecordEvent::Committed(committed(page, id, &merged, &evidence)?));
        record.moments.extend(moments(page, id, &evidence));
        record.written.extend(written(page, id, merged.accepted.len()));
        let Merged { before, document, saved, values, accepted, .. } = merged;
        record.saved = saved.into();
        let facts = record::evaluate(id, &mut record, &document, &values, &rulebook, page.arrived)?;
        records.push(Touched { document: id, before, record, facts, values, accepted });
    }
    Ok(PageOutcome { device, open_anchors, records })
}

impl PageOutcome {
    /// Who is told of its new documents beside their owner, for the journal.
    pub fn readers(&self) -> Option<Vec<Readers>> {
        let new = self.records.iter().filter(|touched| touched.before.is_none());
        let read = new.filter(|touched| !touched.record.readers.is_empty());
        let readers: Vec<Readers> = read
            .map(|touched| Readers { document: touched.document, users: touched.record.readers.clone() })
            .collect();
        (!readers.is_empty()).then_some(readers)
    }
}

fn readers(
    view: &View<'_>,
    page: &Page<'_>,
    id: DocumentId,
    owner: UserId,
    values: &Values,
) -> Result<Vec<UserId>, StoreError> {
    match page.readers {
        Some(journaled) => {
            let readers = journaled.iter().find(|readers| readers.document == id);
            Ok(readers.map(|readers| readers.users.clone()).unwrap_or_default())
        }
        None => super::readers::of(view, id, owner, values),
    }
}

/// The entries that first wrote the documents of a page whose writing is evidence: all that are new, but visits.
fn first_changes(page: &Page<'_>, merged: &BTreeMap<DocumentId, Merged>) -> BTreeMap<DocumentId, u64> {
    let mut first = BTreeMap::new();
    for (entry, _) in page.entries {
        if let EntryKind::Change { document, .. } = entry.kind
            && !record::is_visit(document)
            && merged.get(&document).is_some_and(|merged| merged.before.is_none())
        {
            first.entry(document).or_insert(entry.index);
        }
    }
    first
}

/// What a page brought for one record.
fn committed(
    page: &Page<'_>,
    id: DocumentId,
    merged: &Merged,
    evidence: &BTreeMap<u64, Evidence>,
) -> Result<Committed, StoreError> {
    let values_at = |heads: &Heads| {
        if *heads == merged.document.heads() {
            return Ok(merged.values.clone());
        }
        merged.document.values_at(heads).map_err(|error| corrupt(format!("record {id}: {error}")))
    };
    let mut ended = match merged.last_change {
        Some(change) => Visit::read(&values_at(&Heads::new([change]))?).ended,
        None => None,
    };
    let mut submits = Vec::new();
    for (entry, hash) in page.entries {
        let EntryKind::Submit { document, heads, reason, .. } = &entry.kind else { continue };
        if *document != id {
            continue;
        }
        let values = values_at(heads)?;
        if merged.last_change.is_none() {
            ended = Visit::read(&values).ended;
        }
        let Some(evidence) = evidence.get(&entry.index) else { continue };
        submits.push(Submitted {
            entry: *hash,
            heads: heads.clone(),
            filled: values.iter().map(|(field, _)| (*field).to_owned()).collect(),
            reason: *reason,
            evidence: evidence.clone(),
        });
    }
    Ok(Committed { arrived: page.arrived, device: page.device, head: page.head, ended, submits })
}

fn written(page: &Page<'_>, id: DocumentId, changes: usize) -> Option<Written> {
    let last = page.entries.iter().rev().find_map(|(entry, _)| match &entry.kind {
        EntryKind::Change { document, .. } if *document == id => Some(entry.wall),
        _ => None,
    });
    last.map(|claimed| Written {
        device: page.device,
        arrived: page.arrived,
        claimed,
        changes: u32::try_from(changes).unwrap_or(u32::MAX),
    })
}

fn moments<'a>(
    page: &'a Page<'_>,
    id: DocumentId,
    evidence: &'a BTreeMap<u64, Evidence>,
) -> impl Iterator<Item = Moment> + 'a {
    page.entries.iter().filter_map(move |(entry, _)| {
        let (kind, document) = match &entry.kind {
            EntryKind::CheckIn { document } => (MomentKind::CheckIn, document),
            EntryKind::CheckOut { document } => (MomentKind::CheckOut, document),
            _ => return None,
        };
        let evidence = evidence.get(&entry.index).filter(|_| *document == id)?;
        Some(Moment { kind, device: page.device, evidence: evidence.clone() })
    })
}
