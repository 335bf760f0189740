//! What honest devices write is admitted, whatever they do and however they merge.

use crate::support::{Dice, Phone, admit_all, codes, genesis, refused, text};
use sync_core::document::{Document, Edit, Heads, field};

/// Three phones edit at random and pull from the server at random; returns how many changes the server admitted.
fn session(seed: u64, rounds: usize) -> usize {
    let mut dice = Dice::new(seed);
    let mut server = genesis();
    let mut journal: Vec<Vec<u8>> = Vec::new();
    let mut phones = [Phone::new(1), Phone::new(2), Phone::new(3)];
    let mut waiting: [Vec<Vec<u8>>; 3] = Default::default();
    for _ in 0..rounds {
        let at = dice.below(3);
        for _ in 0..=dice.below(4) {
            let edit = dice.edit(&phones[at].document);
            waiting[at].extend(phones[at].edit(&[edit]));
        }
        if dice.below(3) == 0 {
            phones[at].document.apply_trusted(&journal).unwrap();
        }
        if dice.below(2) == 0 {
            let changes = std::mem::take(&mut waiting[at]);
            let admitted = admit_all(&server, &phones[at].author, &changes);
            assert!(
                admitted.results.iter().all(Result::is_ok),
                "seed {seed}: an honest change was refused: {:?}",
                admitted.results
            );
            let loaded = Document::load(server.id(), &admitted.saved).unwrap();
            assert_eq!(loaded.values(), admitted.document.values());
            server = admitted.document;
            journal.extend(changes);
        }
    }
    let mut replica = genesis();
    replica.apply_trusted(&journal).unwrap();
    assert_eq!(replica.heads(), server.heads(), "seed {seed}");
    assert_eq!(replica.values(), server.values(), "seed {seed}");
    journal.len()
}

#[test]
fn no_honest_change_of_three_merging_phones_is_refused() {
    let admitted: usize = (1..=80).map(|seed| session(seed, 25)).sum();
    assert!(admitted > 2000, "the sessions are too quiet to show anything: {admitted} changes");
}

#[test]
fn a_change_sent_again_is_accepted_without_effect() {
    let mut phone = Phone::new(1);
    let change = phone.write(field::CONTENT, "谈了合同");
    let once = admit_all(&genesis(), &phone.author, std::slice::from_ref(&change));
    let twice = admit_all(&once.document, &phone.author, &[change.clone(), change]);
    assert_eq!(codes(&twice), [None, None]);
    assert_eq!(twice.document.heads(), once.document.heads());
    assert_eq!(twice.saved, once.saved);
}

#[test]
fn an_insertion_after_a_deleted_character_is_admitted() {
    let (mut one, mut two) = (Phone::new(1), Phone::new(2));
    let base = one.write(field::CONTENT, "abcdef");
    two.document.apply_trusted(std::slice::from_ref(&base)).unwrap();
    let gone = one.write(field::CONTENT, "");
    let added = two.write(field::CONTENT, "abcdef end");
    let server = admit_all(&genesis(), &one.author, &[base, gone]).document;
    assert_eq!(refused(&server, &two.author, added), None);
}

#[test]
fn a_text_grown_over_its_limit_by_a_merge_may_be_shortened_but_not_lengthened() {
    let (mut one, mut two) = (Phone::new(1), Phone::new(2));
    let first = one.write(field::NEXT_STEP, &"甲".repeat(1900));
    let second = two.write(field::NEXT_STEP, &"乙".repeat(1900));
    let server = admit_all(&genesis(), &one.author, &[first]).document;
    let server = admit_all(&server, &two.author, std::slice::from_ref(&second)).document;
    one.document.apply_trusted(&[second]).unwrap();
    let longer = [Edit::SpliceText {
        field: field::NEXT_STEP.into(),
        at_char: 0,
        delete_chars: 0,
        insert: "x".into(),
    }];
    assert!(one.document.edit(&one.author, &longer).is_err());
    let shorter = one
        .edit(&[Edit::SpliceText {
            field: field::NEXT_STEP.into(),
            at_char: 0,
            delete_chars: 10,
            insert: "x".into(),
        }])
        .unwrap();
    assert_eq!(refused(&server, &one.author, shorter), None);
}

#[test]
fn sealed_heads_read_the_same_after_later_and_concurrent_changes() {
    let (mut one, mut two) = (Phone::new(1), Phone::new(2));
    let first = one.write(field::CONTENT, "封存的内容");
    let sealed = one.document.heads();
    let before = one.document.values_at(&sealed).unwrap();
    let other = two.write(field::CONTENT, "同时写的");
    let mut server = admit_all(&genesis(), &one.author, &[first]).document;
    server = admit_all(&server, &two.author, &[other]).document;
    let later = one.set(field::PLACE, text("后来"));
    let admitted = admit_all(&server, &one.author, &[later]);
    assert_ne!(admitted.document.values(), before);
    assert_eq!(admitted.document.values_at(&sealed).unwrap().hash(), before.hash());
    let loaded = Document::load(server.id(), &admitted.saved).unwrap();
    assert_eq!(loaded.values_at(&sealed).unwrap(), before);
    assert!(loaded.values_at(&Heads::default()).is_err());
}
