//! Edits: what a user does to fields, turned into one change.

use automerge::{
    ROOT, ReadDoc,
    transaction::{CommitOptions, Transactable, Transaction},
};

use super::{
    Author, Document, DocumentKind, Field, FieldKind, FieldValue, Misfit, Schema, schema::is_text_char,
};

/// One thing a user does to one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Sets a field as a whole; for free text, the same as [`Edit::ReplaceText`].
    Set {
        /// The field's name.
        field: String,
        /// What it is to hold.
        value: FieldValue,
    },
    /// Empties a field.
    Clear {
        /// The field's name.
        field: String,
    },
    /// Brings free text to a new state by the smallest difference, so that others' words survive a merge.
    ReplaceText {
        /// The field's name.
        field: String,
        /// The whole new text.
        text: String,
    },
    /// Deletes and inserts at one place of free text. Places and counts are in characters (code points).
    SpliceText {
        /// The field's name.
        field: String,
        /// How many characters stand before the place.
        at_char: usize,
        /// How many characters go.
        delete_chars: usize,
        /// What comes in their stead.
        insert: String,
    },
}

/// An edit that does not fit the document; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The kind of document has no such field.
    #[error("there is no field {field:?}")]
    UnknownField {
        /// The name that was given, cut to 80 characters.
        field: String,
    },
    /// The value does not fit the field.
    #[error("field {field} {misfit}")]
    Misfit {
        /// The field.
        field: &'static str,
        /// Why it does not fit; carries the limit.
        misfit: Misfit,
    },
    /// Only free text can be edited in part.
    #[error("field {field} is not free text")]
    NotText {
        /// The field.
        field: &'static str,
    },
    /// The place is outside the text.
    #[error("field {field} has {chars} characters, the edit reaches to {end}")]
    OutsideText {
        /// The field.
        field: &'static str,
        /// How many characters it has.
        chars: usize,
        /// How many characters it would need.
        end: usize,
    },
    /// The document's own state does not take the edit: it is damaged and must be loaded again.
    #[error("the document does not take the edit: {reason}")]
    Damaged {
        /// What the library said.
        reason: String,
    },
}

impl Document {
    /// Makes one change out of the edits and gives its raw bytes; `None` if they change nothing.
    ///
    /// All or nothing: on an error the document is as it was.
    pub fn edit(&mut self, author: &Author, edits: &[Edit]) -> Result<Option<Vec<u8>>, EditError> {
        self.state.set_actor(author.actor(self.id).id());
        let mut transaction = self.state.transaction();
        for edit in edits {
            if let Err(error) = write(&mut transaction, self.kind, edit) {
                transaction.rollback();
                return Err(error);
            }
        }
        if transaction.pending_ops() == 0 {
            transaction.rollback();
            return Ok(None);
        }
        transaction.commit_with(CommitOptions::default().with_time(0));
        Ok(self.state.get_last_local_change().map(|change| change.raw_bytes().to_vec()))
    }
}

fn write(transaction: &mut Transaction<'_>, kind: DocumentKind, edit: &Edit) -> Result<(), EditError> {
    let schema = kind.schema();
    let damaged = |error: automerge::AutomergeError| EditError::Damaged { reason: error.to_string() };
    let object =
        |field: &'static Field| kind.text_object(field).ok_or(EditError::NotText { field: field.name });
    match edit {
        Edit::Set { field, value } => {
            let field = find(schema, field)?;
            // A form hands over what is in its boxes: an empty line is a line that is not set.
            if value.is_empty() && !field.is_text() && !matches!(field.check(value), Err(Misfit::WrongKind)) {
                return clear(transaction, field).map_err(damaged);
            }
            field.check(value).map_err(|misfit| EditError::Misfit { field: field.name, misfit })?;
            match value {
                FieldValue::Text(text) if field.is_text() => transaction.update_text(object(field)?, text),
                scalar => transaction.put(ROOT, field.name, Field::store(scalar)),
            }
            .map_err(damaged)
        }
        Edit::Clear { field } => {
            let field = find(schema, field)?;
            if field.is_text() {
                return transaction.update_text(object(field)?, "").map_err(damaged);
            }
            clear(transaction, field).map_err(damaged)
        }
        Edit::ReplaceText { field, text } => {
            let field = find(schema, field)?;
            let object = object(field)?;
            field
                .check(&FieldValue::Text(text.clone()))
                .map_err(|misfit| EditError::Misfit { field: field.name, misfit })?;
            transaction.update_text(object, text).map_err(damaged)
        }
        Edit::SpliceText { field, at_char, delete_chars, insert } => {
            let field = find(schema, field)?;
            let object = object(field)?;
            let chars = transaction.length(object);
            check_splice(field, chars, *at_char, *delete_chars, insert)?;
            let delete = isize::try_from(*delete_chars).unwrap_or(isize::MAX);
            transaction.splice_text(object, *at_char, delete, insert).map_err(damaged)
        }
    }
}

fn find(schema: &Schema, name: &str) -> Result<&'static Field, EditError> {
    schema.field(name).ok_or_else(|| EditError::UnknownField { field: name.chars().take(80).collect() })
}

/// Deletes a field that is set; deleting one that is not would be an operation about nothing.
fn clear(transaction: &mut Transaction<'_>, field: &Field) -> Result<(), automerge::AutomergeError> {
    match transaction.get(ROOT, field.name)? {
        Some(_) => transaction.delete(ROOT, field.name),
        None => Ok(()),
    }
}

fn check_splice(
    field: &'static Field,
    chars: usize,
    at_char: usize,
    delete_chars: usize,
    insert: &str,
) -> Result<(), EditError> {
    let end = at_char.saturating_add(delete_chars);
    if end > chars {
        return Err(EditError::OutsideText { field: field.name, chars, end });
    }
    let misfit = |misfit| EditError::Misfit { field: field.name, misfit };
    if !insert.chars().all(is_text_char) {
        return Err(misfit(Misfit::ControlCharacter));
    }
    let inserted = insert.chars().count();
    let after = chars - delete_chars + inserted;
    match field.kind {
        // Two writers may together have gone over the limit; then the text may shrink but not grow.
        FieldKind::Text { max_chars } if after > max_chars && after > chars => {
            Err(misfit(Misfit::TooLong { chars: after, max_chars }))
        }
        _ => Ok(()),
    }
}
