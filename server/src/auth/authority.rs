//! The authority: the server's keys and everything that is made with them.

use std::{path::Path, sync::Arc};

use super::{
    enrolment_code::EnrolmentCodes,
    keys::{KeyError, ServerKeys},
    nonce::Nonces,
    password::{HashPasswordError, Passwords},
    refresh::RefreshTokens,
};
use crate::{config::TokenLifetimes, disk::Disk, randomness::Randomness};

/// The server's keys and everything that is made with them.
#[derive(Debug)]
pub struct Authority {
    /// Signs anchors, receipts and access tokens.
    pub keys: ServerKeys,
    /// What device proofs have to carry.
    pub nonces: Nonces,
    /// Refresh tokens.
    pub refresh: RefreshTokens,
    /// Enrolment codes.
    pub codes: EnrolmentCodes,
    /// Password hashing.
    pub passwords: Passwords,
    /// What everything new is drawn from.
    pub randomness: Arc<dyn Randomness>,
}

/// The authority cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The key file cannot be read or made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Passwords cannot be hashed.
    #[error(transparent)]
    Password(#[from] HashPasswordError),
}

impl Authority {
    /// Loads the key from the data folder, or makes it there.
    pub fn load_or_create(
        disk: &dyn Disk,
        data_dir: &Path,
        lifetimes: &TokenLifetimes,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, AuthorityError> {
        Self::with_keys(ServerKeys::load_or_create(disk, data_dir, &*randomness)?, lifetimes, randomness)
    }

    /// Sets everything up around a key.
    pub fn with_keys(
        keys: ServerKeys,
        lifetimes: &TokenLifetimes,
        randomness: Arc<dyn Randomness>,
    ) -> Result<Self, AuthorityError> {
        Ok(Self {
            nonces: Nonces::new(&keys),
            refresh: RefreshTokens::new(&keys, lifetimes.refresh_days, Arc::clone(&randomness)),
            codes: EnrolmentCodes::new(&keys, lifetimes.enrolment_days, Arc::clone(&randomness)),
            passwords: Passwords::new(Arc::clone(&randomness))?,
            randomness,
            keys,
        })
    }
}
