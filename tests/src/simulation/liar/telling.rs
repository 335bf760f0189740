//! Telling: how each lie is told, and what the answer has to be.

use std::num::NonZeroU64;

use anyhow::Context as _;
use automerge::{
    ChangeHash, ScalarValue,
    legacy::{Key, Op, OpType},
};
use client_sdk::{FieldValue, RefusalCode as Code, Timestamp, field};
use rand::{Rng as _, seq::index::sample};
use sync_core::{
    document::Heads,
    encoding,
    hash::Hash,
    id::{BootId, DeviceId, DocumentId, TenantId},
    log::{Commit, EntryKind, Statement, limits},
    protocol::{Cursor, PullRequest},
    rules::Flags,
};

use super::tale::{Ended, Tale, interrupted};
use crate::hostile::{draft::Draft, forgery, lies::Lie};

const SECOND_MS: i64 = 1_000;
const HOUR_MS: i64 = 3_600 * SECOND_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
const TEN_YEARS_MS: i64 = 3_653 * DAY_MS;

/// How many anchors the phone fetches that only pulls.
const PULLS: usize = 50;

/// Every code with which a commit is refused as a whole.
const ANY: [&str; 9] = [
    "malformed",
    "over_limit",
    "empty_commit",
    "wrong_device",
    "bad_signature",
    "anchor_stale",
    "anchor_missing",
    "log_gap",
    "log_forked",
];

