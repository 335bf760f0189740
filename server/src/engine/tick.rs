//! The tick: time passing is an event too.

use std::{collections::BTreeSet, sync::Arc};

use sync_core::id::{DocumentId, TenantId};

use crate::{
    engine::{Engine, EngineError},
    event::EventKind,
    projection::{View, tenants},
    store::StoreError,
};

/// How many records one event looks at again.
const BATCH: usize = 256;

impl Engine {
    /// Seals and judges what became due by now, then brings obligations up to date; gives how many records were looked at.
    /// A clock in doubt passes no deadline.
    ///
    /// A record that cannot be looked at is logged and holds up neither the others nor the other tenants.
    pub async fn tick(self: &Arc<Self>) -> Result<usize, EngineError> {
        if self.time().suspect {
            return Ok(0);
        }
        let mut looked_at = 0;
        for tenant in tenants(self.index())? {
            looked_at += self.tick_tenant(tenant).await?;
        }
        self.judge().await?;
        Ok(looked_at)
    }

    pub(super) async fn tick_tenant(self: &Arc<Self>, tenant: TenantId) -> Result<usize, EngineError> {
        let (mut looked_at, mut left_out) = (0, BTreeSet::new());
        loop {
            let now = self.time().now;
            let mut due = View::new(self.index(), tenant).due(now, BATCH + left_out.len())?;
            due.retain(|document| !left_out.contains(document));
            if due.is_empty() {
                return Ok(looked_at);
            }
            match self.look_at(tenant, &due).await {
                Ok(()) => looked_at += due.len(),
                Err(error @ EngineError::Store(StoreError::Closed(_) | StoreError::Full { .. })) => {
                    return Err(error);
                }
                Err(_) => {
                    for document in due {
                        match self.look_at(tenant, &[document]).await {
                            Ok(()) => looked_at += 1,
                            Err(error) => {
                                tracing::error!(%tenant, %document, %error, "a deadline could not be passed");
                                left_out.insert(document);
                            }
                        }
                    }
                }
            }
        }
    }

    async fn look_at(self: &Arc<Self>, tenant: TenantId, due: &[DocumentId]) -> Result<(), EngineError> {
        let _records = self.locks.records(tenant, due.iter().copied()).await;
        let _rules = self.locks.rules(tenant).read_owned().await;
        // Some may have been looked at by a commit while we waited for the locks.
        let view = View::new(self.index(), tenant);
        let now = self.time().now;
        let mut still_due = Vec::with_capacity(due.len());
        for document in due {
            if view.record(*document)?.is_some_and(|record| record.look_again.is_some_and(|at| at <= now)) {
                still_due.push(*document);
            }
        }
        if !still_due.is_empty() {
            self.append(tenant, None, EventKind::DeadlinePassed(still_due)).await?;
        }
        Ok(())
    }
}
