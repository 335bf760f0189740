//! Entering: staff write a document at the server, and it goes out to phones like any other.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use sync_core::{
    document::{Author, Document, DocumentKind, Edit, FieldValue, new_id},
    id::{DeviceId, DocumentId, TenantId, UserId},
};

use crate::{
    engine::{Engine, EngineError, line},
    event::EventKind,
    projection::readers,
};

/// A document that may be written, and who is told of it beside those who are told of all of its kind.
pub(super) struct Written {
    pub(super) kind: DocumentKind,
    pub(super) owner: UserId,
    pub(super) fields: Vec<(String, FieldValue)>,
    pub(super) readers: Vec<UserId>,
}

/// A document to be entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entering {
    /// Its kind; visits are recorded by phones alone, and exceptions are made where the obligation is.
    pub kind: DocumentKind,
    /// Whose it is to be.
    pub owner: UserId,
    /// Its fields.
    pub fields: BTreeMap<String, FieldValue>,
}

impl Engine {
    /// Enters a document in the name of its owner and gives its id.
    ///
    /// Everybody enters their own, supervisors and managers also for those who report to them, administrators for
    /// everybody; what only supervisors write only they enter, and administrators.
    ///
    /// # Errors
    /// [`EngineError::NotPermitted`], [`EngineError::NotFound`] for an owner whom the user may not see,
    /// [`EngineError::Invalid`] for a visit, for an exception and for fields that do not fit.
    pub async fn enter(
        self: &Arc<Self>,
        tenant: TenantId,
        by: UserId,
        entering: Entering,
    ) -> Result<DocumentId, EngineError> {
        let Entering { kind, owner, fields } = entering;
        let elsewhere = match kind {
            DocumentKind::Visit => Some("a visit is recorded on the phone of whoever made it"),
            DocumentKind::Exception => Some("an exception is made at the obligation that it is about"),
            _ => None,
        };
        if let Some(elsewhere) = elsewhere {
            return Err(EngineError::Invalid(elsewhere.to_owned()));
        }
        {
            let view = self.view(tenant);
            let user = view.user(by)?.ok_or(EngineError::UnknownUser(by))?;
            if !line::may_ask_about(&view, &user, owner)? {
                return Err(EngineError::NotFound);
            }
            if !line::may_enter(user.role, kind) {
                return Err(EngineError::NotPermitted);
            }
        }
        let _rules = self.locks.rules(tenant).read_owned().await;
        let fields = fields.into_iter().collect();
        self.write_entered(tenant, by, Written { kind, owner, fields, readers: Vec::new() }).await
    }

    /// Writes a document that may be written; the caller holds the lock of the rules.
    pub(super) async fn write_entered(
        self: &Arc<Self>,
        tenant: TenantId,
        by: UserId,
        written: Written,
    ) -> Result<DocumentId, EngineError> {
        let Written { kind, owner, fields, readers } = written;
        let id = new_id(kind, self.draw()?);
        let mut document =
            Document::genesis(id).map_err(|unknown| EngineError::Invalid(unknown.to_string()))?;
        let edits: Vec<Edit> = fields.into_iter().map(|(field, value)| Edit::Set { field, value }).collect();
        let author = Author { tenant, device: DeviceId::SERVER };
        let change = document
            .edit(&author, &edits)
            .map_err(|error| EngineError::Invalid(error.to_string()))?
            .ok_or_else(|| EngineError::Invalid("no field is set".to_owned()))?;
        let mut all: BTreeSet<UserId> = readers.into_iter().filter(|reader| *reader != owner).collect();
        all.extend(readers::of(&self.view(tenant), id, owner, &document.values())?);
        let readers = all.into_iter().collect();
        let kind = EventKind::Entered { document: id, owner, change: change.into(), readers };
        self.append(tenant, Some(by), kind).await?;
        Ok(id)
    }
}