/// Tells a lie to its end.
pub(super) async fn tell(tale: &mut Tale<'_>, lie: Lie) -> Result<(), Ended> {
    match lie {
        Lie::Nothing => tale.prepare().await,
        Lie::ClockBack | Lie::ClockForward => {
            tale.session().await?;
            tale.phone.hands.wall_skew_ms = if lie == Lie::ClockBack { -TEN_YEARS_MS } else { TEN_YEARS_MS };
            odd_visit(tale, Flags::CLAIM_OUTSIDE_BOUNDS).await
        }
        Lie::ClockSetBetween => {
            tale.session().await?;
            tale.write(EntryKind::Boot);
            tale.phone.hands.wall_skew_ms = if tale.random.random() { -3 * HOUR_MS } else { 3 * HOUR_MS };
            odd_visit(tale, Flags::WALL_JUMP).await
        }
        Lie::RebootUnseen => {
            tale.session().await?;
            tale.write(EntryKind::Boot);
            tale.phone.hands.boot = BootId::from_bytes(tale.random.random());
            odd_visit(tale, Flags::REBOOT_SINCE_ANCHOR).await
        }
        Lie::BootClockBackwards => {
            tale.session().await?;
            tale.write(EntryKind::Boot);
            tale.phone.hands.boot_skew_ms -= 5 * SECOND_MS;
            odd_visit(tale, Flags::BOOT_RATE_ODD).await
        }
        Lie::HalfBootClock => half_boot_clock(tale).await,
        Lie::OldAnchor => old_anchor(tale).await,
        Lie::OthersAnchor | Lie::InventedAnchor => {
            let anchor = if lie == Lie::OthersAnchor { heard(tale)? } else { any_hash(tale) };
            tale.session().await?;
            tale.lie(EntryKind::Anchor { anchor, round_trip_ms: 0 }, &[Code::UnknownAnchor]);
            with_bystander(tale).await
        }
        Lie::CommitToOthersAnchor => {
            let anchor = heard(tale)?;
            tale.prepare().await?;
            commit_to(tale, anchor).await
        }
        Lie::CommitToOldAnchor => {
            tale.prepare().await?;
            let anchors = &tale.life.past.anchors;
            let old = &anchors[tale.random.random_range(0..anchors.len() - 1)];
            let anchor = old.anchor.hash();
            commit_to(tale, anchor).await
        }
        Lie::NonceTwice => nonce_twice(tale).await,
        Lie::InventedAnchorShown => invented_anchor_shown(tale).await,
        Lie::NoAnchor => {
            tale.prepare().await?;
            tale.bystander()?;
            let anchor = tale.phone.anchor.as_ref().context("there is an anchor")?.anchor.hash();
            let commit = tale.phone.commit_naming(anchor)?;
            tale.refused_commit(&commit, &["anchor_missing"]).await
        }
        Lie::ManyPulls => many_pulls(tale).await,
        Lie::EndMovedLater => end_moved_later(tale).await,
        Lie::EndAhead => {
            tale.session().await?;
            let (draft, _) = tale.visit(tale.now().plus_millis(30 * DAY_MS))?;
            let receipt = tale.accepted().await?;
            let record = receipt.records.iter().find(|record| record.document == draft.id);
            match record.and_then(|record| record.ended) {
                Some(ended) if ended <= receipt.received => Ok(()),
                ended => {
                    Err(Ended::Believed(format!("the visit ended {ended:?}, arrived {}", receipt.received)))
                }
            }
        }
        Lie::DeadlineEdge => {
            tale.prepare().await?;
            let (_, answered, _) = tale.life.past.last.context("it prepared")?;
            let edge = if tale.random.random() {
                answered.plus_millis(-2 * DAY_MS)
            } else {
                midnight(answered).plus_millis(-tale.random.random_range(1..4) * DAY_MS)
            };
            let ended = edge.plus_millis(tale.random.random_range(-1..=1));
            tale.visit(ended)?;
            tale.accepted().await.map(|_| ())
        }
        Lie::Rewritten => {
            tale.session().await?;
            let before = tale.phone.chain;
            tale.bystander()?;
            tale.accepted().await?;
            tale.session().await?;
            tale.phone.step_back(before);
            for _ in 0..tale.random.random_range(1..4) {
                tale.bystander()?;
            }
            let commit = tale.phone.commit()?;
            tale.refused_commit(&commit, &["log_forked"]).await
        }
        Lie::Hole
        | Lie::IndexJump
        | Lie::WrongPrevious
        | Lie::Swapped
        | Lie::Dropped
        | Lie::Repeated
        | Lie::Empty
        | Lie::TooManyEntries
        | Lie::TooLargeEntry => broken_page(tale, lie).await,
        Lie::BitFlips | Lie::Truncated | Lie::Trailing | Lie::TooLargeBody => broken_body(tale, lie).await,
        Lie::WrongSignature | Lie::HighSignature | Lie::OthersStatement | Lie::OthersCompany => {
            broken_statement(tale, lie).await
        }
        Lie::Replayed | Lie::ReplayedOtherwise => replayed(tale, lie).await,
        Lie::CursorAhead => {
            tale.session().await?;
            let request =
                PullRequest { cursor: Cursor(u64::MAX), nonce: [8; 16], seen: None, shown: None, run: None };
            match tale.phone.ask(&request).await? {
                Ok(_) => Err(Ended::Believed("it was answered".to_owned())),
                Err(problem) => tale.is_one_of(&problem, &["cursor_ahead"]),
            }
        }
        Lie::RefreshTokenAsAccess => {
            tale.session().await?;
            tale.bystander()?;
            let body = encoding::encode(&tale.phone.commit()?);
            match tale.phone.post_with(tale.phone.refresh_token(), "/v1/commit", body).await? {
                Ok(_) => Err(Ended::Believed("it was answered".to_owned())),
                Err(problem) => tale.is_one_of(&problem, &["invalid_token"]),
            }
        }
        Lie::OldRefreshToken => {
            tale.session().await?;
            let old = tale.phone.refresh_token().to_owned();
            // The token before the newest is a retry whose answer was lost.
            tale.session().await?;
            tale.session().await?;
            match tale.phone.renew_with(&old).await? {
                Ok(_) => Err(Ended::Believed("it was given tokens".to_owned())),
                Err(problem) => tale.is_one_of(&problem, &["refresh_reused"]),
            }
        }
        _ => {
            tale.session().await?;
            // The lie stands somewhere between what is true.
            if tale.random.random() {
                tale.bystander()?;
            }
            false_entry(tale, lie)?;
            with_bystander(tale).await
        }
    }
}

/// Hands over what was written, with a true visit behind it.
async fn with_bystander(tale: &mut Tale<'_>) -> Result<(), Ended> {
    tale.bystander()?;
    tale.accepted().await.map(|_| ())
}

/// Hands over a visit that is as it should be, but for when it says that it was written.
async fn odd_visit(tale: &mut Tale<'_>, flag: Flags) -> Result<(), Ended> {
    let ended = tale.now().plus_millis(-tale.random.random_range(0..4 * DAY_MS));
    let (_, submit) = tale.visit(ended)?;
    let receipt = tale.accepted().await?;
    tale.flagged(&receipt, submit, flag)?;
    let measured =
        tale.status(&receipt, submit)?.verdict.evidence.as_ref().and_then(|evidence| evidence.measured);
    if flag == Flags::REBOOT_SINCE_ANCHOR && measured.is_some() {
        return Err(Ended::Believed(format!("{measured:?} was measured through a restart")));
    }
    Ok(())
}

