//! Schemas: which fields a kind of document has, and what fits into each.

use automerge::ScalarValue;

use super::FieldValue;
use crate::time::Timestamp;

/// The fields of one kind of document.
///
/// The text fields are part of the kind's genesis change and can never change; other fields may be added.
#[derive(Debug, PartialEq, Eq)]
pub struct Schema {
    /// The fields, in the order they are shown.
    pub fields: &'static [Field],
}

/// One field.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in the document, on the wire and in packs.
    pub name: &'static str,
    /// What it holds.
    pub kind: FieldKind,
}

/// What a field holds. Lengths are in characters (Unicode code points).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Free text that several people may write at once.
    Text {
        /// The most characters a writer may leave in it.
        max_chars: usize,
    },
    /// One line, replaced as a whole.
    Line {
        /// The most characters it may have.
        max_chars: usize,
    },
    /// A sixteen-byte id.
    Id,
    /// An instant from 1970 to [`Timestamp::MAX`].
    Time,
    /// One of a fixed list of words.
    Choice(&'static [&'static str]),
    /// A whole number from 0.
    Count {
        /// The largest number.
        max: i64,
    },
}

/// Why a value does not fit a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// The value is of another kind than the field.
    #[error("holds another kind of value")]
    WrongKind,
    /// The text is too long.
    #[error("has {chars} characters, at most {max_chars} fit")]
    TooLong {
        /// How many characters it has.
        chars: usize,
        /// How many fit.
        max_chars: usize,
    },
    /// A line holds nothing; clear the field instead.
    #[error("is empty")]
    Empty,
    /// The text holds a control character.
    #[error("holds a control character")]
    ControlCharacter,
    /// The word is not one of the choices.
    #[error("is not one of the choices")]
    NotAChoice,
    /// The number or instant is out of range.
    #[error("is {value}, outside 0 to {max}")]
    OutOfRange {
        /// The number, or milliseconds since 1970.
        value: i64,
        /// The largest that fits.
        max: i64,
    },
}

impl Schema {
    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The fields that hold free text, in the order of their objects in the genesis change.
    pub fn texts(&self) -> impl Iterator<Item = &'static Field> {
        self.fields.iter().filter(|field| field.is_text())
    }
}

impl Field {
    /// Whether the field holds free text.
    pub const fn is_text(&self) -> bool {
        matches!(self.kind, FieldKind::Text { .. })
    }

    /// Checks a value that is to replace the whole field.
    pub fn check(&self, value: &FieldValue) -> Result<(), Misfit> {
        match (self.kind, value) {
            (FieldKind::Text { max_chars }, FieldValue::Text(text)) => {
                if !text.chars().all(is_text_char) {
                    return Err(Misfit::ControlCharacter);
                }
                check_length(text, max_chars)
            }
            (FieldKind::Line { max_chars }, FieldValue::Text(line)) => {
                if line.is_empty() {
                    return Err(Misfit::Empty);
                }
                if line.chars().any(char::is_control) {
                    return Err(Misfit::ControlCharacter);
                }
                check_length(line, max_chars)
            }
            (FieldKind::Choice(words), FieldValue::Text(word)) => {
                if words.contains(&word.as_str()) {
                    Ok(())
                } else {
                    Err(Misfit::NotAChoice)
                }
            }
            (FieldKind::Id, FieldValue::Id(_)) => Ok(()),
            (FieldKind::Time, FieldValue::Time(time)) => {
                check_range(time.as_millis(), Timestamp::MAX.as_millis())
            }
            (FieldKind::Count { max }, FieldValue::Count(count)) => check_range(*count, max),
            _ => Err(Misfit::WrongKind),
        }
    }

    /// Reads a stored scalar back; `Err` if it does not fit. Free text is not stored as a scalar.
    pub(crate) fn read(&self, stored: &ScalarValue) -> Result<FieldValue, Misfit> {
        let value = match (self.kind, stored) {
            (FieldKind::Line { .. } | FieldKind::Choice(_), ScalarValue::Str(text)) => {
                FieldValue::Text(text.to_string())
            }
            (FieldKind::Id, ScalarValue::Str(text)) => FieldValue::Id(read_id(text)?),
            (FieldKind::Time, ScalarValue::Timestamp(millis)) => {
                FieldValue::Time(Timestamp::from_millis(*millis))
            }
            (FieldKind::Count { .. }, ScalarValue::Int(count)) => FieldValue::Count(*count),
            _ => return Err(Misfit::WrongKind),
        };
        self.check(&value)?;
        Ok(value)
    }
}

/// Whether the character may stand in free text.
pub(crate) fn is_text_char(character: char) -> bool {
    !character.is_control() || matches!(character, '\n' | '\r' | '\t')
}

fn check_length(text: &str, max_chars: usize) -> Result<(), Misfit> {
    let chars = text.chars().count();
    if chars <= max_chars { Ok(()) } else { Err(Misfit::TooLong { chars, max_chars }) }
}

fn check_range(value: i64, max: i64) -> Result<(), Misfit> {
    if (0..=max).contains(&value) { Ok(()) } else { Err(Misfit::OutOfRange { value, max }) }
}

/// Ids are stored as lowercase hex only, so that one id has one form.
fn read_id(text: &str) -> Result<[u8; 16], Misfit> {
    let bytes = crate::id::parse_hex::<16>(text).map_err(|_| Misfit::WrongKind)?;
    if hex::encode(bytes) == text { Ok(bytes) } else { Err(Misfit::WrongKind) }
}
