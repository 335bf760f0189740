//! Whether the server lives, whether it is ready, and its numbers.

use axum::{
    Extension,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{AppState, ClientAddress, Problem, problem};

pub(super) async fn health() -> &'static str {
    "ok"
}

pub(super) async fn ready(State(state): State<AppState>) -> Result<&'static str, Problem> {
    if state.readiness.get() {
        Ok("ready")
    } else {
        Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", "The server is not ready")
            .retry_after_s(1))
    }
}

/// The numbers say how the company works, so only this machine may read them.
pub(super) async fn metrics(
    State(state): State<AppState>,
    Extension(client): Extension<ClientAddress>,
) -> Response {
    if !client.is_local {
        return problem::not_found().await.into_response();
    }
    let form = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, form)], state.metrics.encode()).into_response()
}
