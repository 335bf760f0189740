//! Seeds of the targets that read logs, messages, statements, answers and journals.

use sync_core::{
    directory::{Customer, Role, User},
    encoding::{self, Bytes},
    hash::Hash,
    id::{CustomerId, RunId, UserId},
    log::{Anchor, Chain, Entry, JournalRoot, PageId, Signer as _, Witness},
    protocol::{Cursor, DeviceState, FeedItem, PullRequest, PullResponse},
    rules::{Evidence, Flags},
};
use targets::{
    chain::honest_commit,
    statements::genuine,
    world::{DEVICE, NOW, TENANT, device_secret, visit},
};

use crate::{Seeds, reel::Reel};

/// The order of the group that Ed25519 computes in, least byte first.
const ED25519_ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

fn message(number: u8, bytes: &[u8]) -> Vec<u8> {
    Reel::of(&[number]).raw(bytes).done()
}

pub(crate) fn messages() -> Seeds {
    let commit = honest_commit();
    let request = encoding::encode(&PullRequest {
        cursor: Cursor(7),
        nonce: [1; 16],
        seen: None,
        shown: None,
        run: None,
    });
    let shown = Some(vec![encoding::decode(genuine()[0]).unwrap()]);
    let showing =
        encoding::encode(&PullRequest { cursor: Cursor(0), nonce: [1; 16], seen: Some(1), shown, run: None });
    let user = User {
        id: UserId::from_bytes([2; 16]),
        login: "wang".to_owned(),
        name: "王晓梅".to_owned(),
        role: Role::Rep,
        unit: None,
        reports_to: None,
        active: true,
        posts: Vec::new(),
        until: None,
    };
    let customer = Customer {
        id: CustomerId::from_bytes([2; 16]),
        number: "1".to_owned(),
        name: "甲".to_owned(),
        address: String::new(),
        contact: String::new(),
        phone: String::new(),
        owner: Some(user.id),
        grade: "A".to_owned(),
        tags: Vec::new(),
        owners: Vec::new(),
        grades: Vec::new(),
    };
    let items = vec![
        FeedItem::Changes { document: visit(), author: DEVICE, changes: vec![Bytes::from(vec![1, 2, 3])] },
        FeedItem::Customer(customer.clone()),
        FeedItem::CustomerGone { id: customer.id },
        FeedItem::User(user.clone()),
        FeedItem::Pack { toml: "id = 1".to_owned() },
        FeedItem::Calendar { year: 2026, ics: String::new() },
    ];
    let response = PullResponse {
        items,
        cursor: Cursor(9),
        more: false,
        anchor: encoding::decode(genuine()[0]).ok(),
        next_index: 3,
        device_head: Hash::ZERO,
        journal: 4,
        run: Some(RunId::from_bytes([4; 16])),
    };
    let entry = commit.entries[2].to_vec();
    let readable = [(Entry::decode(&entry).unwrap(), Entry::hash_of(&entry))];
    let mut witness = Witness::new();
    witness.read(&readable, &|_| None, Some(NOW), 1, NOW);
    let evidence = Evidence {
        not_before: NOW,
        anchor: None,
        not_after: Some(NOW),
        measured: None,
        claimed: NOW,
        flags: Flags::WALL_JUMP,
    };
    let state = DeviceState::new(TENANT, DEVICE, device_secret().public_key());
    let page = PageId { first: 1, last: 2, head: Hash::ZERO };
    let mut trailing = request.clone();
    trailing.push(0);
    let mut long_form = request.clone();
    long_form.splice(2..3, [0x18, 7]);
    let mut unknown_key = request.clone();
    unknown_key[0] = 0xa3;
    unknown_key.extend([9, 0]);
    Seeds::from([
        ("honest_pull_request", message(0, &request)),
        ("honest_pull_request_of_a_phone_that_saw_more", message(0, &showing)),
        ("honest_pull_response", message(1, &encoding::encode(&response))),
        ("honest_commit", message(2, &encoding::encode(&commit))),
        ("honest_entry", message(3, &entry)),
        ("honest_signed_anchor", message(4, genuine()[0])),
        ("honest_signed_receipt", message(5, genuine()[1])),
        ("honest_statement", message(8, &encoding::encode(&commit.statement))),
        ("honest_feed_item", message(9, &encoding::encode(&response.items[0]))),
        ("honest_evidence", message(14, &encoding::encode(&evidence))),
        ("honest_witness", message(15, &encoding::encode(&witness))),
        ("honest_chain", message(16, &encoding::encode(&Chain::EMPTY))),
        ("honest_page", message(17, &encoding::encode(&page))),
        ("honest_device_state", message(18, &encoding::encode(&state))),
        ("honest_user", message(22, &encoding::encode(&user))),
        ("honest_customer", message(23, &encoding::encode(&customer))),
        ("hostile_trailing_byte", message(0, &trailing)),
        ("hostile_long_number", message(0, &long_form)),
        ("hostile_unknown_key", message(0, &unknown_key)),
        ("hostile_endless_map", message(0, &[&[0xbf], &request[1..], &[0xff]].concat())),
        ("hostile_array_of_2_64", message(1, &[0xa6, 0, 0x9b, 255, 255, 255, 255, 255, 255, 255, 255])),
        ("hostile_bytes_of_2_64", message(9, &[0x82, 0, 0x83, 0x5b, 255, 255, 255, 255, 255, 255, 255, 255])),
        ("hostile_page_of_2_32", message(2, &[0xa4, 3, 0x9a, 255, 255, 255, 255])),
        ("hostile_nesting", message(1, &[0x81; 4_000])),
        ("hostile_tags", message(3, &[0xc1; 4_000])),
        ("hostile_not_utf_8", message(22, &[0xa7, 1, 0x61, 0xff])),
        ("hostile_nothing", message(2, &[])),
    ])
}

