//! One record: its fields, versions, submits, pending amendment, history and decisions.

use sync_core::{
    admission::RefusalCode,
    hash::Hash,
    id::DocumentId,
    record::{Cause, Ruling, Standing},
    rules::Reason,
    time::Timestamp,
};

use crate::web::view::{EvidenceView, State, Value};

/// One record.
#[derive(Debug, Clone)]
pub struct RecordView {
    /// The record.
    pub record: DocumentId,
    /// The customer's name; empty when the record names none yet.
    pub customer: String,
    /// The customer's grade label; empty when not graded.
    pub grade: String,
    /// What else the customer is, in the words of the rules.
    pub tags: Vec<String>,
    /// The rep's name.
    pub rep: String,
    /// Where it stands.
    pub state: State,
    /// When the visit ended, as pinned.
    pub ended: Option<Timestamp>,
    /// The last instant in time.
    pub deadline: Option<Timestamp>,
    /// The version whose fields are shown; `None` for the draft as it stands.
    pub shown_version: Option<u32>,
    /// The fields in the schema's order, empty ones left out.
    pub fields: Vec<FieldRow>,
    /// The sealed versions, newest first.
    pub versions: Vec<VersionRow>,
    /// The submits, newest first; those that [wait](Standing::waits) get the decision form if `may_decide`.
    pub submits: Vec<SubmitRow>,
    /// What each waiting amendment would change.
    pub amendments: Vec<Amendment>,
    /// Entries about this record that were refused, newest first.
    pub refused: Vec<RefusedRow>,
    /// What happened, newest first.
    pub history: Vec<HistoryRow>,
    /// What was decided, newest first.
    pub decisions: Vec<DecisionRow>,
    /// Whether the reader may decide about this record.
    pub may_decide: bool,
    /// A decision form that came back to be put right.
    pub returned: Option<ReturnedForm>,
}

/// One field with its value.
#[derive(Debug, Clone)]
pub struct FieldRow {
    /// The schema's name of the field.
    pub field: String,
    /// Its value.
    pub value: Value,
}

/// A sealed version.
#[derive(Debug, Clone)]
pub struct VersionRow {
    /// From 1.
    pub number: u32,
    /// When it became official.
    pub at: Timestamp,
    /// Why there is this version.
    pub cause: Cause,
    /// Hash of its field values.
    pub value: Hash,
    /// How many submits it joins.
    pub submits: u32,
}

/// One submit.
#[derive(Debug, Clone)]
pub struct SubmitRow {
    /// Hash of the submit entry.
    pub submit: Hash,
    /// Who submitted.
    pub by: String,
    /// On which phone.
    pub device: String,
    /// What became of it.
    pub standing: Standing,
    /// The rep's reason.
    pub reason: Option<Reason>,
    /// Its evidence and verdict.
    pub evidence: EvidenceView,
}

/// An entry that was refused.
#[derive(Debug, Clone)]
pub struct RefusedRow {
    /// The record it is about, if that can be opened from elsewhere.
    pub record: Option<DocumentId>,
    /// Which check it failed.
    pub code: RefusalCode,
    /// What exactly was wrong, for a developer; empty in lists.
    pub detail: String,
    /// Who wrote it.
    pub by: String,
    /// On which phone.
    pub device: String,
    /// When it arrived.
    pub arrived: Timestamp,
}

/// What a waiting amendment would change.
#[derive(Debug, Clone)]
pub struct Amendment {
    /// The submit that proposes it.
    pub submit: Hash,
    /// The sealed version it is compared with.
    pub version: u32,
    /// The fields that differ.
    pub changes: Vec<FieldChange>,
}

/// One field that differs.
#[derive(Debug, Clone)]
pub struct FieldChange {
    /// The schema's name of the field.
    pub field: String,
    /// The value in the sealed version.
    pub before: Option<Value>,
    /// The value in the proposal.
    pub after: Option<Value>,
}

/// Something that happened to the record.
#[derive(Debug, Clone)]
pub struct HistoryRow {
    /// When: for the phone's entries the wall clock's claim, for the server's acts its time.
    pub at: Timestamp,
    /// When it arrived, for the phone's entries.
    pub arrived: Option<Timestamp>,
    /// Who; empty for the server.
    pub by: String,
    /// On which phone; empty for the server and for decisions.
    pub device: String,
    /// What.
    pub what: Happening,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum Happening {
    /// The visit was checked in.
    CheckedIn,
    /// The visit was checked out.
    CheckedOut,
    /// Fields were written.
    Wrote {
        /// The schema's names of the fields.
        fields: Vec<String>,
    },
    /// The record was submitted.
    Submitted,
    /// A version was sealed.
    Sealed {
        /// Its number.
        version: u32,
    },
    /// A supervisor ruled.
    Decided {
        /// What.
        ruling: Ruling,
    },
}

/// A decision.
#[derive(Debug, Clone)]
pub struct DecisionRow {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// The submit it is about.
    pub submit: Hash,
    /// What.
    pub ruling: Ruling,
    /// Why.
    pub reason: Reason,
    /// In their words; may be empty.
    pub note: String,
}

/// A decision form that came back, with what was typed, so that nothing has to be typed twice.
#[derive(Debug, Clone)]
pub struct ReturnedForm {
    /// The submit it is about.
    pub submit: Hash,
    /// What was wrong.
    pub problem: DecideProblem,
    /// Name of the chosen ruling; may be empty.
    pub ruling: String,
    /// Name of the chosen reason; may be empty.
    pub reason: String,
    /// The words typed.
    pub note: String,
}

/// What was wrong with a decision form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecideProblem {
    /// Nothing was chosen.
    RulingMissing,
    /// No reason was chosen.
    ReasonMissing,
    /// The reason is "other" and there are no words.
    NoteMissing,
    /// More than 500 characters.
    NoteTooLong,
    /// The submit does not wait any more.
    Moved,
}
