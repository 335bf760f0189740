//! What a hostile device sends is refused with the right code, and takes nothing honest along.

use automerge::{
    ActorId, ChangeHash, ObjType, ScalarValue,
    legacy::{ElementId, Key, ObjectId, OpId, OpType, SortedVec},
};
use sync_core::{
    admission::{Limits, RefusalCode, inspect},
    document::{Document, FieldValue, field},
    time::Timestamp,
};

use crate::support::{
    Dice, Phone, admit_all, author, body, chunk, codes, forge, genesis, refused, text, unsigned, visit_id,
};

fn place() -> (Phone, Vec<u8>) {
    let mut phone = Phone::new(1);
    let change = phone.set(field::PLACE, text("一号楼"));
    (phone, change)
}

/// Alters one honest change of the first phone and says how it is refused.
fn forged(honest: &[u8], alter: impl FnOnce(&mut automerge::ExpandedChange)) -> Option<RefusalCode> {
    refused(&genesis(), &author(1), forge(honest, alter))
}

/// An honest change to the text field, on the genesis.
fn content() -> Vec<u8> {
    Phone::new(1).write(field::CONTENT, "ab")
}

#[test]
fn a_deflated_chunk_is_refused() {
    let (phone, _) = place();
    // A megabyte that would inflate to gigabytes: the type alone is enough to refuse it.
    let bomb = chunk(2, &vec![0; 1 << 20]);
    assert_eq!(refused(&genesis(), &phone.author, bomb), Some(RefusalCode::OverLimit));
    assert_eq!(refused(&genesis(), &phone.author, chunk(2, &[0; 100])), Some(RefusalCode::MalformedChange));
}

#[test]
fn documents_and_bundles_are_refused() {
    let (phone, change) = place();
    assert_eq!(refused(&genesis(), &phone.author, phone.document.save()), Some(RefusalCode::MalformedChange));
    assert_eq!(
        refused(&genesis(), &phone.author, chunk(3, &body(&change))),
        Some(RefusalCode::MalformedChange)
    );
}

/// A change whose columns are given by hand.
fn columns(columns: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = vec![0];
    bytes.push(16);
    bytes.extend(author(1).actor(visit_id()).as_bytes());
    bytes.extend([1, 5, 0, 0, 0]);
    bytes.push(columns.len() as u8);
    for (specification, column) in columns {
        bytes.extend(unsigned(u64::from(*specification)));
        bytes.extend(unsigned(column.len() as u64));
    }
    bytes.extend(columns.iter().flat_map(|(_, column)| column.clone()));
    chunk(1, &bytes)
}

/// A run of so many rows that all hold `cell`.
fn run(rows: u64, cell: u8) -> Vec<u8> {
    let mut bytes = signed(rows);
    bytes.push(cell);
    bytes
}

