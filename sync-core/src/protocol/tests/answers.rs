//! What the phone makes of answers that are not what they should be.

use super::world::{NONCE, Phone, Server, TENANT, server_secret};
use crate::{
    encoding,
    hash::Hash,
    id::{DeviceId, TenantId},
    log::{Anchor, SignedAnchor, SignedReceipt, limits},
    protocol::{
        Cursor, PullRequest, PullResponse,
        phone::{Step, SyncError},
    },
    time::Timestamp,
};

fn answer() -> PullResponse {
    Server::new().pull(&PullRequest { cursor: Cursor(0), nonce: NONCE, seen: None, shown: None, run: None })
}

/// An answer whose anchor was altered before the server signed it.
fn with_anchor(alter: impl FnOnce(&mut Anchor)) -> PullResponse {
    let mut anchor = answer().anchor.unwrap().anchor;
    alter(&mut anchor);
    PullResponse { anchor: Some(SignedAnchor::sign(anchor, &server_secret())), ..answer() }
}

fn handle(phone: &Phone, answer: &PullResponse) -> Result<(), SyncError> {
    let mut session = phone.begin();
    let result = session.handle_pull(answer, &|index| phone.hash_at(index));
    if result.is_err() {
        assert_eq!(session.poll(), phone.begin().poll(), "a refused answer moved the session on");
        assert_eq!(session.seen(), phone.seen);
    }
    result
}

#[test]
fn an_anchor_for_another_device_tenant_or_request_is_refused() {
    let phone = Phone::new();
    assert_eq!(handle(&phone, &answer()), Ok(()));
    let wrong = |what| Err(SyncError::WrongAnswer { what });
    let other = DeviceId::from_bytes([8; 16]);
    assert_eq!(handle(&phone, &with_anchor(|anchor| anchor.device = other)), wrong("device"));
    let other = TenantId::from_bytes([8; 16]);
    assert_eq!(handle(&phone, &with_anchor(|anchor| anchor.tenant = other)), wrong("tenant"));
    assert_eq!(handle(&phone, &with_anchor(|anchor| anchor.nonce = [8; 16])), wrong("nonce"));
    let other = Hash::from_bytes([8; 32]);
    assert_eq!(handle(&phone, &with_anchor(|anchor| anchor.device_head = other)), wrong("device head"));
}

#[test]
fn an_anchor_signed_by_another_server_is_refused() {
    let mut forged = answer();
    let other = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    forged.anchor = forged.anchor.map(|signed| SignedAnchor::sign(signed.anchor, &other));
    assert!(matches!(handle(&Phone::new(), &forged), Err(SyncError::BadSignature(_))));
}

#[test]
fn an_anchor_that_was_seen_before_is_refused() {
    let mut phone = Phone::new();
    let mut session = phone.begin();
    session.handle_pull(&answer(), &|_| None).unwrap();
    phone.seen = session.seen();
    let back = Err(SyncError::AnchorWentBack { seen: 1, found: 1 });
    assert_eq!(handle(&phone, &answer()), back);
    let earlier = with_anchor(|anchor| {
        anchor.sequence = 2;
        anchor.time = Timestamp::from_millis(0);
    });
    assert_eq!(handle(&phone, &earlier), Err(SyncError::AnchorWentBack { seen: 1, found: 2 }));
}

#[test]
fn a_feed_that_promises_more_and_does_not_move_is_refused() {
    let stuck = PullResponse { more: true, anchor: None, ..answer() };
    assert_eq!(handle(&Phone::new(), &stuck), Err(SyncError::CursorStuck));
    let back = Phone { cursor: Cursor(5), ..Phone::new() };
    assert_eq!(handle(&back, &answer()), Err(SyncError::CursorStuck));
}

#[test]
fn a_server_that_claims_entries_this_log_does_not_hold_is_a_fork() {
    let mut phone = Phone::new();
    phone.write_entries(3);
    let claims = |next_index, device_head| PullResponse { next_index, device_head, ..answer() };
    let other = Hash::from_bytes([8; 32]);
    for (held, head) in [(2, other), (0, other), (4, other), (u64::MAX, other)] {
        assert_eq!(handle(&phone, &claims(held, head)), Err(SyncError::Forked { held }));
    }
}

#[test]
fn a_receipt_that_is_not_for_the_page_that_was_sent_is_refused() {
    let (mut phone, mut server) = (Phone::new(), Server::new());
    phone.write_entries(3);
    let mut session = phone.begin();
    let Ok(Step::Commit { first, last }) = phone.go(&mut session, &mut server) else { panic!() };
    let body = encoding::encode(&phone.page(&mut session, first, last, 100));
    let good = server.commit(&body).unwrap();
    let wrong = |what| Err(SyncError::WrongAnswer { what });

    let mut other = good.receipt.clone();
    other.last -= 1;
    assert_eq!(session.handle_receipt(&SignedReceipt::sign(other, &server_secret())), wrong("page"));
    let mut other = good.receipt.clone();
    other.tenant = TenantId::from_bytes([8; 16]);
    assert_ne!(other.tenant, TENANT);
    assert_eq!(session.handle_receipt(&SignedReceipt::sign(other, &server_secret())), wrong("tenant"));
    let forged = SignedReceipt { signature: [0; 64], ..good.clone() };
    assert!(matches!(session.handle_receipt(&forged), Err(SyncError::BadSignature(_))));

    assert_eq!(session.poll(), Step::Commit { first, last });
    assert_eq!(session.handle_receipt(&good), Ok(()));
}

#[test]
fn steps_out_of_order_are_refused() {
    let mut session = Phone::new().begin();
    let out_of_step = |result: Result<(), SyncError>| matches!(result, Err(SyncError::OutOfStep { .. }));
    assert!(out_of_step(session.signed([0; 64])));
    assert!(out_of_step(session.anchor_appended(Phone::new().chain)));
    assert!(out_of_step(session.page([vec![0]], limits::PAGE_BYTES).map(|_| ())));
}
