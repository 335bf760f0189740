//! Documents in JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sync_core::{
    document::{DocumentKind, FieldKind, FieldValue},
    id::{DocumentId, UserId},
    time::Timestamp,
};
use utoipa::ToSchema;

use super::{Text, words::IdText};
use crate::engine::{EngineError, Entering};

/// A document to enter.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http::api) struct DocumentPut {
    /// The name of its kind, such as `complaint`.
    #[schema(value_type = String, max_length = 40)]
    kind: Text<40>,
    /// Whose it is to be; absent for whoever enters it.
    #[schema(value_type = Option<IdText>)]
    owner: Option<UserId>,
    /// Its fields by name: texts, lines and choices are strings, ids strings of hex, times milliseconds, counts
    /// numbers, flags booleans, words lists of strings.
    #[schema(value_type = Object)]
    fields: BTreeMap<String, Value>,
}

/// The document that was entered.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct DocumentEntered {
    /// Its id.
    #[schema(value_type = IdText)]
    pub document: DocumentId,
}

impl DocumentPut {
    /// What is to be entered by this user.
    pub(in crate::http::api) fn entering(self, by: UserId) -> Result<Entering, EngineError> {
        let invalid = |what: String| EngineError::Invalid(what);
        let kind =
            DocumentKind::named(&self.kind.0).ok_or_else(|| invalid("there is no such kind".to_owned()))?;
        let mut fields = BTreeMap::new();
        for (name, value) in self.fields {
            let field = kind.schema().field(&name).ok_or_else(|| {
                invalid(format!(
                    "a {} has no field {:?}",
                    kind.name(),
                    name.chars().take(80).collect::<String>()
                ))
            })?;
            let value = read(field.kind, value)
                .ok_or_else(|| invalid(format!("field {} holds another kind of value", field.name)))?;
            fields.insert(name, value);
        }
        Ok(Entering { kind, owner: self.owner.unwrap_or(by), fields })
    }
}

/// Reads a value of a kind of field; whether it fits is for the document to say.
fn read(kind: FieldKind, value: Value) -> Option<FieldValue> {
    match (kind, value) {
        (FieldKind::Text { .. } | FieldKind::Line { .. } | FieldKind::Choice(_), Value::String(text)) => {
            Some(FieldValue::Text(text))
        }
        (FieldKind::Id, Value::String(text)) => {
            let id: DocumentId = text.parse().ok()?;
            Some(FieldValue::Id(*id.as_bytes()))
        }
        (FieldKind::Time, Value::Number(millis)) => {
            Some(FieldValue::Time(Timestamp::from_millis(millis.as_i64()?)))
        }
        (FieldKind::Count { .. }, Value::Number(count)) => Some(FieldValue::Count(count.as_i64()?)),
        (FieldKind::Flag, Value::Bool(flag)) => Some(FieldValue::Flag(flag)),
        (FieldKind::Words { .. }, Value::Array(words)) => {
            let words = words.into_iter().map(|word| match word {
                Value::String(word) => Some(word),
                _ => None,
            });
            Some(FieldValue::Words(words.collect::<Option<BTreeSet<String>>>()?))
        }
        _ => None,
    }
}
