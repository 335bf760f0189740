//! Signs and opens the server's own JWTs: one algorithm, one `typ` each, claims typed strictly, times on our clock.

use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Serialize, de::DeserializeOwned};
use sync_core::time::Timestamp;

use super::keys::ServerKeys;

/// No token of ours is longer.
const MAX_BYTES: usize = 2_048;

/// Why a token is not accepted; clients are told no more than that it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not one of our tokens of the expected type, or its claims are not exactly the expected ones.
    #[error("the token is malformed")]
    Malformed,
    /// The signature is not the server's.
    #[error("the token's signature is wrong")]
    BadSignature,
    /// Made for another server or audience.
    #[error("the token is for somebody else")]
    WrongAudience,
    /// Its time has not come.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
}

/// Whole seconds since 1970, as JWTs count.
pub(super) fn seconds(now: Timestamp) -> i64 {
    now.as_millis().div_euclid(1_000)
}

pub(super) fn sign<C: Serialize>(keys: &ServerKeys, typ: &str, claims: &C) -> Result<String, TokenError> {
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some(typ.to_owned());
    header.kid = Some(keys.id().to_owned());
    jsonwebtoken::encode(&header, claims, keys.encoding()).map_err(|_| TokenError::Malformed)
}

/// Checks type and signature and gives the claims; the caller checks what they say.
pub(super) fn open<C: DeserializeOwned>(keys: &ServerKeys, typ: &str, token: &str) -> Result<C, TokenError> {
    use jsonwebtoken::errors::ErrorKind;
    if token.len() > MAX_BYTES {
        return Err(TokenError::Malformed);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Malformed)?;
    if header.typ.as_deref() != Some(typ) || header.alg != Algorithm::EdDSA {
        return Err(TokenError::Malformed);
    }
    let token =
        jsonwebtoken::decode(token, keys.decoding(), &ours(Algorithm::EdDSA)).map_err(|error| match error
            .kind()
        {
            ErrorKind::InvalidSignature => TokenError::BadSignature,
            _ => TokenError::Malformed,
        })?;
    Ok(token.claims)
}

/// Lets jsonwebtoken check the signature only: its clock is not ours and it skips claims it cannot read.
pub(super) fn ours(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

/// Checks a window in whole seconds, both bounds required and no leeway: the server issued it on its own clock.
pub(super) fn check_window(not_before: i64, expires: i64, now: Timestamp) -> Result<(), TokenError> {
    let now = seconds(now);
    if now < not_before {
        Err(TokenError::NotYetValid)
    } else if now >= expires {
        Err(TokenError::Expired)
    } else {
        Ok(())
    }
}
