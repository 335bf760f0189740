//! Deciding: a supervisor rules on a held submit or an amendment.

use std::sync::Arc;

use sync_core::{
    hash::Hash,
    id::{DocumentId, TenantId, UserId},
    record::{Decision, Ruling, Standing},
    rules::Reason,
};

use crate::{
    engine::{Engine, EngineError, directory::within, line},
    event::EventKind,
    projection::record,
};

/// The longest note of a decision, in characters.
pub const NOTE_CHARS: usize = 500;

/// What a supervisor rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruled {
    /// The record.
    pub document: DocumentId,
    /// The submit.
    pub submit: Hash,
    /// The ruling.
    pub ruling: Ruling,
    /// Why.
    pub reason: Reason,
    /// In their words; at most [`NOTE_CHARS`] characters.
    pub note: String,
}

impl Engine {
    /// Rules on a submit that waits for it.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when there is no such submit or the user may not see it,
    /// [`EngineError::NotPermitted`] when they may see it but not decide, [`EngineError::NothingToDecide`] when it
    /// waits for no ruling of this kind, [`EngineError::TooLong`] for the note.
    pub async fn decide(
        self: &Arc<Self>,
        tenant: TenantId,
        by: UserId,
        ruled: Ruled,
    ) -> Result<(), EngineError> {
        within("note", &ruled.note, NOTE_CHARS)?;
        let _record = self.locks.records(tenant, [ruled.document]).await;
        let _rules = self.locks.rules(tenant).read_owned().await;
        let view = self.view(tenant);
        let record = view.visit(ruled.document)?.ok_or(EngineError::NotFound)?;
        let user = view.user(by)?.ok_or(EngineError::UnknownUser(by))?;
        if !line::may_see(&view, &user, record.owner)? {
            return Err(EngineError::NotFound);
        }
        if !line::may_decide(&view, &user, record.owner)? {
            return Err(EngineError::NotPermitted);
        }
        record.status.submit(ruled.submit).ok_or(EngineError::NotFound)?;
        explained(ruled.reason, &ruled.note)?;
        let decision = Decision {
            at: record.after_last(self.time().now),
            by,
            submit: ruled.submit,
            ruling: ruled.ruling,
            reason: ruled.reason,
            note: ruled.note,
        };
        if !record::takes_effect(&view, ruled.document, &record, &decision)? {
            return Err(EngineError::NothingToDecide);
        }
        let kind = EventKind::Decided { document: ruled.document, decision };
        self.append(tenant, Some(by), kind).await?;
        Ok(())
    }
}

/// A reason that is none of ours has to be said in words.
pub(super) fn explained(reason: Reason, note: &str) -> Result<(), EngineError> {
    if reason == Reason::Other && note.trim().is_empty() {
        return Err(EngineError::Invalid("a reason of its own needs a word in the note".to_owned()));
    }
    Ok(())
}

/// Whether a ruling is one of those that are offered for a submit in this standing.
pub fn fits(standing: Standing, ruling: Ruling) -> bool {
    match standing {
        Standing::Held | Standing::NeedsReview | Standing::NotEvaluable => {
            matches!(ruling, Ruling::AcceptLate | Ruling::Excuse | Ruling::Refuse)
        }
        Standing::Amendment => matches!(ruling, Ruling::Approve | Ruling::Reject),
        Standing::Refused => matches!(ruling, Ruling::AcceptLate | Ruling::Excuse),
        Standing::Rejected => matches!(ruling, Ruling::Approve),
        Standing::Candidate | Standing::Official | Standing::Contained | Standing::Approved => false,
    }
}
