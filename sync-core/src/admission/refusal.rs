//! Refusals: which check an entry failed. The codes are part of the protocol and never change their meaning.

use minicbor::{Decode, Encode};

/// Which check an entry failed.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    serde::Serialize,
    serde::Deserialize,
)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// The entry does not decode, or not from its canonical bytes.
    #[n(0)]
    MalformedEntry,
    /// A size or count is over its limit.
    #[n(1)]
    OverLimit,
    /// The change is not one raw Automerge change chunk in canonical form.
    #[n(2)]
    MalformedChange,
    /// The change was written by an actor that is not this device.
    #[n(3)]
    ForeignActor,
    /// The change repeats or skips a sequence number of its actor.
    #[n(4)]
    SequenceBroken,
    /// The change builds on changes the server does not have; send them first, then this again.
    #[n(5)]
    MissingDependency,
    /// The change's operation counter does not follow from its dependencies.
    #[n(6)]
    StartOpWrong,
    /// This user may not write this document.
    #[n(7)]
    NotPermitted,
    /// An operation refers to something that does not exist or does not fit.
    #[n(8)]
    BadReference,
    /// A value does not fit the document's schema.
    #[n(9)]
    SchemaViolation,
    /// The merged document could not be read, saved and loaded again.
    #[n(10)]
    DryRunFailed,
    /// The document's kind is not known here.
    #[n(11)]
    UnknownKind,
    /// A submit names heads the server does not have.
    #[n(12)]
    UnknownHeads,
    /// A submit's value hash is not that of the document at its heads.
    #[n(13)]
    ValueMismatch,
    /// An anchor entry names an anchor that was never given to this device.
    #[n(14)]
    UnknownAnchor,
    /// The entry is about a document that does not exist yet.
    #[n(15)]
    UnknownDocument,
    /// The device was revoked: the entry is kept apart as evidence. The SDK makes unsent edits again after the next
    /// enrolment.
    #[n(16)]
    Quarantined,
}

impl RefusalCode {
    /// The stable name of the code, as in the protocol's JSON, in logs and in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MalformedEntry => "malformed_entry",
            Self::OverLimit => "over_limit",
            Self::MalformedChange => "malformed_change",
            Self::ForeignActor => "foreign_actor",
            Self::SequenceBroken => "sequence_broken",
            Self::MissingDependency => "missing_dependency",
            Self::StartOpWrong => "start_op_wrong",
            Self::NotPermitted => "not_permitted",
            Self::BadReference => "bad_reference",
            Self::SchemaViolation => "schema_violation",
            Self::DryRunFailed => "dry_run_failed",
            Self::UnknownKind => "unknown_kind",
            Self::UnknownHeads => "unknown_heads",
            Self::ValueMismatch => "value_mismatch",
            Self::UnknownAnchor => "unknown_anchor",
            Self::UnknownDocument => "unknown_document",
            Self::Quarantined => "quarantined",
        }
    }
}

/// A refusal with what exactly was wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code:?}: {detail}")]
pub struct Refusal {
    /// Which check failed.
    pub code: RefusalCode,
    /// What exactly was wrong, for a developer; at most 200 characters, never document content.
    pub detail: String,
}

impl Refusal {
    /// Makes a refusal; the detail is cut to 200 characters.
    pub fn new(code: RefusalCode, detail: impl Into<String>) -> Self {
        let mut detail: String = detail.into();
        if let Some((end, _)) = detail.char_indices().nth(200) {
            detail.truncate(end);
        }
        Self { code, detail }
    }
}