pub(crate) fn chain() -> Seeds {
    let commit = honest_commit();
    let raw = |commit: &sync_core::log::Commit| Reel::of(&[1]).raw(&encoding::encode(commit)).done();
    let mut empty = commit.clone();
    empty.entries.clear();
    let mut at_the_end = commit.clone();
    at_the_end.first = u64::MAX - 1;
    let mut first_half = commit.clone();
    first_half.entries.truncate(3);
    let mut forged = commit.clone();
    forged.signature = [1; 64];
    Seeds::from([
        ("honest_untouched", vec![0, 0, 2]),
        ("honest_raw", raw(&commit)),
        ("honest_first_half", raw(&first_half)),
        ("honest_shorter_and_signed_again", vec![0, 1, 0, 8, 2, 1]),
        ("honest_mad_clocks", vec![0, 2, 1, 13, 4, 1, 4, 2, 7, 3, 13, 5, 3, 5, 1, 8, 1]),
        ("hostile_empty", raw(&empty)),
        ("hostile_at_the_end_of_numbers", raw(&at_the_end)),
        ("hostile_forged_signature", raw(&forged)),
        ("hostile_old_anchor", vec![0, 1, 0, 2, 0, 0]),
        ("hostile_swapped", vec![0, 1, 0, 10, 3, 0]),
        ("hostile_gap", vec![0, 1, 2, 8, 0]),
        ("hostile_without_its_anchor", vec![0, 1, 5, 7, 1]),
        ("hostile_another_device", Reel::of(&[0, 1, 0, 3]).raw(&[9; 16]).raw(&[0]).done()),
        ("hostile_unsigned_statement", vec![0, 1, 0, 0, 1, 4, 2]),
    ])
}

pub(crate) fn statements() -> Seeds {
    let raw = |which: u8, bytes: &[u8]| Reel::of(&[which, 1]).raw(bytes).done();
    let [anchor, receipt, head] = genuine();
    // The signature is the last thing in an anchor; its second half plus the group's order says the same.
    let mut second_form = anchor.to_vec();
    let at = second_form.len() - 32;
    let mut carry = 0u16;
    for (byte, order) in second_form[at..].iter_mut().zip(ED25519_ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        (*byte, carry) = (sum as u8, sum >> 8);
    }
    let mut of_zeros = anchor.to_vec();
    of_zeros[at - 32..].fill(0);
    let mut identity = of_zeros.clone();
    identity[at - 32] = 1;
    let mut no_numbers = head.to_vec();
    no_numbers[32..].fill(0xff);
    Seeds::from([
        ("honest_anchor", raw(0, anchor)),
        ("honest_receipt", raw(1, receipt)),
        ("honest_head", raw(2, head)),
        ("hostile_anchor_flipped", Reel::of(&[0, 0, 1]).damage(1, 60, 0).done()),
        ("hostile_receipt_flipped", Reel::of(&[1, 0, 1]).damage(1, 50, 0).done()),
        ("hostile_head_flipped", Reel::of(&[2, 0, 1]).damage(1, 40, 0).done()),
        ("hostile_second_form", raw(0, &second_form)),
        ("hostile_high_s", raw(2, &high_s(head))),
        ("hostile_of_zeros", raw(0, &of_zeros)),
        ("hostile_identity_point", raw(0, &identity)),
        ("hostile_numbers_out_of_range", raw(2, &no_numbers)),
        ("hostile_receipt_as_anchor", raw(0, receipt)),
    ])
}

