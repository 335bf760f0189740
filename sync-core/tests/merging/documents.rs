//! Documents: genesis, edits, merging, frontiers, history and the hashes that must never change.

use crate::support::{Dice, Phone, admit_all, author, codes, genesis, text, visit_id};
use proptest::prelude::*;
use sync_core::{
    admission::RefusalCode,
    document::{
        Document, DocumentError, DocumentKind, Edit, EditError, FieldDifference, FieldValue, Heads, Misfit,
        Visit, difference, field,
    },
    hash::Hash,
    id::DocumentId,
    time::Timestamp,
};

fn replace(name: &str, text: &str) -> Edit {
    Edit::ReplaceText { field: name.to_owned(), text: text.to_owned() }
}

#[test]
fn the_genesis_the_actor_and_the_value_hash_are_what_they_have_always_been() {
    let mut phone = Phone::new(1);
    assert_eq!(
        genesis().heads().as_slice()[0].to_string(),
        "a480d0a4acd1110c9fd0fda1d543ab0c6cc227b7f3a758100772c1d7c3848680"
    );
    assert_eq!(phone.author.actor(visit_id()).to_string(), "f93c8d0c930b47c1c4f53932fd852634");
    assert_eq!(
        genesis().values().hash().to_string(),
        "a02e01e7276330c4ed088b220319a2f7f011593628dd06cc9e68e09316af6b25"
    );
    phone.set(field::CLASS, text("walk"));
    phone.set(field::CUSTOMER, FieldValue::Id([3; 16]));
    phone.set(field::ENDED, FieldValue::Time(Timestamp::from_millis(1_700_000_000_000)));
    phone.set(field::SATISFACTION, FieldValue::Count(5));
    phone.write(field::CONTENT, "谈了合同 👍");
    assert_eq!(
        phone.document.values().hash().to_string(),
        "1f1b73d50fd7064e888bee0a208a32e2faca1a777e7174a052751133fbecc17e"
    );
    assert_eq!(
        phone.document.heads().as_slice()[0].to_string(),
        "a165f8d23e70bd49b548a93cdd8e180fe5427b585e3f5e92c7bf6e1b402bd96d"
    );
}

#[test]
fn two_devices_make_the_same_genesis_and_different_actors() {
    let (mut one, mut two) = (Phone::new(1), Phone::new(2));
    assert_eq!(one.document.heads(), two.document.heads());
    assert_ne!(one.author.actor(visit_id()), two.author.actor(visit_id()));
    let first = one.set(field::PLACE, text("一号楼"));
    let second = two.set(field::CLASS, text("walk"));
    one.document.apply_trusted(&[second]).unwrap();
    two.document.apply_trusted(&[first]).unwrap();
    assert_eq!(one.document.values(), two.document.values());
    assert_eq!(one.document.values().iter().count(), 2);
}

#[test]
fn a_document_of_an_unknown_kind_cannot_be_made_or_loaded() {
    let unknown = DocumentId::from_bytes([250; 16]);
    assert_eq!(Document::genesis(unknown).unwrap_err().code, 250);
    assert!(matches!(Document::load(unknown, &genesis().save()), Err(DocumentError::UnknownKind(_))));
    assert_eq!(DocumentKind::of(visit_id()), Some(DocumentKind::Visit));
}

#[test]
fn damaged_bytes_do_not_load() {
    let mut phone = Phone::new(1);
    phone.write(field::CONTENT, "内容");
    let saved = phone.document.save();
    for at in 0..saved.len() {
        let mut damaged = saved.clone();
        damaged[at] ^= 0x55;
        if let Ok(loaded) = Document::load(visit_id(), &damaged) {
            assert_eq!(loaded.heads(), phone.document.heads(), "byte {at}");
        }
        assert!(Document::load(visit_id(), &saved[..at]).is_err(), "cut at {at}");
    }
    assert!(Document::load(visit_id(), &automerge::Automerge::new().save()).is_err());
}

#[test]
fn an_edit_that_changes_nothing_makes_no_change() {
    let mut phone = Phone::new(1);
    assert_eq!(phone.edit(&[]), None);
    phone.set(field::PLACE, text("一号楼"));
    phone.write(field::CONTENT, "内容");
    let heads = phone.document.heads();
    let same = [
        Edit::Set { field: field::PLACE.into(), value: text("一号楼") },
        replace(field::CONTENT, "内容"),
        Edit::Clear { field: field::CLASS.into() },
        Edit::SpliceText { field: field::CONTENT.into(), at_char: 1, delete_chars: 0, insert: String::new() },
    ];
    assert_eq!(phone.edit(&same), None);
    assert_eq!(phone.document.heads(), heads);
}

