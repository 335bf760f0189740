//! Devices: listed and revoked by those above their users.

use std::sync::Arc;

use axum::{Json, extract::State};
use sync_core::id::DeviceId;

use super::{
    Api,
    bearer::Reader,
    json::{DeviceShown, Id, Page, PageQuery, Place, Query},
};
use crate::{
    engine::{EngineError, line},
    http::Problem,
};

/// Lists the devices of the reader and of those below, by id.
#[utoipa::path(get, path = "/v1/devices", operation_id = "list_devices", tag = "devices", params(PageQuery), security(("bearer" = [])),
    responses((status = 200, body = Page<DeviceShown>, description = "A page of devices")))]
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    reader: Reader,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<DeviceShown>>, Problem> {
    let after = query.after.map(|place| place.id()).transpose()?.map(DeviceId::from_bytes);
    let view = api.engine.view(reader.session.tenant);
    let found = view.devices_after(after, query.limit.get())?;
    let next = Place::behind(&found, query.limit, |device| *device.id().as_bytes());
    let mut items = Vec::with_capacity(found.len());
    for device in found {
        if line::may_see(&view, &reader.user, device.user)? {
            items.push(device.into());
        }
    }
    Ok(Json(Page { items, next }))
}

/// Revokes a device: its tokens end at once, and what it still sends is kept apart.
#[utoipa::path(post, path = "/v1/devices/{id}/revoke", operation_id = "revoke_device", tag = "devices", security(("bearer" = [])),
    params(("id" = super::json::words::IdText, Path, description = "The device")),
    responses((status = 200, body = DeviceShown, description = "The device; revoked, also if it was before")))]
pub(super) async fn revoke(
    State(api): State<Arc<Api>>,
    reader: Reader,
    Id(device): Id<DeviceId>,
) -> Result<Json<DeviceShown>, Problem> {
    let tenant = reader.session.tenant;
    api.engine.revoke_device(tenant, Some(reader.user.id), device).await?;
    let revoked = api.engine.view(tenant).device(device)?.ok_or(EngineError::NotFound)?;
    Ok(Json(revoked.into()))
}
