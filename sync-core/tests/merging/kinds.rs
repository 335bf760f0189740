//! Documents of every kind: what fits into their fields is admitted, and what does not is refused.

use std::collections::BTreeSet;

use automerge::{
    Automerge, ROOT, ScalarValue,
    transaction::{CommitOptions, Transactable},
};
use sync_core::{
    admission::{Limits, RefusalCode, admit},
    document::{Document, DocumentKind, Edit, EditError, Field, FieldKind, FieldValue, Misfit, new_id},
    time::Timestamp,
};

use crate::support::author;

/// The most that fits into a field.
fn most(field: &Field) -> FieldValue {
    match field.kind {
        FieldKind::Text { max_chars } | FieldKind::Line { max_chars } => {
            FieldValue::Text("谈".repeat(max_chars))
        }
        FieldKind::Id => FieldValue::Id([0xff; 16]),
        FieldKind::Time => FieldValue::Time(Timestamp::MAX),
        FieldKind::Choice(words) => FieldValue::Text(words[words.len() - 1].to_owned()),
        FieldKind::Count { max } => FieldValue::Count(max),
        FieldKind::Flag => FieldValue::Flag(true),
        FieldKind::Words { max } => FieldValue::Words((0..max).map(word).collect()),
    }
}

fn word(number: usize) -> String {
    format!("{number:0>width$}", width = Field::WORD_CHARS)
}

fn set(field: &str, value: FieldValue) -> Edit {
    Edit::Set { field: field.to_owned(), value }
}

fn file() -> Document {
    Document::genesis(new_id(DocumentKind::File, [7; 15])).unwrap()
}

#[test]
fn a_document_of_every_kind_that_is_full_is_admitted_and_read_back_as_it_was_written() {
    for kind in DocumentKind::ALL {
        let server = Document::genesis(new_id(*kind, [7; 15])).unwrap();
        let mut phone = server.clone();
        let fields = kind.schema().fields;
        let edits: Vec<Edit> = fields.iter().map(|field| set(field.name, most(field))).collect();
        let change = phone.edit(&author(1), &edits).unwrap().unwrap();
        let admitted = admit(&server, &author(1), &[&change], &Limits::default());
        assert_eq!(admitted.results[0].as_ref().err(), None, "{}", kind.name());
        for field in fields {
            assert_eq!(admitted.values.get(field.name), Some(&most(field)), "{} {}", kind.name(), field.name);
        }
        let edits: Vec<Edit> =
            fields.iter().map(|field| Edit::Clear { field: field.name.to_owned() }).collect();
        let cleared = phone.edit(&author(1), &edits).unwrap().unwrap();
        let admitted = admit(&admitted.document, &author(1), &[&cleared], &Limits::default());
        assert_eq!(admitted.values.iter().count(), 0, "{}", kind.name());
    }
}

#[test]
fn words_in_any_order_are_stored_in_one_form_and_no_words_clear_the_field() {
    let mut phone = file();
    let words = |words: &[&str]| FieldValue::Words(words.iter().map(|word| (*word).to_owned()).collect());
    phone.edit(&author(1), &[set("fields", words(&["b", "品牌", "a"]))]).unwrap().unwrap();
    assert_eq!(phone.edit(&author(1), &[set("fields", words(&["品牌", "a", "b"]))]), Ok(None));
    phone.edit(&author(1), &[set("fields", words(&[]))]).unwrap().unwrap();
    assert_eq!(phone.values().get("fields"), None);
}

#[test]
fn a_value_of_another_kind_and_words_beyond_their_limits_are_refused_before_they_are_written() {
    let mut phone = file();
    let words = |words: Vec<String>| FieldValue::Words(words.into_iter().collect::<BTreeSet<String>>());
    let long = "长".repeat(Field::WORD_CHARS + 1);
    for (field, value, misfit) in [
        ("important", FieldValue::Count(1), Misfit::WrongKind),
        ("important", words(vec![]), Misfit::WrongKind),
        ("fields", FieldValue::Text(String::new()), Misfit::WrongKind),
        ("fields", words((0..65).map(word).collect()), Misfit::TooMany { words: 65, max: 64 }),
        ("fields", words(vec![long]), Misfit::TooLong { chars: 65, max_chars: 64 }),
        ("fields", words(vec!["a\nb".to_owned()]), Misfit::ControlCharacter),
        ("fields", words(vec!["a".to_owned(), String::new()]), Misfit::Empty),
    ] {
        let refused = phone.edit(&author(1), &[set(field, value.clone())]);
        let error =
            EditError::Misfit { field: if field == "fields" { "fields" } else { "important" }, misfit };
        assert_eq!(refused, Err(error), "{value:?}");
    }
}

/// A change that puts a scalar, whatever it is.
fn raw(document: &Document, field: &str, value: ScalarValue) -> Vec<u8> {
    let mut state = Automerge::load(&document.save()).unwrap();
    state.set_actor(automerge::ActorId::from(*author(1).actor(document.id()).as_bytes()));
    let put = |transaction: &mut automerge::transaction::Transaction<'_>| transaction.put(ROOT, field, value);
    state.transact_with(|_| CommitOptions::default().with_time(0), put).unwrap();
    state.get_last_local_change().unwrap().raw_bytes().to_vec()
}

#[test]
fn only_the_one_form_of_words_and_flags_is_admitted() {
    let server = file();
    let judge = |field, value| {
        let change = raw(&server, field, value);
        admit(&server, &author(1), &[&change], &Limits::default())
            .results
            .swap_remove(0)
            .map_err(|refusal| refusal.code)
    };
    for (field, value) in [
        ("fields", ScalarValue::Str("b\na".into())),
        ("fields", ScalarValue::Str("a\na".into())),
        ("fields", ScalarValue::Str("a\n".into())),
        ("fields", ScalarValue::Str("".into())),
        ("fields", ScalarValue::Boolean(true)),
        ("important", ScalarValue::Int(1)),
        ("important", ScalarValue::Str("true".into())),
    ] {
        assert_eq!(judge(field, value.clone()), Err(RefusalCode::SchemaViolation), "{field} {value:?}");
    }
    for (field, value) in [
        ("fields", ScalarValue::Str("a\nb".into())),
        ("important", ScalarValue::Boolean(true)),
        ("important", ScalarValue::Boolean(false)),
    ] {
        assert!(judge(field, value.clone()).is_ok(), "{field} {value:?}");
    }
}
