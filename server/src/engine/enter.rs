//! Entering: staff write a document at the server, and it goes out to phones like any other.

use std::{collections::BTreeMap, sync::Arc};

use sync_core::{
    document::{Author, Document, DocumentKind, Edit, FieldValue, new_id},
    id::{DeviceId, DocumentId, TenantId, UserId},
};

use crate::{
    engine::{Engine, EngineError, line},
    event::EventKind,
    projection::readers,
};

/// A document to be entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entering {
    /// Its kind; visits are recorded by phones alone.
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
    /// [`EngineError::Invalid`] for a visit and for fields that do not fit.
    pub async fn enter(
        self: &Arc<Self>,
        tenant: TenantId,
        by: UserId,
        entering: Entering,
    ) -> Result<DocumentId, EngineError> {
        let Entering { kind, owner, fields } = entering;
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
        if kind == DocumentKind::Visit {
            return Err(EngineError::Invalid(
                "a visit is recorded on the phone of whoever made it".to_owned(),
            ));
        }
        let id = new_id(kind, self.draw()?);
        let mut document =
            Document::genesis(id).map_err(|unknown| EngineError::Invalid(unknown.to_string()))?;
        let edits: Vec<Edit> = fields.into_iter().map(|(field, value)| Edit::Set { field, value }).collect();
        let author = Author { tenant, device: DeviceId::SERVER };
        let change = document
            .edit(&author, &edits)
            .map_err(|error| EngineError::Invalid(error.to_string()))?
            .ok_or_else(|| EngineError::Invalid("no field is set".to_owned()))?;
        let _rules = self.locks.rules(tenant).read_owned().await;
        let readers = readers::of(&self.view(tenant), id, owner, &document.values())?;
        let kind = EventKind::Entered { document: id, owner, change: change.into(), readers };
        self.append(tenant, Some(by), kind).await?;
        Ok(id)
    }
}
