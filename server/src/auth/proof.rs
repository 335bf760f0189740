//! Device proofs: a request signed by the phone's key (the shape of RFC 9449 DPoP) over a server nonce.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier as _};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use sync_core::time::Timestamp;

use super::nonce::{NonceError, Nonces};

/// No proof is longer.
const MAX_BYTES: usize = 4_096;

/// Why a proof is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Not a compact JWS with `typ=dpop+jwt`, `alg=ES256` and a P-256 `jwk`, or a claim is missing or of another type.
    #[error("the device proof is malformed")]
    Malformed,
    /// The signature is not by the key inside.
    #[error("the device proof's signature is wrong")]
    BadSignature,
    /// Made for another method or address.
    #[error("the device proof is for another request")]
    WrongRequest,
    /// Made for another access token, or for none.
    #[error("the device proof is for another access token")]
    WrongToken,
    /// The nonce has to be fetched anew.
    #[error(transparent)]
    Nonce(#[from] NonceError),
}

/// The request a proof has to be for.
#[derive(Debug, Clone, Copy)]
pub struct ProvenRequest<'a> {
    /// The HTTP method in capitals.
    pub method: &'a str,
    /// The public URL of the request, without query and fragment.
    pub url: &'a str,
    /// The access token sent along, if the endpoint wants one.
    pub access_token: Option<&'a str>,
}

/// The key that signed a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenKey {
    /// SEC1 compressed form of the P-256 key.
    pub key: [u8; 33],
    /// RFC 7638 thumbprint in base64url.
    pub thumbprint: String,
    /// The proof's own id; [`UsedProofs`](super::used_proofs::UsedProofs) refuses a second use.
    pub proof_id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofHeader {
    typ: String,
    alg: String,
    jwk: Jwk,
}

// A private key (`d`) sent by mistake is an unknown field, so the phone's author learns of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Jwk {
    kty: String,
    crv: String,
    x: String,
    y: String,
}

#[derive(Deserialize)]
struct ProofClaims {
    htm: String,
    htu: String,
    jti: String,
    // None at the first try of a phone that has no nonce yet; the answer brings one.
    #[serde(default)]
    nonce: String,
    #[serde(default)]
    ath: Option<String>,
}

/// Checks a proof for a request and gives the key that signed it.
///
/// Freshness is the nonce's alone: `iat` is the phone's claim and is not looked at.
pub fn verify(
    nonces: &Nonces,
    proof: &str,
    request: ProvenRequest<'_>,
    now: Timestamp,
) -> Result<ProvenKey, ProofError> {
    if proof.len() > MAX_BYTES {
        return Err(ProofError::Malformed);
    }
    let (signed, signature) = proof.rsplit_once('.').ok_or(ProofError::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(ProofError::Malformed)?;
    let header: ProofHeader = json(header)?;
    if header.typ != "dpop+jwt" || header.alg != "ES256" {
        return Err(ProofError::Malformed);
    }
    let claims: ProofClaims = json(claims)?;
    if claims.jti.is_empty() || claims.jti.len() > 128 {
        return Err(ProofError::Malformed);
    }
    // Before the signature, which takes two hundred times as long: a phone that was away has no good nonce yet.
    nonces.check(&claims.nonce, now)?;
    let key = header.jwk.key()?;
    let signature = bytes(signature)?;
    let signature = Signature::from_slice(&signature).map_err(|_| ProofError::Malformed)?;
    key.verify(signed.as_bytes(), &signature).map_err(|_| ProofError::BadSignature)?;

    if claims.htm != request.method || claims.htu != request.url {
        return Err(ProofError::WrongRequest);
    }
    if claims.ath != request.access_token.map(token_hash) {
        return Err(ProofError::WrongToken);
    }
    Ok(ProvenKey { thumbprint: thumbprint(&key), key: compressed(&key), proof_id: claims.jti })
}

/// The RFC 7638 thumbprint of a P-256 key given in SEC1 form, `None` if the bytes are no such key.
pub fn thumbprint_of(key: &[u8]) -> Option<String> {
    VerifyingKey::from_sec1_bytes(key).ok().map(|key| thumbprint(&key))
}

impl Jwk {
    fn key(&self) -> Result<VerifyingKey, ProofError> {
        if self.kty != "EC" || self.crv != "P-256" {
            return Err(ProofError::Malformed);
        }
        let mut point = vec![4];
        for coordinate in [&self.x, &self.y] {
            let coordinate = bytes(coordinate)?;
            if coordinate.len() != 32 {
                return Err(ProofError::Malformed);
            }
            point.extend_from_slice(&coordinate);
        }
        VerifyingKey::from_sec1_bytes(&point).map_err(|_| ProofError::Malformed)
    }
}

/// Computed from the point and not from the text of the `jwk`, so that one key has one thumbprint.
fn thumbprint(key: &VerifyingKey) -> String {
    let point = key.to_encoded_point(false);
    let coordinates = &point.as_bytes()[1..];
    let (x, y) = coordinates.split_at(32);
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    URL_SAFE_NO_PAD.encode(Sha256::digest(canonical))
}

fn compressed(key: &VerifyingKey) -> [u8; 33] {
    let mut bytes = [0; 33];
    bytes.copy_from_slice(key.to_encoded_point(true).as_bytes());
    bytes
}

fn token_hash(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token))
}

