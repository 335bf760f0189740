//! What went wrong, as `application/problem+json` (RFC 9457) with a stable type.

use std::any::Any;

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};

use crate::telemetry::Metrics;

/// An answer that is not what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    code: &'static str,
    title: &'static str,
    status: StatusCode,
    // Apart, so that a result with a problem in it stays small.
    more: Box<More>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct More {
    detail: Option<String>,
    members: Map<String, Value>,
    retry_after_s: Option<u64>,
    dpop_nonce: Option<String>,
}

impl Problem {
    /// Makes a problem of type `urn:fieldbook:problem:` and the code, such as `anchor_stale`.
    pub fn new(status: StatusCode, code: &'static str, title: &'static str) -> Self {
        Self { code, title, status, more: Box::default() }
    }

    /// Explains this occurrence; never with content of a document, a token or an e-mail address.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.more.detail = Some(detail.into());
        self
    }

    /// Adds a member for programs.
    #[must_use]
    pub fn member(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.more.members.insert(name.to_owned(), value.into());
        self
    }

    /// Says in how many seconds to try again.
    #[must_use]
    pub fn retry_after_s(mut self, seconds: u64) -> Self {
        self.more.retry_after_s = Some(seconds);
        self
    }

    /// Hands out a nonce for the next device proof.
    #[must_use]
    pub fn dpop_nonce(mut self, nonce: String) -> Self {
        self.more.dpop_nonce = Some(nonce);
        self
    }

    /// The code at the end of the type.
    pub fn code(&self) -> &'static str {
        self.code
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let More { detail, members: mut body, retry_after_s, dpop_nonce } = *self.more;
        body.insert("type".to_owned(), format!("urn:fieldbook:problem:{}", self.code).into());
        body.insert("title".to_owned(), self.title.into());
        body.insert("status".to_owned(), self.status.as_u16().into());
        if let Some(detail) = detail {
            body.insert("detail".to_owned(), detail.into());
        }
        let mut response = (self.status, Value::Object(body).to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::UNAUTHORIZED {
            let schemes = HeaderValue::from_static("Bearer, DPoP algs=\"ES256\"");
            headers.insert(header::WWW_AUTHENTICATE, schemes);
        }
        if let Some(seconds) = retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(nonce) = dpop_nonce.and_then(|nonce| HeaderValue::try_from(nonce).ok()) {
            headers.insert(HeaderName::from_static("dpop-nonce"), nonce);
        }
        response
    }
}

pub(super) async fn not_found() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "There is nothing here")
}

pub(super) async fn method_not_allowed() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "This method is not offered here")
}

/// Answers for a handler that panicked; the panic hook has logged where, and the message stays inside.
pub(super) fn panicked(metrics: &Metrics, _panic: Box<dyn Any + Send>) -> Response {
    metrics.panic();
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The server failed").into_response()
}
