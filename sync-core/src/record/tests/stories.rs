//! What becomes of records: one story per fact.

use std::cell::Cell;

use super::{SmallHistory, commit, decide, hash, heads, on, state, state_under, submit};
use crate::{
    calendar::Calendar,
    document::Heads,
    record::{Cause, Frontier, Ignored, Past, Phase, RecordEvent, Ruling, Standing, official_state},
    rules::{
        Flags, Outcome,
        tests::{measured, pack_with},
    },
    time::Timestamp,
};

/// A visit that ended on Tuesday the 2nd at 16:00; due on Thursday at 24:00.
fn ended() -> Option<Timestamp> {
    Some(on("02T16:00"))
}

fn due() -> Timestamp {
    on("05T00:00")
}

fn in_time() -> RecordEvent {
    commit(10, on("03T09:00"), ended(), vec![submit(1, &[2], on("02T08:00"), on("03T09:00"))])
}

/// A submit proven late that arrived on Saturday.
fn late(entry: u8, changes: &[u8]) -> RecordEvent {
    let arrived = on("06T10:00");
    commit(entry + 20, arrived, ended(), vec![submit(entry, changes, on("05T09:00"), arrived)])
}

#[test]
fn a_submit_in_time_is_sealed_one_millisecond_after_the_deadline() {
    let before = state(&[in_time()], due());
    assert_eq!((before.phase, before.versions.len()), (Phase::Submitted, 0));
    assert_eq!(before.candidate, Some(heads(&[2])));
    assert_eq!(before.next_deadline(), Some(due()));
    let after = state(&[in_time()], due().plus_millis(1));
    assert_eq!(after.phase, Phase::Sealed);
    let version = after.official().unwrap();
    assert_eq!((version.number, &version.heads, version.at), (1, &heads(&[2]), due()));
    assert_eq!((version.cause, version.merged), (Cause::InTime, false));
    assert_eq!(after.submits[0].standing, Standing::Official);
    assert_eq!((after.next_deadline(), after.candidate), (None, None));
}

#[test]
fn the_last_of_several_submits_in_time_is_the_official_one() {
    let again = commit(11, on("04T09:00"), ended(), vec![submit(2, &[3], on("03T09:00"), on("04T09:00"))]);
    let state = state(&[in_time(), again], on("06T00:00"));
    assert_eq!(state.official().unwrap().heads, heads(&[3]));
    assert_eq!((state.versions.len(), state.versions[0].merged), (1, false));
}

#[test]
fn two_devices_that_submitted_apart_give_their_merge_marked_as_such() {
    let other = commit(11, on("04T09:00"), ended(), vec![submit(2, &[6], on("03T09:00"), on("04T09:00"))]);
    let state = state(&[in_time(), other], on("06T00:00"));
    let version = state.official().unwrap();
    assert_eq!((&version.heads, version.merged), (&heads(&[2, 6]), true));
    assert_eq!(version.submits, [hash(1), hash(2)]);
}

#[test]
fn a_submit_that_names_what_its_heads_build_on_too_is_no_merge() {
    let twice = commit(10, on("03T09:00"), ended(), vec![submit(1, &[1, 2], on("02T08:00"), on("03T09:00"))]);
    let state = state(&[twice], on("06T00:00"));
    assert_eq!((&state.versions[0].heads, state.versions[0].merged), (&heads(&[2]), false));
}

#[test]
fn a_submit_made_in_time_that_arrives_late_adds_a_version() {
    let arrived = on("08T10:00");
    let mut offline = submit(2, &[5], on("02T08:00"), arrived);
    offline.evidence = measured(offline.evidence, on("03T10:00"), on("03T10:01"));
    let state = state(&[in_time(), commit(11, arrived, ended(), vec![offline])], arrived);
    assert_eq!(state.versions.len(), 2);
    assert_eq!((state.versions[0].cause, &state.versions[0].heads), (Cause::InTime, &heads(&[2])));
    assert_eq!((state.versions[1].cause, &state.versions[1].heads), (Cause::ArrivedLate, &heads(&[2, 5])));
    assert_eq!(state.submits[1].standing, Standing::Official);
    assert!(!state.amendment_waiting());
}

#[test]
fn a_late_submit_is_held_and_counts_only_after_it_is_accepted() {
    let held = state(&[late(1, &[2])], on("07T00:00"));
    assert_eq!((held.phase, held.versions.len()), (Phase::HeldLate, 0));
    assert_eq!(held.submits[0].standing, Standing::Held);
    assert!(held.decision_waiting());
    let accepted = state(&[late(1, &[2]), decide(1, Ruling::AcceptLate, on("08T09:00"))], on("08T09:00"));
    assert_eq!(accepted.phase, Phase::Sealed);
    assert_eq!(accepted.official().unwrap().heads, heads(&[2]));
    assert_eq!(accepted.submits[0].standing, Standing::Approved);
    assert_eq!(accepted.submits[0].verdict, held.submits[0].verdict, "the evidence stays as it was");
    assert_eq!(accepted.submits[0].verdict.outcome, Outcome::Late);
}

