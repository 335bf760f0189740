//! The reference model: what the server must say of each record, worked out from its journal in the plainest way.
//!
//! It shares words with the product (`Phase`, `Standing`, `Evidence` …) and the reading of packs, entries and field
//! values, but none of its reckoning: documents are sets of changes, evidence comes from reading a device's whole log
//! again for each submit, deadlines from counting days, and the official state from one loop over what happened.

mod compare;
mod deadline;
mod evidence;
mod history;
mod official;
mod reading;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use sync_core::{
    document::Values,
    hash::Hash,
    id::{CustomerId, DeviceId, DocumentId, TenantId, UserId},
    log::{Commit, Entry},
    record::{Cause, Decision, Phase, Standing},
    rules::{Basis, Evidence, Outcome, Reason, RuleVersion},
    time::Timestamp,
};

use deadline::Rules;
use history::History;

/// A set of changes, each by its hash.
pub type Changes = BTreeSet<Hash>;

/// Everything a journal says, sorted by whom and what it is about.
#[derive(Default)]
pub struct Model {
    tenants: BTreeMap<TenantId, Tenant>,
}

/// What must be true of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelRecord {
    /// Whose it is: the user of the device that wrote of it first.
    pub owner: UserId,
    /// The customer, as the document with all its changes says.
    pub customer: Option<CustomerId>,
    /// The pinned end of the visit.
    pub ended: Option<Timestamp>,
    /// The last instant that is in time.
    pub deadline: Option<Timestamp>,
    /// Where it stands.
    pub phase: Phase,
    /// Its submits, in the order of arrival.
    pub submits: Vec<ModelSubmit>,
    /// Its official versions, from number 1.
    pub versions: Vec<ModelVersion>,
    /// All changes that were accepted.
    pub changes: Changes,
    /// Hash of the values that all of them give.
    pub value: Hash,
}

/// What must be true of a submit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelSubmit {
    /// Hash of its entry.
    pub entry: Hash,
    /// Whose log it is in.
    pub device: DeviceId,
    /// When it arrived.
    pub arrived: Timestamp,
    /// What was submitted.
    pub changes: Changes,
    /// What the rep gave as reason.
    pub reason: Option<Reason>,
    /// The rule it is judged by.
    pub rule: RuleVersion,
    /// Whether it is in time.
    pub outcome: Outcome,
    /// What that rests on.
    pub basis: Basis,
    /// When it was written, as far as anyone can know.
    pub evidence: Evidence,
    /// Where it stands.
    pub standing: Standing,
    /// The rulings that took effect.
    pub decisions: Vec<Decision>,
}

/// What must be true of an official version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelVersion {
    /// Its number, from 1.
    pub number: u32,
    /// When it became official.
    pub at: Timestamp,
    /// Why.
    pub cause: Cause,
    /// The submits it joins to the version before.
    pub submits: Vec<Hash>,
    /// Whether nobody submitted exactly this.
    pub merged: bool,
    /// What it holds.
    pub changes: Changes,
    /// Hash of the values that these changes give.
    pub value: Hash,
}

#[derive(Default)]
struct Tenant {
    /// Pages of revoked devices that are kept apart, by where the journal keeps them.
    quarantine: BTreeMap<u64, Commit>,
    rules: Arc<Rules>,
    devices: BTreeMap<DeviceId, Device>,
    records: BTreeMap<DocumentId, Record>,
}

struct Device {
    user: UserId,
    enrolled: Timestamp,
    /// Every anchor it was ever given.
    anchors: BTreeMap<Hash, Timestamp>,
    /// How many of them since its last complete commit.
    unanswered: usize,
    /// The accepted entries of its log, with their hashes.
    log: Vec<(Entry, Hash)>,
}

/// What the journal says of a record.
struct Record {
    owner: UserId,
    created: Timestamp,
    history: History,
    happened: Vec<Happening>,
    /// The rules as they were when something last happened to it.
    rules: Arc<Rules>,
}

enum Happening {
    Page(Page),
    Decision(Decision),
}

/// What one page brought of a record.
struct Page {
    arrived: Timestamp,
    /// The end of the visit as its device saw it, but not after the arrival.
    ended: Option<Timestamp>,
    submits: Vec<Submit>,
}

#[derive(Clone)]
struct Submit {
    entry: Hash,
    device: DeviceId,
    arrived: Timestamp,
    changes: Changes,
    /// What the fields held at these changes.
    values: Values,
    reason: Option<Reason>,
    evidence: Evidence,
}

impl Model {
    /// What must be true of each record of a tenant at an instant, by document.
    pub fn at(&self, tenant: TenantId, now: Timestamp) -> anyhow::Result<BTreeMap<DocumentId, ModelRecord>> {
        let records = self.tenants.get(&tenant).into_iter().flat_map(|tenant| &tenant.records);
        records.map(|(id, record)| Ok((*id, official::state(record, now)?))).collect()
    }

    /// How many records each user has in each phase at an instant.
    pub fn counts(
        &self,
        tenant: TenantId,
        now: Timestamp,
    ) -> anyhow::Result<BTreeMap<(UserId, String), usize>> {
        Ok(count(self.at(tenant, now)?.values().map(|record| (record.owner, record.phase))))
    }
}

fn count(records: impl Iterator<Item = (UserId, Phase)>) -> BTreeMap<(UserId, String), usize> {
    let mut counts = BTreeMap::new();
    for (owner, phase) in records {
        *counts.entry((owner, format!("{phase:?}"))).or_insert(0) += 1;
    }
    counts
}
