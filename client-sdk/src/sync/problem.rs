//! Problems: what the server's error answers mean for this phone.

use std::time::Duration;

use sync_core::protocol::phone::SyncError;

use crate::{
    error::{Error, ReEnrolCause},
    sync::transport::{Response, Unreachable},
};

const TYPE_PREFIX: &str = "urn:fieldbook:problem:";
const DETAIL_CHARS: usize = 400;

/// Why a sync stopped before its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// With what the network said.
    Offline(String),
    Busy(Option<Duration>),
    /// The session is out of date; a new one may do better.
    Again,
    /// The server was restored from a backup and has not got as far as this phone has read.
    CursorAhead,
    Session(SyncError),
    Error(Error),
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Error(error.into())
    }
}

impl From<Unreachable> for Stop {
    fn from(unreachable: Unreachable) -> Self {
        tracing::debug!(detail = unreachable.0, "the server cannot be reached");
        Self::Offline(unreachable.0)
    }
}

/// An error answer (RFC 9457).
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Problem {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    detail: String,
}

impl Problem {
    /// Reads an answer's body; one that is no problem document (a proxy's page) gives an empty one.
    pub(crate) fn read(response: &Response) -> Self {
        serde_json::from_slice(&response.body).unwrap_or_default()
    }

    /// The last part of the type, such as `device_revoked`; empty if it is none of ours.
    pub(crate) fn code(&self) -> &str {
        self.kind.strip_prefix(TYPE_PREFIX).unwrap_or_default()
    }

    fn text(&self) -> String {
        let text = if self.detail.is_empty() { &self.title } else { &self.detail };
        text.chars().take(DETAIL_CHARS).collect()
    }

    /// The error this is for the app.
    pub(crate) fn error(&self, status: u16) -> Error {
        match self.code() {
            "device_revoked" => Error::ReEnrol { cause: ReEnrolCause::Revoked },
            "log_forked" => Error::ReEnrol { cause: ReEnrolCause::Forked },
            "invalid_token" | "refresh_refused" | "refresh_reused" | "unknown_device" => {
                Error::SignInAgain { reason: self.text() }
            }
            code => Error::ServerRefused { status, code: code.to_owned(), detail: self.text() },
        }
    }
}

/// Reads an error answer: whether to wait, to start again, or to tell the app.
pub(crate) fn stop(response: &Response) -> Stop {
    let problem = Problem::read(response);
    match (response.status, problem.code()) {
        (408 | 425 | 429 | 500 | 502 | 503 | 504 | 507, _) => Stop::Busy(response.retry_after),
        (_, "anchor_stale" | "anchor_missing" | "log_gap") => Stop::Again,
        (_, "cursor_ahead") => Stop::CursorAhead,
        // Somebody between phone and server answered (a hotspot's sign-in page), or broke the body on its way.
        (_, "") | (400, "body_broken") => Stop::Busy(response.retry_after),
        (status, _) => Stop::Error(problem.error(status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Response {
        Response { status, body: body.as_bytes().to_vec(), ..Response::default() }
    }

    #[test]
    fn each_problem_leads_to_its_own_next_move() {
        let problem = |code: &str| format!(r#"{{"type":"urn:fieldbook:problem:{code}","detail":"so"}}"#);
        assert!(matches!(stop(&answer(503, "<html>")), Stop::Busy(None)));
        for (status, body) in
            [(403, "<html>".to_owned()), (404, String::new()), (400, problem("body_broken"))]
        {
            assert!(matches!(stop(&answer(status, &body)), Stop::Busy(None)), "{status}");
        }
        assert!(matches!(stop(&answer(409, &problem("anchor_stale"))), Stop::Again));
        let revoked = stop(&answer(403, &problem("device_revoked")));
        assert!(matches!(revoked, Stop::Error(Error::ReEnrol { cause: ReEnrolCause::Revoked })));
        let expired = stop(&answer(401, &problem("refresh_refused")));
        assert!(matches!(expired, Stop::Error(Error::SignInAgain { .. })));
        let other = stop(&answer(413, &problem("over_limit")));
        assert!(
            matches!(other, Stop::Error(Error::ServerRefused { status: 413, code, .. }) if code == "over_limit")
        );
    }
}
