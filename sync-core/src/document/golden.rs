//! The bytes and hashes of documents that `docs/protocol.md` prints: another client must come to the same ones.

use super::{Author, Document, DocumentKind, Edit, FieldValue, field, hash_of_change};
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

#[test]
fn the_genesis_the_actor_and_the_values_are_those_that_the_protocol_page_prints() {
    let page = include_str!("../../../docs/protocol.md");
    let printed: Vec<&str> = page.lines().collect();
    let lacking: Vec<String> =
        vectors().into_iter().filter(|line| !printed.contains(&line.as_str())).collect();
    assert!(lacking.is_empty(), "docs/protocol.md lacks:\n{}", lacking.join("\n"));
}
