//! Tokens: exchanges a refresh token for the next one and an access token.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Api,
    json::{Body, SecretText, Text},
    places::Newcomer,
};
use crate::{
    auth::{
        access_token::{self, Access},
        proof::{self, ProofError, ProvenKey, ProvenRequest},
        refresh::{PresentedToken, RefreshError},
    },
    engine::{EngineError, TokenGrant},
    http::Problem,
    telemetry::Secret,
};

/// What a phone asks with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenRequest {
    /// `refresh_token`.
    #[schema(value_type = String, max_length = 40)]
    grant_type: Text<40>,
    /// The newest refresh token.
    #[schema(value_type = String, max_length = 100)]
    refresh_token: SecretText<100>,
}

/// The next tokens.
#[derive(Serialize, ToSchema)]
pub(super) struct Tokens {
    /// Goes into the Authorization header of the other requests.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// Seconds the access token is good for.
    expires_in: u64,
    /// Takes the place of the one before; keep it before using the access token.
    refresh_token: String,
    /// Goes into the next proof.
    nonce: String,
}

/// Exchanges a refresh token, with a proof of the device's key.
#[utoipa::path(post, path = "/v1/token", tag = "phones", request_body = TokenRequest,
    params(("DPoP" = String, Header, description = "A proof of the device's key, on the server's nonce")),
    responses((status = 200, body = Tokens, description = "The next tokens")))]
pub(super) async fn token(
    State(api): State<Arc<Api>>,
    _newcomer: Newcomer,
    headers: HeaderMap,
    body: Result<Body<TokenRequest>, Problem>,
) -> Result<Response, Problem> {
    let proven = api.proven(&headers, "/v1/token")?;
    let Body(request) = body?;
    if request.grant_type.0 != "refresh_token" {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "unsupported_grant",
            "Only refresh_token is offered",
        ));
    }
    let presented = PresentedToken::parse(request.refresh_token.0.expose())
        .ok_or(EngineError::Refresh(RefreshError::Revoked))?;
    let grant = api.engine.refresh(&presented, &proven.thumbprint).await?;
    let tokens = api.tokens(&grant)?;
    Ok(private(Json(tokens)))
}

impl Api {
    /// Checks the proof of a POST request to a path; asks for a nonce where it lacks a fresh one.
    pub(super) fn proven(&self, headers: &HeaderMap, path: &str) -> Result<ProvenKey, Problem> {
        let now = self.engine.time().now;
        let url = format!("{}{path}", self.config.public_url.trim_end_matches('/'));
        let request = ProvenRequest { method: "POST", url: &url, access_token: None };
        let header = headers.get("dpop").and_then(|value| value.to_str().ok());
        let proof = header.ok_or_else(|| {
            Problem::new(StatusCode::BAD_REQUEST, "proof_missing", "The DPoP header is missing")
        })?;
        let proven =
            proof::verify(&self.authority.nonces, proof, request, now).map_err(|error| match error {
                ProofError::Nonce(_) => {
                    Problem::new(StatusCode::UNAUTHORIZED, "use_dpop_nonce", "Prove again with this nonce")
                        .dpop_nonce(self.authority.nonces.issue(now))
                }
                error => bad_proof(&error.to_string()),
            })?;
        if !self.used_proofs.first_use(&proven, now) {
            return Err(bad_proof("the device proof was used before"));
        }
        Ok(proven)
    }

    /// Issues the tokens of a grant.
    pub(super) fn tokens(&self, grant: &TokenGrant) -> Result<Tokens, Problem> {
        let now = self.engine.time().now;
        let access = Access {
            tenant: grant.session.tenant,
            user: grant.user.id,
            device: grant.session.device,
            key_thumbprint: grant.key_thumbprint.clone(),
        };
        let lifetime_s = self.config.tokens.access_minutes * 60;
        let keys = &self.authority.keys;
        let access_token = access_token::issue(
            keys,
            &*self.authority.randomness,
            &self.config.public_url,
            &access,
            lifetime_s,
            now,
        )
        .map_err(|error| EngineError::Panicked(error.to_string()))?;
        Ok(Tokens {
            access_token,
            token_type: "Bearer",
            expires_in: lifetime_s.into(),
            refresh_token: Secret::expose(&grant.refresh_token).clone(),
            nonce: self.authority.nonces.issue(now),
        })
    }
}

fn bad_proof(detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "bad_proof", "The device proof is not good").detail(detail)
}

/// An answer with secrets in it, for its reader alone.
pub(super) fn private(response: impl IntoResponse) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], response).into_response()
}
