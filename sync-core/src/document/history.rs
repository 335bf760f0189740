//! History: which change was made by whom and what it touched.

use automerge::legacy::{Key, ObjectId};

use super::{Actor, Document, replica::hash_of};
use crate::hash::Hash;

/// A change without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSummary {
    /// The change.
    pub hash: Hash,
    /// Who made it; compare with [`Author::actor`](super::Author::actor).
    pub actor: Actor,
    /// Its number among the actor's changes, from 1.
    pub seq: u64,
}

/// A change and what it touched, for "who wrote what".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRecord {
    /// The change.
    pub hash: Hash,
    /// Who made it.
    pub actor: Actor,
    /// Its number among the actor's changes, from 1.
    pub seq: u64,
    /// How many operations it has; each character typed or deleted is one.
    pub operations: usize,
    /// The fields it touched, in the order of the schema.
    pub fields: Vec<&'static str>,
}

impl Document {
    /// The changes after genesis, each after those it builds on.
    pub fn changes(&self) -> Vec<ChangeSummary> {
        let metas = self.state.get_changes_meta(&[self.kind.genesis().hash]);
        metas
            .iter()
            .filter_map(|meta| {
                let actor = Actor::read(&meta.actor)?;
                Some(ChangeSummary { hash: hash_of(&meta.hash), actor, seq: meta.seq })
            })
            .collect()
    }

    /// The changes after genesis as they were written, each with its actor and after those it builds on.
    pub fn raw_changes(&self) -> Vec<(Actor, Vec<u8>)> {
        let changes = self.state.get_changes(&[self.kind.genesis().hash]);
        let known = changes
            .iter()
            .filter_map(|change| Some((Actor::read(change.actor_id())?, change.raw_bytes().to_vec())));
        known.collect()
    }

    /// The changes after genesis with what each touched; decodes the whole history, so not for hot paths.
    pub fn history(&self) -> Vec<ChangeRecord> {
        let changes = self.state.get_changes(&[self.kind.genesis().hash]);
        changes
            .iter()
            .filter_map(|change| {
                let touched: Vec<&str> = self.fields_of(&change.decode());
                let names = self.kind.schema().fields.iter().map(|field| field.name);
                Some(ChangeRecord {
                    hash: hash_of(&change.hash()),
                    actor: Actor::read(change.actor_id())?,
                    seq: change.seq(),
                    operations: change.len(),
                    fields: names.filter(|name| touched.contains(name)).collect(),
                })
            })
            .collect()
    }

    fn fields_of(&self, change: &automerge::ExpandedChange) -> Vec<&'static str> {
        let schema = self.kind.schema();
        let mut fields: Vec<&'static str> = Vec::new();
        for operation in &change.operations {
            let field = match (&operation.obj, &operation.key) {
                (ObjectId::Root, Key::Map(name)) => schema.field(name),
                (ObjectId::Id(object), _) => Actor::read(object.actor())
                    .and_then(|actor| self.kind.text_field(object.counter(), &actor)),
                _ => None,
            };
            let Some(field) = field else { continue };
            if !fields.contains(&field.name) {
                fields.push(field.name);
            }
        }
        fields
    }
}
