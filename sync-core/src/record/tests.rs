//! Official states over a small history, told as stories and as laws.

mod agreement;
mod laws;
mod stories;

use std::collections::BTreeSet;

use super::{
    Committed, Decision, Frontier, Past, RecordEvent, RecordState, Ruling, Submitted, official_state,
};
use crate::{
    calendar::Calendar,
    document::Heads,
    hash::Hash,
    id::{DeviceId, UserId},
    rules::{
        Pack, Reason,
        tests::{at, between, pack_with},
    },
    time::Timestamp,
};

/// A history of ten changes: 1 → 2 → 3 → 4 on one device, 1 → 5 → 6 on another, 7 joins 4 and 6, then 8 → 9.
pub(crate) const PARENTS: [&[u8]; 10] = [&[], &[], &[1], &[2], &[3], &[1], &[5], &[4, 6], &[7], &[8]];

/// The history above, as a frontier.
pub(crate) struct SmallHistory;

impl Frontier for SmallHistory {
    fn joint(&self, heads: &[Heads]) -> Heads {
        let all: BTreeSet<u8> = heads.iter().flat_map(ancestors).collect();
        let is_parent = |change: &u8| all.iter().any(|child| PARENTS[usize::from(*child)].contains(change));
        Heads::new(all.iter().filter(|change| !is_parent(change)).map(|change| hash(*change)))
    }

    fn past<'a>(&'a self, of: &Heads) -> Past<'a> {
        let past = ancestors(of);
        Box::new(move |heads| ancestors(heads).is_subset(&past))
    }
}

fn ancestors(heads: &Heads) -> BTreeSet<u8> {
    let mut found = BTreeSet::new();
    let mut next: Vec<u8> = heads.as_slice().iter().map(|hash| hash.as_bytes()[0]).collect();
    while let Some(change) = next.pop() {
        if found.insert(change) {
            next.extend(PARENTS[usize::from(change)]);
        }
    }
    found
}

/// A hash that is easy to tell apart.
fn hash(byte: u8) -> Hash {
    Hash::from_bytes([byte; 32])
}

/// The heads made of these changes.
fn heads(changes: &[u8]) -> Heads {
    Heads::new(changes.iter().map(|change| hash(*change)))
}

/// An instant in June 2026 in China, such as `on("02T16:00")`.
fn on(text: &str) -> Timestamp {
    at(&format!("2026-06-{text}:00+08:00"))
}

/// A submit of these heads that is known to lie between the two instants.
fn submit(entry: u8, changes: &[u8], not_before: Timestamp, arrived: Timestamp) -> Submitted {
    Submitted {
        entry: hash(entry),
        heads: heads(changes),
        filled: ["customer", "channel", "ended", "result"].map(str::to_owned).to_vec(),
        reason: None,
        evidence: between(not_before, arrived),
    }
}

/// A commit with the end as it stood in it.
fn commit(head: u8, arrived: Timestamp, ended: Option<Timestamp>, submits: Vec<Submitted>) -> RecordEvent {
    RecordEvent::Committed(Committed {
        arrived,
        device: DeviceId::from_bytes([head % 2; 16]),
        head: hash(head),
        ended,
        submits,
    })
}

/// A supervisor's ruling on a submit.
fn decide(entry: u8, ruling: Ruling, at: Timestamp) -> RecordEvent {
    RecordEvent::Decided(Decision {
        at,
        by: UserId::from_bytes([9; 16]),
        submit: hash(entry),
        ruling,
        reason: Reason::NoCoverage,
        note: String::new(),
    })
}

/// The state under a pack.
fn state_under(pack: &Pack, events: &[RecordEvent], now: Timestamp) -> RecordState {
    official_state(&pack.record_rule().unwrap(), &Calendar::default(), events, &SmallHistory, now)
}

/// The state under the shipped pack.
fn state(events: &[RecordEvent], now: Timestamp) -> RecordState {
    state_under(&pack_with(&[]), events, now)
}
