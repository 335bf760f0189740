//! Phone and server against each other: paging, lost answers, restored backups.

use proptest::prelude::*;

use super::world::{NONCE, Phone, Server, device_state};
use crate::{
    encoding,
    hash::Hash,
    id::DeviceId,
    log::{Anchor, EntryKind, JournalRoot, limits},
    protocol::phone::{Finished, Step, SyncError},
    time::Timestamp,
};

/// Syncs with pages of at most `most` entries and gives how many pages that took.
fn sync(phone: &mut Phone, server: &mut Server, most: usize) -> Result<usize, SyncError> {
    let mut session = phone.begin();
    let mut pages = 0;
    while let Step::Commit { first, last } = phone.go(&mut session, server)? {
        let body = encoding::encode(&phone.page(&mut session, first, last, most));
        assert!(body.len() <= limits::COMMIT_BYTES);
        let receipt = server.commit(&body).unwrap();
        session.handle_receipt(&receipt)?;
        phone.receipted = session.receipted();
        pages += 1;
    }
    assert_eq!(session.poll(), Step::Done(Finished::Committed));
    Ok(pages)
}

#[test]
fn two_requests_bring_a_phone_up_to_date() {
    let (mut phone, mut server) = (Phone::new(), Server::new());
    phone.write_entries(20);
    assert_eq!(sync(&mut phone, &mut server, usize::MAX), Ok(1));
    assert_eq!(server.state.chain, phone.chain);
    assert_eq!((phone.receipted, server.state.unanswered), (21, 0));
    assert_eq!(sync(&mut phone, &mut server, usize::MAX), Ok(1));
}

#[test]
fn a_long_feed_is_pulled_to_its_end_before_anything_is_committed() {
    let (mut phone, mut server) = (Phone::new(), Server::new());
    server.pages_left = 3;
    assert_eq!(sync(&mut phone, &mut server, usize::MAX), Ok(1));
    assert_eq!(phone.cursor.0, 3);
}

#[test]
fn more_entries_than_fit_a_page_go_in_several() {
    let (mut phone, mut server) = (Phone::new(), Server::new());
    phone.write_entries(limits::PAGE_ENTRIES + 10);
    assert_eq!(sync(&mut phone, &mut server, usize::MAX), Ok(2));
    assert_eq!(server.state.chain, phone.chain);
}

#[test]
fn more_bytes_than_fit_a_page_go_in_several() {
    let (mut phone, mut server) = (Phone::new(), Server::new());
    for _ in 0..20 {
        let document = crate::id::DocumentId::from_bytes([1; 16]);
        let change = vec![0; limits::CHANGE_BYTES].into();
        phone.write(EntryKind::Change { document, change });
    }
    assert_eq!(sync(&mut phone, &mut server, usize::MAX), Ok(3));
    assert_eq!(server.state.chain, phone.chain);
}

#[test]
fn a_page_keeps_to_the_bytes_asked_for_unless_it_holds_one_entry_or_was_sent_before() {
    let (mut phone, mut server) = (Phone::new(), Server::new());
    phone.write_entries(10);
    let entry_bytes = phone.log[..10].iter().map(Vec::len).max().unwrap();
    let mut session = phone.begin();
    let Ok(Step::Commit { .. }) = phone.go(&mut session, &mut server) else { panic!() };
    let sent = session.page(phone.log.clone(), 4 * entry_bytes).unwrap();
    assert_eq!(sent.entries.len(), 4);
    let again = session.page(phone.log.clone(), 0).unwrap();
    assert_eq!(again, sent, "smaller bounds are for new pages");
    session.handle_receipt(&server.commit(&encoding::encode(&sent)).unwrap()).unwrap();
    assert_eq!(session.page(phone.log[4..].to_vec(), 0).unwrap().entries.len(), 1);
}

#[test]
fn a_page_whose_receipt_was_lost_gets_the_same_receipt_in_the_next_sync() {
    let (mut phone, mut server) = (Phone::new(), Server::new());
    phone.write_entries(10);
    let mut session = phone.begin();
    let Ok(Step::Commit { first, last }) = phone.go(&mut session, &mut server) else { panic!() };
    let lost = server.commit(&encoding::encode(&phone.page(&mut session, first, last, 4))).unwrap();

    phone.write_entries(2);
    let mut session = phone.begin();
    let Ok(Step::Commit { first, last }) = phone.go(&mut session, &mut server) else { panic!() };
    assert_eq!((first, last), (0, 3));
    let again = server.commit(&encoding::encode(&phone.page(&mut session, first, last, 100))).unwrap();
    assert_eq!(encoding::encode(&again), encoding::encode(&lost));
    session.handle_receipt(&again).unwrap();
    phone.receipted = session.receipted();
    assert_eq!(session.poll(), Step::Commit { first: 4, last: 13 });
    assert_eq!(sync(&mut phone, &mut server, usize::MAX), Ok(1));
}

#[test]
fn a_page_whose_receipt_was_lost_is_made_again_as_it_was_in_the_same_sync() {
    let (mut phone, mut server) = (Phone::new(), Server::new());
    phone.write_entries(10);
    let mut session = phone.begin();
    let Ok(Step::Commit { first, last }) = phone.go(&mut session, &mut server) else { panic!() };
    let page = phone.page(&mut session, first, last, 4);
    let receipt = server.commit(&encoding::encode(&page)).unwrap();
    assert_eq!(session.poll(), Step::Commit { first: 0, last: 3 });
    assert!(session.page(phone.log[..3].to_vec(), limits::PAGE_BYTES).is_err());
    assert_eq!(phone.page(&mut session, 0, 3, 100), page);
    assert_eq!(session.handle_receipt(&receipt), Ok(()));
    assert_eq!(session.poll(), Step::Commit { first: 4, last: 10 });
}

