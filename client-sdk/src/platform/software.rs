//! The platform without secure hardware: desktops, tests and phones that have none.

use p256::{
    SecretKey,
    ecdsa::{Signature, SigningKey, signature::Signer as _},
    elliptic_curve::sec1::ToEncodedPoint as _,
};
use sync_core::{id::BootId, time::ClockReading};
use zeroize::Zeroizing;

use crate::platform::{BootClock, KeyHandle, KeyStore, Platform, PlatformError};

/// System clocks, system randomness and software keys.
#[derive(Debug, Clone)]
pub struct SoftwarePlatform {
    clock: BootClock,
    keys: SoftwareKeyStore,
}

impl SoftwarePlatform {
    /// Looks for the boot clock; fails only without a random source.
    pub fn new() -> Result<Self, PlatformError> {
        let mut boot = [0; 16];
        fill(&mut boot)?;
        Ok(Self { clock: BootClock::find(BootId::from_bytes(boot)), keys: SoftwareKeyStore })
    }
}

impl Platform for SoftwarePlatform {
    fn clock(&self) -> ClockReading {
        self.clock.read()
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), PlatformError> {
        fill(buffer)
    }

    fn keys(&self) -> &dyn KeyStore {
        &self.keys
    }
}

/// Keys made in software; the handle is the secret itself, so it lies in the book's file.
///
/// Whoever can copy the file can sign as this device. The server notices as soon as both copies have spoken (the
/// logs fork), not before. Use secure hardware wherever the device has it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SoftwareKeyStore;

impl KeyStore for SoftwareKeyStore {
    fn create(&self) -> Result<KeyHandle, PlatformError> {
        // A random string is outside the curve's order once in 2^32 draws.
        for _ in 0..4 {
            let mut secret = Zeroizing::new([0; 32]);
            fill(secret.as_mut_slice())?;
            if SecretKey::from_slice(secret.as_slice()).is_ok() {
                return Ok(KeyHandle::new(secret.to_vec()));
            }
        }
        Err(PlatformError::Random { detail: "four draws in a row were no P-256 secret".into() })
    }

    fn public_key(&self, key: &KeyHandle) -> Result<[u8; 33], PlatformError> {
        let point = secret(key)?.public_key().to_encoded_point(true);
        point.as_bytes().try_into().map_err(|_| PlatformError::Key { detail: "no public key".into() })
    }

    fn sign(&self, key: &KeyHandle, message: &[u8]) -> Result<[u8; 64], PlatformError> {
        let signature: Signature = SigningKey::from(secret(key)?).sign(message);
        Ok(signature.to_bytes().into())
    }

    fn delete(&self, _: &KeyHandle) -> Result<(), PlatformError> {
        Ok(())
    }
}

fn secret(key: &KeyHandle) -> Result<SecretKey, PlatformError> {
    SecretKey::from_slice(key.as_bytes())
        .map_err(|_| PlatformError::Key { detail: "the handle is no P-256 secret".into() })
}

fn fill(buffer: &mut [u8]) -> Result<(), PlatformError> {
    getrandom::fill(buffer).map_err(|error| PlatformError::Random { detail: error.to_string() })
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::{VerifyingKey, signature::Verifier as _};

    use super::*;

    #[test]
    fn a_software_signature_verifies_under_its_public_key() {
        let store = SoftwareKeyStore;
        let key = store.create().unwrap();
        let public = VerifyingKey::from_sec1_bytes(&store.public_key(&key).unwrap()).unwrap();
        let signature = Signature::from_slice(&store.sign(&key, b"head").unwrap()).unwrap();
        assert!(public.verify(b"head", &signature).is_ok());
        assert!(public.verify(b"another head", &signature).is_err());
    }

    #[test]
    fn a_key_handle_does_not_show_its_secret_when_printed() {
        let key = SoftwareKeyStore.create().unwrap();
        assert_eq!(format!("{key:?}"), "KeyHandle(..)");
    }
}
