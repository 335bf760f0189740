//! Handing over: whoever becomes responsible for a customer is told what was written about that customer before.

use std::collections::BTreeSet;

use sync_core::{
    document::{Author, Document},
    encoding::Bytes,
    id::{CustomerId, DeviceId, DocumentId, UserId},
    protocol::FeedItem,
    rules::{FactKind, Of},
    time::Timestamp,
};

use crate::{
    projection::{Scope, StoredRecord, View, Writes, corrupt, key::Listed, readers},
    store::StoreError,
};

/// How far back documents are handed over: as far as an exception reaches, and more than phones look at.
const BACK_DAYS: i64 = 400;

/// How many documents of one customer are handed over, the newest.
const DOCUMENTS: usize = 500;

/// How many changes go into one item of the feed.
const CHANGES: usize = 64;

/// Tells somebody what was written about a customer, and from now on what is added to it, except what is private to
/// whoever wrote it.
pub(super) fn hand_over(
    view: &View<'_>,
    writes: &mut Writes,
    customer: CustomerId,
    to: UserId,
    now: Timestamp,
) -> Result<(), StoreError> {
    for id in documents(view, customer, now)? {
        let record =
            view.record(id)?.ok_or_else(|| corrupt(format!("document {id} told a fact and is gone")))?;
        if readers::is_private(id) || record.owner == to || record.readers.contains(&to) {
            continue;
        }
        let document = Document::load(id, &record.saved)
            .map_err(|error| corrupt(format!("document {id} does not load: {error}")))?;
        for (author, changes) in by_author(view, &record, &document)? {
            writes.tell(Scope::User(to), None, FeedItem::Changes { document: id, author, changes });
        }
        writes.tell_of_record(Scope::User(to), None, id);
        let readers = record.readers.iter().copied().chain([to]).collect();
        writes.put(writes.keys().record(id), &StoredRecord { readers, ..record });
    }
    Ok(())
}

/// The documents about a customer, the newest first, and those by which somebody ruled of what is owed there.
fn documents(
    view: &View<'_>,
    customer: CustomerId,
    now: Timestamp,
) -> Result<BTreeSet<DocumentId>, StoreError> {
    let from = now.plus_millis(-BACK_DAYS * 24 * 3_600_000);
    let mut facts = Vec::new();
    for kind in FactKind::ALL {
        for id in view.facts_between(Of::Customer(customer), *kind, from, Timestamp::MAX)?.into_iter().rev() {
            facts.push(id);
        }
    }
    for (_, stored) in
        view.obligations(Listed::Customer(customer), (from, Timestamp::MAX), None, DOCUMENTS)?
    {
        facts.extend(stored.obligation.exception);
    }
    let mut documents = BTreeSet::new();
    for id in facts {
        if documents.len() >= DOCUMENTS {
            break;
        }
        documents.extend(view.stored_fact(id)?.map(|stored| stored.document));
    }
    Ok(documents)
}

/// The changes of a document, each after those it builds on, in runs of one author.
fn by_author(
    view: &View<'_>,
    record: &StoredRecord,
    document: &Document,
) -> Result<Vec<(DeviceId, Vec<Bytes>)>, StoreError> {
    let devices: BTreeSet<DeviceId> = record.written.iter().map(|written| written.device).collect();
    let actor = |device: &DeviceId| Author { tenant: view.tenant(), device: *device }.actor(document.id());
    let mut runs: Vec<(DeviceId, Vec<Bytes>)> = Vec::new();
    for (by, change) in document.raw_changes() {
        let device = devices.iter().find(|device| actor(device) == by);
        let device = *device.ok_or_else(|| corrupt(format!("nobody wrote a change of {}", document.id())))?;
        match runs.last_mut() {
            Some((last, changes)) if *last == device && changes.len() < CHANGES => {
                changes.push(change.into())
            }
            _ => runs.push((device, vec![change.into()])),
        }
    }
    Ok(runs)
}
