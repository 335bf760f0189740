//! Devices in JSON.

use serde::Serialize;
use sync_core::{
    id::{DeviceId, UserId},
    time::Timestamp,
};
use utoipa::ToSchema;

use super::words::{IdText, Millis};
use crate::projection::EnrolledDevice;

/// A device.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct DeviceShown {
    /// The device.
    #[schema(value_type = IdText)]
    id: DeviceId,
    /// Its user.
    #[schema(value_type = IdText)]
    user: UserId,
    /// What the user calls it.
    name: String,
    /// When it was enrolled.
    #[schema(value_type = Millis)]
    enrolled_ms: Timestamp,
    /// When it last pulled, committed or asked for tokens.
    #[schema(value_type = Millis)]
    last_contact_ms: Timestamp,
    /// How many entries of its log are here.
    entries: u64,
    /// When it was revoked, if it was.
    #[schema(value_type = Option<Millis>)]
    revoked_ms: Option<Timestamp>,
    /// How many pages arrived after that and are kept apart.
    quarantined_pages: u32,
}

impl From<EnrolledDevice> for DeviceShown {
    fn from(device: EnrolledDevice) -> Self {
        Self {
            id: device.id(),
            user: device.user,
            enrolled_ms: device.enrolled,
            last_contact_ms: device.last_contact,
            entries: device.sync.chain.next_index,
            revoked_ms: device.revoked,
            quarantined_pages: device.quarantined,
            name: device.name,
        }
    }
}
