//! Closings: days that were closed, and what is different of them now.

use sync_core::{hash::Hash, rules::Period, time::Timestamp};

use crate::{
    projection::restated::Because,
    web::{
        Span,
        view::{FactRow, ObligationRow},
    },
};

/// The closings of a company.
#[derive(Debug, Clone)]
pub struct ClosingsView {
    /// All of them, the last one first.
    pub rows: Vec<ClosingRow>,
    /// The form that closes more days; `None` for whoever may not.
    pub close: Option<CloseOffer>,
}

/// Days that were closed.
#[derive(Debug, Clone)]
pub struct ClosingRow {
    /// The closing.
    pub id: Hash,
    /// The days.
    pub period: Period,
    /// When they were closed.
    pub at: Timestamp,
    /// Who closed them; empty for the operator.
    pub by: String,
    /// Why, in their words; may be empty.
    pub note: String,
}

/// What the form that closes days offers.
#[derive(Debug, Clone)]
pub struct CloseOffer {
    /// The months and quarters that are over, the last one first.
    pub spans: Vec<Span>,
    /// The form as it came back, if it did.
    pub returned: Option<ReturnedClosing>,
}

/// The form that closes days as it came back, with what was typed.
#[derive(Debug, Clone)]
pub struct ReturnedClosing {
    /// What was wrong.
    pub problem: CloseProblem,
    /// The days chosen; may be empty.
    pub span: String,
    /// The words typed.
    pub note: String,
}

/// What was wrong with the form that closes days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseProblem {
    /// No days were chosen.
    SpanMissing,
    /// More than 500 characters.
    NoteTooLong,
    /// The days are not over, or cannot be closed now.
    Unfit,
}

/// A closing, and what is different now.
#[derive(Debug, Clone)]
pub struct ClosingView {
    /// The closing.
    pub closing: ClosingRow,
    /// Whose points are different, by name; only beside the first changes.
    pub points: Vec<PointsRow>,
    /// The obligations that are different, as far as the reader may see them.
    pub changes: Vec<ChangeRow>,
    /// Whether there were others before these.
    pub is_continued: bool,
    /// Behind which obligation there may be more.
    pub next: Option<Hash>,
}

/// Somebody's points on the closed days.
#[derive(Debug, Clone)]
pub struct PointsRow {
    /// Who.
    pub name: String,
    /// As known then.
    pub then: i64,
    /// As known now.
    pub now: i64,
}

/// An obligation that is different now.
#[derive(Debug, Clone)]
pub struct ChangeRow {
    /// As it was.
    pub then: ChangeSide,
    /// As it is.
    pub now: ChangeSide,
    /// Because of what.
    pub because: Because,
    /// The facts that were not looked at then.
    pub came: Vec<FactRow>,
    /// The facts that are not looked at any more.
    pub went: Vec<FactRow>,
    /// The facts that are different, or are taken otherwise.
    pub changed: Vec<FactRow>,
    /// How many more facts there are.
    pub not_shown: u64,
}

/// An obligation then or now.
#[derive(Debug, Clone)]
pub enum ChangeSide {
    /// It was or is owed.
    Owed(Box<ObligationRow>),
    /// Nothing was or is.
    Nothing,
    /// The reader may not see it.
    Withheld,
}

impl ChangeRow {
    /// The side that the reader sees, the present one first.
    pub fn row(&self) -> Option<&ObligationRow> {
        [&self.now, &self.then].into_iter().find_map(|side| match side {
            ChangeSide::Owed(row) => Some(&**row),
            ChangeSide::Nothing | ChangeSide::Withheld => None,
        })
    }
}
