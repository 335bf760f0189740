//! Gate 5: every operation of a change refers to what its writer could see, and writes what the schema allows.

use super::{
    Refusal, RefusalCode,
    canonical::Decoded,
    chunk::{Action, Key, ReadOperation, StoredValue},
    operation_set::{Operation, OperationSet},
    view::{Effect, Effects},
};
use crate::document::{DocumentKind, Field, FieldKind, is_text_char};

/// What the gate has to know about the document as the writer saw it.
pub(super) trait Sight {
    /// The visible operations of a field before the change.
    fn visible(&mut self, field: &'static Field) -> &OperationSet;
    /// Whether a deleted element of the text was there in the writer's past.
    fn was_deleted(&mut self, field: &'static Field, element: Operation) -> bool;
}

fn bad_reference(detail: impl Into<String>) -> Refusal {
    Refusal::new(RefusalCode::BadReference, detail)
}

fn schema_violation(field: &Field, detail: impl std::fmt::Display) -> Refusal {
    Refusal::new(RefusalCode::SchemaViolation, format!("field {} {detail}", field.name))
}

/// Checks each operation in turn and gives what the change does to each field it touches.
pub(super) fn check(
    kind: DocumentKind,
    decoded: &Decoded<'_>,
    sight: &mut dyn Sight,
) -> Result<Effects, Refusal> {
    let mut effects = Effects::default();
    let mut operations = decoded.operations();
    let mut counter = decoded.start_op();
    while let Some(operation) = operations.next()? {
        let id = (counter, decoded.actor());
        counter += 1;
        match &operation.object {
            None => {
                let field = root_field(kind, &operation)?;
                check_scalar(field, &operation, id, effects.of(field), sight)?;
            }
            Some((object, actor)) => {
                let field = kind
                    .text_field(*object, actor)
                    .ok_or_else(|| bad_reference("an object that is not in this document"))?;
                check_text(field, &operation, id, effects.of(field), sight)?;
            }
        }
    }
    check_lengths(&effects, sight)?;
    Ok(effects)
}

fn root_field(kind: DocumentKind, operation: &ReadOperation<'_>) -> Result<&'static Field, Refusal> {
    let Key::Name(name) = operation.key else {
        return Err(bad_reference("an element of the document itself, which is not a list"));
    };
    if operation.insert {
        return Err(bad_reference("an insertion into the document itself, which is not a list"));
    }
    let unknown = || Refusal::new(RefusalCode::SchemaViolation, "a field that is not in the schema");
    let field = kind.schema().field(name).ok_or_else(unknown)?;
    if field.is_text() {
        return Err(schema_violation(field, "is free text and cannot be replaced as a whole"));
    }
    Ok(field)
}

fn check_scalar(
    field: &'static Field,
    operation: &ReadOperation<'_>,
    id: Operation,
    effect: &mut Effect,
    sight: &mut dyn Sight,
) -> Result<(), Refusal> {
    match operation.action {
        Action::Put => {
            let value = operation.value.scalar()?;
            field.read(&value).map_err(|misfit| schema_violation(field, misfit))?;
        }
        Action::Delete if operation.predecessors.is_empty() => {
            return Err(bad_reference("a deletion of nothing"));
        }
        Action::Delete => {}
        Action::Other => return Err(schema_violation(field, "takes only values and deletions")),
    }
    let misfit = || bad_reference(format!("predecessors that were not the values of {}", field.name));
    let before = sight.visible(field);
    // A value overwrites all its writer sees: less would leave a conflict nobody had. A deletion may take only the
    // losers of a conflict: Automerge writes that when the winning value is put again.
    let seen = before.len() - effect.gone.len() + effect.come.len();
    if operation.action == Action::Put && operation.predecessors.len() != seen {
        return Err(misfit());
    }
    for overwritten in &operation.predecessors {
        let was_there = effect.come.remove(overwritten)
            || (before.contains(overwritten) && effect.gone.insert(*overwritten));
        if !was_there {
            return Err(misfit());
        }
    }
    if operation.action == Action::Put {
        effect.come.insert(id);
    }
    Ok(())
}

fn check_text(
    field: &'static Field,
    operation: &ReadOperation<'_>,
    id: Operation,
    effect: &mut Effect,
    sight: &mut dyn Sight,
) -> Result<(), Refusal> {
    let after = match operation.key {
        Key::Name(_) => return Err(bad_reference("a name inside free text")),
        Key::Beginning => None,
        Key::Element(element) => Some(element),
    };
    match (operation.action, operation.insert) {
        (Action::Put, true) => {
            check_character(field, operation.value)?;
            if !operation.predecessors.is_empty() {
                return Err(bad_reference("an insertion with a predecessor"));
            }
            if let Some(after) = after {
                let known = effect.inserted.contains(&after)
                    || sight.visible(field).contains(&after)
                    || sight.was_deleted(field, after);
                if !known {
                    return Err(bad_reference("an insertion after an element that is not there"));
                }
            }
            effect.inserted.insert(id);
            effect.come.insert(id);
            Ok(())
        }
        (Action::Delete, false) => {
            let Some(element) = after else {
                return Err(bad_reference("a deletion of the beginning of the text"));
            };
            if operation.predecessors != [element] {
                return Err(bad_reference("a deletion whose predecessor is another element"));
            }
            if effect.come.remove(&element) {
                return Ok(());
            }
            if !sight.visible(field).contains(&element) || !effect.gone.insert(element) {
                return Err(bad_reference("a deletion of an element that is not there"));
            }
            Ok(())
        }
        _ => Err(schema_violation(field, "takes only insertions and deletions of characters")),
    }
}

fn check_character(field: &'static Field, value: StoredValue<'_>) -> Result<(), Refusal> {
    let Some(text) = value.text()? else {
        return Err(schema_violation(field, "takes only characters"));
    };
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) if is_text_char(character) => Ok(()),
        _ => Err(schema_violation(field, "takes printable characters one by one")),
    }
}

/// A text may be over its limit after a merge; then a writer may make it shorter but not longer.
fn check_lengths(effects: &Effects, sight: &mut dyn Sight) -> Result<(), Refusal> {
    for (field, effect) in effects.iter() {
        let FieldKind::Text { max_chars } = field.kind else { continue };
        let before = sight.visible(field).len();
        let after = before + effect.come.len() - effect.gone.len();
        if after > max_chars && after > before {
            return Err(schema_violation(field, format!("gets {after} characters, at most {max_chars} fit")));
        }
    }
    Ok(())
}
