//! What a client sends, read with bounds: bodies, ids in paths, texts.

use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Path, Request},
    http::{StatusCode, request::Parts},
};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use crate::{
    http::{Problem, problem},
    telemetry::Secret,
};

/// The longest explanation of what is wrong with a body, in characters.
const DETAIL_CHARS: usize = 200;

/// A JSON body.
pub(in crate::http::api) struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) if rejection.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                let title = "The body must be application/json";
                Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", title))
            }
            Err(rejection) => Err(malformed(&rejection.body_text())),
        }
    }
}

/// An id in the path; what is no id leads nowhere.
pub(in crate::http::api) struct Id<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_) => Err(problem::not_found().await),
        }
    }
}

/// A text of at most `MAX` characters, without blanks around it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::http::api) struct Text<const MAX: usize>(pub String);

/// A word of rules, of at most 64 characters, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http::api) struct Word(pub String);

/// A secret of at most `MAX` characters, as it was typed.
#[derive(Clone)]
pub(in crate::http::api) struct SecretText<const MAX: usize>(pub Secret<String>);

impl<'de, const MAX: usize> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        bounded(String::deserialize(deserializer)?.trim().to_owned(), MAX).map(Self)
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        bounded(String::deserialize(deserializer)?, 64).map(Self)
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for SecretText<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        bounded(String::deserialize(deserializer)?, MAX).map(|text| Self(Secret::new(text)))
    }
}

fn bounded<E: serde::de::Error>(text: String, max: usize) -> Result<String, E> {
    match text.chars().nth(max) {
        None => Ok(text),
        Some(_) => Err(E::custom(format_args!("a text has more than {max} characters"))),
    }
}

/// Says what is wrong with a body or a query.
pub(in crate::http::api) fn malformed(detail: &str) -> Problem {
    let detail: String = detail.chars().take(DETAIL_CHARS).collect();
    Problem::new(StatusCode::BAD_REQUEST, "malformed", "The request is not what was expected").detail(detail)
}
