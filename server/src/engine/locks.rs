//! Locks: no two requests change the same device or record at the same time.

use std::{collections::BTreeSet, sync::Arc};

use sync_core::{
    hash::Hash,
    id::{DeviceId, DocumentId, TenantId},
};
use tokio::sync::{Mutex, OwnedMutexGuard, RwLock};

/// How many stripes there are: two things share a lock by chance once in that many.
const STRIPES: usize = 4096;

/// A fixed number of locks that devices and records are spread over.
pub(super) struct Locks {
    devices: Vec<Arc<Mutex<()>>>,
    records: Vec<Arc<Mutex<()>>>,
    directories: Vec<Arc<Mutex<()>>>,
    rules: Vec<Arc<RwLock<()>>>,
    // Phones choose the ids of their records: without a secret in it, they could choose a stripe to crowd.
    secret: [u8; 32],
}

/// Holds locks until dropped.
pub(super) struct Held(#[expect(dead_code, reason = "held for its drop")] Vec<OwnedMutexGuard<()>>);

impl Locks {
    /// Makes the locks, all open; the secret decides who shares one with whom.
    pub(super) fn new(secret: [u8; 32]) -> Self {
        let stripes = || (0..STRIPES).map(|_| Arc::default()).collect();
        Self {
            devices: stripes(),
            records: stripes(),
            directories: stripes(),
            rules: (0..STRIPES).map(|_| Arc::default()).collect(),
            secret,
        }
    }

    /// Waits for a device. Taken before any record.
    pub(super) async fn device(&self, tenant: TenantId, device: DeviceId) -> Held {
        let stripe = self.stripe(tenant, device.as_bytes());
        Held(vec![Arc::clone(&self.devices[stripe]).lock_owned().await])
    }

    /// Waits for a tenant's users and customers.
    pub(super) async fn directory(&self, tenant: TenantId) -> Held {
        let stripe = self.stripe(tenant, tenant.as_bytes());
        Held(vec![Arc::clone(&self.directories[stripe]).lock_owned().await])
    }

    /// The lock of a tenant's rules: read by whoever judges by them, written by whoever alters them. Taken last.
    pub(super) fn rules(&self, tenant: TenantId) -> Arc<RwLock<()>> {
        Arc::clone(&self.rules[self.stripe(tenant, tenant.as_bytes())])
    }

    /// Waits for records; in one order everywhere, so that nobody waits in a circle.
    pub(super) async fn records(
        &self,
        tenant: TenantId,
        records: impl IntoIterator<Item = DocumentId>,
    ) -> Held {
        let stripes: BTreeSet<usize> =
            records.into_iter().map(|record| self.stripe(tenant, record.as_bytes())).collect();
        let mut held = Vec::with_capacity(stripes.len());
        for stripe in stripes {
            held.push(Arc::clone(&self.records[stripe]).lock_owned().await);
        }
        Held(held)
    }

    fn stripe(&self, tenant: TenantId, id: &[u8; 16]) -> usize {
        let hash = Hash::of("fieldbook/stripe/1", &[&self.secret, tenant.as_bytes(), id]);
        let [first, second, ..] = *hash.as_bytes();
        usize::from(u16::from_be_bytes([first, second])) % STRIPES
    }
}
