//! Handing over: whoever becomes responsible for a customer is told what was written about that customer before.

use std::collections::BTreeSet;

use sync_core::{
    directory::Customer,
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

/// How far back documents are handed over: more than phones look at.
const BACK_DAYS: i64 = 400;

/// How far back exceptions are: one that was made for a year may be for a year that begins at the end of it.
const EXCEPTIONS_BACK_DAYS: i64 = 900;

/// How many documents of one customer are handed over, the newest of each kind.
const DOCUMENTS: usize = 500;

/// How many bytes of changes go into one item of the feed, unless one change alone has more.
const ITEM_BYTES: usize = 256 * 1024;

/// Tells the new owners of customers what was written about these, and from now on what is added to it, except what is
/// private to whoever wrote it.
pub(super) fn hand_over(
    view: &View<'_>,
    writes: &mut Writes,
    customers: &[Customer],
    now: Timestamp,
) -> Result<(), StoreError> {
    for customer in customers {
        if let Some(owner) = customer.owner
            && view.customer(customer.id)?.is_some_and(|before| before.owner != Some(owner))
        {
            for id in documents(view, customer.id, now)? {
                tell(view, writes, id, owner)?;
            }
        }
    }
    Ok(())
}

fn tell(view: &View<'_>, writes: &mut Writes, id: DocumentId, to: UserId) -> Result<(), StoreError> {
    let record = view.record(id)?.ok_or_else(|| corrupt(format!("document {id} told a fact and is gone")))?;
    if record.owner == to || record.readers.contains(&to) {
        return Ok(());
    }
    let document = Document::load(id, &record.saved)
        .map_err(|error| corrupt(format!("document {id} does not load: {error}")))?;
    for (author, changes) in by_author(view, &record, &document)? {
        writes.tell(Scope::User(to), None, FeedItem::Changes { document: id, author, changes });
    }
    writes.tell_of_record(Scope::User(to), None, id);
    let readers = record.readers.iter().copied().chain([to]).collect();
    writes.put(writes.keys().record(id), &StoredRecord { readers, ..record });
    Ok(())
}

/// The documents about a customer that are nobody's alone: first those by which somebody ruled of what is owed there.
fn documents(view: &View<'_>, customer: CustomerId, now: Timestamp) -> Result<Vec<DocumentId>, StoreError> {
    let back = |days: i64| now.plus_millis(-days * 24 * 3_600_000);
    let place = |due| view.keys().obligations_from(Listed::Customer(customer), due);
    let mut facts = Vec::new();
    for (_, id) in view.range(&place(back(BACK_DAYS)), &place(Timestamp::MAX.plus_millis(1)))? {
        facts.extend(view.obligation(id)?.and_then(|stored| stored.obligation.exception));
    }
    let others = FactKind::ALL.iter().filter(|kind| **kind != FactKind::EXCEPTION);
    for kind in std::iter::once(&FactKind::EXCEPTION).chain(others) {
        let days = if *kind == FactKind::EXCEPTION { EXCEPTIONS_BACK_DAYS } else { BACK_DAYS };
        let found = view.facts_between(Of::Customer(customer), *kind, back(days), Timestamp::MAX)?;
        facts.extend(found.into_iter().rev());
    }
    let (mut known, mut documents) = (BTreeSet::new(), Vec::new());
    for id in facts {
        let document = view.stored_fact(id)?.map(|stored| stored.document);
        if let Some(document) = document.filter(|id| !readers::is_private(*id) && known.insert(*id)) {
            documents.push(document);
        }
        if documents.len() >= DOCUMENTS {
            break;
        }
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
    let mut bytes = 0;
    for (by, change) in document.raw_changes() {
        let device = devices.iter().find(|device| actor(device) == by);
        let device = *device.ok_or_else(|| corrupt(format!("nobody wrote a change of {}", document.id())))?;
        bytes += change.len();
        match runs.last_mut() {
            Some((last, changes)) if *last == device && bytes <= ITEM_BYTES => changes.push(change.into()),
            _ => {
                bytes = change.len();
                runs.push((device, vec![change.into()]));
            }
        }
    }
    Ok(runs)
}
