//! The devices page and the question before a device is revoked.

use sync_core::{id::DeviceId, time::Timestamp};

/// All devices of the people the reader leads.
#[derive(Debug, Clone)]
pub struct DevicesView {
    /// By user, then newest contact first.
    pub rows: Vec<DeviceRow>,
    /// The name of a device that was just revoked.
    pub just_revoked: Option<String>,
    /// Whether the reader may revoke.
    pub may_revoke: bool,
}

/// One device.
#[derive(Debug, Clone)]
pub struct DeviceRow {
    /// The device.
    pub device: DeviceId,
    /// Its user's name.
    pub user: String,
    /// Its name, such as `华为 Mate 60`.
    pub name: String,
    /// When it was enrolled.
    pub enrolled: Timestamp,
    /// When it was last heard of.
    pub last_contact: Option<Timestamp>,
    /// How many pages it sent after it was revoked, which are kept apart.
    pub quarantined: u32,
    /// By whom and when it was revoked.
    pub revoked: Option<Revoked>,
}

/// The end of a device.
#[derive(Debug, Clone)]
pub struct Revoked {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
}

/// The question before a device is revoked.
#[derive(Debug, Clone)]
pub struct RevokeView {
    /// The device.
    pub device: DeviceRow,
}
