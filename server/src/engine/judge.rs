//! Judging: what everybody owes is brought up to date with what arrived and with the time.

use std::sync::Arc;

use sync_core::id::TenantId;

use crate::{
    engine::{Engine, EngineError},
    event::{Event, EventKind},
    projection::{apply, ledger, tenants},
    store::StoreError,
};

/// About how many obligations one event looks at; commits of the tenant wait that long.
const AT_MOST: u32 = 1_000;

/// How many events one tenant gets in a row before the others have their turn.
const IN_A_ROW: usize = 32;

impl Engine {
    /// Brings the obligations of all tenants up to date, or as far as a turn goes.
    ///
    /// A tenant whose obligations cannot be looked at is logged and does not hold up the others.
    pub(super) async fn judge(self: &Arc<Self>) -> Result<(), EngineError> {
        for tenant in tenants(self.index())? {
            match self.judge_tenant(tenant).await {
                Ok(()) => {}
                Err(error @ EngineError::Store(StoreError::Closed(_) | StoreError::Full { .. })) => {
                    return Err(error);
                }
                Err(error) => tracing::error!(%tenant, %error, "obligations could not be looked at"),
            }
        }
        Ok(())
    }

    /// The same for one tenant.
    pub(crate) async fn judge_tenant(self: &Arc<Self>, tenant: TenantId) -> Result<(), EngineError> {
        for _ in 0..IN_A_ROW {
            if !self.judge_next(tenant).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Brings up to date what waits, or a part of it; gives whether anything did.
    pub(super) async fn judge_next(self: &Arc<Self>, tenant: TenantId) -> Result<bool, EngineError> {
        if !ledger::waits(&self.view(tenant), self.time().now)? {
            return Ok(false);
        }
        // Nobody writes a fact, a customer or a rule between the look and the event that tells of it.
        let _directory = self.locks.directory(tenant).await;
        let _rules = self.locks.rules(tenant).write_owned().await;
        self.judge_held(tenant).await?;
        Ok(true)
    }

    /// The same for whoever holds the directory and the rules, which is to see that something waits.
    pub(super) async fn judge_held(self: &Arc<Self>, tenant: TenantId) -> Result<(), EngineError> {
        let event =
            Event { tenant, at: self.time().now, by: None, kind: EventKind::Judged { at_most: AT_MOST } };
        let engine = Arc::clone(self);
        let (event, writes) =
            self.work(move || apply(&engine.view(tenant), &event).map(|writes| (event, writes))).await??;
        self.append_prepared(event, writes).await?;
        Ok(())
    }
}