/// The other of the two signatures that P-256 has for one head.
fn high_s(head: &[u8]) -> Vec<u8> {
    let signature = p256::ecdsa::Signature::from_slice(&head[32..]).unwrap();
    let (r, s) = signature.split_scalars();
    let other = p256::ecdsa::Signature::from_scalars(r, -s).unwrap();
    head[..32].iter().copied().chain(other.to_bytes()).collect()
}

pub(crate) fn phone() -> Seeds {
    // Pages to pull, entries in the log, nothing seen; then for each answer how often it is altered, and how.
    Seeds::from([
        ("honest_small", vec![0, 0, 0]),
        ("honest_several_pulls", vec![2, 5, 0, 0, 0, 0]),
        ("honest_one_entry_a_page", vec![0, 5, 0, 0, 0, 0, 0, 0, 0, 0]),
        ("honest_all_in_one_page", vec![0, 5, 0, 0, 1, 0]),
        ("honest_seen_before", vec![0, 2, 1, 0, 0, 0]),
        ("honest_after_a_wrong_nonce", Reel::of(&[0, 3, 0, 1, 7, 2]).raw(&[1; 16]).raw(&[0, 0, 0]).done()),
        ("honest_after_a_stranger", vec![0, 3, 0, 1, 7, 7, 1, 0, 0]),
        ("honest_after_a_broken_signature", vec![0, 3, 0, 1, 7, 6, 5, 3, 2, 0]),
        ("honest_after_an_old_anchor", vec![0, 3, 1, 2, 2, 1, 7, 0, 0, 0, 0, 0]),
        ("honest_after_another_log", Reel::of(&[0, 3, 0, 2, 2, 1, 2, 3]).raw(&[1; 32]).raw(&[0]).done()),
        ("honest_after_a_cursor_going_back", vec![2, 3, 0, 0, 1, 0, 0, 0]),
        ("honest_endless_cursor", vec![2, 3, 0, 1, 0, 7, 255, 255, 255, 255, 255, 255, 255, 255]),
        ("honest_after_a_receipt_for_more", vec![0, 3, 0, 0, 1, 1, 1, 1, 200, 0, 1, 0]),
        ("honest_without_an_anchor", vec![0, 3, 0, 1, 4]),
    ])
}

pub(crate) fn journal() -> Seeds {
    // The moment of the mark, the moment of the records, alterations; the files are named in order, the mark last.
    let root = JournalRoot { size: 1, hash: Hash::ZERO };
    let anchor = Anchor {
        tenant: TENANT,
        device: DEVICE,
        sequence: 1,
        time: NOW,
        nonce: [0; 16],
        device_head: Hash::ZERO,
        journal: root,
    };
    let foreign = encoding::encode(&anchor);
    Seeds::from([
        ("honest_untouched", vec![7, 7, 0]),
        ("honest_empty", vec![0, 0, 0]),
        ("honest_records_without_their_mark", vec![5, 7, 0]),
        ("honest_torn_tail", Reel::of(&[7, 7, 1, 2, 0, 4]).bytes(&[0, 0, 0, 9, 1, 2]).done()),
        ("honest_foreign_tail", Reel::of(&[7, 7, 1, 2, 0, 4]).bytes(&foreign).done()),
        ("honest_torn_records_without_their_mark", Reel::of(&[6, 7, 1, 2, 0, 7]).damage(4, 150, 0).done()),
        ("hostile_flipped_first", Reel::of(&[7, 7, 1, 0, 0, 7]).damage(1, 80, 3).done()),
        ("hostile_flipped_last", Reel::of(&[7, 7, 1, 2, 0, 7]).damage(1, 80, 3).done()),
        ("hostile_cut", Reel::of(&[7, 7, 1, 2, 0, 7]).damage(4, 60, 0).done()),
        ("hostile_missing_segment", vec![7, 7, 1, 1, 0, 0]),
        ("hostile_segment_twice", vec![7, 7, 1, 1, 0, 1]),
        ("hostile_older_segment", vec![7, 7, 1, 1, 0, 2, 5]),
        ("hostile_zeroed", vec![7, 7, 1, 2, 0, 6, 10, 0, 200, 0]),
        ("hostile_length_of_2_32", Reel::of(&[7, 7, 1, 1, 0, 5]).bytes(&[255; 80]).done()),
    ])
}
