//! Server nonces for device proofs: an issue time under a MAC, so that the server keeps nothing and a wrong phone
//! clock does no harm.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use sync_core::time::Timestamp;
use zeroize::Zeroizing;

use super::keys::ServerKeys;

/// Milliseconds a nonce is good for.
pub const LIFETIME_MS: i64 = 300_000;

/// A nonce is not one of ours or too old; the answer carries a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NonceError {
    /// Not made by this server.
    #[error("the nonce is not one of this server's")]
    Foreign,
    /// Older than five minutes, or from before the server's clock was set back.
    #[error("the nonce is stale")]
    Stale,
}

/// Makes and checks nonces.
pub struct Nonces {
    key: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for Nonces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Nonces")
    }
}

impl Nonces {
    /// Derives the key of the MAC from the server key.
    pub fn new(keys: &ServerKeys) -> Self {
        Self { key: Zeroizing::new(keys.derive("fieldbook/nonce-key/1")) }
    }

    /// Makes a nonce: 8 bytes of time and 16 of MAC in base64url, the same for the same millisecond.
    pub fn issue(&self, now: Timestamp) -> String {
        let time = now.as_millis().to_be_bytes();
        let mut bytes = time.to_vec();
        bytes.extend_from_slice(&self.mac(time).finalize().into_bytes()[..16]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Checks that a nonce was made here in the last five minutes.
    pub fn check(&self, nonce: &str, now: Timestamp) -> Result<(), NonceError> {
        if nonce.len() != 32 {
            return Err(NonceError::Foreign);
        }
        let bytes = URL_SAFE_NO_PAD.decode(nonce).map_err(|_| NonceError::Foreign)?;
        let (time, mac) = bytes.split_first_chunk::<8>().ok_or(NonceError::Foreign)?;
        self.mac(*time).verify_truncated_left(mac).map_err(|_| NonceError::Foreign)?;
        let age_ms = now.millis_since(Timestamp::from_millis(i64::from_be_bytes(*time)));
        if (0..LIFETIME_MS).contains(&age_ms) { Ok(()) } else { Err(NonceError::Stale) }
    }

    fn mac(&self, time: [u8; 8]) -> Hmac<Sha256> {
        let mac = match Hmac::<Sha256>::new_from_slice(self.key.as_slice()) {
            Ok(mac) => mac,
            Err(error) => unreachable!("HMAC takes keys of any length: {error}"),
        };
        mac.chain_update(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    #[test]
    fn a_nonce_is_good_for_five_minutes() {
        let nonces = Nonces::new(&ServerKeys::from_seed(&[7; 32]));
        let nonce = nonces.issue(NOW);
        assert_eq!(nonces.check(&nonce, NOW), Ok(()));
        assert_eq!(nonces.check(&nonce, NOW.plus_millis(LIFETIME_MS - 1)), Ok(()));
        assert_eq!(nonces.check(&nonce, NOW.plus_millis(LIFETIME_MS)), Err(NonceError::Stale));
        assert_eq!(nonces.check(&nonce, NOW.plus_millis(-1)), Err(NonceError::Stale));
    }

    #[test]
    fn a_nonce_of_another_server_or_with_another_time_is_refused() {
        let nonces = Nonces::new(&ServerKeys::from_seed(&[7; 32]));
        let foreign = Nonces::new(&ServerKeys::from_seed(&[8; 32])).issue(NOW);
        assert_eq!(nonces.check(&foreign, NOW), Err(NonceError::Foreign));
        let mut bytes = URL_SAFE_NO_PAD.decode(nonces.issue(NOW)).unwrap();
        bytes[7] ^= 1;
        assert_eq!(nonces.check(&URL_SAFE_NO_PAD.encode(bytes), NOW), Err(NonceError::Foreign));
        for wrong in ["", "x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!"] {
            assert_eq!(nonces.check(wrong, NOW), Err(NonceError::Foreign));
        }
    }
}