#[test]
fn a_refused_late_submit_stays_visible_and_can_still_be_excused() {
    let refuse = decide(1, Ruling::Refuse, on("08T09:00"));
    let refused = state(&[late(1, &[2]), refuse.clone()], on("09T00:00"));
    assert_eq!((refused.phase, refused.submits[0].standing), (Phase::Overdue, Standing::Refused));
    let excuse = decide(1, Ruling::Excuse, on("09T09:00"));
    let excused = state(&[late(1, &[2]), refuse, excuse], on("10T00:00"));
    assert_eq!((excused.phase, excused.versions.len()), (Phase::Sealed, 1));
    assert_eq!(excused.submits[0].decisions.len(), 2);
}

#[test]
fn a_submit_without_a_measurement_waits_for_a_person() {
    let arrived = on("06T10:00");
    let unclear = commit(10, arrived, ended(), vec![submit(1, &[2], on("02T08:00"), arrived)]);
    let state = state(&[unclear], arrived);
    assert_eq!((state.phase, state.submits[0].standing), (Phase::NeedsReview, Standing::NeedsReview));
}

#[test]
fn a_submit_after_the_seal_is_an_amendment_until_it_is_approved() {
    let waiting = state(&[in_time(), late(2, &[3])], on("07T00:00"));
    assert!(waiting.amendment_waiting());
    assert_eq!((waiting.phase, waiting.versions.len()), (Phase::Sealed, 1));
    let approve = decide(2, Ruling::Approve, on("08T00:00"));
    let approved = state(&[in_time(), late(2, &[3]), approve.clone()], on("09T00:00"));
    assert_eq!(approved.versions[0], waiting.versions[0]);
    assert_eq!((approved.versions.len(), &approved.versions[1].heads), (2, &heads(&[3])));
    assert!(approved.submits[1].is_amendment() && !approved.amendment_waiting());
    let reject = decide(2, Ruling::Reject, on("08T00:00"));
    let rejected = state(&[in_time(), late(2, &[3]), reject], on("09T00:00"));
    assert_eq!((rejected.versions.len(), rejected.submits[1].standing), (1, Standing::Rejected));
}

#[test]
fn what_waits_beside_a_version_is_an_amendment_before_the_deadline_too() {
    let suspect = |entry, changes: &[u8], arrived| {
        let mut submit = submit(entry, changes, on("02T08:00"), arrived);
        submit.evidence.flags = Flags::SERVER_TIME_SUSPECT;
        commit(entry + 20, arrived, ended(), vec![submit])
    };
    let events = [
        suspect(1, &[2], on("03T09:00")),
        decide(1, Ruling::Excuse, on("03T10:00")),
        suspect(2, &[3], on("03T11:00")),
        suspect(3, &[1], on("03T12:00")),
    ];
    let state = state(&events, on("03T13:00"));
    assert_eq!((state.phase, state.is_past_deadline), (Phase::Sealed, false));
    let standings = state.submits.iter().map(|submit| submit.standing);
    assert!(standings.eq([Standing::Approved, Standing::Amendment, Standing::Contained]));
}

#[test]
fn a_submit_after_the_seal_that_adds_nothing_is_no_amendment() {
    let state = state(&[in_time(), late(2, &[1])], on("07T00:00"));
    assert_eq!(state.submits[1].standing, Standing::Contained);
    assert!(!state.decision_waiting());
}

#[test]
fn a_decision_that_does_not_fit_is_ignored_visibly() {
    let ignored = |events: &[RecordEvent], pack: &[(&str, &str)]| {
        let state = state_under(&pack_with(pack), events, on("20T00:00"));
        assert_eq!(state.ignored.len(), 1);
        state.ignored[0].because
    };
    let accept = |entry| decide(entry, Ruling::AcceptLate, on("08T00:00"));
    assert_eq!(ignored(&[in_time(), accept(77)], &[]), Ignored::UnknownSubmit);
    assert_eq!(ignored(&[in_time(), accept(1)], &[]), Ignored::NothingToDecide);
    assert_eq!(ignored(&[in_time(), late(2, &[3]), accept(2)], &[]), Ignored::WrongKind);
    assert_eq!(
        ignored(&[late(1, &[2]), accept(1)], &[("on_breach = \"hold\"", "on_breach = \"refuse\"")]),
        Ignored::RuleRefusesLate
    );
}

#[test]
fn a_rule_that_only_makes_findings_lets_a_late_submit_count_at_once() {
    let pack = pack_with(&[("on_breach = \"hold\"", "on_breach = \"finding\"")]);
    let state = state_under(&pack, &[late(1, &[2])], on("07T00:00"));
    assert_eq!((state.phase, state.versions[0].cause), (Phase::Sealed, Cause::Finding));
    assert_eq!(state.submits[0].verdict.outcome, Outcome::Late);
}

