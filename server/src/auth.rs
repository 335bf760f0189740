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
