//! Values: what a document says at some heads, field by field, and the hash that seals quote.

use std::collections::{BTreeMap, BTreeSet, btree_map};

use minicbor::{Encode, Encoder, encode};

use crate::{encoding, hash::Hash, time::Timestamp};

/// What one field holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldValue {
    /// Free text, a line or a choice.
    Text(String),
    /// An id.
    Id([u8; 16]),
    /// An instant.
    Time(Timestamp),
    /// A whole number.
    Count(i64),
    /// Yes or no.
    Flag(bool),
    /// Words that are ticked.
    Words(BTreeSet<String>),
}

impl FieldValue {
    /// Whether it says nothing, so that a field that is to hold it is cleared.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Words(words) => words.is_empty(),
            _ => false,
        }
    }
}

/// The fields of a document that are set; an empty text is not set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Values(BTreeMap<&'static str, FieldValue>);

impl Values {
    /// The value of a field; `None` if it is not set.
    pub fn get(&self, name: &str) -> Option<&FieldValue> {
        self.0.get(name)
    }

    /// The fields that are set, by name.
    pub fn iter(&self) -> btree_map::Iter<'_, &'static str, FieldValue> {
        self.0.iter()
    }

    /// The value hash: the same on every device that sees the same values.
    pub fn hash(&self) -> Hash {
        Hash::of("fieldbook/value/1", &[&encoding::encode(self)])
    }
}

impl FromIterator<(&'static str, FieldValue)> for Values {
    /// Collects fields; empty texts are left out.
    fn from_iter<I: IntoIterator<Item = (&'static str, FieldValue)>>(fields: I) -> Self {
        Self(fields.into_iter().filter(|(_, value)| !value.is_empty()).collect())
    }
}

/// An array of `[name, value]` in ascending order of names.
impl<C> Encode<C> for Values {
    fn encode<W: encode::Write>(&self, e: &mut Encoder<W>, _: &mut C) -> Result<(), encode::Error<W::Error>> {
        e.array(self.0.len() as u64)?;
        for (name, value) in &self.0 {
            e.array(2)?.str(name)?;
            match value {
                FieldValue::Text(text) => e.str(text)?,
                FieldValue::Id(id) => e.bytes(id)?,
                FieldValue::Time(time) => e.i64(time.as_millis())?,
                FieldValue::Count(count) => e.i64(*count)?,
                FieldValue::Flag(flag) => e.bool(*flag)?,
                FieldValue::Words(words) => {
                    e.array(words.len() as u64)?;
                    for word in words {
                        e.str(word)?;
                    }
                    continue;
                }
            };
        }
        Ok(())
    }
}
