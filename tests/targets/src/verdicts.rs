//! Verdicts: judging is total and always says the same; "proven" is said exactly when the bounds say so; a verdict comes
//! back from its bytes; and the official state of a record does not depend on the order in which its events are given.

use std::{collections::BTreeSet, sync::LazyLock};

use sync_core::{
    calendar::{CN, Calendar},
    document::{Heads, field},
    encoding,
    hash::Hash,
    id::{DeviceId, UserId},
    record::{
        Committed, Decision, Frontier, Past, RecordEvent, RecordState, Ruling, Standing, Submitted,
        official_state,
    },
    rules::{
        Basis, Evidence, Flags, Measured, Outcome as Found, Pack, PackRule, Reason, Verdict, judge, packs,
        predict,
    },
    time::Timestamp,
};

use crate::{Outcome, tape::Tape, world::NOW};

/// The shipped rule in each mode and with each consequence.
static PACKS: LazyLock<Vec<Pack>> = LazyLock::new(|| {
    let modes = ["receipt", "witnessed", "claimed", "review"];
    let with = |mode: &str, breach: &str| {
        let text = packs::KEY_ACCOUNT_VISITS
            .replace("time = \"witnessed\"", &format!("time = {mode:?}"))
            .replace("on_breach = \"hold\"", &format!("on_breach = {breach:?}"));
        Pack::parse(&text).unwrap()
    };
    modes.iter().flat_map(|mode| ["finding", "hold", "refuse"].map(|breach| with(mode, breach))).collect()
});

static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| Calendar::from_ics(&CN).unwrap());

/// Judges one piece of evidence, then a record with several submits and decisions.
pub fn run(data: &[u8]) -> Outcome {
    let mut tape = Tape::new(data);
    let pack = &PACKS[tape.below(PACKS.len())];
    let rule = pack.record_rule().unwrap();
    let deadline = time(&mut tape);
    let evidence = evidence(&mut tape);
    let verdict = check_judgement(&rule, deadline, &evidence);
    check_prediction(&rule, deadline, &evidence, time(&mut tape));
    let events: Vec<RecordEvent> = (0..tape.below(7)).map(|_| event(&mut tape)).collect();
    let now = time(&mut tape);
    check_record(&rule, &events, now, tape.long());
    Outcome::accepted_if(verdict.outcome == Found::OnTime)
}

/// An instant near the others, or anywhere.
fn time(tape: &mut Tape<'_>) -> Timestamp {
    if tape.byte() < 16 {
        return Timestamp::from_millis(tape.number());
    }
    NOW.plus_millis(i64::from(tape.short()) * 7_200 - 100_000_000)
}

fn maybe<'a, T>(tape: &mut Tape<'a>, make: impl FnOnce(&mut Tape<'a>) -> T) -> Option<T> {
    tape.flag().then(|| make(tape))
}

fn evidence(tape: &mut Tape<'_>) -> Evidence {
    let bits = tape.byte();
    let set = Flags::NAMES.iter().zip(0..).filter(|(_, bit)| bits >> bit & 1 == 1);
    Evidence {
        not_before: time(tape),
        anchor: maybe(tape, |tape| Hash::from_bytes([tape.byte(); 32])),
        not_after: maybe(tape, time),
        measured: maybe(tape, |tape| Measured { earliest: time(tape), latest: time(tape) }),
        claimed: time(tape),
        flags: set.fold(Flags::empty(), |flags, ((flag, _), _)| flags.with(*flag)),
    }
}

fn check_judgement(rule: &PackRule<'_>, deadline: Timestamp, evidence: &Evidence) -> Verdict {
    let verdict = judge(rule, deadline, evidence);
    assert_eq!(judge(rule, deadline, evidence), verdict);
    let bytes = encoding::encode(&verdict);
    assert_eq!(encoding::decode::<Verdict>(&bytes).as_ref(), Ok(&verdict));
    let bytes = encoding::encode(evidence);
    assert_eq!(encoding::decode::<Evidence>(&bytes).as_ref(), Ok(evidence));

    let suspect = evidence.flags.intersects(Flags::SERVER_TIME_SUSPECT);
    let is_late = evidence.not_before > deadline;
    let is_on_time = !is_late && !suspect && evidence.not_after.is_some_and(|bound| bound <= deadline);
    assert_eq!(verdict.basis == Basis::Proven, is_late || is_on_time, "{verdict:?}");
    match verdict.basis {
        Basis::Proven => assert_eq!(verdict.outcome == Found::Late, is_late),
        Basis::Measured => {
            let measured = evidence.measured.unwrap();
            assert!(!evidence.flags.intersects(Flags::AGAINST_MEASURED));
            match verdict.outcome {
                Found::OnTime => assert!(measured.latest <= deadline),
                _ => assert!(measured.earliest > deadline && verdict.outcome == Found::Late),
            }
        }
        Basis::Claimed => assert!(matches!(verdict.outcome, Found::OnTime | Found::Late)),
        Basis::Receipt => assert_eq!(verdict.outcome, Found::Late),
        Basis::None => assert!(matches!(verdict.outcome, Found::NeedsReview | Found::Open)),
    }
    verdict
}

