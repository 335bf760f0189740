//! What became of obligations as a manager sorts them, and how many there are of each.

use sync_core::rules::{Fulfilment, Obligation};

/// What became of an obligation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OwedState {
    /// It was not met, and cannot be any more.
    Breached,
    /// The same, of what only counts towards a share: no breach by itself.
    Missed,
    /// It cannot be said, because something is missing.
    NotEvaluable,
    /// Neither yet, or a person must decide.
    Pending,
    /// It was not met, or not yet, and somebody let it off: nothing follows from it.
    LetOff,
    /// It was met.
    Met,
}

impl OwedState {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] =
        [Self::Breached, Self::Missed, Self::NotEvaluable, Self::Pending, Self::LetOff, Self::Met];

    /// Sorts an obligation.
    pub fn of(obligation: &Obligation) -> Self {
        match obligation.state {
            Fulfilment::Met => Self::Met,
            _ if obligation.let_off => Self::LetOff,
            Fulfilment::Breached if obligation.in_share => Self::Missed,
            Fulfilment::Breached => Self::Breached,
            Fulfilment::NotEvaluable(_) => Self::NotEvaluable,
            Fulfilment::Pending => Self::Pending,
        }
    }

    /// The stable name: in queries, class names, icons and message ids.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Breached => "breached",
            Self::Missed => "missed",
            Self::NotEvaluable => "not_evaluable",
            Self::Pending => "pending",
            Self::LetOff => "let_off",
            Self::Met => "met",
        }
    }

    /// Finds the one with that name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// How many obligations became what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OwedCounts([u64; OwedState::ALL.len()]);

impl OwedCounts {
    /// Adds one obligation.
    pub fn add(&mut self, state: OwedState) {
        self.set(state, self.get(state).saturating_add(1));
    }

    /// Puts the number of those that became this.
    pub fn set(&mut self, state: OwedState, count: u64) {
        self.0[state as usize] = count;
    }

    /// How many became this.
    pub fn get(&self, state: OwedState) -> u64 {
        self.0[state as usize]
    }

    /// Those that somebody owes or owed: all but what was let off.
    pub fn owed(&self) -> u64 {
        self.total() - self.get(OwedState::LetOff)
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}
