//! Lists in pages: how much a client asks for, and where the next page begins.

use axum::{
    extract::{FromRequestParts, Query as AxumQuery},
    http::request::Parts,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned, de::Error as _};
use utoipa::{IntoParams, ToSchema};

use super::{
    input::malformed,
    words::{IdPlaceText, PlaceText},
};
use crate::http::Problem;

/// The longest place, in bytes.
const PLACE_BYTES: usize = 64;

/// A query string.
pub(in crate::http::api) struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match AxumQuery::from_request_parts(parts, state).await {
            Ok(AxumQuery(query)) => Ok(Self(query)),
            Err(rejection) => Err(malformed(&rejection.body_text())),
        }
    }
}

/// Which page of a list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http::api) struct PageQuery {
    /// The `next` of the page before.
    #[param(value_type = Option<IdPlaceText>)]
    pub after: Option<Place>,
    /// How many items are looked at.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Limit,
}

/// A part of a list. A page may bring fewer items than were asked for, even none, and still have a next one.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct Page<T: ToSchema> {
    /// The items.
    pub items: Vec<T>,
    /// What to send as `after` for the next page; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<PlaceText>)]
    pub next: Option<Place>,
}

/// How many items a page looks at, from 1 to 200.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http::api) struct Limit(usize);

impl Limit {
    /// The number.
    pub(in crate::http::api) fn get(self) -> usize {
        self.0
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match usize::deserialize(deserializer)? {
            limit @ 1..=200 => Ok(Self(limit)),
            _ => Err(D::Error::custom("the limit is from 1 to 200")),
        }
    }
}

/// Where a list goes on. Clients hand it back as it is; a made-up one finds nothing it should not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http::api) struct Place(Vec<u8>);

impl Place {
    /// A place made of these bytes.
    pub(in crate::http::api) fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The place behind the last of the items that were looked at, if there may be more.
    pub(in crate::http::api) fn behind<T>(
        looked_at: &[T],
        limit: Limit,
        id: impl FnOnce(&T) -> [u8; 16],
    ) -> Option<Self> {
        looked_at.last().filter(|_| looked_at.len() == limit.get()).map(|last| Self::new(id(last)))
    }

    /// The place behind an id.
    pub(in crate::http::api) fn id(&self) -> Result<[u8; 16], Problem> {
        self.0.as_slice().try_into().map_err(|_| malformed("this is no place in this list"))
    }

    /// The bytes it is made of.
    pub(in crate::http::api) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The place in a list within a list: an id, and perhaps bytes behind it.
    pub(in crate::http::api) fn id_and_rest(&self) -> Result<([u8; 16], &[u8]), Problem> {
        let (id, rest) =
            self.0.split_first_chunk().ok_or_else(|| malformed("this is no place in this list"))?;
        Ok((*id, rest))
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().filter(|bytes| bytes.len() <= PLACE_BYTES);
        bytes.map(Self).ok_or_else(|| D::Error::custom("this is no place in a list"))
    }
}
