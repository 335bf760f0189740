//! Refusals of the engine as problems: each with a stable code and what to do next.

use axum::http::StatusCode;

use crate::{auth::refresh::RefreshError, engine::EngineError, http::Problem, store::StoreError};

/// Seconds after which a server that is short of something is worth asking again.
const RETRY_S: u64 = 30;

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        problem(error.into())
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        problem(error)
    }
}

/// Gives the problem for an error of the engine; what a client cannot mend is logged here, once.
fn problem(error: EngineError) -> Problem {
    use StatusCode as S;
    let detail = error.to_string();
    let (status, code, title) = match &error {
        EngineError::Commit(error) => {
            let status = match error.code() {
                "over_limit" => S::PAYLOAD_TOO_LARGE,
                "malformed" | "empty_commit" => S::BAD_REQUEST,
                "wrong_device" | "bad_signature" => S::FORBIDDEN,
                _ => S::CONFLICT,
            };
            (status, error.code(), "The commit is not acceptable")
        }
        EngineError::CursorAhead { .. } | EngineError::AnchorAhead { .. } => {
            (S::CONFLICT, "cursor_ahead", "The phone has seen more than the server")
        }
        EngineError::DeviceRevoked(_) => (S::UNAUTHORIZED, "device_revoked", "The device was revoked"),
        EngineError::UnknownDevice(_) => {
            (S::UNAUTHORIZED, "unknown_device", "The device is not enrolled here")
        }
        EngineError::BadCredentials => (S::UNAUTHORIZED, "bad_credentials", "These credentials open nothing"),
        EngineError::Refresh(RefreshError::Reused) => {
            (S::UNAUTHORIZED, "refresh_reused", "The refresh token was used before; sign in again")
        }
        EngineError::Refresh(_) => {
            (S::UNAUTHORIZED, "refresh_refused", "The refresh token is not good; sign in again")
        }
        EngineError::NotFound | EngineError::UnknownUser(_) => {
            (S::NOT_FOUND, "not_found", "There is nothing here")
        }
        EngineError::NotPermitted => (S::FORBIDDEN, "not_permitted", "This user may not do that"),
        EngineError::NothingToDecide => (S::CONFLICT, "nothing_to_decide", "Nothing waits for this ruling"),
        EngineError::TooLong { .. } => (S::UNPROCESSABLE_ENTITY, "too_long", "A text is too long"),
        EngineError::Invalid(_) => (S::UNPROCESSABLE_ENTITY, "invalid", "A value does not fit"),
        EngineError::Rules(_) => (S::UNPROCESSABLE_ENTITY, "bad_rules", "The rules do not parse"),
        EngineError::Store(StoreError::Full { .. }) => {
            (S::INSUFFICIENT_STORAGE, "disk_full", "The server's disk is nearly full")
        }
        // A store that failed is opened again by the next start, which heals it.
        EngineError::Store(StoreError::Unavailable(_) | StoreError::Closed(_)) | EngineError::Stopping => {
            tracing::warn!(error = detail, "a request could not be answered just now");
            return Problem::new(S::SERVICE_UNAVAILABLE, "unavailable", "Try again").retry_after_s(RETRY_S);
        }
        EngineError::Store(_) | EngineError::NoRandomness(_) | EngineError::Panicked(_) => {
            tracing::error!(error = detail, "a request failed");
            // What broke inside is for the log, not for the client.
            return Problem::new(S::INTERNAL_SERVER_ERROR, "internal", "The server failed");
        }
    };
    let problem = Problem::new(status, code, title).detail(detail);
    if status == S::INSUFFICIENT_STORAGE { problem.retry_after_s(RETRY_S) } else { problem }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;

    use super::*;

    #[test]
    fn a_store_that_failed_is_answered_with_try_again_and_not_with_what_broke() {
        for error in [StoreError::Closed("/data/journal broke".into()), StoreError::Unavailable("x".into())] {
            let answer = Problem::from(error).into_response();
            assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert!(answer.headers().contains_key("retry-after"));
        }
    }
}
