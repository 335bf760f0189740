//! A page against a chain: one that is accepted continues the log without a gap, is linked by its hashes, was signed by
//! its device, and reaches its signed head at the anchor of the session; the same page again is a repetition.

use std::sync::LazyLock;

use sync_core::{
    encoding::Bytes,
    hash::Hash,
    id::BootId,
    log::{Chain, CheckedPage, Commit, Entry, EntryKind, JournalRoot, Signer as _, Statement, Witness},
    protocol::{
        DeviceState,
        server::{CheckedCommit, check_commit, decode_commit},
    },
    time::{ClockReading, Timestamp},
};

use crate::{
    Outcome,
    memory::within_mib,
    tape::{Tape, damage},
    world::{DEVICE, NOW, TENANT, device_secret, visit},
};

/// A device whose log is held up to an anchor, and the commit it would honestly send next.
struct Scene {
    state: DeviceState,
    /// When each of its anchors was issued.
    anchors: Vec<(Hash, Timestamp)>,
    commit: Commit,
}

static SCENE: LazyLock<Scene> = LazyLock::new(Scene::new);

impl Scene {
    fn new() -> Self {
        let mut state = DeviceState::new(TENANT, DEVICE, device_secret().public_key());
        let mut anchors = Vec::new();
        let mut chain = Chain::EMPTY;
        let mut honest = None;
        for round in 0..2u64 {
            let first = chain.next_index;
            let root = JournalRoot { size: round, hash: Hash::ZERO };
            let at = NOW.plus_millis(round as i64 * 3_600_000);
            let anchor = state.issue_anchor(at, [round as u8; 16], root).hash();
            anchors.push((anchor, at));
            let kinds = [
                EntryKind::Boot,
                EntryKind::CheckIn { document: visit() },
                EntryKind::Submit {
                    document: visit(),
                    heads: Default::default(),
                    value: Hash::ZERO,
                    reason: None,
                },
                EntryKind::ClockSet { delta_ms: -5 },
                EntryKind::CheckOut { document: visit() },
                EntryKind::Anchor { anchor, round_trip_ms: 20 },
            ];
            let entries = kinds.into_iter().map(|kind| {
                let clock = ClockReading {
                    boot: BootId::from_bytes([1; 16]),
                    boot_ms: round * 3_600_000 + chain.next_index,
                    wall: at,
                };
                Bytes::from(chain.append(clock, kind).1)
            });
            let entries: Vec<Bytes> = entries.collect();
            let (last, head) = (chain.next_index - 1, chain.head);
            let statement = Statement { tenant: TENANT, device: DEVICE, last, head, anchor };
            let signature = device_secret().sign(statement.hash()).unwrap();
            let commit = Commit { statement, signature, first, entries };
            if round == 0 {
                let CheckedCommit::New(page) = check_commit(&state, &commit).unwrap() else { unreachable!() };
                state.advance(&page);
            }
            honest = Some(commit);
        }
        Self { state, anchors, commit: honest.unwrap() }
    }
}

/// The commit that kept inputs begin from.
pub fn honest_commit() -> Commit {
    SCENE.commit.clone()
}

/// Sends one commit: any bytes, or the honest one altered.
pub fn run(data: &[u8]) -> Outcome {
    let mut tape = Tape::new(data);
    let commit = if tape.flag() {
        match within_mib(16, || decode_commit(tape.rest())) {
            Ok(commit) => commit,
            Err(_) => return Outcome::Refused,
        }
    } else {
        altered(&mut tape)
    };
    let state = &SCENE.state;
    match check_commit(state, &commit) {
        Ok(CheckedCommit::New(page)) => {
            check_page(state, &commit, &page);
            Outcome::Accepted
        }
        Ok(CheckedCommit::Repeated(page)) => {
            check_signed(state, &commit);
            let last = commit.entries.last().unwrap();
            assert!(page.first <= page.last && page.last < state.chain.next_index);
            assert_eq!(page.last - page.first + 1, commit.entries.len() as u64);
            assert_eq!(page.head, Entry::hash_of(last));
            Outcome::Accepted
        }
        Err(error) => {
            assert_ne!(commit, SCENE.commit, "the honest commit is refused: {error}");
            Outcome::Refused
        }
    }
}

fn altered(tape: &mut Tape<'_>) -> Commit {
    let mut commit = SCENE.commit.clone();
    for _ in 0..tape.below(4) {
        alter(&mut commit, tape);
    }
    match tape.byte() % 4 {
        // The phone signs what it has made of it, as a hostile one would.
        0 => sign(&mut commit),
        1 => {
            // It makes the entries fit each other again first.
            relink(&mut commit);
            sign(&mut commit);
        }
        _ => {}
    }
    commit
}

