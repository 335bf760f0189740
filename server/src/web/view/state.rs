//! The state of a record as a manager sorts them, and how many records are in each.

use sync_core::record::{Cause, Phase, RecordStatus, Seal};

/// Where a record stands. The first three wait for the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// The evidence does not decide; a person must.
    NeedsReview,
    /// Submitted late and counting for nothing until someone decides.
    HeldLate,
    /// Sealed, with an amendment that waits for a decision.
    AmendmentWaiting,
    /// The deadline has passed and nothing was submitted.
    Overdue,
    /// Begun, not submitted, the deadline has not passed.
    Draft,
    /// Submitted in time; the deadline has not passed, so not yet sealed.
    OnTime,
    /// Sealed: made in time, arrived after the deadline.
    ArrivedLate,
    /// Sealed at the deadline or by a decision.
    Sealed,
}

impl State {
    /// All states, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::NeedsReview,
        Self::HeldLate,
        Self::AmendmentWaiting,
        Self::Overdue,
        Self::Draft,
        Self::OnTime,
        Self::ArrivedLate,
        Self::Sealed,
    ];

    /// Sorts a record.
    pub fn of(status: &RecordStatus) -> Self {
        let arrived_late = |seal: &Seal| seal.version.cause == Cause::ArrivedLate;
        match status.phase {
            Phase::Draft => Self::Draft,
            Phase::Submitted => Self::OnTime,
            Phase::Overdue => Self::Overdue,
            Phase::HeldLate => Self::HeldLate,
            Phase::NeedsReview => Self::NeedsReview,
            Phase::Sealed if status.amendment_waiting() => Self::AmendmentWaiting,
            Phase::Sealed if status.seals.first().is_some_and(arrived_late) => Self::ArrivedLate,
            Phase::Sealed => Self::Sealed,
        }
    }

    /// The stable name: in queries, class names, icons and message ids.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NeedsReview => "needs_review",
            Self::HeldLate => "held_late",
            Self::AmendmentWaiting => "amendment_waiting",
            Self::Overdue => "overdue",
            Self::Draft => "draft",
            Self::OnTime => "on_time",
            Self::ArrivedLate => "arrived_late",
            Self::Sealed => "sealed",
        }
    }

    /// Finds the state of a name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether a record in this state waits for a decision of the reader.
    pub const fn waits(self) -> bool {
        matches!(self, Self::NeedsReview | Self::HeldLate | Self::AmendmentWaiting)
    }
}

/// How many records are in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts([u64; State::ALL.len()]);

impl Counts {
    /// Adds one record.
    pub fn add(&mut self, state: State) {
        self.set(state, self.get(state).saturating_add(1));
    }

    /// Puts the number of records in a state.
    pub fn set(&mut self, state: State, count: u64) {
        self.0[state as usize] = count;
    }

    /// The number of records in a state.
    pub fn get(&self, state: State) -> u64 {
        self.0[state as usize]
    }

    /// All records.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// The records that wait for a decision of the reader.
    pub fn waiting(&self) -> u64 {
        State::ALL.into_iter().filter(|state| state.waits()).map(|state| self.get(state)).sum()
    }
}