async fn half_boot_clock(tale: &mut Tale<'_>) -> Result<(), Ended> {
    tale.session().await?;
    let reading = tale.phone.clock_reading();
    let Some((_, before, then)) = tale.life.past.last.filter(|(.., then)| then.boot == reading.boot) else {
        return Err(interrupted("it has no anchor of this boot in its log yet"));
    };
    let half = reading.boot_ms.saturating_sub(then.boot_ms) / 2;
    tale.phone.hands.boot_skew_ms -= i64::try_from(half).unwrap_or(0);
    let anchor = tale.phone.anchor.as_ref().context("there is an anchor")?.anchor.time;
    if (anchor.millis_since(before) - half as i64).abs() < 5 * SECOND_MS {
        return Err(interrupted("half of nothing is nothing"));
    }
    odd_visit(tale, Flags::BOOT_RATE_ODD).await
}

async fn old_anchor(tale: &mut Tale<'_>) -> Result<(), Ended> {
    tale.prepare().await?;
    let (_, answered, _) = tale.life.past.last.context("it prepared")?;
    let old: Vec<Hash> = tale
        .life
        .past
        .anchors
        .iter()
        .filter(|signed| signed.anchor.time <= answered)
        .map(|signed| signed.anchor.hash())
        .collect();
    let anchor = old[tale.random.random_range(0..old.len())];
    tale.lie(EntryKind::Anchor { anchor, round_trip_ms: 0 }, &[Code::UnknownAnchor]);
    let ended = tale.now().plus_millis(-tale.random.random_range(2..6) * DAY_MS);
    let (_, submit) = tale.visit(ended)?;
    let receipt = tale.accepted().await?;
    let evidence = tale.status(&receipt, submit)?.verdict.evidence.as_ref();
    match evidence {
        Some(evidence) if evidence.not_before >= answered => Ok(()),
        _ => Err(Ended::Believed(format!("anchored {answered}, and then {evidence:?}"))),
    }
}

async fn commit_to(tale: &mut Tale<'_>, anchor: Hash) -> Result<(), Ended> {
    tale.bystander()?;
    tale.phone.append(EntryKind::Anchor { anchor, round_trip_ms: 0 });
    let commit = tale.phone.commit_naming(anchor)?;
    tale.refused_commit(&commit, &["anchor_stale"]).await
}

async fn nonce_twice(tale: &mut Tale<'_>) -> Result<(), Ended> {
    tale.session().await?;
    let request =
        PullRequest { cursor: Cursor(0), nonce: tale.random.random(), seen: None, shown: None, run: None };
    let mut anchors = Vec::new();
    for _ in 0..2 {
        match tale.phone.ask(&request).await? {
            Ok(answer) => {
                anchors.push(answer.anchor.ok_or_else(|| interrupted("there is no anchor"))?.anchor)
            }
            Err(problem) => tale.is_one_of(&problem, &[])?,
        }
    }
    let fresh = anchors[1].sequence != anchors[0].sequence && anchors[1].hash() != anchors[0].hash();
    if fresh && anchors.iter().all(|anchor| anchor.nonce == request.nonce) {
        return Ok(());
    }
    Err(Ended::Believed(format!("{anchors:?}")))
}

async fn invented_anchor_shown(tale: &mut Tale<'_>) -> Result<(), Ended> {
    tale.session().await?;
    let mut invented = tale.phone.anchor.clone().context("there is an anchor")?;
    invented.anchor.sequence += 1_000;
    invented.anchor.time = invented.anchor.time.plus_millis(-9 * DAY_MS);
    let sequence = invented.anchor.sequence;
    let request =
        PullRequest { cursor: Cursor(0), nonce: [9; 16], seen: None, shown: Some(vec![invented]), run: None };
    match tale.phone.ask(&request).await? {
        Ok(answer) if answer.anchor.as_ref().is_none_or(|signed| signed.anchor.sequence < sequence) => Ok(()),
        Ok(_) => Err(Ended::Believed("the server took it for its own".to_owned())),
        Err(problem) => tale.is_one_of(&problem, &[]),
    }
}

