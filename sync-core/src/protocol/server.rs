//! The server's side of a commit: the checks a page passes as a whole, before its entries are looked at one by one.

use crate::{
    encoding::{self, DecodeError},
    log::{BadSignature, ChainError, CheckedPage, Commit, PageId, check_size, limits},
    protocol::DeviceState,
};

/// What a page turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckedCommit {
    /// It continues the log: admit its entries one by one.
    New(CheckedPage),
    /// It lies in what is held already. Answer with the receipt that is stored under this id; if none is, the log was
    /// forked ([`CommitError::Forked`]).
    Repeated(PageId),
}

/// A page is refused as a whole; nothing of it is kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// The body is longer than any commit may be.
    #[error("a commit of {found} bytes, at most {} are taken", limits::COMMIT_BYTES)]
    TooLarge {
        /// How long it is.
        found: usize,
    },
    /// The body is not the canonical encoding of a commit.
    #[error(transparent)]
    Malformed(#[from] DecodeError),
    /// The statement is about another device or tenant than the one that is signed in.
    #[error("the statement is about another device than the one that is signed in")]
    WrongDevice,
    /// The device did not sign the statement.
    #[error(transparent)]
    BadSignature(#[from] BadSignature),
    /// The statement does not name the newest anchor of this device.
    #[error("the statement does not name the newest anchor of this device; pull first")]
    AnchorStale,
    /// The page lies in what is held already but was never taken as this page.
    #[error("other entries are held in the place of this page")]
    Forked,
    /// The page does not continue the log that is held.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl CommitError {
    /// The stable code in the `type` of the problem details.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } | Self::Chain(ChainError::OverLimit { .. }) => "over_limit",
            Self::Malformed(_) | Self::Chain(ChainError::NotAsStated { .. }) => "malformed",
            Self::WrongDevice => "wrong_device",
            Self::BadSignature(_) => "bad_signature",
            Self::AnchorStale => "anchor_stale",
            Self::Chain(ChainError::AnchorMissing) => "anchor_missing",
            Self::Chain(ChainError::Empty) => "empty_commit",
            Self::Chain(ChainError::Gap { .. }) => "log_gap",
            Self::Forked | Self::Chain(ChainError::Forked { .. } | ChainError::Overlap { .. }) => {
                "log_forked"
            }
        }
    }
}

/// Reads the body of a commit request.
pub fn decode_commit(body: &[u8]) -> Result<Commit, CommitError> {
    if body.len() > limits::COMMIT_BYTES {
        return Err(CommitError::TooLarge { found: body.len() });
    }
    Ok(encoding::decode(body)?)
}

/// Checks a page against the state of the device that is signed in.
///
/// A repetition is recognised before the anchor is looked at, because a duplicate may arrive after a newer anchor was
/// issued and still deserves its receipt.
pub fn check_commit(state: &DeviceState, commit: &Commit) -> Result<CheckedCommit, CommitError> {
    check_size(commit)?;
    if (commit.statement.tenant, commit.statement.device) != (state.tenant, state.device) {
        return Err(CommitError::WrongDevice);
    }
    state.key.verify_commit(commit)?;
    if let Some(page) = state.chain.repeated(commit) {
        return Ok(CheckedCommit::Repeated(page));
    }
    if state.issued.is_none_or(|issued| issued.hash != commit.statement.anchor) {
        return Err(CommitError::AnchorStale);
    }
    Ok(CheckedCommit::New(state.chain.verify_page(commit)?))
}
