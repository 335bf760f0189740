//! Access tokens: short JWTs (RFC 9068 `at+jwt`, EdDSA) of one user on one device of one tenant.

use serde::{Deserialize, Serialize};
use sync_core::{
    id::{DeviceId, TenantId, UserId},
    time::Timestamp,
};

pub use super::jwt::TokenError;
use super::{jwt, keys::ServerKeys};
use crate::randomness::{NoRandomness, Randomness};

const TYP: &str = "at+jwt";
/// Who the tokens are for; the issuer is the server's public URL.
const AUDIENCE: &str = "fieldbook-sync";

/// Whom an access token speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The company.
    pub tenant: TenantId,
    /// The person.
    pub user: UserId,
    /// The phone.
    pub device: DeviceId,
    /// The RFC 7638 thumbprint of the phone's key, which signed the proof that the token was given for.
    pub key_thumbprint: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    tid: TenantId,
    did: DeviceId,
    cnf: Confirmation,
    jti: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirmation {
    jkt: String,
}

/// Issues a token that is good from now for `lifetime_s` seconds.
pub fn issue(
    keys: &ServerKeys,
    randomness: &dyn Randomness,
    issuer: &str,
    access: &Access,
    lifetime_s: u32,
    now: Timestamp,
) -> Result<String, IssueError> {
    let issued = jwt::seconds(now);
    let claims = Claims {
        iss: issuer.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: access.user,
        tid: access.tenant,
        did: access.device,
        cnf: Confirmation { jkt: access.key_thumbprint.clone() },
        jti: hex::encode(randomness.draw::<16>()?),
        iat: issued,
        nbf: issued,
        exp: issued.saturating_add(lifetime_s.into()),
    };
    Ok(jwt::sign(keys, TYP, &claims)?)
}

/// Checks a token and gives whom it speaks for.
pub fn verify(keys: &ServerKeys, issuer: &str, token: &str, now: Timestamp) -> Result<Access, TokenError> {
    let claims: Claims = jwt::open(keys, TYP, token)?;
    if claims.aud != AUDIENCE || claims.iss != issuer {
        return Err(TokenError::WrongAudience);
    }
    jwt::check_window(claims.nbf.max(claims.iat), claims.exp, now)?;
    Ok(Access { tenant: claims.tid, user: claims.sub, device: claims.did, key_thumbprint: claims.cnf.jkt })
}

/// A token cannot be issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// No random bytes for its id.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The server key does not sign.
    #[error(transparent)]
    Signing(#[from] TokenError),
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use jsonwebtoken::{Algorithm, EncodingKey, Header};
    use serde_json::{Value, json};

    use super::*;
    use crate::randomness::SystemRandomness;

    const ISSUER: &str = "https://sync.example";
    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn keys() -> ServerKeys {
        ServerKeys::from_seed(&[7; 32])
    }

    fn access() -> Access {
        Access {
            tenant: TenantId::from_bytes([1; 16]),
            user: UserId::from_bytes([2; 16]),
            device: DeviceId::from_bytes([3; 16]),
            key_thumbprint: "thumb".to_owned(),
        }
    }

    /// A correctly signed token whose claims are right but for the change.
    fn altered(typ: &str, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": access().user, "tid": access().tenant,
            "did": access().device, "cnf": {"jkt": "thumb"}, "jti": "a",
            "iat": 1_800_000_000, "nbf": 1_800_000_000, "exp": 1_800_000_600,
        });
        change(&mut claims);
        jwt::sign(&keys(), typ, &claims).unwrap()
    }

    fn check(token: &str) -> Result<Access, TokenError> {
        verify(&keys(), ISSUER, token, NOW)
    }

    #[test]
    fn a_token_speaks_for_its_owner_until_it_expires() {
        let token = issue(&keys(), &SystemRandomness, ISSUER, &access(), 600, NOW).unwrap();
        assert_eq!(check(&token), Ok(access()));
        assert_eq!(verify(&keys(), ISSUER, &token, NOW.plus_millis(599_999)), Ok(access()));
        assert_eq!(verify(&keys(), ISSUER, &token, NOW.plus_millis(600_000)), Err(TokenError::Expired));
        assert_eq!(verify(&keys(), ISSUER, &token, NOW.plus_millis(-1)), Err(TokenError::NotYetValid));
        assert_eq!(check(&altered(TYP, |_| ())), Ok(access()));
    }

    #[test]
    fn a_token_without_a_signature_is_refused() {
        let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let payload = altered(TYP, |_| ()).split('.').nth(1).unwrap().to_owned();
        for alg in ["none", "None", "NONE"] {
            let head = part(json!({"alg": alg, "typ": TYP}));
            assert_eq!(check(&format!("{head}.{payload}.")), Err(TokenError::Malformed));
        }
    }

    #[test]
    fn the_public_key_does_not_work_as_an_hmac_secret() {
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some(TYP.to_owned());
        let token = altered(TYP, |_| ());
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&payload).unwrap();
        let forged =
            jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&keys().public())).unwrap();
        assert_eq!(check(&forged), Err(TokenError::Malformed));
    }

    #[test]
    fn a_token_signed_by_another_server_is_refused() {
        let token =
            issue(&ServerKeys::from_seed(&[8; 32]), &SystemRandomness, ISSUER, &access(), 600, NOW).unwrap();
        assert_eq!(check(&token), Err(TokenError::BadSignature));
    }

    #[test]
    fn a_token_of_another_type_is_refused() {
        for typ in ["JWT", "web+jwt", "dpop+jwt", "AT+JWT"] {
            assert_eq!(check(&altered(typ, |_| ())), Err(TokenError::Malformed), "{typ}");
        }
    }

    #[test]
    fn a_token_for_another_audience_or_server_is_refused() {
        assert_eq!(check(&altered(TYP, |c| c["aud"] = json!("web"))), Err(TokenError::WrongAudience));
        assert_eq!(check(&altered(TYP, |c| c["iss"] = json!("https://x"))), Err(TokenError::WrongAudience));
        let several = altered(TYP, |c| c["aud"] = json!([AUDIENCE, "web"]));
        assert_eq!(check(&several), Err(TokenError::Malformed));
    }

    #[test]
    fn a_token_whose_tenant_is_no_tenant_id_is_refused() {
        for tenant in [json!("acme"), json!(1), json!(null)] {
            assert_eq!(check(&altered(TYP, |c| c["tid"] = tenant)), Err(TokenError::Malformed));
        }
    }

    #[test]
    fn times_that_are_missing_or_written_as_text_are_refused() {
        for claim in ["exp", "nbf", "iat"] {
            for wrong in [json!("1800000600"), json!(1.5), json!(null)] {
                assert_eq!(check(&altered(TYP, |c| c[claim] = wrong)), Err(TokenError::Malformed), "{claim}");
            }
            let missing = altered(TYP, |c| {
                c.as_object_mut().unwrap().remove(claim);
            });
            assert_eq!(check(&missing), Err(TokenError::Malformed), "{claim}");
        }
    }

    #[test]
    fn a_token_from_the_future_is_refused() {
        let later = json!(1_800_000_001);
        assert_eq!(check(&altered(TYP, |c| c["nbf"] = later.clone())), Err(TokenError::NotYetValid));
        assert_eq!(check(&altered(TYP, |c| c["iat"] = later)), Err(TokenError::NotYetValid));
    }
}
