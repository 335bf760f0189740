//! Readers: who is told of a document beside its owner, of a customer, of a user.

use std::collections::BTreeSet;

use sync_core::{
    directory::User,
    document::{DocumentKind, FieldValue, Values, envelope},
    id::{CustomerId, DocumentId, UserId},
};

use crate::{
    projection::{Scope, View},
    store::StoreError,
};

/// Who is told of a document beside its owner, as its first page says: whoever is responsible for the customer that it
/// names, the owner of the document that it is about, and whom its owner reports to, unless it is one that only those
/// write who lead others.
pub(crate) fn of(
    view: &View<'_>,
    document: DocumentId,
    owner: UserId,
    values: &Values,
) -> Result<Vec<UserId>, StoreError> {
    let mut readers = BTreeSet::new();
    let Some(kind) = DocumentKind::of(document).filter(|_| !is_private(document)) else {
        return Ok(Vec::new());
    };
    if !kind.needs_supervisor() {
        readers.extend(view.user(owner)?.and_then(|owner| owner.reports_to));
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

/// Whether a document is its owner's alone: a visit is, and so is what is noted about somebody behind their back.
pub(super) fn is_private(document: DocumentId) -> bool {
    let kind = DocumentKind::of(document);
    matches!(kind, Some(DocumentKind::Visit | DocumentKind::SpotCheck | DocumentKind::Finding))
}

/// Who is told of a customer: whoever is responsible for it and whom they report to; everybody, if nobody is.
pub(super) fn of_customer(owner: Option<UserId>, supervisor: Option<UserId>) -> Vec<Scope> {
    match owner {
        Some(owner) => std::iter::once(owner).chain(supervisor).map(Scope::User).collect(),
        None => vec![Scope::Tenant],
    }
}

/// Who is told of a user: themselves, whom they report to, and whom they reported to before.
pub(super) fn of_user(before: Option<&User>, user: &User) -> impl Iterator<Item = Scope> {
    let before = before.and_then(|before| before.reports_to);
    let readers: BTreeSet<UserId> = [Some(user.id), user.reports_to, before].into_iter().flatten().collect();
    readers.into_iter().map(Scope::User)
}