fn alter(commit: &mut Commit, tape: &mut Tape<'_>) {
    let count = commit.entries.len();
    let at = tape.below(count.max(1));
    let what = tape.byte() % 14;
    let statement = &mut commit.statement;
    match what {
        0 => statement.last = tape.number() as u64,
        1 => statement.head = Hash::from_bytes(tape.array()),
        2 => statement.anchor = SCENE.anchors[tape.below(2)].0,
        3 => statement.device = sync_core::id::DeviceId::from_bytes(tape.array()),
        4 => statement.tenant = sync_core::id::TenantId::from_bytes(tape.array()),
        5 => commit.first = tape.number() as u64,
        6 => commit.signature[tape.below(64)] ^= 1 << (tape.byte() % 8),
        7 => commit.entries.truncate(at),
        8 => drop(commit.entries.drain(..at)),
        9 => commit.entries.insert(at, Bytes::from(tape.bytes().to_vec())),
        10 if count > 0 => commit.entries.swap(at, tape.below(count)),
        11 if count > 0 => {
            let mut bytes = commit.entries[at].to_vec();
            damage(&mut bytes, tape);
            commit.entries[at] = Bytes::from(bytes);
        }
        12 if count > 0 => commit.entries[at] = commit.entries[tape.below(count)].clone(),
        13 if count > 0 => alter_clocks(&mut commit.entries[at], tape),
        _ => {}
    }
}

fn alter_clocks(bytes: &mut Bytes, tape: &mut Tape<'_>) {
    if let Ok(mut entry) = Entry::decode(bytes) {
        entry.boot_ms = tape.number() as u64;
        entry.wall = Timestamp::from_millis(tape.number());
        entry.boot = BootId::from_bytes([tape.byte(); 16]);
        *bytes = Bytes::from(entry.encode());
    }
}

/// Gives each entry that can be read its place and its link again, and the statement its head.
fn relink(commit: &mut Commit) {
    let mut chain = SCENE.state.chain;
    commit.first = chain.next_index;
    for bytes in &mut commit.entries {
        if let Ok(mut entry) = Entry::decode(bytes) {
            (entry.index, entry.previous) = (chain.next_index, chain.head);
            *bytes = Bytes::from(entry.encode());
        }
        chain = Chain { next_index: chain.next_index + 1, head: Entry::hash_of(bytes) };
    }
    commit.statement.last = chain.next_index.saturating_sub(1);
    commit.statement.head = chain.head;
}

fn sign(commit: &mut Commit) {
    commit.signature = device_secret().sign(commit.statement.hash()).unwrap();
}

fn check_signed(state: &DeviceState, commit: &Commit) {
    assert_eq!((commit.statement.tenant, commit.statement.device), (state.tenant, state.device));
    let genuine = device_secret().sign(commit.statement.hash()).unwrap();
    assert_eq!(commit.signature, genuine, "somebody else signed");
}

fn check_page(state: &DeviceState, commit: &Commit, page: &CheckedPage) {
    check_signed(state, commit);
    assert_eq!(Some(commit.statement.anchor), state.issued.map(|issued| issued.hash));
    assert_eq!(page.id.first, state.chain.next_index);
    assert_eq!(page.entries.len(), commit.entries.len());
    let mut chain = state.chain;
    for (checked, bytes) in page.entries.iter().zip(&commit.entries) {
        assert_eq!((checked.index, checked.hash), (chain.next_index, Entry::hash_of(bytes)));
        if let Ok(entry) = &checked.content {
            assert_eq!((entry.index, entry.previous), (chain.next_index, chain.head));
        }
        chain = Chain { next_index: chain.next_index + 1, head: checked.hash };
    }
    assert_eq!(page.chain(), chain);
    assert!(page.id.last <= commit.statement.last);
    assert_eq!(page.complete, page.id.last == commit.statement.last);
    if page.complete {
        assert_eq!(page.id.head, commit.statement.head);
        let last = page.entries.last().and_then(|checked| checked.content.as_ref().ok());
        let is_anchor = |entry: &Entry| matches!(entry.kind, EntryKind::Anchor { anchor, .. } if anchor == commit.statement.anchor);
        assert!(last.is_some_and(is_anchor));
    }
    let mut after = state.clone();
    after.advance(page);
    assert_eq!(check_commit(&after, commit), Ok(CheckedCommit::Repeated(page.id)));
    check_evidence(page);
}

/// Whatever the phone's clocks said, the evidence of its entries is in order.
fn check_evidence(page: &CheckedPage) {
    let anchors = |hash| SCENE.anchors.iter().find(|(anchor, _)| *anchor == hash).map(|(_, at)| *at);
    let arrived = NOW.plus_millis(2 * 3_600_000);
    let read = || {
        let enrolled = NOW.plus_millis(-1_000);
        Witness::new().read_where(&|_| true, &page.readable(), &anchors, Some(arrived), 1, enrolled)
    };
    let found = read();
    for (_, evidence) in &found {
        assert!(evidence.not_before <= arrived && evidence.not_after == Some(arrived));
        if let Some(measured) = evidence.measured {
            assert!(evidence.not_before <= measured.earliest && measured.earliest <= measured.latest);
            assert!(measured.latest <= arrived);
        }
    }
    assert_eq!(read(), found);
}
