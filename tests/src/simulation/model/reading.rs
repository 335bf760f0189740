//! Reading a journal: who was enrolled, what was given to them, and what arrived of each record.

use std::{collections::BTreeSet, sync::Arc};

use anyhow::Context as _;
use server::event::{Event, EventKind};
use sync_core::{
    document::Visit,
    id::DocumentId,
    log::{Commit, Entry, EntryKind, Receipt},
};

use super::{
    Device, Happening, Model, Page, Record, Submit, Tenant, deadline::Rules, evidence, history::History,
};

impl Model {
    /// Reads a journal from its beginning.
    pub fn read(events: &[Event]) -> anyhow::Result<Self> {
        let mut model = Self::default();
        for (position, event) in (1..).zip(events) {
            let tenant = model.tenants.entry(event.tenant).or_default();
            tenant
                .take(position, event)
                .with_context(|| format!("event {position}, {}", event.kind.name()))?;
        }
        Ok(model)
    }
}

impl Tenant {
    fn take(&mut self, position: u64, event: &Event) -> anyhow::Result<()> {
        match &event.kind {
            EventKind::PackPut { toml } => Arc::make_mut(&mut self.rules).put_pack(toml)?,
            EventKind::CalendarPut { year, ics } => {
                Arc::make_mut(&mut self.rules).put_calendar(*year, ics)?
            }
            EventKind::DeviceEnrolled { device, user, .. } => {
                let (anchors, log) = Default::default();
                let new = Device { user: *user, enrolled: event.at, anchors, unanswered: 0, log };
                self.devices.insert(*device, new);
            }
            EventKind::AnchorIssued(anchor) => {
                let device = self.devices.get_mut(&anchor.device).context("an anchor for nobody")?;
                device.anchors.insert(anchor.hash(), anchor.time);
                device.unanswered += 1;
            }
            EventKind::Committed { commit, receipt, time_suspect, .. } => {
                self.take_page(commit, &receipt.receipt, *time_suspect)?;
            }
            EventKind::Decided { document, decision } => {
                self.record(*document)?.happened.push(Happening::Decision(decision.clone()));
            }
            EventKind::DeadlinePassed(documents) => {
                for document in documents {
                    self.record(*document)?;
                }
            }
            EventKind::AnchorsRecalled { device, anchors } => {
                let device = self.devices.get_mut(device).context("anchors of nobody")?;
                // The server forgot them, not the phone: they are not held against it.
                device.anchors.extend(anchors.iter().map(|anchor| (anchor.hash(), anchor.time)));
            }
            // A page in quarantine enters no record until it is released.
            EventKind::Quarantined { commit, .. } => {
                self.quarantine.insert(position, commit.clone());
            }
            EventKind::QuarantineReleased { kept, receipt, time_suspect, .. } => {
                let commit = self.quarantine.remove(kept).context("nothing was kept there")?;
                self.take_page(&commit, &receipt.receipt, *time_suspect)?;
            }
            // What the office enters are exceptions, and obligations are no part of the official state.
            EventKind::Entered { .. }
            | EventKind::Judged { .. }
            | EventKind::PeriodClosed { .. }
            | EventKind::RunBegan { .. } => {}
            // The rest is about people and signing in.
            EventKind::TenantFounded { .. }
            | EventKind::UnitsPut(_)
            | EventKind::UsersPut(_)
            | EventKind::CustomersPut(_)
            | EventKind::CustomersHandedOver(_)
            | EventKind::CustomersRemoved(_)
            | EventKind::PasswordSet { .. }
            | EventKind::EnrolmentCodeDrawn(_)
            | EventKind::RefreshRotated { .. }
            | EventKind::DeviceRevoked { .. } => {}
        }
        Ok(())
    }

    /// The record that something happens to, now under the rules as they are.
    fn record(&mut self, id: DocumentId) -> anyhow::Result<&mut Record> {
        let record = self.records.get_mut(&id).with_context(|| format!("there is no record {id}"))?;
        record.rules = Arc::clone(&self.rules);
        Ok(record)
    }

    fn take_page(&mut self, commit: &Commit, receipt: &Receipt, suspect: bool) -> anyhow::Result<()> {
        let device = self.devices.get_mut(&receipt.device).context("a page of nobody")?;
        let refused: BTreeSet<u64> = receipt.refused.iter().map(|refused| refused.index).collect();
        let begin = device.log.len();
        for (index, bytes) in (commit.first..).zip(&commit.entries) {
            if !refused.contains(&index) {
                device.log.push((Entry::decode(bytes)?, Entry::hash_of(bytes)));
            }
        }
        let touched: BTreeSet<_> = device.log[begin..].iter().filter_map(|(entry, _)| about(entry)).collect();
        for id in touched {
            let record = self.records.entry(id).or_insert(Record {
                owner: device.user,
                created: receipt.received,
                history: History::new(id)?,
                happened: Vec::new(),
                rules: Arc::clone(&self.rules),
            });
            record.rules = Arc::clone(&self.rules);
            record.take_page(id, device, begin, receipt, suspect)?;
        }
        if receipt.last == commit.statement.last {
            device.unanswered = 0;
        }
        Ok(())
    }
}

impl Record {
    /// Takes what the page that begins at a place of the log brought of this record.
    fn take_page(
        &mut self,
        id: DocumentId,
        device: &Device,
        begin: usize,
        receipt: &Receipt,
        suspect: bool,
    ) -> anyhow::Result<()> {
        let page = || device.log.iter().enumerate().skip(begin);
        let arrived = receipt.received;
        let mut last_change = None;
        for (_, (entry, _)) in page() {
            match &entry.kind {
                EntryKind::Change { document, change } if *document == id => {
                    last_change = Some(self.history.add(change)?);
                }
                _ => {}
            }
        }
        // The end as it stood behind the page's last change, or else behind its submits, seen from there alone.
        let mut ended = match last_change {
            Some(change) => Visit::read(&self.history.values(&self.history.past(&[change]))?).ended,
            None => None,
        };
        let mut submits = Vec::new();
        for (place, (entry, hash)) in page() {
            let EntryKind::Submit { document, heads, reason, .. } = &entry.kind else { continue };
            if *document != id {
                continue;
            }
            let changes = self.history.past(heads.as_slice());
            let values = self.history.values(&changes)?;
            if last_change.is_none() {
                ended = Visit::read(&values).ended;
            }
            submits.push(Submit {
                entry: *hash,
                device: receipt.device,
                arrived,
                changes,
                values,
                reason: *reason,
                evidence: evidence::of(device, place, arrived, suspect),
            });
        }
        let ended = ended.map(|ended| ended.min(arrived));
        self.happened.push(Happening::Page(Page { arrived, ended, submits }));
        Ok(())
    }

    /// The end that arrived first.
    pub(super) fn first_end(&self) -> Option<sync_core::time::Timestamp> {
        self.happened.iter().find_map(|happening| match happening {
            Happening::Page(page) => page.ended,
            Happening::Decision(_) => None,
        })
    }

    /// The rules it is judged by.
    pub(super) fn rules(&self) -> &Rules {
        &self.rules
    }
}

fn about(entry: &Entry) -> Option<DocumentId> {
    match &entry.kind {
        EntryKind::Change { document, .. }
        | EntryKind::Submit { document, .. }
        | EntryKind::CheckIn { document }
        | EntryKind::CheckOut { document } => Some(*document),
        EntryKind::Boot | EntryKind::Anchor { .. } | EntryKind::ClockSet { .. } => None,
    }
}
