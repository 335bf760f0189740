//! The bearer: who sent a request, from its access token.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use sync_core::directory::{Role, User};

use super::Api;
use crate::{
    auth::access_token,
    engine::{DeviceSession, EngineError},
    http::Problem,
};

/// A device with an access token that is good. Whether it was revoked meanwhile is for the engine to say.
pub(super) struct Bearer(pub DeviceSession);

/// A device with a good access token, not revoked, and its user.
pub(super) struct Reader {
    /// The company and the device.
    pub session: DeviceSession,
    /// The user.
    pub user: User,
}

/// A reader who runs the tenant.
pub(super) struct Admin(pub Reader);

impl FromRequestParts<Arc<Api>> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        let token = token(&parts.headers).ok_or_else(|| invalid("no bearer token"))?;
        let now = api.engine.time().now;
        let access = access_token::verify(&api.authority.keys, &api.config.public_url, token, now)
            .map_err(|error| invalid(&error.to_string()))?;
        Ok(Self(DeviceSession { tenant: access.tenant, device: access.device }))
    }
}

impl FromRequestParts<Arc<Api>> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        let Bearer(session) = Bearer::from_request_parts(parts, api).await?;
        let user = api.engine.session_user(session)?;
        Ok(Self { session, user })
    }
}

impl FromRequestParts<Arc<Api>> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        let reader = Reader::from_request_parts(parts, api).await?;
        match reader.user.role {
            Role::Admin => Ok(Self(reader)),
            _ => Err(EngineError::NotPermitted.into()),
        }
    }
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn invalid(detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "invalid_token", "The access token is not good").detail(detail)
}