fn signed(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x40 {
        bytes.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

#[test]
fn a_hundred_bytes_that_expand_to_ten_million_operations_are_refused_before_they_are_read() {
    for rows in [20_001, 10_000_000, 1 << 33, u64::MAX >> 1] {
        let bomb = columns(&[
            (0x15, [signed(rows), vec![1, b'a']].concat()),
            (0x34, unsigned(rows)),
            (0x42, run(rows, 1)),
            (0x56, run(rows, 0)),
            (0x70, run(rows, 0)),
        ]);
        assert!(bomb.len() < 150);
        assert_eq!(inspect(&bomb, &Limits::default()).unwrap_err().code, RefusalCode::OverLimit, "{rows}");
        assert_eq!(refused(&genesis(), &author(1), bomb), Some(RefusalCode::OverLimit));
    }
}

#[test]
fn counts_that_multiply_are_refused() {
    let predecessors =
        columns(&[(0x42, run(10_000, 1)), (0x70, [signed(10_000), unsigned(u64::MAX)].concat())]);
    assert_eq!(refused(&genesis(), &author(1), predecessors), Some(RefusalCode::OverLimit));
    let nulls = columns(&[(0x42, [vec![0], unsigned(u64::MAX)].concat())]);
    assert_eq!(refused(&genesis(), &author(1), nulls), Some(RefusalCode::OverLimit));
    let values = columns(&[(0x42, run(1, 1)), (0x56, [signed(10_000), unsigned(u64::MAX)].concat())]);
    assert_eq!(refused(&genesis(), &author(1), values), Some(RefusalCode::MalformedChange));
}

#[test]
fn a_header_that_claims_endless_lists_is_refused() {
    let many_deps = chunk(1, &unsigned(u64::MAX));
    assert_eq!(refused(&genesis(), &author(1), many_deps), Some(RefusalCode::OverLimit));
    let mut many_actors = vec![0, 16];
    many_actors.extend(author(1).actor(visit_id()).as_bytes());
    many_actors.extend([1, 5, 0, 0]);
    many_actors.extend(unsigned(1 << 40));
    assert_eq!(refused(&genesis(), &author(1), chunk(1, &many_actors)), Some(RefusalCode::OverLimit));
}

#[test]
fn what_automerge_would_overlook_is_malformed() {
    let (_, honest) = place();
    let malformed = Some(RefusalCode::MalformedChange);
    let mut checksum = honest.clone();
    checksum[4] ^= 1;
    assert_eq!(refused(&genesis(), &author(1), checksum), malformed);
    assert_eq!(refused(&genesis(), &author(1), [honest.clone(), vec![0]].concat()), malformed);
    assert_eq!(refused(&genesis(), &author(1), [honest.clone(), honest.clone()].concat()), malformed);
    assert_eq!(refused(&genesis(), &author(1), Vec::new()), malformed);
    assert_eq!(forged(&honest, |change| change.time = 1), malformed);
    assert_eq!(forged(&honest, |change| change.message = Some("hi".into())), malformed);
    assert_eq!(forged(&honest, |change| change.extra_bytes = vec![1, 2, 3]), malformed);
    assert_eq!(forged(&honest, |change| change.actor_id = ActorId::from(vec![1; 17])), malformed);
    assert_eq!(forged(&honest, |change| change.operations.clear()), malformed);
}

#[test]
fn a_forged_actor_is_refused_and_its_victim_is_not() {
    let (victim, genuine) = place();
    let attacker = author(2);
    let forged = forge(&genuine, |change| {
        change.operations[0].action = OpType::Put(ScalarValue::Str("elsewhere".into()));
    });
    let after = admit_all(&genesis(), &attacker, &[forged, genuine.clone()]);
    assert_eq!(codes(&after), [Some(RefusalCode::ForeignActor), Some(RefusalCode::ForeignActor)]);
    assert_eq!(refused(&after.document, &victim.author, genuine), None);
}

#[test]
fn a_repeated_or_skipped_sequence_number_is_refused() {
    let (mut phone, first) = place();
    let second = phone.set(field::PLACE, text("二号楼"));
    let server = admit_all(&genesis(), &phone.author, std::slice::from_ref(&first)).document;
    let broken = Some(RefusalCode::SequenceBroken);
    assert_eq!(forged(&first, |change| change.seq = 2), broken);
    assert_eq!(refused(&server, &phone.author, forge(&second, |change| change.seq = 1)), broken);
    assert_eq!(refused(&server, &phone.author, forge(&second, |change| change.seq = 3)), broken);
    // The right number, but not on top of the device's own change before.
    let beside = forge(&first, |change| change.seq = 2);
    assert_eq!(refused(&server, &phone.author, beside), broken);
}

#[test]
fn a_change_that_builds_on_unknown_changes_is_to_be_sent_again() {
    let (mut phone, first) = place();
    let second = phone.set(field::PLACE, text("二号楼"));
    let missing = Some(RefusalCode::MissingDependency);
    assert_eq!(refused(&genesis(), &phone.author, second), missing);
    assert_eq!(forged(&first, |change| change.deps = vec![ChangeHash([9; 32])]), missing);
    assert_eq!(forged(&first, |change| change.deps.clear()), missing);
}

#[test]
fn a_wrong_operation_counter_is_refused() {
    let (_, honest) = place();
    for start_op in [1, 4, 6, 1 << 20] {
        let code = forged(&honest, |change| change.start_op = start_op.try_into().unwrap());
        assert_eq!(code, Some(RefusalCode::StartOpWrong), "{start_op}");
    }
    let code = forged(&honest, |change| change.start_op = (u64::from(u32::MAX) - 1).try_into().unwrap());
    assert_eq!(code, Some(RefusalCode::OverLimit));
}

fn foreign_op(counter: u64) -> OpId {
    OpId::new(counter, &ActorId::from([9u8; 16]))
}

#[test]
fn an_operation_on_an_object_that_is_not_there_is_refused() {
    for object in [foreign_op(1), OpId::new(3, &ActorId::from(*author(1).actor(visit_id()).as_bytes()))] {
        let code = forged(&content(), |change| change.operations[0].obj = ObjectId::Id(object));
        assert_eq!(code, Some(RefusalCode::BadReference));
    }
    let code = forged(&content(), |change| {
        if let ObjectId::Id(OpId(counter, _)) = &mut change.operations[0].obj {
            *counter = 50;
        }
    });
    assert_eq!(code, Some(RefusalCode::BadReference));
}

#[test]
fn a_predecessor_that_is_not_there_is_refused() {
    let (mut phone, first) = place();
    let second = phone.set(field::PLACE, text("二号楼"));
    let server = admit_all(&genesis(), &phone.author, std::slice::from_ref(&first)).document;
    let bad = Some(RefusalCode::BadReference);
    assert_eq!(forged(&first, |change| change.operations[0].pred = vec![foreign_op(1)].into()), bad);
    assert_eq!(
        refused(
            &server,
            &phone.author,
            forge(&second, |change| change.operations[0].pred = SortedVec::new())
        ),
        bad
    );
    let deleting_nothing = forge(&second, |change| {
        change.operations[0].action = OpType::Delete;
        change.operations[0].pred = SortedVec::new();
    });
    assert_eq!(refused(&server, &phone.author, deleting_nothing), bad);
    // A predecessor that exists, but on another field.
    let other_field = forge(&second, |change| change.operations[0].key = Key::Map(field::PURPOSE.into()));
    assert_eq!(refused(&server, &phone.author, other_field), bad);
}

#[test]
fn an_element_that_is_not_there_is_refused() {
    let bad = Some(RefusalCode::BadReference);
    let mut phone = Phone::new(1);
    let own = phone.author.actor(visit_id());
    for element in [foreign_op(5), OpId::new(1, &ActorId::from(*own.as_bytes()))] {
        let key = Key::Seq(ElementId::Id(element));
        assert_eq!(forged(&content(), |change| change.operations[0].key = key), bad);
    }
    let first = phone.write(field::CONTENT, "ab");
    let delete = phone.write(field::CONTENT, "a");
    let server = admit_all(&genesis(), &phone.author, &[first]).document;
    let twice = forge(&delete, |change| {
        let again = change.operations[0].clone();
        change.operations.push(again);
    });
    assert_eq!(refused(&server, &phone.author, twice), bad);
    let head = forge(&delete, |change| change.operations[0].key = Key::Seq(ElementId::Head));
    assert_eq!(refused(&server, &phone.author, head), bad);
    let other_text = forge(&delete, |change| {
        if let ObjectId::Id(OpId(counter, _)) = &mut change.operations[0].obj {
            *counter += 1;
        }
    });
    assert_eq!(refused(&server, &phone.author, other_text), bad);
}

#[test]
fn a_name_inside_a_text_and_an_element_of_the_root_are_refused() {
    let bad = Some(RefusalCode::BadReference);
    assert_eq!(forged(&content(), |change| change.operations[0].key = Key::Map("x".into())), bad);
    let (_, honest) = place();
    assert_eq!(forged(&honest, |change| change.operations[0].key = Key::head()), bad);
}

#[test]
fn an_insertion_with_a_predecessor_is_refused() {
    let code = forged(&content(), |change| change.operations[0].pred = vec![foreign_op(1)].into());
    assert_eq!(code, Some(RefusalCode::BadReference));
}

#[test]
fn values_that_do_not_fit_the_schema_are_refused() {
    let (_, honest) = place();
    let put = |name: &str, value: ScalarValue| {
        forged(&honest, |change| {
            change.operations[0].key = Key::Map(name.into());
            change.operations[0].action = OpType::Put(value);
        })
    };
    let cases: Vec<(&str, ScalarValue)> = vec![
        ("nonsense", "x".into()),
        (field::PLACE, "长".repeat(201).as_str().into()),
        (field::PLACE, "".into()),
        (field::PLACE, "two\nlines".into()),
        (field::PLACE, ScalarValue::Int(1)),
        (field::PLACE, ScalarValue::Null),
        (field::PLACE, ScalarValue::Bytes(vec![1])),
        (field::PLACE, ScalarValue::counter(1)),
        (field::PLACE, ScalarValue::F64(f64::NAN)),
        (field::CLASS, "picnic".into()),
        (field::CUSTOMER, "xyz".into()),
        (field::CUSTOMER, "AB".repeat(16).as_str().into()),
        (field::ENDED, ScalarValue::Timestamp(-1)),
        (field::ENDED, ScalarValue::Timestamp(i64::MAX)),
        (field::ENDED, ScalarValue::Int(5)),
        (field::SATISFACTION, ScalarValue::Int(6)),
        (field::SATISFACTION, ScalarValue::Uint(5)),
        (field::CONTENT, "overwritten".into()),
    ];
    for (name, value) in cases {
        assert_eq!(put(name, value.clone()), Some(RefusalCode::SchemaViolation), "{name}: {value:?}");
    }
    assert_eq!(put(field::ENDED, ScalarValue::Timestamp(Timestamp::MAX.as_millis())), None);
}

#[test]
fn objects_counters_marks_and_whole_words_are_refused() {
    let (_, honest) = place();
    let violation = Some(RefusalCode::SchemaViolation);
    for object in [ObjType::Map, ObjType::List, ObjType::Text] {
        assert_eq!(forged(&honest, |change| change.operations[0].action = OpType::Make(object)), violation);
        assert_eq!(
            forged(&content(), |change| change.operations[0].action = OpType::Make(object)),
            violation
        );
    }
    assert_eq!(forged(&honest, |change| change.operations[0].action = OpType::Increment(1)), violation);
    // The columns of marks are not even read.
    let mark = forged(&content(), |change| change.operations[0].action = OpType::MarkEnd(true));
    assert_eq!(mark, Some(RefusalCode::MalformedChange));
    for value in ["ab", "", "\u{0}"] {
        let put = OpType::Put(value.into());
        assert_eq!(forged(&content(), |change| change.operations[0].action = put), violation);
    }
}

#[test]
fn a_text_over_its_limit_is_refused() {
    let mut phone = Phone::new(1);
    let full = phone.write(field::CONTENT, &"满".repeat(5000));
    let longer = forge(&full, |change| {
        let mut last = change.operations[4999].clone();
        let actor = change.actor_id.clone();
        last.key = Key::Seq(ElementId::Id(OpId::new(change.start_op.get() + 4999, &actor)));
        change.operations.push(last);
    });
    assert_eq!(refused(&genesis(), &phone.author, longer), Some(RefusalCode::SchemaViolation));
    assert_eq!(refused(&genesis(), &phone.author, full), None);
}

#[test]
fn a_document_over_its_number_of_changes_takes_no_more() {
    let (phone, change) = place();
    let limits = Limits { document_changes: 1, ..Limits::default() };
    let admitted = sync_core::admission::admit(&genesis(), &phone.author, &[&change], &limits);
    assert_eq!(codes(&admitted), [Some(RefusalCode::OverLimit)]);
}

#[test]
fn only_the_change_that_makes_the_document_too_large_is_refused() {
    let mut phone = Phone::new(1);
    let changes = [
        phone.set(field::PLACE, text("一号楼")),
        phone.write(field::CONTENT, &Dice::new(5).words().repeat(300)),
    ];
    let changes: Vec<&[u8]> = changes.iter().map(Vec::as_slice).collect();
    let limits = Limits { saved_bytes: 400, ..Limits::default() };
    let admitted = sync_core::admission::admit(&genesis(), &phone.author, &changes, &limits);
    assert_eq!(codes(&admitted), [None, Some(RefusalCode::OverLimit)]);
    assert_eq!(Document::load(visit_id(), &admitted.saved).unwrap().heads(), admitted.document.heads());
}

#[test]
fn a_bad_change_among_good_ones_is_the_only_one_refused() {
    let mut phone = Phone::new(1);
    let first = phone.set(field::PLACE, text("一号楼"));
    let second = phone.write(field::CONTENT, "谈得不错 👍");
    let bad = forge(&second, |change| {
        change.operations[1].action = OpType::Put("two characters".into());
    });
    let third = phone.set(field::SATISFACTION, FieldValue::Count(4));
    let admitted = admit_all(&genesis(), &phone.author, &[first, bad, second, third]);
    assert_eq!(codes(&admitted), [None, Some(RefusalCode::SchemaViolation), None, None]);
    assert_eq!(admitted.document.values(), phone.document.values());
    assert_eq!(Document::load(visit_id(), &admitted.saved).unwrap().heads(), phone.document.heads());
}

/// The change with one run of one cell encoded as a repeat, which reads the same and is not the canonical form.
fn in_another_form(honest: &[u8]) -> Vec<u8> {
    let body = body(honest);
    let forms = (0..body.len()).filter(|&at| body[at] == 0x7f).map(|at| {
        let mut body = body.clone();
        body[at] = 1;
        chunk(1, &body)
    });
    let is_read = |change: &Vec<u8>| inspect(change, &Limits::default()).is_ok();
    let reads_alike = |change: &Vec<u8>| {
        automerge::Change::try_from(change.as_slice())
            .is_ok_and(|change| automerge::Change::from(change.decode()).raw_bytes() == honest)
    };
    forms.filter(is_read).find(reads_alike).unwrap()
}

#[test]
fn one_change_in_another_form_among_two_hundred_takes_none_along() {
    let mut phone = Phone::new(1);
    let mut changes: Vec<Vec<u8>> =
        (0..200).map(|number| phone.set(field::PLACE, text(&format!("{number}号楼")))).collect();
    // It stands where the honest change after it stands, so nothing builds on it.
    let bad = in_another_form(&changes[100]);
    changes.insert(100, bad);
    let admitted = admit_all(&genesis(), &phone.author, &changes);
    let refused: Vec<_> =
        codes(&admitted).into_iter().enumerate().filter(|(_, code)| code.is_some()).collect();
    assert_eq!(refused, [(100, Some(RefusalCode::MalformedChange))]);
    assert_eq!(admitted.results[100].as_ref().unwrap_err().detail, "not in canonical form");
    assert_eq!(admitted.document.heads(), phone.document.heads());
}

#[test]
fn a_change_that_is_too_large_takes_along_only_what_builds_on_it() {
    let mut phone = Phone::new(1);
    let set = |phone: &mut Phone, number: i32| phone.set(field::PLACE, text(&format!("{number}号楼")));
    let mut changes: Vec<Vec<u8>> = (0..100).map(|number| set(&mut phone, number)).collect();
    let before = phone.document.clone();
    changes.push(phone.write(field::CONTENT, &Dice::new(5).words().repeat(300)));
    changes.extend((100..199).map(|number| set(&mut phone, number)));
    let limits = Limits { saved_bytes: before.save().len(), ..Limits::default() };
    let pages: Vec<&[u8]> = changes.iter().map(Vec::as_slice).collect();
    let admitted = sync_core::admission::admit(&genesis(), &phone.author, &pages, &limits);
    let codes = codes(&admitted);
    assert!(codes[..100].iter().all(Option::is_none));
    assert_eq!(codes[100], Some(RefusalCode::OverLimit));
    assert!(codes[101..].iter().all(|code| *code == Some(RefusalCode::MissingDependency)));
    assert_eq!(admitted.document.heads(), before.heads());
}
