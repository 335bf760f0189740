//! Only the canonical bytes of an entry are an entry.

use crate::{
    encoding::DecodeError,
    hash::Hash,
    id::BootId,
    log::{Entry, EntryKind},
    time::Timestamp,
};

/// An entry whose canonical bytes begin with a map of six, key 0, index 5.
fn bytes() -> Vec<u8> {
    let entry = Entry {
        index: 5,
        previous: Hash::ZERO,
        boot: BootId::from_bytes([3; 16]),
        boot_ms: 9,
        wall: Timestamp::from_millis(-1),
        kind: EntryKind::Boot,
    };
    let bytes = entry.encode();
    assert_eq!(bytes[..3], [0xA6, 0x00, 0x05]);
    assert_eq!(Entry::decode(&bytes), Ok(entry));
    bytes
}

fn refusal(bytes: &[u8]) -> &'static str {
    match Entry::decode(bytes) {
        Ok(_) => "accepted",
        Err(DecodeError::NotCanonical { .. }) => "not canonical",
        Err(DecodeError::Malformed { .. }) => "malformed",
    }
}

#[test]
fn a_number_in_a_longer_form_than_it_needs_is_refused() {
    let mut long = bytes();
    long.splice(2..3, [0x18, 0x05]);
    assert_eq!(refusal(&long), "not canonical");
}

#[test]
fn bytes_behind_the_entry_are_refused() {
    let mut trailing = bytes();
    trailing.push(0x00);
    assert_eq!(refusal(&trailing), "not canonical");
}

#[test]
fn an_unknown_key_is_refused() {
    let mut unknown = bytes();
    unknown[0] = 0xA7;
    unknown.extend([0x09, 0x00]);
    assert_eq!(refusal(&unknown), "not canonical");
}

#[test]
fn a_repeated_key_is_refused() {
    let mut repeated = bytes();
    repeated[0] = 0xA7;
    repeated.extend([0x00, 0x05]);
    assert_eq!(refusal(&repeated), "not canonical");
}

#[test]
fn a_map_of_unknown_length_is_refused() {
    let mut indefinite = bytes();
    indefinite[0] = 0xBF;
    indefinite.push(0xFF);
    assert_eq!(refusal(&indefinite), "not canonical");
}

#[test]
fn a_cut_entry_is_refused_wherever_it_is_cut() {
    let whole = bytes();
    for end in 0..whole.len() {
        assert_eq!(refusal(&whole[..end]), "malformed", "cut at {end}");
    }
}
