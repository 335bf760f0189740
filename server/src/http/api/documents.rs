//! Documents: entered by staff, in their own name or in that of those below.

use std::sync::Arc;

use axum::{Json, extract::State};

use super::{
    Api,
    bearer::Reader,
    json::{Body, DocumentEntered, DocumentPut},
};
use crate::http::Problem;

/// Enters a document and gives its id.
#[utoipa::path(post, path = "/v1/documents", operation_id = "enter_document", tag = "documents",
    request_body = DocumentPut, security(("bearer" = [])),
    responses((status = 200, body = DocumentEntered, description = "The document was entered")))]
pub(super) async fn enter(
    State(api): State<Arc<Api>>,
    reader: Reader,
    Body(body): Body<DocumentPut>,
) -> Result<Json<DocumentEntered>, Problem> {
    let entering = body.entering(reader.user.id)?;
    let document = api.engine.enter(reader.session.tenant, reader.user.id, entering).await?;
    Ok(Json(DocumentEntered { document }))
}
