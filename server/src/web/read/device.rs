//! The devices of the people a reader leads.

use sync_core::{
    directory::{Role, User},
    id::{DeviceId, UserId},
};

use super::names::Names;
use crate::{
    engine::{EngineError, line},
    projection::{EnrolledDevice, View},
    store::StoreError,
    web::view::{DeviceRow, DevicesView, Revoked},
};

/// No page shows more devices than this.
const DEVICES_MAX: usize = 2_000;

/// All devices of the reader's line; `just_revoked` is named on top if it is one of them.
pub(crate) fn devices(
    view: &View<'_>,
    reader: &User,
    just_revoked: Option<DeviceId>,
) -> Result<DevicesView, EngineError> {
    let seen: std::collections::HashSet<UserId> =
        line::seen_by(view, reader)?.into_iter().map(|user| user.id).collect();
    let mut names = Names::new(*view);
    let mut rows = Vec::new();
    for device in view.devices()?.into_iter().filter(|device| seen.contains(&device.user)) {
        rows.push(row(&mut names, device)?);
    }
    rows.sort_by(|a, b| (&a.user, b.last_contact, a.device).cmp(&(&b.user, a.last_contact, b.device)));
    rows.truncate(DEVICES_MAX);
    let just_revoked = rows.iter().find(|row| row.revoked.is_some() && Some(row.device) == just_revoked);
    Ok(DevicesView {
        just_revoked: just_revoked.map(|row| row.name.clone()),
        may_revoke: reader.role != Role::Auditor,
        rows,
    })
}

/// One device of the reader's line.
pub(crate) fn device_row(view: &View<'_>, reader: &User, device: DeviceId) -> Result<DeviceRow, EngineError> {
    let device = view.device(device)?.ok_or(EngineError::NotFound)?;
    if !line::may_see(view, reader, device.user)? {
        return Err(EngineError::NotFound);
    }
    if reader.role == Role::Auditor {
        return Err(EngineError::NotPermitted);
    }
    Ok(row(&mut Names::new(*view), device)?)
}

fn row(names: &mut Names<'_>, device: EnrolledDevice) -> Result<DeviceRow, StoreError> {
    let revoked = match (device.revoked, device.revoked_by) {
        (Some(at), Some(by)) => Some(Revoked { at, by: names.user(by)? }),
        (Some(at), None) => Some(Revoked { at, by: String::new() }),
        (None, _) => None,
    };
    Ok(DeviceRow {
        device: device.id(),
        user: names.user(device.user)?,
        name: device.name,
        enrolled: device.enrolled,
        last_contact: (device.last_contact > device.enrolled).then_some(device.last_contact),
        quarantined: device.quarantined,
        revoked,
    })
}
