//! The overview: counts per state and rep, and one page of records.

use sync_core::{
    id::{DocumentId, UserId},
    time::Timestamp,
};

use crate::web::{
    RecordFilter,
    view::{Counts, EvidenceView, RefusedRow, State},
};

/// The overview under a filter.
#[derive(Debug, Clone)]
pub struct OverviewView {
    /// What was asked for.
    pub filter: RecordFilter,
    /// Records per state, of the chosen rep and customer, whatever the chosen state.
    pub counts: Counts,
    /// Every rep the reader leads, by name, with counts over all their records.
    pub reps: Vec<RepRow>,
    /// This page of records: what waits longest first.
    pub rows: Vec<RecordRow>,
    /// Records under the filter, on all pages.
    pub total: u64,
    /// Pages under the filter; at least 1.
    pub pages: u64,
    /// Days the overview reaches back.
    pub window_days: u64,
    /// Whether there is more inside these days than one page can count.
    pub is_cut: bool,
    /// How many entries were refused in these days.
    pub refused_total: u64,
    /// The newest of them.
    pub refused: Vec<RefusedRow>,
}

/// One rep.
#[derive(Debug, Clone)]
pub struct RepRow {
    /// The rep.
    pub rep: UserId,
    /// Their name.
    pub name: String,
    /// Their records per state.
    pub counts: Counts,
}

/// One record in the list.
#[derive(Debug, Clone)]
pub struct RecordRow {
    /// The record.
    pub record: DocumentId,
    /// The customer's name; empty when the record names none yet.
    pub customer: String,
    /// The rep's name.
    pub rep: String,
    /// Code of the visit's class; empty when not set.
    pub class: String,
    /// When the visit ended, as pinned; `None` while it has not.
    pub ended: Option<Timestamp>,
    /// The last instant in time; `None` when it cannot be told.
    pub deadline: Option<Timestamp>,
    /// Where it stands.
    pub state: State,
    /// The evidence that led there: of the amendment or held submit if one waits, else of the newest official one.
    pub evidence: Option<EvidenceView>,
}
