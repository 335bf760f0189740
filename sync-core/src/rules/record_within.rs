//! The rule kind `record_within`: after an anchor, a record must be handed in inside a window.

use super::Within;

/// After an anchor, a record must be handed in inside a window.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordWithin {
    /// The rule's id, such as `S21-R17`.
    pub id: String,
    /// What starts the clock.
    pub anchor: Anchor,
    /// What stops it.
    pub act: Act,
    /// How long it may run.
    pub within: Within,
    /// How the time of the act is judged when the deadline lies inside the proven interval.
    #[serde(default)]
    pub time: TimeMode,
    /// What becomes of a record that is late.
    #[serde(default)]
    pub on_breach: OnBreach,
    /// Names of the fields a record must have to be evaluated at all.
    #[serde(default)]
    pub required: Vec<String>,
}

/// What starts the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
pub enum Anchor {
    /// The end of the visit, as it is pinned by [`record::official_state`](crate::record::official_state).
    #[serde(rename = "visit.ended")]
    VisitEnded,
}

/// What stops the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The rep submits the record.
    Submit,
}

/// How the time of an act is judged when the deadline lies inside the proven interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeMode {
    /// What did not arrive in time is late.
    Receipt,
    /// An unflagged measurement wholly on one side decides; otherwise a person does.
    #[default]
    Witnessed,
    /// The wall clock's claim decides, held inside the proven interval.
    Claimed,
    /// A person decides.
    Review,
}

/// What becomes of a record that is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnBreach {
    /// It counts at once, and is marked.
    Finding,
    /// It counts for nothing until a supervisor accepts it late or excuses it.
    #[default]
    Hold,
    /// It is held too, and can be excused but not accepted as late.
    Refuse,
}
