//! The frame, seen from outside.

use std::{
    collections::VecDeque,
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes, HttpBody, to_bytes},
    http::{Request, StatusCode},
    response::Response,
    routing::{get, post},
};
use hyper::body::Frame;
use serde_json::Value;
use sync_core::time::Timestamp;
use tower::ServiceExt as _;

use super::*;
use crate::clock::ManualClock;

fn state(change: impl FnOnce(&mut Config)) -> AppState {
    let mut config = Config::default();
    change(&mut config);
    AppState {
        config: Arc::new(config),
        clock: Arc::new(ManualClock::at(Timestamp::from_millis(0))),
        metrics: Arc::new(Metrics::new()),
        readiness: Arc::new(Readiness::default()),
    }
}

fn app(state: &AppState) -> Router {
    let routes = Router::new()
        .route("/echo", post(async |body: String| body))
        .route("/panic", get(async || -> &'static str { panic!("the password is hunter2") }));
    router(state, routes)
}

async fn send(state: &AppState, request: Request<Body>) -> Response {
    app(state).oneshot(request).await.unwrap()
}

fn get_request(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

async fn problem_of(response: Response) -> (u16, String) {
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let status = response.status().as_u16();
    let body: Value = serde_json::from_slice(&to_bytes(response.into_body(), 10_000).await.unwrap()).unwrap();
    assert_eq!(body["status"], status);
    (status, body["type"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn what_does_not_exist_is_a_problem() {
    let state = state(|_| ());
    let answer = problem_of(send(&state, get_request("/nowhere")).await).await;
    assert_eq!(answer, (404, "urn:fieldbook:problem:not_found".to_owned()));
    let answer = problem_of(send(&state, get_request("/echo")).await).await;
    assert_eq!(answer, (405, "urn:fieldbook:problem:method_not_allowed".to_owned()));
}

#[tokio::test]
async fn a_panic_is_a_problem_that_tells_nothing() {
    let state = state(|_| ());
    let response = send(&state, get_request("/panic")).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let body = to_bytes(response.into_body(), 10_000).await.unwrap();
    assert!(!String::from_utf8_lossy(&body).contains("hunter2"));
    assert!(state.metrics.encode().contains("fieldbook_panics_total 1"));
}

/// A body that does not tell its length and, after its parts, neither ends nor goes on.
struct Stalling(VecDeque<&'static str>);

impl HttpBody for Stalling {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.pop_front().map_or(Poll::Pending, |part| Poll::Ready(Some(Ok(Frame::data(part.into())))))
    }
}

#[tokio::test]
async fn a_body_that_stalls_is_a_problem() {
    let state = state(|config| config.limits.body_progress_timeout_ms = 20);
    let request = Request::post("/echo").body(Body::new(Stalling(["half"].into()))).unwrap();
    let answer = problem_of(send(&state, request).await).await;
    assert_eq!(answer, (408, "urn:fieldbook:problem:body_too_slow".to_owned()));
}

#[tokio::test]
async fn a_body_over_the_limit_is_a_problem_with_or_without_a_length() {
    let state = state(|config| config.limits.body_bytes = 4);
    let fits = Request::post("/echo").body(Body::from("four")).unwrap();
    assert_eq!(send(&state, fits).await.status(), StatusCode::OK);
    for large in [Body::from("fives"), Body::new(Stalling(["four", "s"].into()))] {
        let request = Request::post("/echo").body(large).unwrap();
        let answer = problem_of(send(&state, request).await).await;
        assert_eq!(answer, (413, "urn:fieldbook:problem:body_too_large".to_owned()));
    }
}

#[tokio::test]
async fn a_compressed_body_is_refused_unread() {
    let state = state(|_| ());
    let request = Request::post("/echo").header("content-encoding", "gzip").body(Body::from("x")).unwrap();
    let answer = problem_of(send(&state, request).await).await;
    assert_eq!(answer, (415, "urn:fieldbook:problem:content_encoding".to_owned()));
}

#[tokio::test]
async fn every_answer_carries_the_security_headers_and_an_id() {
    let state = state(|config| config.public_url = "https://sync.example".to_owned());
    for path in ["/healthz", "/nowhere", "/panic"] {
        let response = send(&state, get_request(path)).await;
        let headers = response.headers();
        assert!(headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "same-origin");
        assert_eq!(headers["cache-control"], "no-store");
        assert!(headers.contains_key("strict-transport-security"));
        assert_eq!(headers["x-request-id"].len(), 16);
    }
}

#[tokio::test]
async fn readiness_is_what_was_last_said() {
    let state = state(|_| ());
    assert_eq!(send(&state, get_request("/readyz")).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    state.readiness.set(true);
    assert_eq!(send(&state, get_request("/readyz")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_numbers_are_hidden_from_other_machines() {
    let state = state(|_| ());
    assert_eq!(send(&state, get_request("/metrics")).await.status(), StatusCode::NOT_FOUND);
}