#[test]
fn the_earliest_end_before_the_deadline_is_pinned_and_later_ones_move_nothing() {
    let earlier = commit(11, on("03T10:00"), Some(on("01T16:00")), vec![]);
    let later = commit(12, on("03T11:00"), Some(on("03T08:00")), vec![]);
    let past = commit(13, on("09T11:00"), Some(on("01T08:00")), vec![]);
    let pinned = state(&[in_time(), earlier, later, past], on("10T00:00"));
    assert_eq!(pinned.ended, Some(on("01T16:00")));
    assert_eq!(pinned.deadline, Some(on("04T00:00")));
    let future = commit(10, on("02T12:00"), Some(on("28T12:00")), vec![]);
    assert_eq!(state(&[future], on("02T12:00")).ended, Some(on("02T12:00")), "never after the arrival");
}

#[test]
fn a_correction_that_brings_the_deadline_before_an_arrival_judges_that_submit_again() {
    // On Thursday the end is corrected from Tuesday to Monday the 1st, due Wednesday; the submit came on Thursday.
    let arrived = on("04T09:00");
    let submitted = commit(10, arrived, ended(), vec![submit(1, &[2], on("04T08:00"), arrived)]);
    let corrected = commit(11, on("04T10:00"), Some(on("01T16:00")), vec![]);
    let state = state(&[submitted, corrected], on("04T10:00"));
    assert_eq!((state.phase, state.submits[0].standing), (Phase::HeldLate, Standing::Held));
}

#[test]
fn a_submit_without_an_end_is_a_draft_held_for_a_person() {
    let events = [commit(10, on("03T09:00"), None, vec![submit(1, &[2], on("02T08:00"), on("03T09:00"))])];
    let open = state(&events, on("20T00:00"));
    assert_eq!((open.phase, open.submits[0].standing), (Phase::Draft, Standing::NotEvaluable));
    let missing = vec!["ended".to_owned()];
    assert_eq!(open.submits[0].verdict.outcome, Outcome::NotEvaluable { missing });
    let mut with_end = events.to_vec();
    with_end.push(commit(11, on("03T10:00"), ended(), vec![]));
    assert_eq!(state(&with_end, on("04T00:00")).phase, Phase::Submitted);
}

#[test]
fn a_submit_with_an_empty_required_field_never_seals() {
    let mut incomplete = submit(1, &[2], on("02T08:00"), on("03T09:00"));
    incomplete.filled.retain(|field| field != "result");
    let state = state(&[commit(10, on("03T09:00"), ended(), vec![incomplete])], on("10T00:00"));
    assert_eq!((state.phase, state.versions.len()), (Phase::NeedsReview, 0));
    assert_eq!(state.submits[0].standing, Standing::NotEvaluable);
}

#[test]
fn a_deadline_in_a_year_without_holidays_is_left_to_a_person() {
    let pack = pack_with(&[("\"calendar\", start_day = \"excluded\", roll_forward = false", "\"working\"")]);
    let state = state_under(&pack, &[in_time()], on("20T00:00"));
    assert_eq!((state.phase, state.deadline), (Phase::NeedsReview, None));
    let missing = vec!["calendar.2026".to_owned()];
    assert_eq!(state.submits[0].verdict.outcome, Outcome::NotEvaluable { missing });
}

#[test]
fn a_record_nobody_submitted_is_overdue_after_the_deadline() {
    let visited = [commit(10, on("03T09:00"), ended(), vec![])];
    assert_eq!(state(&visited, due()).phase, Phase::Draft);
    assert_eq!(state(&visited, due().plus_millis(1)).phase, Phase::Overdue);
}

/// The small history, counting how often a past is walked.
#[derive(Default)]
struct CountingHistory {
    walks: Cell<usize>,
}

impl Frontier for CountingHistory {
    fn joint(&self, heads: &[Heads]) -> Heads {
        SmallHistory.joint(heads)
    }

    fn past<'a>(&'a self, of: &Heads) -> Past<'a> {
        self.walks.set(self.walks.get() + 1);
        SmallHistory.past(of)
    }
}

#[test]
fn the_past_of_a_version_is_walked_once_however_many_submits_wait() {
    let mut events = vec![in_time()];
    events.extend((2..12).map(|entry| late(entry, &[3])));
    let history = CountingHistory::default();
    let pack = pack_with(&[]);
    let rule = pack.record_rule().unwrap();
    let state = official_state(&rule, &Calendar::default(), &events, &history, on("10T00:00"));
    assert_eq!(state.versions.len(), 1);
    assert!(state.submits[1..].iter().all(|submit| submit.standing == Standing::Amendment));
    assert_eq!(history.walks.get(), 1);
}
