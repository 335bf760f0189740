//! Taking a commit: check the page, admit its entries, make it durable, answer with a receipt.

use std::{collections::BTreeSet, sync::Arc};

use sync_core::{
    id::DocumentId,
    log::{CheckedPage, Commit, PageId, Receipt, SignedReceipt},
    protocol::server::{CheckedCommit, CommitError, check_commit},
};

use crate::{
    engine::{
        DeviceSession, Engine, EngineError, ServerTime,
        admit::{admit_page, document_of},
    },
    event::{Event, EventKind},
    projection::{self, EnrolledDevice, View, Writes, page, page::PageOutcome},
};

/// A page after admission.
pub(super) struct Admitted {
    /// The device before it.
    pub(super) device: EnrolledDevice,
    /// The answer.
    pub(super) receipt: SignedReceipt,
    /// What it does.
    pub(super) outcome: PageOutcome,
}

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
        let time = self.time();
        let (event, writes, receipt) =
            self.work(move || engine.admit(session, &page, commit, time)).await??;
        self.append_prepared(event, writes).await?;
        self.count_commit(&receipt.receipt);
        Ok(receipt)
    }

    fn admit(
        &self,
        session: DeviceSession,
        page: &CheckedPage,
        commit: Commit,
        time: ServerTime,
    ) -> Result<(Event, Writes, SignedReceipt), EngineError> {
        let view = self.view(session.tenant);
        let Admitted { device, receipt, outcome } = self.admit_as_of(&view, session, page, time)?;
        let mut writes = Writes::new(session.tenant);
        let readers = outcome.readers();
        let at = receipt.receipt.received;
        projection::committed(&view, &mut writes, &commit, &receipt, outcome, at)?;
        let kind =
            EventKind::Committed { commit, receipt: receipt.clone(), time_suspect: time.suspect, readers };
        let event = Event { tenant: session.tenant, at, by: Some(device.user), kind };
        Ok((event, writes, receipt))
    }

    /// Admits the entries of a page that arrived at a time, and writes the receipt. Nothing is kept yet.
    pub(super) fn admit_as_of(
        &self,
        view: &View<'_>,
        session: DeviceSession,
        page: &CheckedPage,
        time: ServerTime,
    ) -> Result<Admitted, EngineError> {
        let device = view.device(session.device)?.ok_or(EngineError::UnknownDevice(session.device))?;
        let user = view.user(device.user)?.ok_or(EngineError::UnknownUser(device.user))?;
        let admitted = admit_page(view, &device, user.role, page)?;
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
            readers: None,
        };
        let outcome = page::reckon(view, &reckoned, admitted.merged)?;
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
        Ok(Admitted { device, receipt, outcome })
    }

    fn receipt_again(&self, session: DeviceSession, page: PageId) -> Result<SignedReceipt, EngineError> {
        let stored = self.view(session.tenant).receipt(session.device, page.last)?;
        stored
            .filter(|signed| (signed.receipt.first, signed.receipt.head) == (page.first, page.head))
            .ok_or(EngineError::Commit(CommitError::Forked))
    }
}

/// The documents that the entries of a page are about.
pub(super) fn documents_of(page: &CheckedPage) -> BTreeSet<DocumentId> {
    page.entries.iter().filter_map(|entry| entry.content.as_ref().ok().and_then(document_of)).collect()
}
