//! Who asks: the user and device behind an access token.

use std::sync::Arc;

use axum::{Json, extract::State};

use super::{Api, bearer::Reader, json::Me};
use crate::http::Problem;

/// Says who the access token speaks for.
#[utoipa::path(get, path = "/v1/me", operation_id = "show_me", tag = "directory", security(("bearer" = [])),
    responses((status = 200, body = Me, description = "The user and the device")))]
pub(super) async fn show(State(api): State<Arc<Api>>, reader: Reader) -> Result<Json<Me>, Problem> {
    let session = reader.session;
    let company = api.engine.company(session.tenant)?;
    Ok(Json(Me { tenant: session.tenant, company, device: session.device, user: reader.user.into() }))
}
