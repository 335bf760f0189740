//! Laws of the official state, over generated events.

use proptest::{collection::vec, prelude::*, sample::select};

use super::{commit, decide, on, state_under, submit};
use crate::{
    record::{RecordEvent, Ruling, Standing},
    rules::tests::{measured, pack_with},
};

pub(super) const HOUR_MS: i64 = 3_600_000;

fn ruling() -> impl Strategy<Value = Ruling> {
    select(&[Ruling::AcceptLate, Ruling::Excuse, Ruling::Refuse, Ruling::Approve, Ruling::Reject][..])
}

/// One event at `hour`, all hours apart being different times.
fn event(hour: i64) -> impl Strategy<Value = RecordEvent> {
    let at = on("01T00:00").plus_millis(hour * HOUR_MS);
    let ends = proptest::option::of(0..100i64);
    let submits = vec((0..20u8, 1..10u8, 0..=hour, proptest::option::of(0..=hour), 0..8u8), 0..3);
    let committed = (ends, submits).prop_map(move |(ended, submits)| {
        let before = |hours: i64| at.plus_millis(-hours * HOUR_MS);
        let submits = submits
            .into_iter()
            .map(|(entry, change, since, clocked, incomplete)| {
                let mut submit = submit(entry, &[change], before(since), at);
                if let Some(hours) = clocked {
                    submit.evidence = measured(submit.evidence, before(hours), before(hours));
                }
                if incomplete == 0 {
                    submit.filled.clear();
                }
                submit
            })
            .collect();
        commit(100, at, ended.map(before), submits)
    });
    let decided = (0..20u8, ruling()).prop_map(move |(entry, ruling)| decide(entry, ruling, at));
    prop_oneof![2 => committed, 1 => decided]
}

/// Up to fourteen events, each at its own time, over twelve days.
pub(super) fn events() -> impl Strategy<Value = Vec<RecordEvent>> {
    proptest::collection::btree_set(0..288i64, 0..14)
        .prop_flat_map(|hours| hours.into_iter().map(event).collect::<Vec<_>>())
}

fn pack() -> impl Strategy<Value = crate::rules::Pack> {
    select(&["finding", "hold", "refuse"][..])
        .prop_map(|breach| pack_with(&[("on_breach = \"hold\"", &format!("on_breach = {breach:?}"))]))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_the_same_events_gives_the_same_state(
        (events, shuffled) in events().prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
        pack in pack(),
    ) {
        let now = on("20T00:00");
        let expected = state_under(&pack, &events, now);
        prop_assert_eq!(&state_under(&pack, &shuffled, now), &expected);
        let twice: Vec<_> = shuffled.iter().chain(&events).cloned().collect();
        prop_assert_eq!(&state_under(&pack, &twice, now), &expected, "given twice");
    }

    #[test]
    fn versions_never_change_as_time_passes_and_events_are_added(events in events(), pack in pack()) {
        let time = |event: &RecordEvent| match event {
            RecordEvent::Committed(committed) => committed.arrived,
            RecordEvent::Decided(decision) => decision.at,
        };
        let mut before = Vec::new();
        for hour in 0..=300 {
            let now = on("01T00:00").plus_millis(hour * HOUR_MS);
            let so_far: Vec<_> = events.iter().filter(|event| time(event) <= now).cloned().collect();
            let state = state_under(&pack, &so_far, now);
            prop_assert!(state.versions.starts_with(&before), "{:?} became {:?}", before, state.versions);
            prop_assert!(state.versions.iter().zip(1..).all(|(version, number)| version.number == number));
            prop_assert!(state.versions.is_sorted_by_key(|version| version.at));
            before = state.versions;
        }
    }

    #[test]
    fn nothing_that_was_submitted_is_lost_or_counts_without_a_version(events in events(), pack in pack()) {
        let state = state_under(&pack, &events, on("20T00:00"));
        let submitted: std::collections::BTreeSet<_> = events
            .iter()
            .filter_map(|event| match event {
                RecordEvent::Committed(committed) => Some(&committed.submits),
                RecordEvent::Decided(_) => None,
            })
            .flatten()
            .map(|submit| submit.entry)
            .collect();
        prop_assert_eq!(state.submits.len(), submitted.len());
        for submit in &state.submits {
            prop_assert!(!submit.standing.counts() || !state.versions.is_empty());
            prop_assert!(submit.standing != Standing::Candidate || !state.is_past_deadline);
        }
    }
}
