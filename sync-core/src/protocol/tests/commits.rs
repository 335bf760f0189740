//! What the server makes of commits that are not what they should be.

use super::world::{DEVICE, Phone, Server, device_secret};
use crate::{
    encoding,
    hash::Hash,
    id::{DeviceId, TenantId},
    log::{Commit, EntryKind, JournalRoot, Signer, SoftwareKey, limits},
    protocol::{DeviceState, phone::Step},
    time::Timestamp,
};

/// A server and a commit that it would take.
fn good() -> (Server, Commit) {
    let (mut phone, mut server) = (Phone::new(), Server::new());
    phone.write_entries(3);
    let mut session = phone.begin();
    let Ok(Step::Commit { first, last }) = phone.go(&mut session, &mut server) else { panic!() };
    let commit = phone.page(&mut session, first, last, 100);
    assert!(server.clone().commit(&encoding::encode(&commit)).is_ok());
    (server, commit)
}

fn code(server: &Server, commit: &Commit) -> &'static str {
    let before = server.state.clone();
    let mut server = server.clone();
    let code = server.commit(&encoding::encode(commit)).err().map_or("accepted", |error| error.code());
    assert!(code == "accepted" || server.state == before, "a refused commit left a trace");
    code
}

fn signed(mut commit: Commit) -> Commit {
    commit.signature = device_secret().sign(commit.statement.hash()).unwrap();
    commit
}

#[test]
fn a_commit_with_the_signature_of_another_key_is_refused() {
    let (server, mut commit) = good();
    let other = SoftwareKey::from_bytes(&[9; 32]).unwrap();
    commit.signature = other.sign(commit.statement.hash()).unwrap();
    assert_eq!(code(&server, &commit), "bad_signature");
}

#[test]
fn a_statement_altered_after_signing_is_refused() {
    let (server, mut commit) = good();
    commit.statement.head = Hash::ZERO;
    assert_eq!(code(&server, &commit), "bad_signature");
}

#[test]
fn a_statement_about_another_device_or_tenant_is_refused() {
    let (server, commit) = good();
    let mut other = commit.clone();
    other.statement.device = DeviceId::from_bytes([8; 16]);
    assert_eq!(code(&server, &signed(other)), "wrong_device");
    let mut other = commit;
    other.statement.tenant = TenantId::from_bytes([8; 16]);
    assert_eq!(code(&server, &signed(other)), "wrong_device");
}

#[test]
fn a_commit_against_an_anchor_before_the_newest_is_refused() {
    let (mut server, commit) = good();
    let journal = JournalRoot { size: 0, hash: Hash::ZERO };
    server.state.issue_anchor(server.now, [1; 16], journal);
    assert_eq!(code(&server, &commit), "anchor_stale");
}

#[test]
fn a_commit_against_an_anchor_of_another_device_is_refused() {
    let (server, mut commit) = good();
    let mut other = DeviceState { device: DeviceId::from_bytes([8; 16]), ..server.state.clone() };
    let journal = JournalRoot { size: 0, hash: Hash::ZERO };
    commit.statement.anchor = other.issue_anchor(server.now, [1; 16], journal).hash();
    assert_eq!(code(&server, &signed(commit)), "anchor_stale");
}

#[test]
fn a_commit_before_any_pull_is_refused() {
    let (mut server, commit) = good();
    server.state.issued = None;
    assert_eq!(code(&server, &commit), "anchor_stale");
}

#[test]
fn a_commit_whose_head_is_not_the_anchor_of_the_session_is_refused() {
    let (server, commit) = good();
    let mut phone = Phone::new();
    phone.write_entries(4);
    let mut without = commit;
    without.entries = phone.log.iter().map(|bytes| bytes.clone().into()).collect();
    without.statement.head = phone.chain.head;
    assert_eq!(code(&server, &signed(without)), "anchor_missing");
}

#[test]
fn a_commit_that_hides_entries_behind_the_anchor_is_refused() {
    let (server, mut commit) = good();
    commit.entries.push(vec![0; 10].into());
    assert_eq!(code(&server, &commit), "malformed");
}

#[test]
fn a_commit_of_another_log_than_the_one_held_is_forked() {
    let (mut server, commit) = good();
    server.commit(&encoding::encode(&commit)).unwrap();
    let mut phone = Phone::new();
    (0..4).for_each(|_| phone.write(EntryKind::ClockSet { delta_ms: 1 }));
    let entries = phone.log.iter().map(|bytes| bytes.clone().into()).collect();
    assert_eq!(code(&server, &Commit { entries, ..commit }), "log_forked");
}

#[test]
fn commits_that_skip_or_hold_nothing_are_refused() {
    let (server, commit) = good();
    let mut skipping = commit.clone();
    skipping.entries.remove(0);
    skipping.first = 1;
    assert_eq!(code(&server, &skipping), "log_gap");
    assert_eq!(code(&server, &Commit { entries: Vec::new(), ..commit }), "empty_commit");
}

#[test]
fn bodies_over_the_limit_or_not_canonical_are_refused() {
    let (mut server, commit) = good();
    let refusal = |server: &mut Server, body: &[u8]| server.commit(body).unwrap_err().code();
    let mut long = encoding::encode(&commit);
    long.push(0);
    assert_eq!(refusal(&mut server, &long), "malformed");
    assert_eq!(refusal(&mut server, &vec![0; limits::COMMIT_BYTES + 1]), "over_limit");
    let entries = vec![vec![0].into(); limits::PAGE_ENTRIES + 1];
    assert_eq!(code(&server, &Commit { entries, ..commit }), "over_limit");
}

#[test]
fn a_full_page_fits_the_largest_body() {
    let (_, commit) = good();
    let entries = vec![vec![0; limits::PAGE_BYTES / limits::PAGE_ENTRIES].into(); limits::PAGE_ENTRIES];
    let far = Commit { first: u64::MAX, entries, ..commit };
    assert!(encoding::encode(&far).len() <= limits::COMMIT_BYTES);
}

#[test]
fn anchors_never_go_back_in_time_and_never_repeat_a_number() {
    let mut state = Server::new().state;
    let journal = JournalRoot { size: 0, hash: Hash::ZERO };
    let at = Timestamp::from_millis;
    let first = state.issue_anchor(at(1000), [0; 16], journal);
    let second = state.issue_anchor(at(500), [0; 16], journal);
    assert_eq!((first.sequence, first.time, first.device), (1, at(1000), DEVICE));
    assert_eq!((second.sequence, second.time), (2, at(1000)));
    assert_eq!(state.unanswered, 2);
    assert_eq!(encoding::decode(&encoding::encode(&state)), Ok(state));
}
