//! Schemas: which fields a kind of document has, and what fits into each.

use std::collections::BTreeSet;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// Yes or no.
    Flag,
    /// Words that are ticked, each once, at most [`Field::WORD_CHARS`] characters long; replaced as a whole.
    Words {
        /// The most words it may have.
        max: usize,
    },
}

impl FieldKind {
    /// Money, in cents.
    pub const MONEY: Self = Self::Count { max: 1_000_000_000_000_000 };
}

/// The fields that every kind but the visit has before its own; the visit has fields of its own for these things.
pub mod envelope {
    use super::{Field, FieldKind};

    /// The customer it is about.
    pub const CUSTOMER: &str = "customer";
    /// The document it is about: the complaint that is answered, the form that is reviewed.
    pub const ABOUT: &str = "about";
    /// When it happened.
    pub const AT: &str = "at";
    /// Whatever else is to be said.
    pub const NOTE: &str = "note";

    pub(in crate::document) const FIELDS: [Field; 4] = [
        Field { name: CUSTOMER, kind: FieldKind::Id },
        Field { name: ABOUT, kind: FieldKind::Id },
        Field { name: AT, kind: FieldKind::Time },
        Field { name: NOTE, kind: FieldKind::Text { max_chars: 2000 } },
    ];

    /// These fields, and a kind's own behind them.
    pub(in crate::document) const fn with<const N: usize>(own: &[Field]) -> [Field; N] {
        let mut fields = [FIELDS[0]; N];
        let mut at = 0;
        while at < N {
            fields[at] = if at < FIELDS.len() { FIELDS[at] } else { own[at - FIELDS.len()] };
            at += 1;
        }
        fields
    }
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
    /// There are too many words.
    #[error("has {words} words, at most {max} fit")]
    TooMany {
        /// How many words it has.
        words: usize,
        /// How many fit.
        max: usize,
    },
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
    /// How many characters one of several words may have.
    pub const WORD_CHARS: usize = 64;

    /// What stands between the words of a field in the document; a word holds no control characters.
    const BETWEEN_WORDS: char = '\n';

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
            (FieldKind::Flag, FieldValue::Flag(_)) => Ok(()),
            (FieldKind::Words { max }, FieldValue::Words(words)) => check_words(words, max),
            _ => Err(Misfit::WrongKind),
        }
    }

    /// The scalar that holds a value in the document; a value that passed [`check`](Self::check) is read back as it is.
    pub(crate) fn store(value: &FieldValue) -> ScalarValue {
        match value {
            FieldValue::Text(text) => ScalarValue::Str(text.as_str().into()),
            FieldValue::Id(id) => ScalarValue::Str(hex::encode(id).into()),
            FieldValue::Time(time) => ScalarValue::Timestamp(time.as_millis()),
            FieldValue::Count(count) => ScalarValue::Int(*count),
            FieldValue::Flag(flag) => ScalarValue::Boolean(*flag),
            FieldValue::Words(words) => {
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                ScalarValue::Str(words.join(&Self::BETWEEN_WORDS.to_string()).into())
            }
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
            (FieldKind::Flag, ScalarValue::Boolean(flag)) => FieldValue::Flag(*flag),
            (FieldKind::Words { .. }, ScalarValue::Str(text)) => FieldValue::Words(read_words(text)?),
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

fn check_words(words: &BTreeSet<String>, max: usize) -> Result<(), Misfit> {
    if words.is_empty() || words.contains("") {
        return Err(Misfit::Empty);
    }
    if words.len() > max {
        return Err(Misfit::TooMany { words: words.len(), max });
    }
    words.iter().try_for_each(|word| {
        if word.chars().any(char::is_control) {
            return Err(Misfit::ControlCharacter);
        }
        check_length(word, Field::WORD_CHARS)
    })
}

/// Words are stored in ascending order of their bytes and each once, so that one set of words has one form.
fn read_words(text: &str) -> Result<BTreeSet<String>, Misfit> {
    let words: Vec<&str> = text.split(Field::BETWEEN_WORDS).collect();
    if !words.is_sorted_by(|one, next| one < next) {
        return Err(Misfit::WrongKind);
    }
    Ok(words.into_iter().map(str::to_owned).collect())
}

/// Ids are stored as lowercase hex only, so that one id has one form.
fn read_id(text: &str) -> Result<[u8; 16], Misfit> {
    let bytes = crate::id::parse_hex::<16>(text).map_err(|_| Misfit::WrongKind)?;
    if hex::encode(bytes) == text { Ok(bytes) } else { Err(Misfit::WrongKind) }
}
