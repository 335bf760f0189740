//! Pull and commit: the two requests of a sync, in CBOR.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use minicbor::Encode;
use sync_core::{
    encoding,
    protocol::{PullRequest, server::decode_commit},
};

use super::{
    Api,
    bearer::{Bearer, Reader},
    json::words::Cbor,
    places::Newcomer,
};
use crate::{engine::EngineError, http::Problem};

/// The media type of a sync's bodies.
const CBOR: &str = "application/cbor";

/// Answers a pull.
#[utoipa::path(post, path = "/v1/pull", tag = "phones", security(("bearer" = [])),
    request_body(content = Cbor, content_type = "application/cbor", description = "A pull request"),
    responses((status = 200, body = Cbor, content_type = "application/cbor",
        description = "What happened since, and an anchor on the last page")))]
pub(super) async fn pull(
    State(api): State<Arc<Api>>,
    _newcomer: Newcomer,
    reader: Reader,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    is_cbor(&headers)?;
    let request: PullRequest = encoding::decode(&body).map_err(|error| malformed(error.to_string()))?;
    let response = api.engine.pull(reader.session, request).await?;
    api.metrics.pull_items(response.items.len() as u64);
    Ok(cbor(&response))
}

/// Takes a page of a commit. One of a revoked device is kept apart, whatever the answer.
#[utoipa::path(post, path = "/v1/commit", tag = "phones", security(("bearer" = [])),
    request_body(content = Cbor, content_type = "application/cbor", description = "A page of a commit"),
    responses((status = 200, body = Cbor, content_type = "application/cbor",
        description = "The page's receipt")))]
pub(super) async fn commit(
    State(api): State<Arc<Api>>,
    Bearer(session): Bearer,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let revoked = match api.engine.session_user(session) {
        Ok(_) => None,
        Err(revoked @ EngineError::DeviceRevoked(_)) => Some(revoked),
        Err(error) => return Err(error.into()),
    };
    is_cbor(&headers)?;
    let _place = api.places.commit(session, || api.clock.monotonic_ms()).await?;
    let commit = decode_commit(&body).map_err(|error| revoked.unwrap_or(EngineError::Commit(error)))?;
    let receipt = api.engine.commit(session, commit).await?;
    Ok(cbor(&receipt))
}

fn is_cbor(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.get(header::CONTENT_TYPE).is_some_and(|value| value == CBOR) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_cbor", "The body must be application/cbor"))
}

fn malformed(detail: String) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "malformed", "The body is not what was expected").detail(detail)
}

fn cbor<T: Encode<()>>(value: &T) -> Response {
    ([(header::CONTENT_TYPE, CBOR), (header::CACHE_CONTROL, "no-store")], encoding::encode(value))
        .into_response()
}
