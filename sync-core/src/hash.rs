//! SHA-256 with a domain in front, so that no hash of one thing can pass for the hash of another.

use std::{fmt, str::FromStr};

use minicbor::{Decode, Decoder, Encode, Encoder, decode, encode};
use sha2::{Digest, Sha256};

use crate::id::bytes_newtype;

/// A SHA-256 hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

bytes_newtype!(Hash, 32);

impl Hash {
    /// Thirty-two zero bytes: what stands before the first entry of a chain.
    pub const ZERO: Self = Self([0; 32]);

    /// Hashes the parts one after the other behind a domain such as `fieldbook/entry/1`.
    ///
    /// The domain ends with a zero byte; the parts are not delimited, so at most one may vary in length.
    pub fn of(domain: &str, parts: &[&[u8]]) -> Self {
        let mut hasher = Sha256::new_with_prefix(domain.as_bytes());
        hasher.update([0]);
        for part in parts {
            hasher.update(part);
        }
        Self(hasher.finalize().into())
    }
}
