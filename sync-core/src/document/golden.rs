//! The bytes and hashes of documents that `docs/protocol.md` prints: another client must come to the same ones.

use super::{Author, Document, DocumentKind, Edit, Field, FieldKind, FieldValue, field, hash_of_change};
use crate::{
    encoding,
    id::{DeviceId, DocumentId, TenantId},
    time::Timestamp,
};

const AUTHOR: Author =
    Author { tenant: TenantId::from_bytes([0x11; 16]), device: DeviceId::from_bytes([0x22; 16]) };
const DOCUMENT: DocumentId = DocumentId::from_bytes([0x01; 16]);

/// The vectors as the page prints them.
fn vectors() -> Vec<String> {
    let genesis = DocumentKind::Visit.genesis();
    let set = |field: &str, value| Edit::Set { field: field.to_owned(), value };
    let edits = [
        set(field::CUSTOMER, FieldValue::Id([0x03; 16])),
        set(field::CLASS, FieldValue::Text("walk".to_owned())),
        set(field::ENDED, FieldValue::Time(Timestamp::from_millis(1_780_000_000_000))),
        set(field::SATISFACTION, FieldValue::Count(5)),
        set(field::CONTENT, FieldValue::Text("谈👍".to_owned())),
    ];
    let mut document = Document::genesis(DOCUMENT).unwrap();
    let change = document.edit(&AUTHOR, &edits).unwrap().unwrap();
    let values = document.values();
    vec![
        format!("genesis_actor {}", genesis.actor),
        format!(
            "genesis {} {}",
            hex::encode(genesis.change.raw_bytes()),
            hash_of_change(genesis.change.raw_bytes())
        ),
        format!("actor {}", AUTHOR.actor(DOCUMENT)),
        format!("first_change {} {}", hex::encode(&change), hash_of_change(&change)),
        format!("values {} {}", hex::encode(encoding::encode(&values)), values.hash()),
    ]
}

/// The genesis of each kind but the visit.
fn further_geneses() -> impl Iterator<Item = String> {
    DocumentKind::ALL[1..].iter().map(|kind| {
        let chunk = kind.genesis().change.raw_bytes();
        format!("genesis_{} {} {}", kind.code(), hex::encode(chunk), hash_of_change(chunk))
    })
}

/// The change that sets a flag and some words, and the values after it.
fn scalars() -> [String; 2] {
    let set = |field: &str, value| Edit::Set { field: field.to_owned(), value };
    let words = ["network", "品牌", "network"].map(str::to_owned).into_iter().collect();
    let id = DocumentId::from_bytes([DocumentKind::File.code(); 16]);
    let mut document = Document::genesis(id).unwrap();
    let edits = [set("important", FieldValue::Flag(true)), set("fields", FieldValue::Words(words))];
    let change = document.edit(&AUTHOR, &edits).unwrap().unwrap();
    let values = document.values();
    [
        format!("file_change {} {}", hex::encode(&change), hash_of_change(&change)),
        format!("file_values {} {}", hex::encode(encoding::encode(&values)), values.hash()),
    ]
}

/// The rows of the table of kinds.
fn rows() -> impl Iterator<Item = String> {
    DocumentKind::ALL.iter().map(|kind| {
        let own = &kind.schema().fields[if *kind == DocumentKind::Visit { 0 } else { 4 }..];
        let fields: Vec<String> =
            own.iter().map(|field| format!("`{}` {}", field.name, what_fits(field))).collect();
        let by = match kind {
            _ if kind.is_ruled_at_the_server() => "server",
            _ if kind.needs_supervisor() => "supervisor",
            _ => "rep",
        };
        format!("| {} | `{}` | {by} | {} |", kind.code(), kind.name(), fields.join(", "))
    })
}

fn what_fits(field: &Field) -> String {
    match field.kind {
        FieldKind::Text { max_chars } => format!("text {max_chars}"),
        FieldKind::Line { max_chars } => format!("line {max_chars}"),
        FieldKind::Id => "id".to_owned(),
        FieldKind::Time => "time".to_owned(),
        FieldKind::Choice(_) => "choice".to_owned(),
        FieldKind::Count { max } => format!("count {max}"),
        FieldKind::Flag => "flag".to_owned(),
        FieldKind::Words { max } => format!("words {max}"),
    }
}

#[test]
fn the_geneses_the_actor_and_the_values_are_those_that_the_protocol_page_prints() {
    assert_printed(vectors().into_iter().chain(further_geneses()).chain(scalars()));
}

#[test]
fn the_kinds_and_their_fields_are_those_that_the_protocol_page_prints() {
    assert_printed(rows());
}

fn assert_printed(lines: impl Iterator<Item = String>) {
    let page = include_str!("../../../docs/protocol.md");
    let printed: Vec<&str> = page.lines().collect();
    let lacking: Vec<String> = lines.filter(|line| !printed.contains(&line.as_str())).collect();
    assert!(lacking.is_empty(), "docs/protocol.md lacks:\n{}", lacking.join("\n"));
}
