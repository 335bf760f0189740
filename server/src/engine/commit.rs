//! Taking a commit: check the page, admit its entries, make it durable, answer with a receipt.

use std::{collections::BTreeSet, sync::Arc};

use sync_core::{
    id::DocumentId,
    log::{CheckedPage, Commit, PageId, Receipt, SignedReceipt},
    protocol::server::{CheckedCommit, CommitError, check_commit},
};

use crate::{
    engine::{
        DeviceSession, Engine, EngineError,
        admit::{admit_page, document_of},
    },
    event::{Event, EventKind},
    projection::{self, View, Writes, page},
};

impl Engine {
    /// Takes one page of a device's log.
    ///
    /// Entries are admitted one by one; what was refused and why is in the receipt. The same page gets the same
    /// receipt, byte for byte, however often it is sent.
    ///
    /// # Errors
    /// [`EngineError::Commit`] when the page as a whole is not acceptable, [`EngineError::DeviceRevoked`] when it was
    /// put in quarantine, [`EngineError::Store`] when it could not be made durable. Only in the first case is nothing kept.
    pub async fn commit(
        self: &Arc<Self>,
        session: DeviceSession,
        commit: Commit,
    ) -> Result<SignedReceipt, EngineError> {
        let _device = self.locks.device(session.tenant, session.device).await;
        let device = self
            .view(session.tenant)
            .device(session.device)?
            .ok_or(EngineError::UnknownDevice(session.device))?;
        if device.revoked.is_some() {
            return self.quarantine(session, &device, commit).await;
        }
        let page = match check_commit(&device.sync, &commit)? {
            CheckedCommit::Repeated(page) => return self.receipt_again(session, page),
            CheckedCommit::New(page) => page,
        };
        let _records = self.locks.records(session.tenant, documents_of(&page)).await;
        let _rules = self.locks.rules(session.tenant).read_owned().await;
        let engine = Arc::clone(self);
        let (event, writes, receipt) = self.work(move || engine.admit(session, &page, commit)).await??;
        self.append_prepared(event, writes).await?;
        self.count_commit(&receipt.receipt);
        Ok(receipt)
    }

    fn admit(
        &self,
        session: DeviceSession,
        page: &CheckedPage,
        commit: Commit,
    ) -> Result<(Event, Writes, SignedReceipt), EngineError> {
        let index = self.index();
        let view = View::new(index, session.tenant);
        let device = view.device(session.device)?.ok_or(EngineError::UnknownDevice(session.device))?;
        let user = view.user(device.user)?.ok_or(EngineError::UnknownUser(device.user))?;
        let time = self.time();
        let admitted = admit_page(&view, &device, user.role, page)?;
        let before = admitted.merged.values().filter_map(|merged| merged.before.as_ref());
        let arrived = before.fold(time.now, |arrived, record| record.after_last(arrived));
        let reckoned = page::Page {
            device: session.device,
            entries: &admitted.entries,
            last: page.id.last,
            head: page.id.head,
            complete: page.complete,
            arrived,
            time_suspect: time.suspect,
        };
        let outcome = page::reckon(&view, &reckoned, admitted.merged)?;
        let receipt = Receipt {
            tenant: session.tenant,
            device: session.device,
            first: page.id.first,
            last: page.id.last,
            head: page.id.head,
            received: arrived,
            refused: admitted.refused,
            records: outcome.records.iter().map(|touched| touched.record.status.clone()).collect(),
            journal: self.root(),
        };
        let receipt = SignedReceipt::sign(receipt, self.authority.keys.signing());
        let mut writes = Writes::new(session.tenant);
        projection::committed(&view, &mut writes, &commit, &receipt, outcome)?;
        let kind = EventKind::Committed { commit, receipt: receipt.clone(), time_suspect: time.suspect };
        let event = Event { tenant: session.tenant, at: arrived, by: Some(device.user), kind };
        Ok((event, writes, receipt))
    }

    fn receipt_again(&self, session: DeviceSession, page: PageId) -> Result<SignedReceipt, EngineError> {
        let stored = self.view(session.tenant).receipt(session.device, page.last)?;
        stored
            .filter(|signed| (signed.receipt.first, signed.receipt.head) == (page.first, page.head))
            .ok_or(EngineError::Commit(CommitError::Forked))
    }

    /// Keeps a page of a revoked device apart as evidence. An honest rep's SDK makes the edits again after the next
    /// enrolment.
    async fn quarantine(
        self: &Arc<Self>,
        session: DeviceSession,
        device: &projection::EnrolledDevice,
        commit: Commit,
    ) -> Result<SignedReceipt, EngineError> {
        /// How many pages of one revoked device are kept.
        const KEPT: u32 = 64;
        let signed = device.sync.key.verify_commit(&commit).is_ok();
        if signed && device.quarantined < KEPT {
            let kind = EventKind::Quarantined { device: session.device, commit };
            self.append(session.tenant, Some(device.user), kind).await?;
        }
        Err(EngineError::DeviceRevoked(session.device))
    }
}

fn documents_of(page: &CheckedPage) -> BTreeSet<DocumentId> {
    page.entries.iter().filter_map(|entry| entry.content.as_ref().ok().and_then(document_of)).collect()
}
