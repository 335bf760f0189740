//! Enrolment: a phone's key is pinned, and the phone learns who it is.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sync_core::{
    id::{DeviceId, TenantId},
    log::DeviceKey,
    time::Timestamp,
};
use utoipa::ToSchema;

use super::{
    Api,
    json::{
        Body, SecretText, Text, UserShown,
        words::{IdText, Millis},
    },
    token::{Tokens, private},
};
use crate::{
    auth::throttle::Throttle,
    engine::{EngineError, Ticket},
    http::{ClientAddress, Problem},
};

/// What a phone enrols with: a code, or a login with its password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EnrolRequest {
    /// A code that an administrator drew; instead of a login.
    #[schema(value_type = Option<String>, max_length = 64)]
    code: Option<Text<64>>,
    /// The company's name; only where the server has several.
    #[schema(value_type = Option<String>, max_length = 200)]
    company: Option<Text<200>>,
    /// The user's login.
    #[schema(value_type = Option<String>, max_length = 100)]
    login: Option<Text<100>>,
    /// Their password.
    #[schema(value_type = Option<String>, max_length = 128)]
    password: Option<SecretText<128>>,
    /// What the user calls the phone.
    #[schema(value_type = String, max_length = 100)]
    device_name: Text<100>,
    /// The key that signs the proof: the compressed SEC1 point in base64url.
    #[schema(value_type = String, max_length = 44)]
    public_key: Text<44>,
}

/// Who the phone is now.
#[derive(Serialize, ToSchema)]
pub(super) struct Enrolled {
    /// The company.
    #[schema(value_type = IdText)]
    tenant: TenantId,
    /// The device.
    #[schema(value_type = IdText)]
    device: DeviceId,
    /// Its user.
    user: UserShown,
    /// The server's Ed25519 key, to be pinned, in base64url.
    server_key: String,
    /// When it was enrolled, by the server's clock.
    #[schema(value_type = Millis)]
    enrolled_ms: Timestamp,
    /// Its first tokens.
    #[serde(flatten)]
    tokens: Tokens,
}

/// Enrols a phone that proves the key it brings.
#[utoipa::path(post, path = "/v1/enrol", tag = "phones", request_body = EnrolRequest,
    params(("DPoP" = String, Header, description = "A proof of the key to enrol, on the server's nonce")),
    responses((status = 201, body = Enrolled, description = "The phone is enrolled")))]
pub(super) async fn enrol(
    State(api): State<Arc<Api>>,
    Extension(address): Extension<ClientAddress>,
    headers: HeaderMap,
    body: Result<Body<EnrolRequest>, Problem>,
) -> Result<Response, Problem> {
    let proven = api.proven(&headers, "/v1/enrol")?;
    let Body(request) = body?;
    let brought = URL_SAFE_NO_PAD.decode(&request.public_key.0).unwrap_or_default();
    if brought != proven.key {
        let title = "The proof is by another key than the one to enrol";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "bad_proof", title));
    }
    let key = DeviceKey::from_bytes(&proven.key).map_err(|error| EngineError::Invalid(error.to_string()))?;
    let ticket = api.ticket(&request, address).await?;
    let grant = api.engine.enrol(ticket, &request.device_name.0, key).await?;
    let enrolled = Enrolled {
        tenant: grant.session.tenant,
        device: grant.session.device,
        server_key: URL_SAFE_NO_PAD.encode(api.engine.server_key()),
        enrolled_ms: grant.enrolled,
        tokens: api.tokens(&grant)?,
        user: grant.user.into(),
    };
    Ok(private((StatusCode::CREATED, Json(enrolled))))
}

impl Api {
    /// Checks the code or the password; guesses are counted per account and per address before anything is looked up.
    async fn ticket(&self, request: &EnrolRequest, address: ClientAddress) -> Result<Ticket, Problem> {
        let company = request.company.as_ref().map(|company| company.0.as_str());
        let counted = match &request.login {
            Some(login) => Throttle::account(company.unwrap_or_default(), &login.0),
            // Codes are guessed from an address, not at an account.
            None => format!("code from {}", address.ip),
        };
        self.throttle.attempt(&counted, address.ip, self.clock.monotonic_ms()).map_err(|throttled| {
            self.metrics.login_refused();
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", "Too many attempts")
                .retry_after_s(throttled.retry_after_s)
        })?;
        let ticket = match (&request.code, &request.login, &request.password) {
            (Some(code), None, None) => self.engine.redeem(&code.0)?,
            (None, Some(login), Some(password)) => {
                let signed_in = self.engine.sign_in(company, &login.0, password.0.clone()).await?;
                if signed_in.one_time {
                    let title = "The one-time password must be changed on the pages first";
                    return Err(Problem::new(StatusCode::FORBIDDEN, "password_change_required", title));
                }
                Ticket { tenant: signed_in.tenant, user: signed_in.user.id, code: None }
            }
            _ => {
                let title = "Send a code, or a login with its password";
                return Err(Problem::new(StatusCode::BAD_REQUEST, "malformed", title));
            }
        };
        self.throttle.succeeded(&counted, address.ip, self.clock.monotonic_ms());
        Ok(ticket)
    }
}
