//! Refresh tokens: one use each, bound to the phone's key, in families that end at the first sign of a copy.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use minicbor::{Decode, Encode};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use sync_core::{
    id::{DeviceId, TenantId, UserId},
    time::Timestamp,
};
use zeroize::Zeroizing;

use super::keys::ServerKeys;
use crate::{
    randomness::{NoRandomness, Randomness},
    telemetry::Secret,
};

const PREFIX: &str = "fbr_";
const FAMILY_BYTES: usize = 16;
const GENERATION_BYTES: usize = 4;
const MAC_BYTES: usize = 32;

/// The refresh tokens that followed from one login of one phone; what the server keeps of them.
///
/// A token is its family and generation under a MAC, so nothing here is secret, and asking twice gives the same token.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RefreshFamily {
    /// The random name of the family, part of each of its tokens.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub id: [u8; FAMILY_BYTES],
    /// The company.
    #[n(1)]
    pub tenant: TenantId,
    /// The person.
    #[n(2)]
    pub user: UserId,
    /// The phone.
    #[n(3)]
    pub device: DeviceId,
    /// The RFC 7638 thumbprint of the phone's key.
    #[n(4)]
    pub key_thumbprint: String,
    /// The number of the newest token, from 1.
    #[n(5)]
    pub generation: u32,
    /// When the newest token expires.
    #[n(6)]
    pub expires: Timestamp,
    /// Whether the family is at its end.
    #[n(7)]
    pub revoked: bool,
}

/// A refresh token as a phone presents it.
#[derive(Debug)]
pub struct PresentedToken {
    family: [u8; FAMILY_BYTES],
    generation: u32,
    mac: Zeroizing<[u8; MAC_BYTES]>,
}

impl PresentedToken {
    /// Reads a token; `None` if it has not the shape of one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?);
        let (family, rest) = bytes.split_first_chunk::<FAMILY_BYTES>()?;
        let (generation, mac) = rest.split_first_chunk::<GENERATION_BYTES>()?;
        Some(Self {
            family: *family,
            generation: u32::from_be_bytes(*generation),
            mac: Zeroizing::new(mac.try_into().ok()?),
        })
    }

    /// The family to look up.
    pub fn family(&self) -> &[u8; FAMILY_BYTES] {
        &self.family
    }
}

/// Why a refresh token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefreshError {
    /// An old token came again, so somebody holds a copy: keep [`RefreshFamily::revoke`] and have the user sign in.
    #[error("the refresh token was used before")]
    Reused,
    /// The proof was by another key than the family's.
    #[error("the refresh token belongs to another device key")]
    WrongKey,
    /// Not used for too long.
    #[error("the refresh token has expired")]
    Expired,
    /// The family has ended, or no such token was ever given out.
    #[error("the refresh token is revoked")]
    Revoked,
}

/// What a refresh gives: the family to keep, on disk before the token is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// The family from now on.
    pub family: RefreshFamily,
    /// The token for the phone.
    pub token: Secret<String>,
}

/// Makes refresh tokens.
pub struct RefreshTokens {
    key: Zeroizing<[u8; 32]>,
    lifetime_ms: i64,
    randomness: Arc<dyn Randomness>,
}

impl std::fmt::Debug for RefreshTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RefreshTokens")
    }
}

impl RefreshTokens {
    /// Derives the key of the MAC from the server key; a token may stay unused for that many days.
    pub fn new(keys: &ServerKeys, lifetime_days: u32, randomness: Arc<dyn Randomness>) -> Self {
        Self {
            key: Zeroizing::new(keys.derive("fieldbook/refresh-key/1")),
            lifetime_ms: i64::from(lifetime_days) * 86_400_000,
            randomness,
        }
    }

    /// Begins a family with its first token, for a phone that has proven its key.
    pub fn begin(
        &self,
        tenant: TenantId,
        user: UserId,
        device: DeviceId,
        key_thumbprint: String,
        now: Timestamp,
    ) -> Result<Rotation, NoRandomness> {
        let family = RefreshFamily {
            id: self.randomness.draw()?,
            tenant,
            user,
            device,
            key_thumbprint,
            generation: 1,
            expires: now.plus_millis(self.lifetime_ms),
            revoked: false,
        };
        let token = self.token(&family);
        Ok(Rotation { family, token })
    }

    /// Answers a presented token of the family, from a phone that has proven the key with the given thumbprint.
    ///
    /// The newest token gives the next one. The one before it gives the newest again: the answer that carried it was
    /// lost, for a phone that has it would present it. Any older one is [`RefreshError::Reused`]. A token newer than
    /// the newest was made by this server too, for nobody else has the key: the server was restored from a backup
    /// since, and goes on from that token.
    pub fn rotate(
        &self,
        family: &RefreshFamily,
        presented: &PresentedToken,
        key_thumbprint: &str,
        now: Timestamp,
    ) -> Result<Rotation, RefreshError> {
        if family.revoked || presented.family != family.id {
            return Err(RefreshError::Revoked);
        }
        if family.key_thumbprint != key_thumbprint {
            return Err(RefreshError::WrongKey);
        }
        let genuine = self.mac(family, presented.generation).ct_eq(presented.mac.as_slice());
        if !bool::from(genuine) {
            return Err(RefreshError::Revoked);
        }
        let is_retry = presented.generation.checked_add(1) == Some(family.generation);
        if presented.generation < family.generation && !is_retry {
            return Err(RefreshError::Reused);
        }
        if now >= family.expires {
            return Err(RefreshError::Expired);
        }
        let mut family = family.clone();
        if !is_retry {
            family.generation = presented.generation.checked_add(1).ok_or(RefreshError::Expired)?;
            family.expires = now.plus_millis(self.lifetime_ms);
        }
        let token = self.token(&family);
        Ok(Rotation { family, token })
    }

