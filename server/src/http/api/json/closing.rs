//! Closings in JSON: days that were closed, and what changed of them since.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sync_core::{hash::Hash, id::UserId, rules::Period, time::Timestamp};
use utoipa::{IntoParams, ToSchema};

use super::{
    FactShown, ObligationShown, Place, Text,
    obligation::day,
    page::Limit,
    words::{BecauseWord, DayText, HashText, IdText, Millis, PlaceText, SideWord},
};
use crate::{engine::NOTE_CHARS, projection::Closing};

/// Days to be closed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct ClosingPut {
    /// The first day.
    #[serde(deserialize_with = "day")]
    #[schema(value_type = DayText)]
    first: Date,
    /// The last day; it has to be over.
    #[serde(deserialize_with = "day")]
    #[schema(value_type = DayText)]
    last: Date,
    /// Why; everybody who may ask for closings reads it.
    #[serde(default)]
    #[schema(value_type = String, max_length = 500)]
    note: Text<NOTE_CHARS>,
}

impl ClosingPut {
    /// The days and the note.
    pub(in crate::http::api) fn into_parts(self) -> (Period, String) {
        (Period { first: self.first, last: self.last }, self.note.0)
    }
}

/// Days that were closed.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct ClosingShown {
    /// Names it for ever.
    #[schema(value_type = HashText)]
    id: Hash,
    /// The first day.
    #[schema(value_type = DayText)]
    first: String,
    /// The last day.
    #[schema(value_type = DayText)]
    last: String,
    /// When they were closed.
    #[schema(value_type = Millis)]
    closed_ms: Timestamp,
    /// Who closed them; nobody if it was done at the console.
    #[schema(value_type = Option<IdText>)]
    by: Option<UserId>,
    /// Why, in their words; may be empty.
    note: String,
}

impl From<Closing> for ClosingShown {
    fn from(Closing { id, period, at, by, note, .. }: Closing) -> Self {
        let (first, last) = (period.first.to_string(), period.last.to_string());
        Self { id, first, last, closed_ms: at, by, note }
    }
}

/// Which changes since a closing.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http::api) struct ChangesQuery {
    /// Only of what this user owed then or owes now.
    #[param(value_type = Option<IdText>)]
    pub person: Option<UserId>,
    /// The `next` of the page before.
    #[param(value_type = Option<PlaceText>)]
    pub after: Option<Place>,
    /// How many obligations are looked at.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Limit,
}

/// A side of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::http::api) enum Side {
    Then,
    Now,
}

/// An obligation that is different now from what it was when its days were closed.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct ChangeShown {
    /// The obligation.
    #[schema(value_type = HashText)]
    pub id: Hash,
    /// As it was; nothing if nothing was owed on those days.
    pub then: Option<ObligationShown>,
    /// As it is; nothing if nothing is owed any more.
    pub now: Option<ObligationShown>,
    /// Which of the two is there, but not for this reader.
    #[schema(value_type = Option<SideWord>)]
    pub withheld: Option<Side>,
    /// Because of what.
    #[schema(value_type = BecauseWord)]
    pub because: &'static str,
    /// The facts that were not looked at then.
    pub facts_came: Vec<FactShown>,
    /// The facts that are not looked at any more, as they were.
    pub facts_went: Vec<FactShown>,
    /// The facts that are different, or are taken otherwise, as they are.
    pub facts_changed: Vec<FactShown>,
    /// How many more of these facts there are than are shown.
    pub not_shown: usize,
}
