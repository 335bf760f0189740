//! Exceptions: whoever may decide lets obligations off, asks for another number, or takes that back.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use sync_core::hash::Hash;

use super::{
    Api,
    bearer::Reader,
    json::{Body, DocumentEntered, ExceptionPut, Id},
};
use crate::http::Problem;

/// Makes an exception from an obligation, and from others of the same rule on the same subject if days are given.
#[utoipa::path(post, path = "/v1/obligations/{obligation}/exceptions", operation_id = "make_exception",
    tag = "obligations", request_body = ExceptionPut, security(("bearer" = [])),
    params(("obligation" = super::json::words::HashText, Path, description = "The obligation")),
    responses((status = 201, body = DocumentEntered, description = "The exception was made")))]
pub(super) async fn make(
    State(api): State<Arc<Api>>,
    reader: Reader,
    Id(obligation): Id<Hash>,
    Body(body): Body<ExceptionPut>,
) -> Result<(StatusCode, Json<DocumentEntered>), Problem> {
    let excepting = body.excepting(obligation)?;
    let document = api.engine.except(reader.session.tenant, reader.user.id, excepting).await?;
    Ok((StatusCode::CREATED, Json(DocumentEntered { document })))
}
