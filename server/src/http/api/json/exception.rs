//! Exceptions in JSON: what is ruled, and what is shown of it.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use sync_core::{
    hash::Hash,
    id::{DocumentId, UserId},
    rules::{Excepted, Reason},
    time::Timestamp,
};
use utoipa::ToSchema;

use super::{
    Text,
    obligation::optional_day,
    words::{DayText, IdText, Millis, ReasonWord},
};
use crate::{
    engine::{EngineError, Excepting, NOTE_CHARS, REQUIRED_MAX},
    projection::StoredException,
};

/// An exception to make: exactly one of `let_off`, `required` and `withdrawn` says what is ruled.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct ExceptionPut {
    /// `true`: nothing follows from missing it.
    let_off: Option<bool>,
    /// How many a quota asks for instead; 0 lets it off.
    #[serde(default, deserialize_with = "whole")]
    #[schema(maximum = 1_000_000)]
    required: Option<u32>,
    /// `true`: what was ruled before holds no more.
    withdrawn: Option<bool>,
    /// Of an obligation about a period: the first day on which periods begin that this is about; that period's if absent.
    #[serde(default, deserialize_with = "optional_day")]
    #[schema(value_type = Option<DayText>)]
    from: Option<Date>,
    /// The last such day; that period's if absent. At most 366 days after the first.
    #[serde(default, deserialize_with = "optional_day")]
    #[schema(value_type = Option<DayText>)]
    until: Option<Date>,
    /// Why.
    #[schema(value_type = ReasonWord)]
    reason: Reason,
    /// In words; needed for `other`.
    #[serde(default)]
    #[schema(value_type = String, max_length = 500)]
    note: Text<NOTE_CHARS>,
}

impl ExceptionPut {
    /// What is ruled about an obligation.
    pub(in crate::http::api) fn excepting(self, obligation: Hash) -> Result<Excepting, EngineError> {
        let ruled = match (self.let_off, self.required, self.withdrawn) {
            (Some(true), None, None) | (None, Some(0), None) => Excepted::LetOff,
            (None, Some(number @ ..=REQUIRED_MAX), None) => Excepted::Required(number),
            (None, None, Some(true)) => Excepted::Withdrawn,
            _ => {
                let what = "say one of let_off: true, required: a number up to 1000000, and withdrawn: true";
                return Err(EngineError::Invalid(what.to_owned()));
            }
        };
        let Self { from, until, reason, note, .. } = self;
        Ok(Excepting { obligation, ruled, from, until, reason, note: note.0 })
    }
}

/// The exception that holds for an obligation.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct ExceptionShown {
    /// The document that tells it.
    #[schema(value_type = IdText)]
    document: DocumentId,
    /// Who made it.
    #[schema(value_type = Option<IdText>)]
    by: Option<UserId>,
    /// When it was made.
    #[schema(value_type = Millis)]
    at_ms: Timestamp,
    /// How many a quota asks for instead; absent if the obligation is let off.
    #[serde(skip_serializing_if = "Option::is_none")]
    required: Option<u32>,
    /// Why.
    #[schema(value_type = Option<ReasonWord>)]
    reason: Option<Reason>,
    /// In words.
    note: String,
}

impl From<StoredException> for ExceptionShown {
    fn from(StoredException { exception, document, note }: StoredException) -> Self {
        let required = match exception.ruled {
            Excepted::Required(number) => Some(number),
            Excepted::LetOff | Excepted::Withdrawn => None,
        };
        Self { document, by: exception.by, at_ms: exception.at, required, reason: exception.reason, note }
    }
}

/// Reads a number that may be left out; JSON has one sort of numbers, and 3.0 is 3.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let Some(number) = Option::<f64>::deserialize(deserializer)? else { return Ok(None) };
    if number.fract() != 0.0 || !(0.0..=f64::from(u32::MAX)).contains(&number) {
        return Err(D::Error::custom("a whole number is asked for"));
    }
    Ok(Some(number as u32))
}
