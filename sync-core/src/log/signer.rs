//! A signer: whatever holds a device's secret key, in hardware or in memory.

use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};

use crate::{hash::Hash, log::DeviceKey};

/// Holds a device's secret key and signs with it.
///
/// # Contract
///
/// Signs ECDSA P-256 with SHA-256 over the 32 bytes of the hash as message and gives r and s, 64 bytes, with s in the
/// lower half (see [`low_s`](crate::log::low_s)). The public key never changes. May block: secure hardware takes up
/// to half a second.
pub trait Signer {
    /// The public key the server pinned when the device was enrolled.
    fn public_key(&self) -> DeviceKey;

    /// Signs a hash.
    fn sign(&self, hash: Hash) -> Result<[u8; 64], SignError>;
}

/// The key could not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// Not now: the phone is locked or the hardware is busy. Try again.
    #[error("the device key cannot be used now: {0}")]
    Unavailable(String),
    /// Never again: the key was wiped. The device has to be enrolled again.
    #[error("the device key is gone: {0}")]
    Gone(String),
}

/// A device key in memory, for platforms without secure hardware. Signatures are deterministic (RFC 6979).
#[derive(Clone)]
pub struct SoftwareKey(SigningKey);

impl SoftwareKey {
    /// Makes a key of 32 random bytes; `None` for the about one in 2³² that are no key.
    pub fn from_bytes(secret: &[u8; 32]) -> Option<Self> {
        SigningKey::from_bytes(secret.into()).ok().map(Self)
    }
}

impl Signer for SoftwareKey {
    fn public_key(&self) -> DeviceKey {
        DeviceKey::of_point(*self.0.verifying_key())
    }

    fn sign(&self, hash: Hash) -> Result<[u8; 64], SignError> {
        let signature: Signature = self.0.sign(hash.as_bytes());
        Ok(signature.normalize_s().unwrap_or(signature).to_bytes().into())
    }
}
