//! A document that was entered at the server: merged, kept and told like any other.

use sync_core::{
    document::{Document, DocumentKind, hash_of_change},
    encoding::Bytes,
    id::{DeviceId, DocumentId, UserId},
    protocol::FeedItem,
    record::{Committed, RecordEvent, Submitted},
    rules::{Evidence, Flags},
    time::Timestamp,
};

use crate::{
    projection::{StoredRecord, View, Writes, Written, corrupt, record},
    store::StoreError,
};

/// A document that was entered.
pub(super) struct Entered<'a> {
    pub(super) document: DocumentId,
    pub(super) owner: UserId,
    pub(super) change: &'a Bytes,
    pub(super) readers: &'a [UserId],
}

impl Entered<'_> {
    /// Gives the writes of its entering.
    pub(super) fn apply(
        &self,
        view: &View<'_>,
        writes: &mut Writes,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let Self { document: id, owner, change, readers } = *self;
        let broken = |error: &dyn std::fmt::Display| corrupt(format!("document {id}: {error}"));
        let mut document = Document::genesis(id).map_err(|error| broken(&error))?;
        document.apply_trusted(&[change.as_slice()]).map_err(|error| broken(&error))?;
        let values = document.values();
        let mut stored = StoredRecord::new(id, owner, at);
        stored.saved = document.save().into();
        stored.readers = readers.to_vec();
        stored.written.push(Written { device: DeviceId::SERVER, arrived: at, claimed: at, changes: 1 });
        // What the office enters of a form is a form that was handed in.
        if DocumentKind::of(id) == Some(DocumentKind::Form) {
            let hash = hash_of_change(change);
            let submitted = Submitted {
                entry: hash,
                heads: document.heads(),
                filled: values.iter().map(|(field, _)| (*field).to_owned()).collect(),
                reason: None,
                evidence: Evidence {
                    not_before: at,
                    anchor: None,
                    not_after: Some(at),
                    measured: None,
                    claimed: at,
                    flags: Flags::empty(),
                },
            };
            stored.events.push(RecordEvent::Committed(Committed {
                arrived: at,
                device: DeviceId::SERVER,
                head: hash,
                ended: None,
                submits: vec![submitted],
            }));
        }
        let facts = record::evaluate(id, &mut stored, &document, &values, &*view.rulebook()?, at)?;
        for scope in stored.scopes() {
            let item =
                FeedItem::Changes { document: id, author: DeviceId::SERVER, changes: vec![change.clone()] };
            writes.tell(scope, None, item);
            writes.tell_of_record(scope, None, id);
        }
        record::put(view, writes, (None, &stored), id, &values, &facts, at)
    }
}
