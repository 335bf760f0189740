//! Who is asking: passwords, device proofs, tokens and sessions, as small pure parts without storage.

pub mod access_token;
pub mod authority;
pub mod enrolment_code;
pub mod keys;
pub mod nonce;
pub mod password;
pub mod proof;
pub mod refresh;
pub mod throttle;
pub mod used_proofs;
pub mod web_session;

mod jwt;

/// The operating system gave no random bytes; nothing secret may be made without them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct NoRandomness;

/// Draws bytes from the operating system.
#[expect(clippy::disallowed_methods, reason = "the one place that draws random bytes")]
pub(crate) fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}