    fn token(&self, family: &RefreshFamily) -> Secret<String> {
        let mut bytes = Zeroizing::new(family.id.to_vec());
        bytes.extend_from_slice(&family.generation.to_be_bytes());
        bytes.extend_from_slice(&self.mac(family, family.generation));
        Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(&*bytes)))
    }

    fn mac(&self, family: &RefreshFamily, generation: u32) -> [u8; MAC_BYTES] {
        let mac = match Hmac::<Sha256>::new_from_slice(self.key.as_slice()) {
            Ok(mac) => mac,
            Err(error) => unreachable!("HMAC takes keys of any length: {error}"),
        };
        mac.chain_update(family.id).chain_update(generation.to_be_bytes()).finalize().into_bytes().into()
    }
}

impl RefreshFamily {
    /// The family at its end.
    pub fn revoke(self) -> Self {
        Self { revoked: true, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::randomness::SystemRandomness;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn tokens() -> RefreshTokens {
        RefreshTokens::new(&ServerKeys::from_seed(&[7; 32]), 60, Arc::new(SystemRandomness))
    }

    fn begun() -> Rotation {
        let (tenant, user) = (TenantId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
        tokens().begin(tenant, user, DeviceId::from_bytes([3; 16]), "key".to_owned(), NOW).unwrap()
    }

    fn present(
        family: &RefreshFamily,
        token: &Secret<String>,
        now: Timestamp,
    ) -> Result<Rotation, RefreshError> {
        tokens().rotate(family, &PresentedToken::parse(token.expose()).unwrap(), "key", now)
    }

    #[test]
    fn each_token_gives_the_next_one() {
        let first = begun();
        let second = present(&first.family, &first.token, NOW).unwrap();
        let third = present(&second.family, &second.token, NOW).unwrap();
        assert_eq!(third.family.generation, 3);
        assert_ne!(second.token, third.token);
    }

    #[test]
    fn a_phone_that_never_got_the_answer_gets_the_same_token_again() {
        let first = begun();
        let lost = present(&first.family, &first.token, NOW).unwrap();
        let again = present(&lost.family, &first.token, NOW.plus_millis(5_000)).unwrap();
        assert_eq!(again, lost);
        assert!(present(&again.family, &again.token, NOW).is_ok());
    }

    #[test]
    fn an_old_token_after_its_successor_was_used_is_reuse() {
        let first = begun();
        let second = present(&first.family, &first.token, NOW).unwrap();
        let third = present(&second.family, &second.token, NOW).unwrap();
        assert_eq!(present(&third.family, &first.token, NOW), Err(RefreshError::Reused));
        let ended = third.family.revoke();
        assert_eq!(present(&ended, &third.token, NOW), Err(RefreshError::Revoked));
    }

    #[test]
    fn a_token_newer_than_the_server_remembers_moves_a_restored_server_on() {
        let backup = begun();
        let mut newest = backup.clone();
        for _ in 0..5 {
            newest = present(&newest.family, &newest.token, NOW).unwrap();
        }
        let restored = present(&backup.family, &newest.token, NOW).unwrap();
        assert_eq!(restored.family.generation, 7);
        let lost = present(&restored.family, &newest.token, NOW).unwrap();
        assert_eq!(lost, restored, "the answer may get lost here as anywhere");
        assert_eq!(present(&restored.family, &backup.token, NOW), Err(RefreshError::Reused));
        let ended = backup.family.revoke();
        assert_eq!(present(&ended, &newest.token, NOW), Err(RefreshError::Revoked));
    }

    #[test]
    fn a_token_that_claims_a_later_generation_is_not_genuine() {
        let first = begun();
        let token = first.token.expose().strip_prefix(PREFIX).unwrap();
        let mut bytes = URL_SAFE_NO_PAD.decode(token).unwrap();
        bytes[FAMILY_BYTES + GENERATION_BYTES - 1] = 9;
        let forged = Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)));
        assert_eq!(present(&first.family, &forged, NOW), Err(RefreshError::Revoked));
    }

    #[test]
    fn a_stolen_token_is_nothing_without_the_phones_key() {
        let first = begun();
        let presented = PresentedToken::parse(first.token.expose()).unwrap();
        let answer = tokens().rotate(&first.family, &presented, "another key", NOW);
        assert_eq!(answer, Err(RefreshError::WrongKey));
    }

    #[test]
    fn a_token_left_unused_for_its_lifetime_expires() {
        let first = begun();
        let day_60 = NOW.plus_millis(60 * 86_400_000);
        assert!(present(&first.family, &first.token, day_60.plus_millis(-1)).is_ok());
        assert_eq!(present(&first.family, &first.token, day_60), Err(RefreshError::Expired));
    }

    #[test]
    fn text_of_another_shape_is_no_token() {
        let token = begun().token.expose().clone();
        for wrong in ["", "fbr_", &token[4..], &token[..token.len() - 1], &format!("{token}A")] {
            assert!(PresentedToken::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_family_survives_its_encoding() {
        let family = begun().family;
        let bytes = sync_core::encoding::encode(&family);
        assert_eq!(sync_core::encoding::decode::<RefreshFamily>(&bytes).unwrap(), family);
    }
}