#[test]
fn an_edit_that_does_not_fit_changes_nothing_and_names_the_field_and_its_limit() {
    let mut phone = Phone::new(1);
    let before = phone.document.heads();
    let fine = Edit::Set { field: field::PLACE.into(), value: text("一号楼") };
    let mut fails = |edit: Edit| phone.document.edit(&phone.author, &[fine.clone(), edit]).unwrap_err();
    assert_eq!(fails(replace("nonsense", "x")), EditError::UnknownField { field: "nonsense".into() });
    assert_eq!(
        fails(replace(field::NEXT_STEP, &"长".repeat(2001))),
        EditError::Misfit {
            field: field::NEXT_STEP,
            misfit: Misfit::TooLong { chars: 2001, max_chars: 2000 }
        }
    );
    assert_eq!(
        fails(Edit::Set { field: field::SATISFACTION.into(), value: FieldValue::Count(6) }),
        EditError::Misfit { field: field::SATISFACTION, misfit: Misfit::OutOfRange { value: 6, max: 5 } }
    );
    assert_eq!(
        fails(Edit::Set { field: field::CLASS.into(), value: text("picnic") }),
        EditError::Misfit { field: field::CLASS, misfit: Misfit::NotAChoice }
    );
    assert_eq!(fails(replace(field::PLACE, "x")), EditError::NotText { field: field::PLACE });
    assert_eq!(
        fails(Edit::SpliceText {
            field: field::CONTENT.into(),
            at_char: 1,
            delete_chars: 0,
            insert: "x".into()
        }),
        EditError::OutsideText { field: field::CONTENT, chars: 0, end: 1 }
    );
    assert_eq!(phone.document.heads(), before);
    assert!(phone.document.values().get(field::PLACE).is_none());
    let change = phone.set(field::PLACE, text("一号楼"));
    assert_eq!(codes(&admit_all(&genesis(), &phone.author, &[change])), [None::<RefusalCode>]);
}

#[test]
fn a_visit_reads_back_as_it_was_written() {
    let visit = Visit {
        customer: Some([3; 16]),
        rep: Some([4; 16]),
        class: Some("scheduled_return".into()),
        channel: Some("phone".into()),
        ended: Some(Timestamp::from_millis(1_700_000_000_000)),
        content: Some("谈了合同\n下周再谈".into()),
        satisfaction: Some(4),
        ..Visit::default()
    };
    let mut phone = Phone::new(1);
    phone.edit(&visit.edits());
    assert_eq!(Visit::read(&phone.document.values()), visit);
    phone.edit(&Visit::default().edits());
    assert_eq!(Visit::read(&phone.document.values()), Visit::default());
}

#[test]
fn a_difference_lists_what_was_set_cleared_and_changed() {
    let mut phone = Phone::new(1);
    phone.set(field::PLACE, text("一号楼"));
    phone.set(field::CLASS, text("walk"));
    phone.set(field::CHANNEL, text("sms"));
    let before = phone.document.values();
    phone.edit(&[
        Edit::Clear { field: field::PLACE.into() },
        Edit::Set { field: field::CLASS.into(), value: text("first") },
        replace(field::CONTENT, "内容"),
    ]);
    let after = phone.document.values();
    let differs = |field, before: Option<&str>, after: Option<&str>| FieldDifference {
        field,
        before: before.map(text),
        after: after.map(text),
    };
    assert_eq!(
        difference(&before, &after),
        [
            differs(field::CLASS, Some("walk"), Some("first")),
            differs(field::CONTENT, None, Some("内容")),
            differs(field::PLACE, Some("一号楼"), None),
        ]
    );
    assert_eq!(difference(&after, &after), []);
}

#[test]
fn the_history_says_who_touched_what() {
    let (mut one, mut two) = (Phone::new(1), Phone::new(2));
    let first = one.write(field::CONTENT, "内容");
    two.document.apply_trusted(&[first]).unwrap();
    two.edit(&[
        replace(field::RESULT, "结果"),
        Edit::Set { field: field::PLACE.into(), value: text("一号楼") },
    ]);
    let history = two.document.history();
    assert_eq!(history.len(), 2);
    assert_eq!(history[0].actor, author(1).actor(visit_id()));
    assert_eq!((history[0].operations, &history[0].fields[..]), (2, &[field::CONTENT][..]));
    assert_eq!(history[1].actor, author(2).actor(visit_id()));
    assert_eq!((history[1].operations, &history[1].fields[..]), (3, &[field::PLACE, field::RESULT][..]));
    let summaries: Vec<(Hash, u64)> = two.document.changes().iter().map(|c| (c.hash, c.seq)).collect();
    assert_eq!(summaries, [(history[0].hash, 1), (history[1].hash, 1)]);
}

