//! Statements of the server with its Ed25519 signature.

use minicbor::{Decode, Encode};

use crate::{
    hash::Hash,
    log::{Anchor, Receipt},
};

/// An anchor with the server's signature over its hash.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SignedAnchor {
    /// What was signed.
    #[n(0)]
    pub anchor: Anchor,
    /// Ed25519 over [`Anchor::hash`].
    #[cbor(n(1), with = "minicbor::bytes")]
    pub signature: [u8; 64],
}

/// A receipt with the server's signature over its hash.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SignedReceipt {
    /// What was signed.
    #[n(0)]
    pub receipt: Receipt,
    /// Ed25519 over [`Receipt::hash`].
    #[cbor(n(1), with = "minicbor::bytes")]
    pub signature: [u8; 64],
}

/// The server's public signing key (Ed25519), pinned by a phone when it is enrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerKey(ed25519_dalek::VerifyingKey);

/// A signature does not belong to the statement and the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature of the {of} does not verify")]
pub struct BadSignature {
    /// What was signed.
    pub of: &'static str,
}

impl ServerKey {
    /// Reads the 32 bytes of a public key.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, BadSignature> {
        ed25519_dalek::VerifyingKey::from_bytes(bytes)
            .map(Self)
            .map_err(|_| BadSignature { of: "server key" })
    }

    /// The public half of a signing key.
    pub fn of(key: &ed25519_dalek::SigningKey) -> Self {
        Self(key.verifying_key())
    }

    /// The 32 bytes of the public key.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    fn verify(&self, hash: Hash, signature: &[u8; 64], of: &'static str) -> Result<(), BadSignature> {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        self.0.verify_strict(hash.as_bytes(), &signature).map_err(|_| BadSignature { of })
    }
}

impl SignedAnchor {
    /// Signs an anchor.
    pub fn sign(anchor: Anchor, key: &ed25519_dalek::SigningKey) -> Self {
        let signature = sign(anchor.hash(), key);
        Self { anchor, signature }
    }

    /// Checks the signature and gives the anchor.
    pub fn verify(&self, key: &ServerKey) -> Result<&Anchor, BadSignature> {
        key.verify(self.anchor.hash(), &self.signature, "anchor").map(|()| &self.anchor)
    }
}

impl SignedReceipt {
    /// Signs a receipt.
    pub fn sign(receipt: Receipt, key: &ed25519_dalek::SigningKey) -> Self {
        let signature = sign(receipt.hash(), key);
        Self { receipt, signature }
    }

    /// Checks the signature and gives the receipt.
    pub fn verify(&self, key: &ServerKey) -> Result<&Receipt, BadSignature> {
        key.verify(self.receipt.hash(), &self.signature, "receipt").map(|()| &self.receipt)
    }
}

fn sign(hash: Hash, key: &ed25519_dalek::SigningKey) -> [u8; 64] {
    use ed25519_dalek::Signer as _;
    key.sign(hash.as_bytes()).to_bytes()
}
