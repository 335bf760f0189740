//! Reads request bodies whole, within bounds of size and time, before any handler runs.

use std::{future::poll_fn, pin::Pin, time::Duration};

use axum::{
    body::{Body, Bytes, HttpBody as _},
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::Response,
};
use tokio::time::{Instant, timeout, timeout_at};
use tracing::Instrument as _;

use super::{AppState, Problem};
use crate::config::Limits;

/// Replaces the body by its bytes, or answers why not.
pub(super) async fn whole(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    // Bodies are not decompressed anywhere, so that a small one cannot become a large one.
    if parts.headers.get(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "content_encoding",
            "Bodies have to be sent without a content encoding",
        ));
    }
    let bytes = read(body, &state.config.limits).await?;
    // What has begun is finished whether or not the client stays: an append that was handed over happens, and the locks
    // around it must be held until it has.
    let finished = tokio::spawn(next.run(Request::from_parts(parts, Body::from(bytes))).in_current_span());
    match finished.await {
        Ok(response) => Ok(response),
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The server is stopping")),
    }
}

async fn read(mut body: Body, limits: &Limits) -> Result<Bytes, Problem> {
    let limit = limits.body_bytes;
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large(limit));
    }
    let progress = Duration::from_millis(limits.body_progress_timeout_ms);
    let end = Instant::now() + Duration::from_millis(limits.body_timeout_ms);
    let mut bytes = Vec::new();
    loop {
        let frame = timeout(progress, poll_fn(|context| Pin::new(&mut body).poll_frame(context)));
        match timeout_at(end, frame).await {
            Ok(Ok(None)) => return Ok(bytes.into()),
            Ok(Ok(Some(Ok(frame)))) => {
                // Trailers carry nothing we use.
                let Ok(part) = frame.into_data() else { continue };
                if part.len() > limit - bytes.len() {
                    return Err(too_large(limit));
                }
                bytes.extend_from_slice(&part);
            }
            Ok(Ok(Some(Err(_)))) => {
                return Err(Problem::new(StatusCode::BAD_REQUEST, "body_broken", "The body broke off"));
            }
            Ok(Err(_)) | Err(_) => {
                return Err(Problem::new(
                    StatusCode::REQUEST_TIMEOUT,
                    "body_too_slow",
                    "The body took too long to arrive",
                ));
            }
        }
    }
}

fn too_large(limit: usize) -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", "The body is too large")
        .member("limit_bytes", limit)
}
