//! The devices page, and revoking one.

use std::sync::Arc;

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use sync_core::id::DeviceId;

use crate::web::{
    Pages,
    asked::{Asked, Segment},
    pages::Trouble,
    path,
    read::device::{device_row, devices},
    reader::{Reader, check_form},
    render_devices, render_revoke,
    view::{ProblemView, RevokeView},
};

#[derive(Default, Deserialize)]
pub(crate) struct JustRevoked {
    #[serde(default)]
    revoked: String,
}

/// The form of a button: nothing but the session's token.
#[derive(Deserialize)]
pub(crate) struct Confirmed {
    #[serde(default)]
    pub(super) form_token: String,
}

/// Answers `GET /devices`.
pub(crate) async fn list(
    State(pages): State<Arc<Pages>>,
    reader: Reader,
    Asked(JustRevoked { revoked }): Asked<JustRevoked>,
) -> Response {
    let (tenant, user) = (reader.tenant, reader.user.clone());
    let read = pages.read(move |engine| devices(&engine.view(tenant), &user, revoked.parse().ok())).await;
    reader.answer(read.and_then(|view| Ok(render_devices(&reader.page, &view)?)))
}

/// Answers `GET /devices/{device}/revoke`.
pub(crate) async fn ask(
    State(pages): State<Arc<Pages>>,
    reader: Reader,
    Segment(device): Segment,
) -> Response {
    let read = row(&pages, &reader, &device).await;
    reader.answer(read.and_then(|view| Ok(render_revoke(&reader.page, &view)?)))
}

/// Answers `POST /devices/{device}/revoke`.
pub(crate) async fn revoke(
    State(pages): State<Arc<Pages>>,
    reader: Reader,
    Segment(device): Segment,
    headers: HeaderMap,
    form: Result<Form<Confirmed>, FormRejection>,
) -> Response {
    let revoked = async {
        let Form(form) = form.map_err(|_| Trouble(ProblemView::FormExpired))?;
        check_form(&pages, &headers, &form.form_token)?;
        let device: DeviceId = device.parse().map_err(|_| Trouble(ProblemView::NotFound))?;
        pages.engine.revoke_device(reader.tenant, Some(reader.user.id), device).await?;
        Ok(device)
    };
    match revoked.await {
        Ok(device) => Redirect::to(&format!("{}?revoked={device}", path::DEVICES)).into_response(),
        Err(trouble) => reader.answer(Err(trouble)),
    }
}

async fn row(pages: &Arc<Pages>, reader: &Reader, device: &str) -> Result<RevokeView, Trouble> {
    let device: DeviceId = device.parse().map_err(|_| Trouble(ProblemView::NotFound))?;
    let (tenant, user) = (reader.tenant, reader.user.clone());
    let device = pages.read(move |engine| device_row(&engine.view(tenant), &user, device)).await?;
    Ok(RevokeView { device })
}