async fn many_pulls(tale: &mut Tale<'_>) -> Result<(), Ended> {
    tale.session().await?;
    let mut newest = 0;
    for _ in 0..PULLS {
        let request = PullRequest {
            cursor: Cursor(0),
            nonce: tale.random.random(),
            seen: None,
            shown: None,
            run: None,
        };
        let answer = match tale.phone.ask(&request).await? {
            Ok(answer) => answer,
            Err(problem) => return tale.is_one_of(&problem, &[]),
        };
        // None are given out while too many are unanswered, which earlier attempts may have left behind.
        let Some(anchor) = answer.anchor else { continue };
        if anchor.anchor.sequence <= newest {
            return Err(interrupted("the server has gone back"));
        }
        newest = anchor.anchor.sequence;
        tale.phone.anchor = Some(anchor);
    }
    odd_visit(tale, Flags::ANCHORS_UNANSWERED).await
}

async fn end_moved_later(tale: &mut Tale<'_>) -> Result<(), Ended> {
    tale.session().await?;
    let mut draft = tale.fill(tale.now().plus_millis(-5 * DAY_MS))?;
    let first = tale.accepted().await?;
    tale.session().await?;
    let moved = draft.set(&tale.phone.author, field::ENDED, FieldValue::Time(tale.now()))?;
    tale.change(&draft, moved);
    tale.submit(&draft);
    let second = tale.accepted().await?;
    let [before, after] = [first, second].map(|receipt| {
        let record = receipt.records.into_iter().find(|record| record.document == draft.id);
        record.and_then(|record| record.ended)
    });
    if before.is_some() && before == after {
        return Ok(());
    }
    Err(Ended::Believed(format!("the visit ended {before:?} and then {after:?}")))
}

/// Puts a page together that does not hold together.
async fn broken_page(tale: &mut Tale<'_>, lie: Lie) -> Result<(), Ended> {
    tale.prepare().await?;
    tale.bystander()?;
    let codes: &[&str] = match lie {
        Lie::IndexJump => {
            tale.phone.chain.next_index += tale.random.random_range(1..9);
            tale.bystander()?;
            &["log_gap"]
        }
        Lie::WrongPrevious => {
            tale.phone.chain.head = any_hash(tale);
            tale.bystander()?;
            &["log_forked"]
        }
        Lie::TooManyEntries => {
            for _ in 0..limits::PAGE_ENTRIES {
                tale.phone.append(EntryKind::Boot);
            }
            &["over_limit"]
        }
        Lie::TooLargeEntry => {
            let document = tale.draft()?.id;
            tale.phone.change(document, vec![0; limits::ENTRY_BYTES]);
            &["over_limit"]
        }
        Lie::Empty => &["empty_commit"],
        _ => {
            // A second document, so that entries of two stand next to each other.
            tale.bystander()?;
            &["log_gap"]
        }
    };
    let honest = tale.phone.commit()?;
    let mut entries = tale.phone.waiting().to_vec();
    let mut first = honest.first;
    let at = tale.random.random_range(0..entries.len() - 1);
    match lie {
        Lie::Hole => first += tale.random.random_range(1..9),
        // Five entries are one visit: these are the last of the first and the first of the second.
        Lie::Swapped => entries.swap(4, 5),
        Lie::Dropped => drop(entries.remove(at)),
        Lie::Repeated => entries.insert(at, entries[at].clone()),
        Lie::Empty => entries.clear(),
        _ => {}
    }
    // So that it is the place of the entries, not the statement, that is wrong.
    let last = (first + entries.len() as u64).saturating_sub(1);
    let commit = tale.phone.commit_stating(Statement { last, ..honest.statement }, first, &entries)?;
    tale.refused_commit(&commit, codes).await
}

/// Sends what is not a commit, or not quite.
async fn broken_body(tale: &mut Tale<'_>, lie: Lie) -> Result<(), Ended> {
    tale.prepare().await?;
    tale.bystander()?;
    let mut body = encoding::encode(&tale.phone.commit()?);
    match lie {
        Lie::BitFlips => {
            // Each in a byte of its own, so that none undoes another.
            let flips = tale.random.random_range(1..4);
            for at in sample(&mut tale.random, body.len(), flips) {
                body[at] ^= 1 << tale.random.random_range(0..8);
            }
            tale.refused(body, &ANY).await
        }
        Lie::Truncated => {
            body.truncate(tale.random.random_range(0..body.len()));
            tale.refused(body, &["malformed"]).await
        }
        Lie::Trailing => {
            body.push(tale.random.random());
            tale.refused(body, &["malformed"]).await
        }
        _ => tale.refused(vec![0; limits::COMMIT_BYTES + 1], &["over_limit", "body_too_large"]).await,
    }
}

