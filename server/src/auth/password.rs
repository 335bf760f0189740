//! Passwords: what is acceptable, how they are kept (argon2id) and how they are checked.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{
        Output, ParamsString, PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString,
    },
};

use crate::{
    randomness::{NoRandomness, Randomness},
    telemetry::Secret,
};

const MIN_CHARS: usize = 12;
const MAX_CHARS: usize = 128;
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Letters and digits that cannot be taken for one another when read aloud or copied from paper.
const READABLE: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
/// The long passwords people choose first; compared in lowercase without spaces.
const BLOCKED: &[&str] = &[
    "123456789012",
    "1234567890123",
    "12345678901234",
    "123456789abc",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "aaaaaaaaaaaa",
    "abcdefghijkl",
    "administrator",
    "changemeplease",
    "correcthorsebatterystaple",
    "fieldbook123",
    "fieldbook1234",
    "iloveyou1234",
    "letmeinletmein",
    "password1234",
    "password12345",
    "password123456",
    "passwordpassword",
    "qwerty123456",
    "qwertyuiop12",
    "qwertyuiop123",
    "qwertyuiopasdfgh",
    "woaini1314520",
];

/// A password nobody may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// Fewer than 12 characters.
    #[error("a password has at least {MIN_CHARS} characters")]
    TooShort,
    /// More than 128 characters.
    #[error("a password has at most {MAX_CHARS} characters")]
    TooLong,
    /// Among the first that are guessed, or one character over and over.
    #[error("this password is among the first that are guessed")]
    Common,
}

/// A password cannot be hashed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HashPasswordError {
    /// No salt could be drawn.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// Argon2 failed, for want of memory.
    #[error("argon2 failed: {0}")]
    Argon2(String),
}

/// Checks whether somebody may choose this password.
pub fn check_strength(password: &str) -> Result<(), WeakPassword> {
    let chars = password.chars().take(MAX_CHARS + 1).count();
    if chars < MIN_CHARS {
        return Err(WeakPassword::TooShort);
    }
    if chars > MAX_CHARS {
        return Err(WeakPassword::TooLong);
    }
    let plain: String = password.to_lowercase().split_whitespace().collect();
    let first = plain.chars().next();
    let one_character = plain.chars().all(|character| Some(character) == first);
    if one_character || BLOCKED.contains(&plain.as_str()) { Err(WeakPassword::Common) } else { Ok(()) }
}

/// Hashes and checks passwords; about 20 ms and 19 MiB each, so call it off the async threads.
#[derive(Debug)]
pub struct Passwords {
    argon2: Argon2<'static>,
    nobody: String,
    randomness: Arc<dyn Randomness>,
}

impl Passwords {
    /// Prepares the hash that stands in for users who do not exist.
    pub fn new(randomness: Arc<dyn Randomness>) -> Result<Self, HashPasswordError> {
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(argon2_failed)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        // No password has this hash, and checking one against it is the same work as with any other.
        let salt = SaltString::encode_b64(&randomness.draw::<16>()?).map_err(argon2_failed)?;
        let hash = Output::new(&randomness.draw::<32>()?).map_err(argon2_failed)?;
        let params = ParamsString::try_from(argon2.params().clone()).map_err(argon2_failed)?;
        let nobody = format!("$argon2id$v=19${params}${salt}${hash}");
        Ok(Self { argon2, nobody, randomness })
    }

    /// Gives the PHC string to keep for a password.
    pub fn hash(&self, password: &str) -> Result<String, HashPasswordError> {
        hash_with(&self.argon2, &*self.randomness, password)
    }

    /// Checks a password against the kept PHC string, or does the same work for nothing if there is no such user.
    pub fn verify(&self, kept: Option<&str>, password: &str) -> bool {
        // A password longer than any that can be chosen is not worth hashing, whoever it is for.
        if password.len() > MAX_CHARS * 4 {
            return false;
        }
        let parsed = kept.and_then(|text| PasswordHash::new(text).ok());
        let is_user = parsed.is_some();
        let Some(hash) = parsed.or_else(|| PasswordHash::new(&self.nobody).ok()) else {
            return false;
        };
        let matches = self.argon2.verify_password(password.as_bytes(), &hash).is_ok();
        matches && is_user
    }

    /// Draws a password for a new user to replace at the first login: 80 bits in four groups of four characters.
    pub fn one_time(&self) -> Result<Secret<String>, NoRandomness> {
        let bytes = self.randomness.draw::<16>()?;
        let characters = bytes.map(|byte| char::from(READABLE[usize::from(byte % 32)]));
        let groups: Vec<String> = characters.chunks(4).map(|group| group.iter().collect()).collect();
        Ok(Secret::new(groups.join("-")))
    }
}

fn hash_with(
    argon2: &Argon2<'_>,
    randomness: &dyn Randomness,
    password: &str,
) -> Result<String, HashPasswordError> {
    let salt = SaltString::encode_b64(&randomness.draw::<16>()?).map_err(argon2_failed)?;
    let hash = argon2.hash_password(password.as_bytes(), &salt).map_err(argon2_failed)?;
    Ok(hash.to_string())
}

fn argon2_failed(error: impl std::fmt::Display) -> HashPasswordError {
    HashPasswordError::Argon2(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::randomness::SystemRandomness;

    #[test]
    fn only_the_right_password_of_a_real_user_verifies() {
        let passwords = Passwords::new(Arc::new(SystemRandomness)).unwrap();
        let kept = passwords.hash("a long walk home").unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(passwords.verify(Some(&kept), "a long walk home"));
        assert!(!passwords.verify(Some(&kept), "a long walk Home"));
        assert!(!passwords.verify(None, "a long walk home"));
        assert!(!passwords.verify(Some("not a hash"), "a long walk home"));
    }

    #[test]
    fn nobody_is_checked_with_the_same_work_as_anybody() {
        let passwords = Passwords::new(Arc::new(SystemRandomness)).unwrap();
        let kept = passwords.hash("correct horse battery").unwrap();
        let (somebody, nobody) =
            (PasswordHash::new(&kept).unwrap(), PasswordHash::new(&passwords.nobody).unwrap());
        assert_eq!((nobody.algorithm, nobody.version), (somebody.algorithm, somebody.version));
        assert_eq!(nobody.params, somebody.params);
        assert_eq!(nobody.hash.unwrap().len(), somebody.hash.unwrap().len());
    }

    #[test]
    fn short_endless_and_common_passwords_cannot_be_chosen() {
        assert_eq!(check_strength("elevenchars"), Err(WeakPassword::TooShort));
        assert_eq!(check_strength(&"ab".repeat(65)), Err(WeakPassword::TooLong));
        assert_eq!(check_strength("Password 1234"), Err(WeakPassword::Common));
        assert_eq!(check_strength("zzzzzzzzzzzzzz"), Err(WeakPassword::Common));
        assert_eq!(check_strength("拜访记录每天都要写完整啊"), Ok(()));
    }

    #[test]
    fn one_time_passwords_are_readable_acceptable_and_different() {
        let passwords = Passwords::new(Arc::new(SystemRandomness)).unwrap();
        let (one, other) = (passwords.one_time().unwrap(), passwords.one_time().unwrap());
        assert_ne!(one, other);
        assert_eq!(check_strength(one.expose()), Ok(()));
        assert_eq!(one.expose().split('-').map(str::len).collect::<Vec<_>>(), [4, 4, 4, 4]);
    }
}
