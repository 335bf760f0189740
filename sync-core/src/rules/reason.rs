//! Reason codes: why something is late, amended, accepted or refused by a person.

use minicbor::{Decode, Encode};

/// Why a rep was late or amends, and why a supervisor decided as they did.
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
pub enum Reason {
    /// There was no signal.
    #[n(0)]
    NoCoverage,
    /// The phone failed.
    #[n(1)]
    DeviceFailure,
    /// The rep was ill.
    #[n(2)]
    Illness,
    /// The customer asked for it.
    #[n(3)]
    CustomerRequest,
    /// The rep forgot.
    #[n(4)]
    Forgot,
    /// Fieldbook failed.
    #[n(5)]
    SystemFault,
    /// A slip in the record is put right.
    #[n(6)]
    Correction,
    /// Anything else; the note says what.
    #[n(7)]
    Other,
}

impl Reason {
    /// All reasons, in the order in which people are offered them.
    pub const ALL: [Self; 8] = [
        Self::NoCoverage,
        Self::DeviceFailure,
        Self::Illness,
        Self::CustomerRequest,
        Self::Forgot,
        Self::SystemFault,
        Self::Correction,
        Self::Other,
    ];

    /// Its word, as the API, pages and documents write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoCoverage => "no_coverage",
            Self::DeviceFailure => "device_failure",
            Self::Illness => "illness",
            Self::CustomerRequest => "customer_request",
            Self::Forgot => "forgot",
            Self::SystemFault => "system_fault",
            Self::Correction => "correction",
            Self::Other => "other",
        }
    }

    /// The reason with that word.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}
