//! A draft: the edits of one call, collected before they are made as one change.

use sync_core::{
    document::{Edit, FieldValue},
    time::Timestamp,
};

/// Collects what one edit does; everything in it becomes one change and one entry of the log.
///
/// Field names are those of the kind's [schema](crate::DocumentKind::schema); for visits, the constants of
/// [`field`](crate::field).
#[derive(Debug, Clone, Default)]
pub struct Draft {
    edits: Vec<Edit>,
}

impl Draft {
    /// Sets a line, a choice or a free text. Free text is brought to the new state by the smallest difference, so that
    /// what others wrote into it at the same time survives. An empty text empties the field.
    pub fn text(&mut self, field: &str, text: impl Into<String>) -> &mut Self {
        self.set(field, FieldValue::Text(text.into()))
    }

    /// Sets an instant.
    pub fn time(&mut self, field: &str, time: Timestamp) -> &mut Self {
        self.set(field, FieldValue::Time(time))
    }

    /// Sets a number.
    pub fn count(&mut self, field: &str, count: i64) -> &mut Self {
        self.set(field, FieldValue::Count(count))
    }

    /// Sets an id.
    pub fn id(&mut self, field: &str, id: [u8; 16]) -> &mut Self {
        self.set(field, FieldValue::Id(id))
    }

    /// Says yes or no.
    pub fn flag(&mut self, field: &str, flag: bool) -> &mut Self {
        self.set(field, FieldValue::Flag(flag))
    }

    /// Ticks words, in the place of those that were ticked before.
    pub fn words<W: Into<String>>(&mut self, field: &str, words: impl IntoIterator<Item = W>) -> &mut Self {
        self.set(field, FieldValue::Words(words.into_iter().map(Into::into).collect()))
    }

    /// Empties a field.
    pub fn clear(&mut self, field: &str) -> &mut Self {
        self.push(Edit::Clear { field: field.to_owned() })
    }

    /// Deletes and inserts in free text, as an editor does on each keystroke. Counted in characters (code points).
    pub fn splice(&mut self, field: &str, at_char: usize, delete_chars: usize, insert: &str) -> &mut Self {
        self.push(Edit::SpliceText {
            field: field.to_owned(),
            at_char,
            delete_chars,
            insert: insert.to_owned(),
        })
    }

    /// Adds an edit made elsewhere.
    pub fn push(&mut self, edit: Edit) -> &mut Self {
        self.edits.push(edit);
        self
    }

    fn set(&mut self, field: &str, value: FieldValue) -> &mut Self {
        self.push(Edit::Set { field: field.to_owned(), value })
    }

    pub(crate) fn into_edits(self) -> Vec<Edit> {
        self.edits
    }
}
