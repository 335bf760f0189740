//! Writes: what an event changes in the index, collected for one atomic batch.

use minicbor::Encode;
use sync_core::{
    id::{DeviceId, DocumentId, TenantId},
    protocol::FeedItem,
};

use crate::{
    projection::{FeedEntry, Keys, Scope, Told, view::encode},
    store::Write,
};

/// The writes of one event, all in one tenant's part of the index.
pub struct Writes {
    keys: Keys,
    writes: Vec<Write>,
    items: u32,
}

impl Writes {
    /// Starts with no writes.
    pub fn new(tenant: TenantId) -> Self {
        Self { keys: Keys::new(tenant), writes: Vec::new(), items: 0 }
    }

    /// The keys of the tenant.
    pub fn keys(&self) -> Keys {
        self.keys
    }

    /// Puts a value.
    pub fn put<T: Encode<()>>(&mut self, key: Vec<u8>, value: &T) {
        self.writes.push(Write::Put { key, value: encode(value) });
    }

    /// Takes a value out.
    pub fn delete(&mut self, key: Vec<u8>) {
        self.writes.push(Write::Delete { key });
    }

    /// Puts a value under a prefix and the event's own position.
    pub fn put_at<T: Encode<()>>(&mut self, prefix: Vec<u8>, value: &T) {
        let suffix = self.items.to_be_bytes().to_vec();
        self.items = self.items.saturating_add(1);
        self.writes.push(Write::PutAt { prefix, suffix, value: encode(value) });
    }

    /// Tells a scope of something, except the device that caused it.
    pub fn tell(&mut self, scope: Scope, author: Option<DeviceId>, item: FeedItem) {
        self.put_at(self.keys.feed(scope), &FeedEntry { author, told: Told::Item(Box::new(item)) });
    }

    /// Tells a scope that something else is said of a record now, except the device that caused it.
    pub fn tell_of_record(&mut self, scope: Scope, author: Option<DeviceId>, record: DocumentId) {
        self.put_at(self.keys.feed(scope), &FeedEntry { author, told: Told::Record(record) });
    }

    /// The collected writes.
    pub fn into_inner(self) -> Vec<Write> {
        self.writes
    }
}
