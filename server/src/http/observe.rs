//! Gives each request an id, a log line and its place in the metrics.

use std::time::Duration;

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use tracing::Instrument as _;

use super::AppState;
use crate::{
    randomness::{Randomness, SystemRandomness},
    telemetry::RequestLabels,
};

/// The id of a request: 16 hex digits, in its log lines and in `X-Request-Id` of the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

pub(super) async fn observe(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let started_ms = state.clock.monotonic_ms();
    // An id is for finding log lines: it decides nothing, so it is the system's even in a simulation, and without
    // randomness all zeros will do.
    let id = hex::encode(<dyn Randomness>::draw::<8>(&SystemRandomness).unwrap_or_default());
    let method = known(request.method());
    let route =
        request.extensions().get::<MatchedPath>().map_or_else(String::new, |path| path.as_str().to_owned());
    request.extensions_mut().insert(RequestId(id.clone()));

    // The route and not the path: a path may hold ids, a query anything.
    let span = tracing::info_span!("request", id, method, route);
    let mut response = next.run(request).instrument(span.clone()).await;

    let took_ms = state.clock.monotonic_ms().saturating_sub(started_ms);
    let status = response.status().as_u16();
    span.in_scope(|| tracing::info!(status, took_ms, "answered"));
    state.metrics.request(RequestLabels { method, route, status }, Duration::from_millis(took_ms));
    if let Ok(value) = HeaderValue::try_from(id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}

/// A client may make up methods; metrics and logs take only these.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "OTHER",
    }
}