/// A phone never promises more than the server will say.
fn check_prediction(rule: &PackRule<'_>, deadline: Timestamp, evidence: &Evidence, now: Timestamp) {
    let predicted = predict(rule, deadline, evidence, now);
    let arrived = now.max(evidence.not_before);
    assert_eq!(predicted.if_sent_now, judge(rule, deadline, &evidence.arriving(arrived)));
    if let Some(until) = predicted.provable_until {
        let verdict = judge(rule, deadline, &evidence.arriving(until));
        let suspect = evidence.flags.intersects(Flags::SERVER_TIME_SUSPECT);
        let proven = verdict.outcome == Found::OnTime && verdict.basis == Basis::Proven;
        assert!(suspect || proven, "{verdict:?}");
    }
}

fn event(tape: &mut Tape<'_>) -> RecordEvent {
    if tape.below(3) == 0 {
        const RULINGS: [Ruling; 5] =
            [Ruling::AcceptLate, Ruling::Excuse, Ruling::Refuse, Ruling::Approve, Ruling::Reject];
        return RecordEvent::Decided(Decision {
            at: time(tape),
            by: UserId::from_bytes([9; 16]),
            submit: Hash::from_bytes([tape.byte() % 8; 32]),
            ruling: RULINGS[tape.below(5)],
            reason: Reason::ALL[tape.below(8)],
            note: String::new(),
        });
    }
    RecordEvent::Committed(Committed {
        arrived: time(tape),
        device: DeviceId::from_bytes([tape.byte() % 2; 16]),
        head: Hash::from_bytes([tape.byte(); 32]),
        ended: maybe(tape, time),
        submits: (0..tape.below(3)).map(|_| submitted(tape)).collect(),
    })
}

fn submitted(tape: &mut Tape<'_>) -> Submitted {
    Submitted {
        entry: Hash::from_bytes([tape.byte() % 8; 32]),
        heads: Heads::new((0..=tape.below(2)).map(|_| Hash::from_bytes([tape.byte() % 6; 32]))),
        filled: {
            let filled = [field::CUSTOMER, field::CHANNEL, field::ENDED, field::RESULT];
            let given = if tape.byte() < 16 { 3 } else { 4 };
            filled[..given].iter().map(|&field| field.to_owned()).collect()
        },
        reason: None,
        evidence: evidence(tape),
    }
}

fn check_record(rule: &PackRule<'_>, events: &[RecordEvent], now: Timestamp, toss: u64) {
    let state = |events: &[RecordEvent], now| official_state(rule, &CALENDAR, events, &Steps, now);
    let found = state(events, now);
    let mut turned = events.to_vec();
    turned.rotate_left(toss as usize % events.len().max(1));
    turned.reverse();
    assert_eq!(state(&turned, now), found, "another order");
    assert_eq!(state(&[&turned, events].concat(), now), found, "given twice");
    check_state(&found);
    // Nobody loses a submit, and nobody's counts twice.
    let submits = events.iter().filter_map(|event| match event {
        RecordEvent::Committed(committed) => Some(&committed.submits),
        RecordEvent::Decided(_) => None,
    });
    let entries: BTreeSet<Hash> = submits.flatten().map(|submit| submit.entry).collect();
    assert_eq!(found.submits.len(), entries.len());
    // A version that is there at an event's time is there for good.
    for event in events {
        let so_far: Vec<RecordEvent> =
            events.iter().filter(|other| other.at() <= event.at()).cloned().collect();
        let then = state(&so_far, event.at());
        let later = state(events, now.max(event.at()));
        assert!(
            later.versions.starts_with(&then.versions),
            "{:?} became {:?}",
            then.versions,
            later.versions
        );
    }
}

fn check_state(state: &RecordState) {
    assert!(state.versions.iter().zip(1..).all(|(version, number)| version.number == number));
    assert!(state.versions.is_sorted_by_key(|version| version.at));
    for submit in &state.submits {
        assert!(!submit.standing.counts() || !state.versions.is_empty());
        assert!(submit.standing != Standing::Candidate || !state.is_past_deadline);
        let bytes = encoding::encode(&submit.verdict);
        assert_eq!(encoding::decode::<Verdict>(&bytes).as_ref(), Ok(&submit.verdict));
    }
}

/// A history in which each change follows the one before: the joint frontier is the last of them.
struct Steps;

fn last(heads: &Heads) -> Option<Hash> {
    heads.as_slice().last().copied()
}

impl Frontier for Steps {
    fn joint(&self, heads: &[Heads]) -> Heads {
        Heads::new(heads.iter().filter_map(last).max())
    }

    fn past<'a>(&'a self, of: &Heads) -> Past<'a> {
        let end = last(of);
        Box::new(move |heads| last(heads) <= end)
    }
}
