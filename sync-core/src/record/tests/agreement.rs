//! The engine's rule about records agrees with the official state, however it came about.

use proptest::{prelude::*, sample::select};

use super::{
    commit, decide,
    laws::{HOUR_MS, events},
    on, state_under, submit,
};
use crate::{
    calendar::Calendar,
    document::{DocumentKind, Values, new_id},
    hash::Hash,
    id::UserId,
    record::{Phase, RecordState, RecordStatus, Ruling, Seal, SubmitStatus},
    rules::{
        Company, Evidence, Facts, Flags, Fulfilment, Pack, Recorded, Subject, Value, Zone,
        engine::{World, obligation},
        fact_of, facts_of,
        tests::pack_with,
    },
    time::Timestamp,
};

/// What the engine says of a record that stands like this.
fn engine_says(pack: &Pack, state: &RecordState, now: Timestamp) -> (Option<Fulfilment>, bool) {
    let document = new_id(DocumentKind::Visit, [1; 15]);
    let owner = UserId::from_bytes([3; 16]);
    let status = RecordStatus {
        document,
        ended: state.ended,
        deadline: state.deadline,
        phase: state.phase,
        seals: state
            .versions
            .iter()
            .map(|version| Seal { version: version.clone(), value: Hash::from_bytes([0; 32]) })
            .collect(),
        submits: state
            .submits
            .iter()
            .map(|judged| SubmitStatus {
                entry: judged.submit.entry,
                by: owner,
                device: judged.device,
                arrived: judged.arrived,
                verdict: judged.verdict.clone(),
                standing: judged.standing,
                heads: judged.submit.heads.clone(),
                reason: judged.submit.reason,
                decisions: judged.decisions.clone(),
            })
            .collect(),
        origin: None,
    };
    let read = facts_of(&Recorded {
        document,
        owner,
        created: on("01T00:00"),
        evidence: None,
        values: &Values::default(),
        official: None,
        status: Some(&status),
        zone: &Zone::named("Asia/Shanghai").unwrap(),
    });
    let counts = read[0].kind.attribute("counts").and_then(|counts| read[0].get(counts)).cloned();
    let mut facts = Facts::default();
    for fact in read {
        facts.put(fact);
    }
    let (company, calendar) = (Company::default(), Calendar::default());
    let world = World { facts: &facts, company: &company, calendar: &calendar, now };
    let owed = obligation(world, pack, "S21-R17", 0, Subject::Fact(fact_of(document)));
    (owed.map(|owed| owed.state), counts == Some(Value::Flag(true)))
}

/// What the official state means for the rule; where a breach is only a finding, a version says nothing.
fn official(state: &RecordState) -> Option<Fulfilment> {
    state.ended?;
    Some(match state.phase {
        Phase::Draft | Phase::NeedsReview => Fulfilment::Pending,
        Phase::Submitted | Phase::Sealed => Fulfilment::Met,
        Phase::Overdue | Phase::HeldLate => Fulfilment::Breached,
    })
}

fn pack(on_breach: &str, time: &str) -> Pack {
    pack_with(&[
        ("on_breach = \"hold\"", &format!("on_breach = {on_breach:?}")),
        ("time = \"witnessed\"", &format!("time = {time:?}")),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_says_of_a_record_what_its_official_state_says(
        events in events(),
        on_breach in select(&["hold", "refuse"][..]),
        time in select(&["receipt", "witnessed", "claimed", "review"][..]),
        hour in 0..500i64,
    ) {
        let pack = pack(on_breach, time);
        let now = on("01T00:00").plus_millis(hour * HOUR_MS);
        let so_far: Vec<_> = events.into_iter().filter(|event| event.at() <= now).collect();
        let state = state_under(&pack, &so_far, now);
        let (said, counts) = engine_says(&pack, &state, now);
        prop_assert_eq!(said, official(&state), "{:#?}", state);
        prop_assert_eq!(counts, !matches!(state.phase, Phase::Overdue | Phase::HeldLate));
    }
}

#[test]
fn a_late_record_that_is_only_a_finding_is_a_breach_with_an_official_version() {
    let pack = pack("finding", "witnessed");
    let (ended, now) = (on("01T10:00"), on("20T00:00"));
    let late = submit(1, &[1], on("10T00:00"), on("10T01:00"));
    let state = state_under(&pack, &[commit(100, on("10T01:00"), Some(ended), vec![late])], now);
    assert_eq!(state.phase, Phase::Sealed);
    assert_eq!(engine_says(&pack, &state, now), (Some(Fulfilment::Breached), true));
}

#[test]
fn a_submit_that_arrived_while_the_servers_clock_was_in_doubt_leaves_the_engine_in_doubt_too() {
    let pack = pack("hold", "witnessed");
    let (ended, now) = (on("01T10:00"), on("20T00:00"));
    let mut doubtful = submit(1, &[1], on("01T10:00"), on("01T11:00"));
    doubtful.evidence = Evidence { flags: Flags::SERVER_TIME_SUSPECT, ..doubtful.evidence };
    let arrives = commit(100, on("01T11:00"), Some(ended), vec![doubtful]);
    let state = state_under(&pack, std::slice::from_ref(&arrives), now);
    assert_eq!(engine_says(&pack, &state, now), (Some(Fulfilment::Pending), true));
    let excused = [arrives, decide(1, Ruling::Excuse, on("02T00:00"))];
    let state = state_under(&pack, &excused, now);
    assert_eq!(engine_says(&pack, &state, now), (Some(Fulfilment::Met), true));
}
