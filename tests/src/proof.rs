//! Device proofs (RFC 9449), as a phone makes them that is not the SDK.

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use client_sdk::{KeyHandle, KeyStore as _, SoftwareKeyStore};
use p256::{EncodedPoint, PublicKey, elliptic_curve::sec1::ToEncodedPoint as _};
use serde_json::{Value, json};
use sync_core::log::low_s;

/// Proves the key for one POST request, on the server's nonce if there is one. A proof is good once, so each has a number
/// of its own.
pub fn proof(key: &KeyHandle, number: u64, url: &str, nonce: Option<&str>) -> anyhow::Result<String> {
    let point = uncompressed(&SoftwareKeyStore.public_key(key)?)?;
    let coordinate = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let header = json!({
        "typ": "dpop+jwt",
        "alg": "ES256",
        "jwk": { "kty": "EC", "crv": "P-256", "x": coordinate(&point[1..33]), "y": coordinate(&point[33..]) },
    });
    let mut claims = json!({ "htm": "POST", "htu": url, "jti": number.to_string(), "iat": 0 });
    if let Some(nonce) = nonce {
        claims["nonce"] = nonce.into();
    }
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(&claims));
    let signature = low_s(&SoftwareKeyStore.sign(key, signed.as_bytes())?).context("no signature")?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// The 65 bytes of a public key in full.
fn uncompressed(key: &[u8; 33]) -> anyhow::Result<[u8; 65]> {
    let point: EncodedPoint = PublicKey::from_sec1_bytes(key)?.to_encoded_point(false);
    Ok(point.as_bytes().try_into()?)
}
