//! What stands in a page's address, taken as it comes: what makes no sense is left out, so that a page answers.

use std::convert::Infallible;

use axum::{
    extract::{FromRequestParts, Path, Query},
    http::request::Parts,
};
use serde::de::DeserializeOwned;

/// The changing part of a path; empty, and so the name of nothing, if it is no text.
pub(super) struct Segment(pub(super) String);

/// What a query asks for; the default, if it cannot be read.
pub(super) struct Asked<T>(pub(super) T);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let path: Result<Path<String>, _> = Path::from_request_parts(parts, state).await;
        Ok(Self(path.map(|Path(text)| text).unwrap_or_default()))
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Default> FromRequestParts<S> for Asked<T> {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let query: Result<Query<T>, _> = Query::from_request_parts(parts, state).await;
        Ok(Self(query.map(|Query(asked)| asked).unwrap_or_default()))
    }
}
