//! A view: what a writer saw when making a change, brought forward as its next changes are accepted.

use automerge::{Automerge, ChangeHash, ObjId, ROOT, ReadDoc};

use super::operation_set::{Operation, OperationSet};
use crate::{
    document::{Actor, Ancestry, DocumentKind, Field, Past},
    hash::Hash,
};

/// The visible operations at some heads, read from the document field by field as they are asked for.
#[derive(Debug)]
pub(super) struct View {
    kind: DocumentKind,
    /// Where the view stands; sorted.
    pub(super) heads: Vec<Hash>,
    /// Everything behind the heads.
    pub(super) past: Past,
    /// Heads to read the document at; `None` while they are its own.
    at: Option<Vec<ChangeHash>>,
    /// Whether there is nothing to read: right after genesis all fields are empty.
    empty: bool,
    fields: Vec<(&'static Field, OperationSet)>,
}

impl View {
    pub(super) fn new(
        kind: DocumentKind,
        state: &Automerge,
        ancestry: &Ancestry,
        mut heads: Vec<Hash>,
    ) -> Self {
        heads.sort_unstable();
        let past = ancestry.past(&heads);
        let as_hashes: Vec<ChangeHash> = heads.iter().map(|hash| ChangeHash(*hash.as_bytes())).collect();
        // A device that writes after a merge names its own last change too, even if that lies behind another head.
        let current = state.get_heads().iter().all(|head| as_hashes.contains(head));
        let empty = as_hashes == [kind.genesis().hash];
        Self { kind, heads, past, at: (!current).then_some(as_hashes), empty, fields: Vec::new() }
    }

    /// The visible operations of a field: the values of a scalar field, the characters of a text.
    pub(super) fn visible(&mut self, state: &Automerge, field: &'static Field) -> &OperationSet {
        let known = self.fields.iter().position(|(known, _)| std::ptr::eq(*known, field));
        let at = known.unwrap_or_else(|| {
            let visible = match self.kind.text_object(field) {
                _ if self.empty => OperationSet::default(),
                Some(object) => read_text(state, object, self.at.as_deref()),
                None => read_scalar(state, field, self.at.as_deref()),
            };
            self.fields.push((field, visible));
            self.fields.len() - 1
        });
        &self.fields[at].1
    }

    /// Moves the view to stand right after a change, given what the change made of the fields it touched.
    pub(super) fn advance(&mut self, ancestry: &Ancestry, change: Hash, effects: Effects) {
        self.heads = vec![change];
        self.past.advance(ancestry);
        for (field, effect) in effects.0 {
            // The change was checked against each field it touched, so all of them have been read.
            let known = self.fields.iter_mut().find(|(known, _)| std::ptr::eq(*known, field));
            let Some((_, visible)) = known else { continue };
            for gone in effect.gone.iter() {
                visible.remove(&gone);
            }
            visible.add_new(effect.come);
        }
    }
}

/// What one change does to one field.
#[derive(Debug, Default)]
pub(super) struct Effect {
    /// Operations of the change that are visible after it.
    pub(super) come: OperationSet,
    /// Operations that were visible before it and are not any more.
    pub(super) gone: OperationSet,
    /// Every element the change inserted, deleted again or not.
    pub(super) inserted: OperationSet,
}

/// What one change does to each field it touches.
#[derive(Debug, Default)]
pub(super) struct Effects(Vec<(&'static Field, Effect)>);

impl Effects {
    pub(super) fn of(&mut self, field: &'static Field) -> &mut Effect {
        // Runs of operations are about one field, most often the one touched last.
        let known = self.0.iter().rposition(|(known, _)| std::ptr::eq(*known, field));
        let at = known.unwrap_or_else(|| {
            self.0.push((field, Effect::default()));
            self.0.len() - 1
        });
        &mut self.0[at].1
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &(&'static Field, Effect)> {
        self.0.iter()
    }
}

fn read_scalar(state: &Automerge, field: &Field, at: Option<&[ChangeHash]>) -> OperationSet {
    let found = match at {
        Some(heads) => state.get_all_at(ROOT, field.name, heads),
        None => state.get_all(ROOT, field.name),
    };
    found.unwrap_or_default().iter().filter_map(|(_, id)| operation(id)).collect()
}

fn read_text(state: &Automerge, object: &ObjId, at: Option<&[ChangeHash]>) -> OperationSet {
    match at {
        Some(heads) => {
            state.list_range_at(object, .., heads).filter_map(|item| operation(&item.id())).collect()
        }
        None => state.list_range(object, ..).filter_map(|item| operation(&item.id())).collect(),
    }
}

fn operation(id: &ObjId) -> Option<Operation> {
    match id {
        ObjId::Id(counter, actor, _) => Some((*counter, Actor::read(actor)?)),
        ObjId::Root => None,
    }
}
