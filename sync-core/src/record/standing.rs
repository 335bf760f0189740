//! Where a record stands, and where each of its submits stands.

use minicbor::{Decode, Encode};

/// Where a record stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode, serde::Serialize, serde::Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Nothing that counts was submitted, and there is time left or no end of the visit yet.
    #[n(0)]
    Draft,
    /// Submitted in time; may be submitted again until the deadline.
    #[n(1)]
    Submitted,
    /// It has an official version.
    #[n(2)]
    Sealed,
    /// The deadline has passed, and nothing was submitted that still waits.
    #[n(3)]
    Overdue,
    /// Submitted late; waits for a decision.
    #[n(4)]
    HeldLate,
    /// Submitted, but the evidence or what is missing leaves the verdict to a person.
    #[n(5)]
    NeedsReview,
}

/// Where a submit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode, serde::Serialize, serde::Deserialize)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// In time; becomes official when the deadline passes.
    #[n(0)]
    Candidate,
    /// Part of an official version.
    #[n(1)]
    Official,
    /// Late; waits for a decision.
    #[n(2)]
    Held,
    /// The evidence does not decide; waits for a decision.
    #[n(3)]
    NeedsReview,
    /// Something is missing; waits for a decision or another submit.
    #[n(4)]
    NotEvaluable,
    /// Came after the record was sealed and adds to it; waits for a decision.
    #[n(5)]
    Amendment,
    /// Came after the record was sealed and adds nothing to it.
    #[n(6)]
    Contained,
    /// Official by a decision: accepted late, excused, or an approved amendment.
    #[n(7)]
    Approved,
    /// A held submit that was refused; it can still be accepted or excused later.
    #[n(8)]
    Refused,
    /// An amendment that was not approved; it can still be approved later.
    #[n(9)]
    Rejected,
}

impl Standing {
    /// Whether a person has to decide before it goes on.
    pub const fn waits(self) -> bool {
        matches!(self, Self::Held | Self::NeedsReview | Self::NotEvaluable | Self::Amendment)
    }

    /// Whether what was submitted is part of an official version.
    pub const fn counts(self) -> bool {
        matches!(self, Self::Official | Self::Approved | Self::Contained)
    }
}
