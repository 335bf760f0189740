//! The server's Ed25519 key: one file in the data folder, for anchors, receipts and tokens.

use std::{io, path::Path};

use ed25519_dalek::SigningKey;
use jsonwebtoken::{DecodingKey, EncodingKey};
use sync_core::hash::Hash;
use zeroize::{Zeroize as _, Zeroizing};

use crate::{
    disk::{Access, Disk, Open},
    randomness::{NoRandomness, Randomness},
};

/// The name of the key's file in the data folder.
pub const KEY_FILE: &str = "server-key";
/// What stands before the 32 secret bytes in the PKCS #8 form of an Ed25519 key (RFC 8410 §7).
const PKCS8_HEAD: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// The server key cannot be loaded or made.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("the server key {path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// The file is not 64 hex digits and a line end.
    #[error("the server key {path} is damaged: restore it from a backup, phones trust no other")]
    Damaged {
        /// The file.
        path: String,
    },
    /// Others than the owner may read the file.
    #[error(
        "the server key {path} may be read by others (mode {mode:o}): set it to 600 and consider it known"
    )]
    Exposed {
        /// The file.
        path: String,
        /// Its permission bits.
        mode: u32,
    },
    /// No random bytes to make a key from.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// The server's key in the forms its users need.
pub struct ServerKeys {
    signing: SigningKey,
    id: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl std::fmt::Debug for ServerKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ServerKeys({})", self.id)
    }
}

impl ServerKeys {
    /// Loads the key from the data folder, if it has one.
    pub fn load(disk: &dyn Disk, data_dir: &Path) -> Result<Option<Self>, KeyError> {
        let path = data_dir.join(KEY_FILE);
        let shown = || path.display().to_string();
        match disk.read(&path) {
            Ok(text) => {
                let text = Zeroizing::new(text);
                check_mode(disk, &path)?;
                let mut seed = Zeroizing::new([0; 32]);
                hex::decode_to_slice(text.trim_ascii_end(), seed.as_mut())
                    .map_err(|_| KeyError::Damaged { path: shown() })?;
                Ok(Some(Self::from_seed(&seed)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(KeyError::Io { path: shown(), source }),
        }
    }

    /// Loads the key from the data folder, or makes it if the folder has none yet.
    ///
    /// A new key is on disk, with its folder entry, before it is used.
    pub fn load_or_create(
        disk: &dyn Disk,
        data_dir: &Path,
        randomness: &dyn Randomness,
    ) -> Result<Self, KeyError> {
        let path = data_dir.join(KEY_FILE);
        let io = |source| KeyError::Io { path: path.display().to_string(), source };
        match Self::load(disk, data_dir)? {
            Some(keys) => Ok(keys),
            None => {
                let seed = Zeroizing::new(randomness.draw::<32>()?);
                // Written aside and renamed, so that a crash leaves no half key behind.
                let aside = data_dir.join(format!("{KEY_FILE}.new"));
                write_private(disk, &aside, &seed).map_err(io)?;
                disk.rename(&aside, &path).map_err(io)?;
                disk.sync_folder(data_dir).map_err(io)?;
                tracing::info!("made the server key");
                Ok(Self::from_seed(&seed))
            }
        }
    }

    /// Makes the key from its 32 secret bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let signing = SigningKey::from_bytes(seed);
        let public = signing.verifying_key();
        let mut pkcs8 = Zeroizing::new(PKCS8_HEAD.to_vec());
        pkcs8.extend_from_slice(seed);
        Self {
            id: hex::encode(&Hash::of("fieldbook/server-key/1", &[public.as_bytes()]).as_bytes()[..8]),
            encoding: EncodingKey::from_ed_der(&pkcs8),
            decoding: DecodingKey::from_ed_der(public.as_bytes()),
            signing,
        }
    }

    /// The key for anchors and receipts.
    pub fn signing(&self) -> &SigningKey {
        &self.signing
    }

    /// The 32 bytes of the public key, which phones pin.
    pub fn public(&self) -> [u8; 32] {
        self.signing.verifying_key().to_bytes()
    }

    /// A short name of the key: the start of the hash of its public part, in hex.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn encoding(&self) -> &EncodingKey {
        &self.encoding
    }

    pub(super) fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }

    /// Derives a secret for one purpose, such as `fieldbook/nonce-key/1`.
    pub(super) fn derive(&self, purpose: &str) -> [u8; 32] {
        let mut seed = self.signing.to_bytes();
        let derived = *Hash::of(purpose, &[&seed]).as_bytes();
        seed.zeroize();
        derived
    }
}

fn write_private(disk: &dyn Disk, path: &Path, seed: &[u8; 32]) -> io::Result<()> {
    let file = disk.open(path, Open::Replace(Access::Owner))?;
    let mut text = Zeroizing::new(hex::encode(seed));
    text.push('\n');
    file.write_at(text.as_bytes(), 0)?;
    file.sync()
}

fn check_mode(disk: &dyn Disk, path: &Path) -> Result<(), KeyError> {
    let shown = path.display().to_string();
    match disk.mode(path) {
        Ok(mode) if mode & 0o077 == 0 => Ok(()),
        Ok(mode) => Err(KeyError::Exposed { path: shown, mode }),
        Err(source) => Err(KeyError::Io { path: shown, source }),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;
    use crate::{disk::SystemDisk, randomness::SystemRandomness};

    fn load_or_create(folder: &Path) -> Result<ServerKeys, KeyError> {
        ServerKeys::load_or_create(&SystemDisk, folder, &SystemRandomness)
    }

    #[test]
    fn a_key_outlives_the_process_that_made_it() {
        let folder = tempfile::tempdir().unwrap();
        let made = load_or_create(folder.path()).unwrap();
        let loaded = load_or_create(folder.path()).unwrap();
        assert_eq!(made.public(), loaded.public());
        assert_eq!(made.id(), loaded.id());
    }

    #[test]
    fn a_damaged_key_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        load_or_create(folder.path()).unwrap();
        let path = folder.path().join(KEY_FILE);
        let damaged = &fs::read_to_string(&path).unwrap()[..40];
        fs::write(&path, damaged).unwrap();
        let error = load_or_create(folder.path()).unwrap_err();
        assert!(matches!(error, KeyError::Damaged { .. }), "{error}");
    }

    #[test]
    fn a_key_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        load_or_create(folder.path()).unwrap();
        let path = folder.path().join(KEY_FILE);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let error = load_or_create(folder.path()).unwrap_err();
        assert!(matches!(error, KeyError::Exposed { mode: 0o644, .. }), "{error}");
    }
}
