//! What continues a chain and what does not.

use crate::{
    encoding::Bytes,
    hash::Hash,
    id::{BootId, DeviceId, TenantId},
    log::{Chain, ChainError, Commit, Entry, EntryKind, PageId, Statement, limits},
    time::{ClockReading, Timestamp},
};

const ANCHOR: Hash = Hash::from_bytes([9; 32]);

fn clock(boot_ms: u64) -> ClockReading {
    ClockReading { boot: BootId::from_bytes([1; 16]), boot_ms, wall: Timestamp::from_millis(0) }
}

/// A log of so many entries and the anchor behind them, as one page.
fn commit(entries: u64) -> Commit {
    let mut chain = Chain::EMPTY;
    let mut bytes: Vec<Bytes> = Vec::new();
    for at in 0..entries {
        bytes.push(chain.append(clock(at), EntryKind::Boot).1.into());
    }
    let kind = EntryKind::Anchor { anchor: ANCHOR, round_trip_ms: 0 };
    bytes.push(chain.append(clock(entries), kind).1.into());
    state(chain, bytes)
}

fn state(chain: Chain, entries: Vec<Bytes>) -> Commit {
    let statement = Statement {
        tenant: TenantId::from_bytes([1; 16]),
        device: DeviceId::from_bytes([2; 16]),
        last: chain.next_index - 1,
        head: chain.head,
        anchor: ANCHOR,
    };
    Commit { statement, signature: [0; 64], first: 0, entries }
}

/// Cuts a commit into the page of the given entries.
fn cut(commit: &Commit, range: std::ops::Range<usize>) -> Commit {
    Commit { first: range.start as u64, entries: commit.entries[range].to_vec(), ..commit.clone() }
}

#[test]
fn a_log_read_page_by_page_ends_at_its_signed_head() {
    let whole = commit(5);
    let mut chain = Chain::EMPTY;
    for (range, complete) in [(0..2, false), (2..3, false), (3..6, true)] {
        let page = chain.verify_page(&cut(&whole, range)).unwrap();
        assert_eq!(page.complete, complete);
        chain = page.chain();
    }
    assert_eq!(chain, Chain { next_index: 6, head: whole.statement.head });
}

#[test]
fn a_page_behind_a_hole_is_a_gap() {
    let whole = commit(5);
    let found = Chain::EMPTY.verify_page(&cut(&whole, 2..6));
    assert_eq!(found, Err(ChainError::Gap { expected: 0, found: 2 }));
}

#[test]
fn an_entry_missing_inside_a_page_is_a_gap() {
    let mut holed = commit(5);
    holed.entries.remove(2);
    assert_eq!(Chain::EMPTY.verify_page(&holed), Err(ChainError::Gap { expected: 2, found: 3 }));
}

#[test]
fn an_entry_that_follows_another_entry_is_a_fork() {
    let mut forked = commit(3);
    let mut entry = Entry::decode(&forked.entries[2]).unwrap();
    entry.previous = Hash::from_bytes([7; 32]);
    forked.entries[2] = entry.encode().into();
    assert_eq!(Chain::EMPTY.verify_page(&forked), Err(ChainError::Forked { index: 2 }));
}

#[test]
fn another_log_with_the_same_beginning_is_a_fork() {
    let held = Chain::EMPTY.verify_page(&commit(3)).unwrap().chain();
    let other = commit(6);
    assert_eq!(held.verify_page(&cut(&other, 4..7)), Err(ChainError::Forked { index: 4 }));
}

#[test]
fn a_page_that_begins_inside_what_is_held_and_ends_outside_is_an_overlap() {
    let held = Chain::EMPTY.verify_page(&commit(3)).unwrap().chain();
    let other = commit(6);
    assert_eq!(held.verify_page(&cut(&other, 2..7)), Err(ChainError::Overlap { first: 2, next_index: 4 }));
}

#[test]
fn a_page_is_recognised_when_it_comes_again() {
    let whole = commit(3);
    let page = Chain::EMPTY.verify_page(&whole).unwrap();
    assert_eq!(Chain::EMPTY.repeated(&whole), None);
    assert_eq!(page.chain().repeated(&whole), Some(page.id));
    assert_eq!(page.id, PageId { first: 0, last: 3, head: whole.statement.head });
}

#[test]
fn an_entry_that_does_not_decode_is_refused_alone() {
    let mut chain = Chain::EMPTY;
    let good = chain.append(clock(0), EntryKind::Boot).1;
    let bad = vec![0xFF; 40];
    chain = Chain { next_index: 2, head: Entry::hash_of(&bad) };
    let kind = EntryKind::Anchor { anchor: ANCHOR, round_trip_ms: 0 };
    let last = chain.append(clock(1), kind).1;
    let page = Chain::EMPTY.verify_page(&state(chain, vec![good.into(), bad.into(), last.into()])).unwrap();
    let codes: Vec<_> =
        page.entries.iter().map(|entry| entry.refusal().map(|refusal| refusal.code)).collect();
    assert_eq!(codes, [None, Some(crate::admission::RefusalCode::MalformedEntry), None]);
    assert_eq!(page.readable().len(), 2);
    assert_eq!(page.chain(), chain);
}

#[test]
fn a_signed_head_that_is_not_the_anchor_of_the_session_is_refused() {
    let mut other = commit(3);
    other.statement.anchor = Hash::from_bytes([8; 32]);
    assert_eq!(Chain::EMPTY.verify_page(&other), Err(ChainError::AnchorMissing));

    let mut chain = Chain::EMPTY;
    let bytes = chain.append(clock(0), EntryKind::Boot).1;
    assert_eq!(Chain::EMPTY.verify_page(&state(chain, vec![bytes.into()])), Err(ChainError::AnchorMissing));
}

#[test]
fn a_page_that_ends_otherwise_than_its_statement_says_is_refused() {
    let mut other_head = commit(3);
    other_head.statement.head = Hash::from_bytes([7; 32]);
    assert_eq!(Chain::EMPTY.verify_page(&other_head), Err(ChainError::NotAsStated { last: 3 }));

    let mut beyond = commit(3);
    beyond.statement.last = 2;
    assert_eq!(Chain::EMPTY.verify_page(&beyond), Err(ChainError::NotAsStated { last: 3 }));
}

#[test]
fn pages_at_their_limits_are_taken_and_beyond_them_are_not() {
    assert!(Chain::EMPTY.verify_page(&commit(limits::PAGE_ENTRIES as u64 - 1)).is_ok());
    let over =
        |commit: &Commit| matches!(Chain::EMPTY.verify_page(commit), Err(ChainError::OverLimit { .. }));
    assert!(over(&commit(limits::PAGE_ENTRIES as u64)));
    let with = |entries: Vec<Bytes>| Commit { entries, ..commit(1) };
    assert!(over(&with(vec![vec![0; limits::ENTRY_BYTES + 1].into()])));
    assert!(over(&with(vec![vec![0; limits::ENTRY_BYTES].into(); 8])));
    assert_eq!(Chain::EMPTY.verify_page(&with(Vec::new())), Err(ChainError::Empty));
}

#[test]
fn an_index_at_the_end_of_the_range_does_not_overflow() {
    let mut far = commit(3);
    far.first = u64::MAX - 1;
    assert!(Chain::EMPTY.verify_page(&far).is_err());
    assert_eq!(Chain::EMPTY.repeated(&far), None);
}
