//! A device's key: ECDSA on P-256, which is what the secure hardware of phones holds.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use p256::ecdsa::{Signature, VerifyingKey, signature::Verifier as _};
use sha2::{Digest as _, Sha256};

use crate::{
    hash::Hash,
    log::{BadSignature, Commit},
};

/// A device's public key. As bytes it is the compressed SEC1 point: 33 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceKey(VerifyingKey);

/// Bytes are not the compressed form of a point on P-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a compressed P-256 public key of 33 bytes")]
pub struct BadDeviceKey;

impl DeviceKey {
    /// How many bytes a key has.
    pub const LEN: usize = 33;

    /// Reads a compressed SEC1 point; any other form of the same key is an error.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadDeviceKey> {
        if bytes.len() != Self::LEN {
            return Err(BadDeviceKey);
        }
        VerifyingKey::from_sec1_bytes(bytes).map(Self).map_err(|_| BadDeviceKey)
    }

    pub(crate) fn of_point(key: VerifyingKey) -> Self {
        Self(key)
    }

    /// The compressed SEC1 point.
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes.copy_from_slice(self.0.to_encoded_point(true).as_bytes());
        bytes
    }

    /// Checks a signature over the 32 bytes of a hash: r and s, 64 bytes, with s in the lower half.
    ///
    /// The signed message is the hash, hashed once more by ECDSA with SHA-256, because WebCrypto and some secure
    /// hardware sign nothing else. The higher of the two possible s is refused, so that a signature has one form;
    /// [`low_s`] puts what hardware made into it.
    pub fn verify(&self, hash: Hash, signature: &[u8; 64], of: &'static str) -> Result<(), BadSignature> {
        let signature = Signature::from_slice(signature).map_err(|_| BadSignature { of })?;
        if signature.normalize_s().is_some() {
            return Err(BadSignature { of });
        }
        self.0.verify(hash.as_bytes(), &signature).map_err(|_| BadSignature { of })
    }

    /// Checks that this device signed the statement of a commit.
    pub fn verify_commit(&self, commit: &Commit) -> Result<(), BadSignature> {
        self.verify(commit.statement.hash(), &commit.signature, "commit")
    }

    /// The JWK thumbprint (RFC 7638) in base64url: what `cnf.jkt` of an access token holds.
    pub fn thumbprint(&self) -> String {
        let point = self.0.to_encoded_point(false);
        let coordinate = |bytes: Option<&p256::FieldBytes>| {
            bytes.map(|bytes| URL_SAFE_NO_PAD.encode(bytes)).unwrap_or_default()
        };
        let jwk = format!(
            r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#,
            coordinate(point.x()),
            coordinate(point.y()),
        );
        URL_SAFE_NO_PAD.encode(Sha256::digest(jwk))
    }
}

/// Puts a signature into the form with the lower s; `None` if it is no pair of numbers below the group's order.
pub fn low_s(signature: &[u8; 64]) -> Option<[u8; 64]> {
    let signature = Signature::from_slice(signature).ok()?;
    Some(signature.normalize_s().unwrap_or(signature).to_bytes().into())
}

impl<C> Encode<C> for DeviceKey {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        e.bytes(&self.to_bytes())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for DeviceKey {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        let position = d.position();
        Self::from_bytes(d.bytes()?).map_err(|error| decode::Error::message(error.to_string()).at(position))
    }
}
