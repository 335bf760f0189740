//! Readers: who is told of a document beside its owner.

use std::collections::BTreeSet;

use sync_core::{
    document::{DocumentKind, FieldValue, Values, envelope},
    id::{CustomerId, DocumentId, UserId},
};

use crate::{projection::View, store::StoreError};

/// Who is told of a document beside its owner, as its first page says: whoever is responsible for the customer that it
/// names, and the owner of the document that it is about.
///
/// A visit is its owner's alone, and so is what is noted about somebody behind their back.
pub(crate) fn of(
    view: &View<'_>,
    document: DocumentId,
    owner: UserId,
    values: &Values,
) -> Result<Vec<UserId>, StoreError> {
    let mut readers = BTreeSet::new();
    let private = [DocumentKind::Visit, DocumentKind::SpotCheck, DocumentKind::Finding];
    if DocumentKind::of(document).is_none_or(|kind| private.contains(&kind)) {
        return Ok(Vec::new());
    }
    if let Some(FieldValue::Id(customer)) = values.get(envelope::CUSTOMER) {
        let customer = view.customer(CustomerId::from_bytes(*customer))?;
        readers.extend(customer.and_then(|customer| customer.owner));
    }
    if let Some(FieldValue::Id(about)) = values.get(envelope::ABOUT) {
        readers.extend(view.record(DocumentId::from_bytes(*about))?.map(|record| record.owner));
    }
    readers.remove(&owner);
    Ok(readers.into_iter().collect())
}
