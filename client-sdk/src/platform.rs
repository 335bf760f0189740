//! The platform: clocks, random bytes and keys, as the embedding app provides them.

mod clock;
mod software;

use sync_core::time::ClockReading;
use zeroize::Zeroizing;

pub use clock::BootClock;
pub use software::{SoftwareKeyStore, SoftwarePlatform};

/// What the SDK needs from the phone.
///
/// # Contract
/// `clock` never fails: a platform without a boot clock gives a new boot id per process and counts from its start.
/// `random` fills the whole buffer with cryptographically secure bytes or fails.
pub trait Platform: Send + Sync {
    /// Reads all clocks at once.
    fn clock(&self) -> ClockReading;

    /// Fills the buffer with random bytes.
    fn random(&self, buffer: &mut [u8]) -> Result<(), PlatformError>;

    /// The store that holds the device keys.
    fn keys(&self) -> &dyn KeyStore;
}

/// Where device keys live: secure hardware on phones, [`SoftwareKeyStore`] elsewhere.
///
/// # Contract
/// Keys are ECDSA P-256. `sign` hashes the message with SHA-256, as `SHA256withECDSA` (Android) and
/// `ecdsaSignatureMessageX962SHA256` (Apple) do, and gives r and s, 32 bytes each. `delete` of a key that does not
/// exist succeeds.
pub trait KeyStore: Send + Sync {
    /// Makes a key and gives the handle under which it is found again.
    fn create(&self) -> Result<KeyHandle, PlatformError>;

    /// The compressed SEC1 form of the public key, 33 bytes.
    fn public_key(&self, key: &KeyHandle) -> Result<[u8; 33], PlatformError>;

    /// Signs a message.
    fn sign(&self, key: &KeyHandle, message: &[u8]) -> Result<[u8; 64], PlatformError>;

    /// Deletes a key for good.
    fn delete(&self, key: &KeyHandle) -> Result<(), PlatformError>;
}

/// What a key store gives to find a key again: an alias in secure hardware, or the secret itself in software.
///
/// The book stores it as it is and wipes it from memory after use.
#[derive(Clone)]
pub struct KeyHandle(Zeroizing<Vec<u8>>);

impl KeyHandle {
    /// Wraps the bytes.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Gives the bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for KeyHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyHandle(..)")
    }
}

/// The platform could not do its part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlatformError {
    /// There is no such key, or it may not be used now (screen lock, hardware reset).
    #[error("the device key cannot be used: {detail}")]
    Key {
        /// What the key store said.
        detail: String,
    },
    /// No random bytes.
    #[error("no random bytes: {detail}")]
    Random {
        /// What the random source said.
        detail: String,
    },
}

pub(crate) fn random_bytes<const N: usize>(platform: &dyn Platform) -> Result<[u8; N], PlatformError> {
    let mut bytes = [0; N];
    platform.random(&mut bytes)?;
    Ok(bytes)
}
