//! Enrolment codes: what a rep types once into a new phone.

use std::sync::Arc;

use hmac::{Hmac, Mac as _};
use minicbor::{Decode, Encode};
use sha2::Sha256;
use sync_core::{
    hash::Hash,
    id::{TenantId, UserId},
    time::Timestamp,
};
use zeroize::Zeroizing;

use super::keys::ServerKeys;
use crate::{
    randomness::{NoRandomness, Randomness},
    telemetry::Secret,
};

const CHARS: usize = 10;
/// Crockford's base 32: without I, L, O and U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What the server keeps of a code.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct EnrolmentCode {
    /// The keyed hash of the code, under which it is found.
    #[n(0)]
    pub hash: Hash,
    /// The company.
    #[n(1)]
    pub tenant: TenantId,
    /// Whose phone it enrols.
    #[n(2)]
    pub user: UserId,
    /// From when on it is worthless.
    #[n(3)]
    pub expires: Timestamp,
    /// When it was used.
    #[n(4)]
    pub redeemed: Option<Timestamp>,
}

/// Why a code enrols nothing; clients are told only that it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedeemError {
    /// Its days are over.
    #[error("the enrolment code has expired")]
    Expired,
    /// A phone was enrolled with it before.
    #[error("the enrolment code was used before")]
    Used,
}

impl EnrolmentCode {
    /// Uses the code; the result has to be on disk before the phone is told.
    pub fn redeem(&self, now: Timestamp) -> Result<Self, RedeemError> {
        if self.redeemed.is_some() {
            return Err(RedeemError::Used);
        }
        if now >= self.expires {
            return Err(RedeemError::Expired);
        }
        Ok(Self { redeemed: Some(now), ..self.clone() })
    }
}

/// Draws and recognises codes.
pub struct EnrolmentCodes {
    key: Zeroizing<[u8; 32]>,
    lifetime_ms: i64,
    randomness: Arc<dyn Randomness>,
}

impl std::fmt::Debug for EnrolmentCodes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EnrolmentCodes")
    }
}

impl EnrolmentCodes {
    /// Derives the key of the hash from the server key: 50 bits alone could be searched through.
    pub fn new(keys: &ServerKeys, lifetime_days: u32, randomness: Arc<dyn Randomness>) -> Self {
        Self {
            key: Zeroizing::new(keys.derive("fieldbook/enrolment-key/1")),
            lifetime_ms: i64::from(lifetime_days) * 86_400_000,
            randomness,
        }
    }

    /// Draws a code for a user: the text to show once, such as `7K3QF-9XW2M`, and what to keep.
    pub fn draw(
        &self,
        tenant: TenantId,
        user: UserId,
        now: Timestamp,
    ) -> Result<(Secret<String>, EnrolmentCode), NoRandomness> {
        let drawn = self.randomness.draw::<CHARS>()?;
        let characters = Zeroizing::new(drawn.map(|byte| ALPHABET[usize::from(byte % 32)]));
        let text: String = characters.iter().copied().map(char::from).collect();
        let (left, right) = text.split_at(CHARS / 2);
        let kept = EnrolmentCode {
            hash: self.hash(&characters),
            tenant,
            user,
            expires: now.plus_millis(self.lifetime_ms),
            redeemed: None,
        };
        Ok((Secret::new(format!("{left}-{right}")), kept))
    }

    /// Gives the hash under which a typed code is kept, `None` if it cannot be a code.
    ///
    /// Case, spaces and dashes do not matter, and O, I and L are taken for the digits they look like.
    pub fn recognise(&self, typed: &str) -> Option<Hash> {
        if typed.len() > 64 {
            return None;
        }
        let mut characters = Zeroizing::new(Vec::with_capacity(CHARS));
        for character in typed.chars().filter(|character| !character.is_whitespace() && *character != '-') {
            let character = match character.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let byte = u8::try_from(character).ok().filter(|byte| ALPHABET.contains(byte))?;
            characters.push(byte);
        }
        characters.as_slice().try_into().ok().map(|characters| self.hash(characters))
    }

    fn hash(&self, characters: &[u8; CHARS]) -> Hash {
        let mac = match Hmac::<Sha256>::new_from_slice(self.key.as_slice()) {
            Ok(mac) => mac,
            Err(error) => unreachable!("HMAC takes keys of any length: {error}"),
        };
        Hash::from_bytes(mac.chain_update(characters).finalize().into_bytes().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::randomness::SystemRandomness;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn codes() -> EnrolmentCodes {
        EnrolmentCodes::new(&ServerKeys::from_seed(&[7; 32]), 7, Arc::new(SystemRandomness))
    }

    fn drawn() -> (Secret<String>, EnrolmentCode) {
        codes().draw(TenantId::from_bytes([1; 16]), UserId::from_bytes([2; 16]), NOW).unwrap()
    }

    #[test]
    fn a_code_is_recognised_however_it_is_typed() {
        let (text, kept) = drawn();
        assert_eq!(codes().recognise(text.expose()), Some(kept.hash));
        assert_eq!(codes().recognise(&text.expose().to_lowercase().replace('-', " ")), Some(kept.hash));
        assert_eq!(codes().recognise("OIL00-00000"), codes().recognise("01100-00000"));
        for wrong in ["", "7K3QF", "7K3QF-9XW2U", "7K3QF-9XW2M-0", "七K3QF-9XW2M"] {
            assert_eq!(codes().recognise(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_code_works_once() {
        let (_, kept) = drawn();
        let redeemed = kept.redeem(NOW).unwrap();
        assert_eq!(redeemed.redeemed, Some(NOW));
        assert_eq!(redeemed.redeem(NOW), Err(RedeemError::Used));
    }

    #[test]
    fn a_code_is_worthless_after_seven_days() {
        let (_, kept) = drawn();
        let week = NOW.plus_millis(7 * 86_400_000);
        assert!(kept.redeem(week.plus_millis(-1)).is_ok());
        assert_eq!(kept.redeem(week), Err(RedeemError::Expired));
    }
}
