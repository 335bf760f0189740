//! Phases: where a record stands, as far as this phone knows.

use sync_core::record::{self, RecordStatus};

use crate::error::Error;

/// Where a record stands, as far as this phone knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Nothing valid was submitted.
    Draft,
    /// Submitted on this phone, perhaps once more; the server does not know the latest submit yet.
    SubmittedHere,
    /// The server has a submit that counts.
    Submitted,
    /// The server has a late submit; a supervisor has to decide.
    Held,
    /// The evidence does not decide; a supervisor has to.
    NeedsReview,
    /// It has an official version that will not change again.
    Sealed,
}

impl Phase {
    const ALL: [Self; 6] =
        [Self::Draft, Self::SubmittedHere, Self::Submitted, Self::Held, Self::NeedsReview, Self::Sealed];

    /// The stable name, as it stands in the book's file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::SubmittedHere => "submitted_here",
            Self::Submitted => "submitted",
            Self::Held => "held",
            Self::NeedsReview => "needs_review",
            Self::Sealed => "sealed",
        }
    }

    pub(crate) fn of(name: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|phase| phase.name() == name);
        found.ok_or_else(|| Error::corrupt(format!("phase {name:?}")))
    }
}

/// Finds where a record stands from what the server said and whether a submit still waits on this phone.
pub(crate) fn phase_of(status: Option<&RecordStatus>, submit_waits: bool) -> Phase {
    if status.is_some_and(|status| status.official().is_some()) {
        return Phase::Sealed;
    }
    match status.map(|status| status.phase) {
        _ if submit_waits => Phase::SubmittedHere,
        Some(record::Phase::Submitted) => Phase::Submitted,
        Some(record::Phase::HeldLate) => Phase::Held,
        Some(record::Phase::NeedsReview) => Phase::NeedsReview,
        _ => Phase::Draft,
    }
}
