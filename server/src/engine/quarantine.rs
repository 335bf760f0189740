//! The quarantine: what revoked devices sent, kept apart until somebody brings it back.

use std::sync::Arc;

use sync_core::{
    directory::Role,
    encoding,
    id::{DeviceId, TenantId, UserId},
    log::{Commit, SignedReceipt},
    protocol::server::{CheckedCommit, check_commit},
    time::Timestamp,
};

use crate::{
    engine::{DeviceSession, Engine, EngineError, ServerTime, commit::documents_of},
    event::{Event, EventKind},
    journal::Position,
    projection::{EnrolledDevice, corrupt},
};

/// How many pages of one revoked device are kept.
const KEPT: u32 = 64;

/// A page that arrived from a revoked device.
#[derive(Debug)]
pub struct QuarantinedPage {
    /// Where the journal says that it was kept apart.
    pub position: u64,
    /// When it arrived.
    pub arrived: Timestamp,
    /// Whether the server's own clock was in doubt then.
    pub time_suspect: bool,
    /// The page, as it arrived.
    pub commit: Commit,
}

/// What came of bringing pages back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Released {
    /// Entries that were accepted.
    pub accepted: u64,
    /// Entries that were refused; the records they are about show why.
    pub refused: u64,
    /// Pages that stay where they are: they repeat another, or do not continue the device's log.
    pub pages_left: u64,
}

impl Engine {
    /// Keeps a page of a revoked device apart as evidence. An honest rep's SDK makes the edits again after the next
    /// enrolment.
    pub(super) async fn quarantine(
        self: &Arc<Self>,
        session: DeviceSession,
        device: &EnrolledDevice,
        commit: Commit,
    ) -> Result<SignedReceipt, EngineError> {
        let signed = device.sync.key.verify_commit(&commit).is_ok();
        if signed && device.quarantined < KEPT {
            let time_suspect = Some(self.time().suspect);
            let kind = EventKind::Quarantined { device: session.device, commit, time_suspect };
            self.append(session.tenant, Some(device.user), kind).await?;
        }
        Err(EngineError::DeviceRevoked(session.device))
    }

    /// The pages of a device that are kept apart, in the order of their arrival.
    pub fn quarantined(
        &self,
        tenant: TenantId,
        device: DeviceId,
    ) -> Result<Vec<QuarantinedPage>, EngineError> {
        let kept = self.view(tenant).quarantined(device)?;
        kept.into_iter().map(|(position, commit)| self.quarantined_page(position, commit)).collect()
    }

    fn quarantined_page(&self, position: u64, commit: Commit) -> Result<QuarantinedPage, EngineError> {
        let records = self.store.read_journal(Position::new(position), 1)?;
        let (_, record) =
            records.first().ok_or_else(|| corrupt("a quarantined page is not in the journal"))?;
        let event: Event = encoding::decode(record).map_err(|error| corrupt(error.to_string()))?;
        let EventKind::Quarantined { time_suspect, .. } = event.kind else {
            return Err(corrupt("a quarantined page is something else in the journal").into());
        };
        Ok(QuarantinedPage {
            position,
            arrived: event.at,
            time_suspect: time_suspect.unwrap_or(true),
            commit,
        })
    }

    /// Brings back what a revoked device sent: each page that continues its log is admitted as it would have been, with
    /// its own time of arrival. The device stays revoked.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when there is no such device, [`EngineError::NotPermitted`] for anybody but an
    /// administrator. `by` is `None` for the operator at the console.
    pub async fn release_quarantine(
        self: &Arc<Self>,
        tenant: TenantId,
        by: Option<UserId>,
        device: DeviceId,
    ) -> Result<Released, EngineError> {
        if let Some(by) = by
            && self.view(tenant).user(by)?.is_none_or(|user| !user.active || user.role != Role::Admin)
        {
            return Err(EngineError::NotPermitted);
        }
        let _device = self.locks.device(tenant, device).await;
        self.view(tenant).device(device)?.ok_or(EngineError::NotFound)?;
        let mut released = Released::default();
        for page in self.quarantined(tenant, device)? {
            match self.release_page(DeviceSession { tenant, device }, by, page).await? {
                Some(receipt) => {
                    let refused = receipt.receipt.refused.len() as u64;
                    released.refused += refused;
                    released.accepted += receipt.receipt.last - receipt.receipt.first + 1 - refused;
                    self.count_commit(&receipt.receipt);
                }
                None => released.pages_left += 1,
            }
        }
        Ok(released)
    }

    async fn release_page(
        self: &Arc<Self>,
        session: DeviceSession,
        by: Option<UserId>,
        kept: QuarantinedPage,
    ) -> Result<Option<SignedReceipt>, EngineError> {
        let device = self.view(session.tenant).device(session.device)?.ok_or(EngineError::NotFound)?;
        let Ok(CheckedCommit::New(page)) = check_commit(&device.sync, &kept.commit) else { return Ok(None) };
        let _records = self.locks.records(session.tenant, documents_of(&page)).await;
        let _rules = self.locks.rules(session.tenant).read_owned().await;
        let time = ServerTime { now: kept.arrived, suspect: kept.time_suspect };
        let engine = Arc::clone(self);
        let admitted = self
            .work(move || engine.admit_as_of(&engine.view(session.tenant), session, &page, time))
            .await??;
        let kind = EventKind::QuarantineReleased {
            device: session.device,
            kept: kept.position,
            receipt: admitted.receipt.clone(),
            time_suspect: kept.time_suspect,
            readers: admitted.outcome.readers(),
        };
        self.append(session.tenant, by, kind).await?;
        Ok(Some(admitted.receipt))
    }
}