fn bytes(text: &str) -> Result<Vec<u8>, ProofError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| ProofError::Malformed)
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, ProofError> {
    serde_json::from_slice(&bytes(text)?).map_err(|_| ProofError::Malformed)
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::{SigningKey, signature::Signer as _};
    use serde_json::{Value, json};

    use super::*;
    use crate::auth::keys::ServerKeys;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
    const URL: &str = "https://sync.example/v1/commit";
    const REQUEST: ProvenRequest<'_> =
        ProvenRequest { method: "POST", url: URL, access_token: Some("token") };

    fn nonces() -> Nonces {
        Nonces::new(&ServerKeys::from_seed(&[7; 32]))
    }

    fn phone(seed: u8) -> SigningKey {
        SigningKey::from_slice(&[seed; 32]).unwrap()
    }

    fn parts(key: &SigningKey) -> (Value, Value) {
        let point = key.verifying_key().to_encoded_point(false);
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": {
            "kty": "EC", "crv": "P-256", "x": text(&point.as_bytes()[1..33]), "y": text(&point.as_bytes()[33..]),
        }});
        let claims = json!({
            "htm": "POST", "htu": URL, "jti": "1", "nonce": nonces().issue(NOW), "iat": 5, "ath": token_hash("token"),
        });
        (header, claims)
    }

    fn sign(key: &SigningKey, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature: Signature = key.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }

    fn altered(change: impl FnOnce(&mut Value, &mut Value)) -> Result<ProvenKey, ProofError> {
        let key = phone(9);
        let (mut header, mut claims) = parts(&key);
        change(&mut header, &mut claims);
        verify(&nonces(), &sign(&key, &header, &claims), REQUEST, NOW)
    }

    #[test]
    fn a_proof_names_its_key_whatever_the_phones_clock_says() {
        let proven = altered(|_, claims| claims["iat"] = json!(4_000_000_000_u64)).unwrap();
        let expected = phone(9).verifying_key().to_encoded_point(true);
        assert_eq!(proven.key.as_slice(), expected.as_bytes());
        assert_eq!(Some(proven.thumbprint), thumbprint_of(expected.as_bytes()));
    }

    #[test]
    fn the_thumbprint_is_that_of_rfc_7638() {
        // The key and thumbprint of RFC 9449 sections 4.1 and 6.1.
        let jwk = Jwk {
            kty: "EC".to_owned(),
            crv: "P-256".to_owned(),
            x: "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs".to_owned(),
            y: "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA".to_owned(),
        };
        assert_eq!(thumbprint(&jwk.key().unwrap()), "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    }

    #[test]
    fn a_proof_on_a_stale_or_foreign_nonce_is_refused() {
        let old = nonces().issue(NOW.plus_millis(-super::super::nonce::LIFETIME_MS));
        let stale = altered(|_, claims| claims["nonce"] = json!(old));
        assert_eq!(stale, Err(ProofError::Nonce(NonceError::Stale)));
        let foreign = altered(|_, claims| claims["nonce"] = json!("mine"));
        assert_eq!(foreign, Err(ProofError::Nonce(NonceError::Foreign)));
        let none = altered(|_, claims| {
            claims.as_object_mut().unwrap().remove("nonce");
        });
        assert_eq!(none, Err(ProofError::Nonce(NonceError::Foreign)));
    }

    #[test]
    fn a_nonce_is_asked_for_before_a_signature_is_worked_on() {
        let key = phone(9);
        let (header, mut claims) = parts(&key);
        claims.as_object_mut().unwrap().remove("nonce");
        let forged = sign(&phone(8), &header, &claims);
        assert_eq!(verify(&nonces(), &forged, REQUEST, NOW), Err(ProofError::Nonce(NonceError::Foreign)));
    }

    #[test]
    fn a_proof_for_another_request_or_token_is_refused() {
        assert_eq!(altered(|_, c| c["htm"] = json!("GET")), Err(ProofError::WrongRequest));
        assert_eq!(altered(|_, c| c["htu"] = json!("https://x/")), Err(ProofError::WrongRequest));
        assert_eq!(altered(|_, c| c["ath"] = json!(token_hash("x"))), Err(ProofError::WrongToken));
        assert_eq!(altered(|_, c| c["ath"] = json!(null)), Err(ProofError::WrongToken));
    }

    #[test]
    fn a_proof_of_another_type_algorithm_or_key_is_refused() {
        assert_eq!(altered(|h, _| h["typ"] = json!("jwt")), Err(ProofError::Malformed));
        for alg in ["none", "HS256", "ES384"] {
            assert_eq!(altered(|h, _| h["alg"] = json!(alg)), Err(ProofError::Malformed));
        }
        assert_eq!(altered(|h, _| h["jwk"]["y"] = h["jwk"]["x"].clone()), Err(ProofError::Malformed));
        assert_eq!(altered(|h, _| h["jwk"]["d"] = json!("private")), Err(ProofError::Malformed));
    }

    #[test]
    fn a_proof_signed_by_another_phone_is_refused() {
        let (header, claims) = parts(&phone(9));
        let forged = sign(&phone(10), &header, &claims);
        assert_eq!(verify(&nonces(), &forged, REQUEST, NOW), Err(ProofError::BadSignature));
    }
}
