//! The genesis change: the one change every document of a kind starts from, made anew on each device and never sent.

use std::sync::OnceLock;

use automerge::{
    Automerge, Change, ChangeHash, ObjId, ObjType, ROOT,
    transaction::{CommitOptions, Transactable},
};

use super::{Actor, DocumentKind, Field};
use crate::hash::Hash;

/// The document right after genesis, and the hash of that change.
#[derive(Debug)]
pub(crate) struct Genesis {
    pub(crate) state: Automerge,
    pub(crate) change: Change,
    pub(crate) hash: ChangeHash,
    pub(crate) actor: Actor,
    /// The object of each text field, in the order of the schema.
    pub(crate) texts: Vec<(&'static Field, ObjId)>,
}

impl DocumentKind {
    pub(crate) fn genesis(self) -> &'static Genesis {
        static MADE: [OnceLock<Genesis>; DocumentKind::ALL.len()] =
            [const { OnceLock::new() }; DocumentKind::ALL.len()];
        // Codes count from one without gaps.
        MADE[usize::from(self.code()) - 1].get_or_init(|| make(self))
    }
}

fn make(kind: DocumentKind) -> Genesis {
    let actor = Actor::from_hash(Hash::of("fieldbook/genesis/1", &[&[kind.code()]]));
    let mut state = Automerge::new().with_actor(actor.id());
    let made = state.transact_with(
        |_| CommitOptions::default().with_time(0),
        |transaction| {
            let texts = kind.schema().texts();
            texts
                .map(|field| Ok((field, transaction.put_object(ROOT, field.name, ObjType::Text)?)))
                .collect::<Result<Vec<_>, automerge::AutomergeError>>()
        },
    );
    let texts = match made {
        Ok(success) => success.result,
        Err(failure) => unreachable!("writing text objects into an empty document: {}", failure.error),
    };
    match state.get_last_local_change() {
        Some(change) => Genesis { hash: change.hash(), state, change, actor, texts },
        None => unreachable!("a schema without free text has no genesis change"),
    }
}

impl DocumentKind {
    /// The text field whose object the genesis change made under this operation id.
    pub(crate) fn text_field(self, counter: u64, actor: &Actor) -> Option<&'static Field> {
        let genesis = self.genesis();
        if *actor != genesis.actor {
            return None;
        }
        let index = usize::try_from(counter).ok()?.checked_sub(1)?;
        genesis.texts.get(index).map(|(field, _)| *field)
    }

    /// The text object of a field; `None` if it is not free text.
    pub(crate) fn text_object(self, field: &Field) -> Option<&'static ObjId> {
        let mut texts = self.genesis().texts.iter();
        texts.find(|(text, _)| std::ptr::eq(*text, field)).map(|(_, object)| object)
    }
}
