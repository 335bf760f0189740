//! Mutants of honest changes: whatever is admitted, the document stays whole.

use automerge::{
    ActorId, Automerge, Change, ObjId, ROOT, ReadDoc,
    legacy::{ElementId, Key, ObjectId, OpId, OpType, SortedVec},
};
use proptest::prelude::*;
use sync_core::{
    admission::{Limits, RefusalCode, inspect},
    document::{Document, Edit, field},
};

use crate::support::{Dice, Phone, admit_all, author, body, chunk, codes, forge, genesis, text, visit_id};

/// A device's replica with some history, its next honest change, and the server just before that change.
fn history(seed: u64) -> (Document, Phone, Vec<u8>) {
    let mut dice = Dice::new(seed);
    let mut phone = Phone::new(1);
    phone.write(field::CONTENT, &dice.words());
    for _ in 0..dice.below(5) {
        let edit = dice.edit(&phone.document);
        phone.edit(&[edit]);
    }
    let server = phone.document.clone();
    loop {
        let edits: Vec<Edit> = vec![dice.edit(&phone.document)];
        if let Some(change) = phone.edit(&edits) {
            return (server, phone, change);
        }
    }
}

/// Alters the content of a change while its form stays canonical, so that only the later gates can catch it.
fn twist(change: &mut automerge::ExpandedChange, dice: &mut Dice) {
    let actors =
        [change.actor_id.clone(), ActorId::from(*author(2).actor(visit_id()).as_bytes()), genesis_actor()];
    let id = OpId::new(1 + dice.below(30) as u64, &actors[dice.below(3)]);
    let count = change.operations.len();
    let at = dice.below(count);
    let copy = change.operations[dice.below(count)].clone();
    let operation = &mut change.operations[at];
    match dice.below(12) {
        0 => operation.pred = vec![id].into(),
        1 => operation.pred = SortedVec::new(),
        2 => operation.obj = ObjectId::Id(id),
        3 => operation.obj = ObjectId::Root,
        4 => operation.key = Key::Seq(ElementId::Id(id)),
        5 => operation.key = Key::head(),
        6 => operation.key = Key::Map([field::PLACE, field::CLASS, field::CONTENT][dice.below(3)].into()),
        7 => operation.insert = !operation.insert,
        8 => operation.action = OpType::Delete,
        9 => operation.action = OpType::Put(["x", "walk", "👍"][dice.below(3)].into()),
        10 => *operation = copy,
        _ => change.operations.swap(at, 0),
    }
}

fn genesis_actor() -> ActorId {
    match ReadDoc::get(&Automerge::load(&genesis().save()).unwrap(), ROOT, field::CONTENT) {
        Ok(Some((_, ObjId::Id(_, actor, _)))) => actor,
        other => panic!("the genesis has no text: {other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn mutated_changes_never_leave_a_document_that_cannot_be_saved_and_loaded(
        seed in 1u64..500,
        mutations in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..4), 1..4),
    ) {
        let (server, phone, honest) = history(seed);
        let mut bytes = body(&honest);
        for (at, value, how) in mutations {
            // Past the dependencies, whose mutation only ever makes them unknown.
            let at = 33.min(bytes.len() - 1) + at.index(bytes.len().saturating_sub(33).max(1));
            let at = at.min(bytes.len() - 1);
            match how {
                0 => bytes[at] = value,
                1 => bytes[at] ^= 1 << (value % 8),
                2 => bytes.insert(at, value),
                _ => drop(bytes.remove(at)),
            }
        }
        let mutant = chunk(1, &bytes);
        let admitted = admit_all(&server, &phone.author, &[mutant.clone(), honest.clone()]);
        if codes(&admitted)[0].is_none() {
            let again = Change::from(Change::try_from(mutant.as_slice()).unwrap().decode());
            prop_assert_eq!(again.raw_bytes(), &mutant);
        }
        prop_assert_eq!(&admitted.values, &admitted.document.values());
        // Whatever became of the mutant, the document is whole, and can be written on.
        let mut loaded = Document::load(server.id(), &admitted.saved).unwrap();
        prop_assert_eq!(loaded.heads(), admitted.document.heads());
        prop_assert_eq!(loaded.values(), admitted.document.values());
        if codes(&admitted)[0].is_some() {
            prop_assert_eq!(codes(&admitted)[1], None);
        }
        let place = Edit::Set { field: field::PLACE.into(), value: text("later") };
        let next = loaded.edit(&author(2), &[place]).unwrap();
        prop_assert!(next.is_none_or(|next| Change::try_from(next.as_slice()).is_ok()));
    }

    #[test]
    fn twisted_changes_never_leave_a_document_that_cannot_be_saved_loaded_and_merged(
        seed in 1u64..500,
        twists in 1u8..3,
        toss in 1u64..u64::MAX,
    ) {
        let (server, phone, honest) = history(seed);
        let mut dice = Dice::new(toss);
        let twisted = forge(&honest, |change| (0..twists).for_each(|_| twist(change, &mut dice)));
        let admitted = admit_all(&server, &phone.author, std::slice::from_ref(&twisted));
        let code = codes(&admitted)[0];
        // The gates before the dry run are to catch everything; it is only there for what nobody thought of.
        prop_assert_ne!(code, Some(RefusalCode::DryRunFailed));
        let mut loaded = Document::load(server.id(), &admitted.saved).unwrap();
        prop_assert_eq!(loaded.values(), admitted.document.values());
        // A bystander wrote at the same time; both orders of merging give the same document.
        let mut bystander = Phone::new(2);
        bystander.document = server.clone();
        let other = bystander.write(field::CONTENT, "旁人写的");
        loaded.apply_trusted(std::slice::from_ref(&other)).unwrap();
        if code.is_none() {
            bystander.document.apply_trusted(&[twisted]).unwrap();
        }
        prop_assert_eq!(loaded.heads(), bystander.document.heads());
        prop_assert_eq!(loaded.values(), bystander.document.values());
        let again = Document::load(server.id(), &loaded.save()).unwrap();
        prop_assert_eq!(again.values(), loaded.values());
    }

    #[test]
    fn no_bytes_at_all_make_the_inspector_fail_in_another_way(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let limits = Limits::default();
        prop_assert!(inspect(&bytes, &limits).is_err());
        let _ = inspect(&chunk(1, &bytes), &limits);
    }
}