#[test]
fn a_commit_that_comes_twice_gets_the_same_receipt_even_after_a_newer_anchor() {
    let (mut phone, mut server) = (Phone::new(), Server::new());
    phone.write_entries(3);
    let mut session = phone.begin();
    let Ok(Step::Commit { first, last }) = phone.go(&mut session, &mut server) else { panic!() };
    let body = encoding::encode(&phone.page(&mut session, first, last, 100));
    let receipt = server.commit(&body).unwrap();
    session.handle_receipt(&receipt).unwrap();
    phone.receipted = session.receipted();
    sync(&mut phone, &mut server, usize::MAX).unwrap();
    assert_eq!(server.commit(&body), Ok(receipt));
}

#[test]
fn a_phone_restored_from_a_backup_finds_that_it_was() {
    let (mut phone, mut server) = (Phone::new(), Server::new());
    phone.write_entries(3);
    let backup = phone.clone();
    sync(&mut phone, &mut server, usize::MAX).unwrap();
    let mut restored = backup;
    assert_eq!(sync(&mut restored, &mut server, 9), Err(SyncError::Forked { held: 4 }));
    restored.write_entries(5);
    assert_eq!(sync(&mut restored, &mut server, 9), Err(SyncError::Forked { held: 4 }));
}

#[test]
fn a_server_restored_from_a_backup_is_noticed_and_gets_the_entries_again() {
    let (mut phone, mut server) = (Phone::new(), Server::new());
    phone.write_entries(3);
    sync(&mut phone, &mut server, usize::MAX).unwrap();
    let backup = server.clone();
    phone.write_entries(3);
    sync(&mut phone, &mut server, usize::MAX).unwrap();
    let behind = SyncError::ServerBehind { held: 4, receipted: 8 };
    assert_eq!(sync(&mut phone, &mut backup.clone(), 9), Err(behind));
    let shown = phone.seen.map(|seen| seen.sequence);
    let mut restored = backup;
    assert!(restored.state.is_behind(shown) && !restored.state.is_behind(None));
    (phone.receipted, phone.shows) = (4, true);
    assert_eq!(sync(&mut phone, &mut restored, usize::MAX), Ok(1));
    assert_eq!(restored.state.chain, phone.chain);
    let numbers: Vec<u64> = phone.anchors.iter().map(|signed| signed.anchor.sequence).collect();
    assert_eq!(numbers, [1, 2, 3], "no number is given out twice");
}

#[test]
fn only_news_of_this_device_is_recalled_and_time_stays() {
    let journal = JournalRoot { size: 0, hash: Hash::ZERO };
    let at = Timestamp::from_millis;
    let mut lost = device_state();
    for n in 0..3 {
        lost.issue_anchor(at(5_000 + n), NONCE, journal);
    }
    let newest = lost.issue_anchor(at(9_000), NONCE, journal);
    let mut restored = device_state();
    let other = Anchor { device: DeviceId::from_bytes([77; 16]), ..newest.clone() };
    assert!(!restored.recall_anchor(&other));
    assert!(restored.recall_anchor(&newest) && !restored.recall_anchor(&newest));
    assert_eq!(restored.unanswered, 0, "the one that lost them is not the phone");
    let next = restored.issue_anchor(at(6_000), NONCE, journal);
    assert_eq!((next.sequence, next.time), (5, at(9_000)));
}

#[test]
fn a_server_that_takes_no_commits_is_still_pulled_from() {
    let (mut phone, mut server) = (Phone::new(), Server::new());
    (server.pages_left, server.takes_commits) = (2, false);
    let mut session = phone.begin();
    assert_eq!(phone.go(&mut session, &mut server), Ok(Step::Done(Finished::PulledOnly)));
    assert_eq!((phone.cursor.0, phone.log.len()), (2, 0));
}

proptest! {
    /// Each number is one attempt: how many entries are written first, how long its pages are, and which of its
    /// requests or answers is lost, which ends it.
    #[test]
    fn whatever_gets_lost_the_log_arrives_whole_and_each_page_once(
        attempts in prop::collection::vec((0..6usize, 1..5usize, 0..8usize, any::<bool>()), 0..12),
    ) {
        let (mut phone, mut server) = (Phone::new(), Server::new());
        for (entries, most, lost_at, answer_is_lost) in attempts {
            phone.write_entries(entries);
            let mut session = phone.begin();
            for request in 0.. {
                let Step::Commit { first, last } = phone.go(&mut session, &mut server).unwrap() else {
                    break;
                };
                // A page that the server holds already is made again whole.
                let most = if server.state.chain.next_index > first { usize::MAX } else { most };
                let body = encoding::encode(&phone.page(&mut session, first, last, most));
                if request == lost_at && !answer_is_lost {
                    break;
                }
                let receipt = server.commit(&body).unwrap();
                if request == lost_at {
                    break;
                }
                session.handle_receipt(&receipt).unwrap();
                phone.receipted = session.receipted();
            }
        }
        sync(&mut phone, &mut server, usize::MAX).unwrap();
        prop_assert_eq!(server.state.chain, phone.chain);
        prop_assert_eq!(phone.receipted, phone.chain.next_index);
        let mut next = 0;
        for id in server.receipts.keys() {
            prop_assert_eq!(id.first, next);
            next = id.last + 1;
        }
        prop_assert_eq!(next, phone.chain.next_index);
    }
}