/// Signs and states what is not so.
async fn broken_statement(tale: &mut Tale<'_>, lie: Lie) -> Result<(), Ended> {
    tale.prepare().await?;
    tale.bystander()?;
    let honest = tale.phone.commit()?;
    let entries = tale.phone.waiting().to_vec();
    let mut statement = honest.statement.clone();
    match lie {
        Lie::OthersStatement => statement.device = DeviceId::from_bytes(tale.random.random()),
        Lie::OthersCompany => statement.tenant = TenantId::from_bytes(tale.random.random()),
        _ => {
            let signature = if lie == Lie::HighSignature {
                forgery::high_s(&honest.signature)?
            } else {
                statement.head = any_hash(tale);
                tale.phone.commit_stating(statement, honest.first, &entries)?.signature
            };
            let commit = Commit { signature, ..honest };
            return tale.refused_commit(&commit, &["bad_signature"]).await;
        }
    }
    let commit = tale.phone.commit_stating(statement, honest.first, &entries)?;
    tale.refused_commit(&commit, &["wrong_device"]).await
}

async fn replayed(tale: &mut Tale<'_>, lie: Lie) -> Result<(), Ended> {
    tale.prepare().await?;
    let pages = &tale.life.past.pages;
    let (mut page, had) = pages[tale.random.random_range(0..pages.len())].clone();
    if lie == Lie::ReplayedOtherwise {
        let at = tale.random.random_range(0..page.entries.len() - 1);
        let mut entry = page.entries[at].to_vec();
        let byte = tale.random.random_range(0..entry.len());
        entry[byte] ^= 1 << tale.random.random_range(0..8);
        page.entries[at] = entry.into();
    }
    tale.repeated(&page, &had).await
}

/// Writes an entry that alone has to be refused.
fn false_entry(tale: &mut Tale<'_>, lie: Lie) -> Result<(), Ended> {
    let author = tale.phone.author;
    let mut draft = tale.draft()?;
    let actor = author.actor(draft.id);
    match lie {
        Lie::Garbage => {
            let length = tale.random.random_range(0..200);
            let bytes = (0..length).map(|_| tale.random.random()).collect();
            tale.lie_bytes(bytes, &[Code::MalformedEntry]);
        }
        Lie::OtherEncoding => {
            let mut chain = tale.phone.chain;
            let (_, mut bytes, _) = chain.append(tale.phone.clock_reading(), EntryKind::Boot);
            bytes.push(0);
            tale.lie_bytes(bytes, &[Code::MalformedEntry]);
        }
        Lie::OthersDocument => {
            let mut stolen = Draft::of(victim(tale)?)?;
            let change = stolen.write(&author, field::PLACE, "篡改")?;
            tale.lie_change(stolen.id, change, &[Code::NotPermitted]);
        }
        Lie::OthersCheckIn => {
            let stolen = Draft::of(victim(tale)?)?;
            let (heads, value) = (stolen.document.heads(), stolen.document.values().hash());
            let document = stolen.id;
            tale.lie(EntryKind::CheckIn { document }, &[Code::NotPermitted]);
            tale.lie(EntryKind::Submit { document, heads, value, reason: None }, &[Code::NotPermitted]);
        }
        Lie::UnknownKind => {
            let mut id: [u8; 16] = tale.random.random();
            id[0] = 0xff;
            let change = draft.write(&author, field::PLACE, "一号楼")?;
            tale.lie_change(DocumentId::from_bytes(id), change, &[Code::UnknownKind]);
        }
        Lie::ForgedActor => {
            let other =
                sync_core::admission::Author { device: DeviceId::from_bytes(tale.random.random()), ..author };
            let change = draft.write(&author, field::PLACE, "一号楼")?;
            let forged = forgery::in_the_name_of(other.actor(draft.id), &change)?;
            tale.lie_change(draft.id, forged, &[Code::ForeignActor]);
        }
        Lie::RowBomb => {
            let rows = tale.random.random_range(1_000_000..100_000_000);
            tale.lie_change(draft.id, forgery::row_bomb(actor, rows), &[Code::OverLimit]);
        }
        Lie::PredecessorBomb => {
            tale.lie_change(draft.id, forgery::predecessor_bomb(actor), &[Code::OverLimit]);
        }
        Lie::BlindOverwrite => {
            let first = draft.write(&author, field::PLACE, "一号楼")?;
            tale.change(&draft, first);
            let second = draft.write(&author, field::PLACE, "二号楼")?;
            tale.lie_change(draft.id, forgery::blind(&second)?, &[Code::BadReference]);
        }
        Lie::DeflateBomb => tale.lie_change(draft.id, forgery::deflate_bomb(), &[Code::MalformedChange]),
        Lie::Equivocation => {
            let mut twin = draft.clone();
            let one = draft.write(&author, field::PLACE, "一号楼")?;
            let other = twin.write(&author, field::PLACE, "二号楼")?;
            tale.change(&draft, one);
            tale.lie_change(draft.id, other, &[Code::SequenceBroken]);
        }
        Lie::UnknownHeads | Lie::WrongValue => {
            let change = draft.write(&author, field::PLACE, "一号楼")?;
            tale.change(&draft, change);
            let known = draft.document.heads();
            let (heads, codes): (_, &[Code]) = match lie {
                Lie::WrongValue => (known, &[Code::ValueMismatch]),
                _ => (
                    Heads::new(known.as_slice().iter().copied().chain([any_hash(tale)])),
                    &[Code::UnknownHeads],
                ),
            };
            let value = if lie == Lie::WrongValue { any_hash(tale) } else { draft.document.values().hash() };
            tale.lie(EntryKind::Submit { document: draft.id, heads, value, reason: None }, codes);
        }
        Lie::NothingSubmitted => {
            let (heads, value) = (draft.document.heads(), draft.document.values().hash());
            let submit = EntryKind::Submit { document: draft.id, heads, value, reason: None };
            tale.lie(submit, &[Code::UnknownDocument]);
        }
        _ => {
            let first = draft.write(&author, field::PLACE, "一号楼")?;
            tale.change(&draft, first);
            let next = draft.write(&author, field::CHANNEL, "on_site")?;
            let (forged, codes) = forged(tale, lie, &next)?;
            tale.lie_change(draft.id, forged, codes);
        }
    }
    Ok(())
}

