//! Proofs of possession (RFC 9449): this request comes from the phone that holds the key.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use p256::{PublicKey, elliptic_curve::sec1::ToEncodedPoint as _};
use serde_json::json;
use sync_core::log::low_s;

use crate::{
    error::Error,
    platform::{KeyHandle, Platform, PlatformError, random_bytes},
};

/// Makes the value of the `DPoP` header for one POST request.
///
/// The server judges freshness by its own nonce; `iat` is what this phone's wall clock says, right or wrong.
pub(crate) fn proof(
    platform: &dyn Platform,
    (key, public): (&KeyHandle, &[u8; 33]),
    url: &str,
    nonce: Option<&str>,
) -> Result<String, Error> {
    let point = PublicKey::from_sec1_bytes(public)
        .map_err(|_| PlatformError::Key { detail: "the public key is no point on P-256".into() })?
        .to_encoded_point(false);
    let coordinate = |bytes: Option<&p256::FieldBytes>| bytes.map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
    let header = json!({
        "typ": "dpop+jwt",
        "alg": "ES256",
        "jwk": { "kty": "EC", "crv": "P-256", "x": coordinate(point.x()), "y": coordinate(point.y()) },
    });
    let mut claims = json!({
        "htm": "POST",
        "htu": url,
        "jti": URL_SAFE_NO_PAD.encode(random_bytes::<16>(platform)?),
        "iat": platform.clock().wall.as_millis().div_euclid(1_000),
    });
    if let Some(nonce) = nonce {
        claims["nonce"] = nonce.into();
    }
    let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&header), part(&claims));
    let signature = sign(platform, key, signed.as_bytes())?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

/// Signs with the device key and brings the signature into the one form the server takes.
pub(crate) fn sign(platform: &dyn Platform, key: &KeyHandle, message: &[u8]) -> Result<[u8; 64], Error> {
    let signature = platform.keys().sign(key, message)?;
    let signature = low_s(&signature)
        .ok_or_else(|| PlatformError::Key { detail: "the key store gave no P-256 signature".into() })?;
    Ok(signature)
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier as _};
    use serde_json::Value;

    use super::*;
    use crate::platform::SoftwarePlatform;

    #[test]
    fn a_proof_names_its_request_and_nonce_and_verifies_under_its_own_key() {
        let platform = SoftwarePlatform::new().unwrap();
        let key = platform.keys().create().unwrap();
        let public = platform.keys().public_key(&key).unwrap();
        let proof = proof(&platform, (&key, &public), "https://a.example/v1/token", Some("n-1")).unwrap();
        let parts: Vec<&str> = proof.split('.').collect();
        let json =
            |part: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
        let (header, claims) = (json(parts[0]), json(parts[1]));
        assert_eq!((&header["typ"], &header["alg"]), (&"dpop+jwt".into(), &"ES256".into()));
        assert_eq!(claims["htu"], "https://a.example/v1/token");
        assert_eq!((&claims["htm"], &claims["nonce"]), (&"POST".into(), &"n-1".into()));
        let public = VerifyingKey::from_sec1_bytes(&public).unwrap();
        let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(parts[2]).unwrap()).unwrap();
        public.verify(format!("{}.{}", parts[0], parts[1]).as_bytes(), &signature).unwrap();
    }
}