#[test]
fn a_change_without_what_it_builds_on_is_not_applied() {
    let mut phone = Phone::new(1);
    let first = phone.set(field::PLACE, text("一号楼"));
    let second = phone.set(field::PLACE, text("二号楼"));
    let mut replica = genesis();
    assert!(replica.apply_trusted(std::slice::from_ref(&second)).is_err());
    assert_eq!(replica.heads(), genesis().heads());
    replica.apply_trusted(&[second, first]).unwrap();
    assert_eq!(replica.heads(), phone.document.heads());
}

#[test]
fn unknown_heads_are_an_error_and_are_not_contained() {
    let document = genesis();
    let unknown = Heads::new([Hash::ZERO]);
    assert!(!document.knows(&unknown));
    assert_eq!(document.values_at(&unknown).unwrap_err().missing, Some(Hash::ZERO));
    assert!(document.joint_frontier(std::slice::from_ref(&unknown)).is_err());
    assert!(!document.contains(&document.heads(), &unknown));
    assert_eq!(document.joint_frontier(&[]).unwrap(), Heads::default());
}

/// A document that two phones wrote at random, and the heads it had on the way.
fn branches(seed: u64) -> (Document, Vec<Heads>) {
    let mut dice = Dice::new(seed);
    let mut phones = [Phone::new(1), Phone::new(2)];
    let mut all = genesis();
    let mut heads = vec![all.heads()];
    for _ in 0..8 {
        let at = dice.below(2);
        if dice.below(4) == 0 {
            phones[at].document = all.clone();
        }
        let edit = dice.edit(&phones[at].document);
        if let Some(change) = phones[at].edit(&[edit]) {
            all.apply_trusted(&[change]).unwrap();
        }
        heads.push(phones[at].document.heads());
    }
    (all, heads)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_joint_frontier_is_the_least_that_contains_all_in_any_order(seed in 1u64..10_000, turn in 0usize..9) {
        let (document, mut heads) = branches(seed);
        let joint = document.joint_frontier(&heads).unwrap();
        prop_assert_eq!(&joint, &document.heads());
        heads.rotate_left(turn);
        prop_assert_eq!(&document.joint_frontier(&heads).unwrap(), &joint);
        let (left, right) = heads.split_at(turn.min(heads.len()));
        let halves = [document.joint_frontier(left).unwrap(), document.joint_frontier(right).unwrap()];
        let known: Vec<Heads> = halves.into_iter().filter(|half| !half.is_empty()).collect();
        prop_assert_eq!(&document.joint_frontier(&known).unwrap(), &joint);
        let frontier = document.frontier();
        prop_assert_eq!(&frontier.joint(&heads), &joint);
        for one in &heads {
            prop_assert!(document.contains(&joint, one));
            let past = frontier.past(one);
            for other in &heads {
                let adds_nothing = document.joint_frontier(&[one.clone(), other.clone()]).unwrap() == *one;
                prop_assert_eq!(past(other), adds_nothing);
            }
            prop_assert_eq!(&document.joint_frontier(std::slice::from_ref(one)).unwrap(), one);
            prop_assert_eq!(document.contains(one, &joint), *one == joint);
        }
    }

    #[test]
    fn chinese_and_emoji_written_at_both_ends_offline_survive_the_merge(
        base in "[客户满意拜访🏠👍。\n]{0,40}",
        before in "[合同签订📄é]{1,20}",
        after in "[下周再谈🚗✅]{1,20}",
    ) {
        let (mut one, mut two) = (Phone::new(1), Phone::new(2));
        if let Some(first) = one.edit(&[replace(field::CONTENT, &base)]) {
            two.document.apply_trusted(&[first]).unwrap();
        }
        let first = one.write(field::CONTENT, &format!("{before}{base}"));
        let second = two.write(field::CONTENT, &format!("{base}{after}"));
        let server = admit_all(&one.document, &two.author, std::slice::from_ref(&second));
        prop_assert_eq!(codes(&server), [None]);
        one.document.apply_trusted(&[second]).unwrap();
        two.document.apply_trusted(&[first]).unwrap();
        prop_assert_eq!(one.document.values(), two.document.values());
        prop_assert_eq!(one.document.values(), server.document.values());
        let values = one.document.values();
        let Some(FieldValue::Text(merged)) = values.get(field::CONTENT) else { panic!("the text is gone") };
        let both = [format!("{before}{base}{after}"), format!("{after}{base}{before}")];
        // With nothing between them the two ends are the same place, and either may come first.
        prop_assert!(*merged == both[0] || (base.is_empty() && *merged == both[1]), "{merged}");
    }
}