/// A change that is not as its author made it, though its checksum is right.
fn forged(tale: &mut Tale<'_>, lie: Lie, change: &[u8]) -> anyhow::Result<(Vec<u8>, &'static [Code])> {
    let orphan: [u8; 32] = tale.random.random();
    let near_the_end = u64::from(u32::MAX) - tale.random.random_range(0..3);
    let alter_first = |alter: &dyn Fn(&mut Op)| {
        forgery::forge(change, |change| {
            if let Some(operation) = change.operations.first_mut() {
                alter(operation);
            }
        })
    };
    Ok(match lie {
        Lie::StartOpAhead => {
            let ahead = NonZeroU64::new(near_the_end).context("it is not zero")?;
            (
                forgery::forge(change, |change| change.start_op = ahead)?,
                &[Code::StartOpWrong, Code::OverLimit],
            )
        }
        Lie::Orphan => {
            let alter = |change: &mut automerge::ExpandedChange| change.deps = vec![ChangeHash(orphan)];
            (forgery::forge(change, alter)?, &[Code::MissingDependency])
        }
        Lie::SequenceSkipped => (forgery::forge(change, |change| change.seq += 1)?, &[Code::SequenceBroken]),
        Lie::NoSuchField => {
            let alter = |operation: &mut Op| operation.key = Key::Map("no_such_field".into());
            (alter_first(&alter)?, &[Code::SchemaViolation])
        }
        Lie::NoSuchChoice => {
            let telepathy = ScalarValue::Str("telepathy".into());
            let alter = |operation: &mut Op| operation.action = OpType::Put(telepathy.clone());
            (alter_first(&alter)?, &[Code::SchemaViolation])
        }
        Lie::OtherForm => (forgery::in_another_form(change)?, &[Code::MalformedChange]),
        other => anyhow::bail!("nobody knows how to tell {other:?}"),
    })
}

fn any_hash(tale: &mut Tale<'_>) -> Hash {
    Hash::from_bytes(tale.random.random())
}

fn heard(tale: &mut Tale<'_>) -> Result<Hash, Ended> {
    if tale.heard.is_empty() {
        return Err(interrupted("it has heard of nobody's anchor"));
    }
    Ok(tale.heard[tale.random.random_range(0..tale.heard.len())])
}

fn victim(tale: &mut Tale<'_>) -> Result<DocumentId, Ended> {
    if tale.victims.is_empty() {
        return Err(interrupted("it has heard of nobody's visit"));
    }
    Ok(tale.victims[tale.random.random_range(0..tale.victims.len())])
}

/// The beginning of the day in Shanghai.
fn midnight(time: Timestamp) -> Timestamp {
    let local = time.as_millis() + 8 * HOUR_MS;
    Timestamp::from_millis(local - local.rem_euclid(DAY_MS) - 8 * HOUR_MS)
}
