//! The table of evidence: one fact per row and mode.

use super::{between, measured, ms, pack_with};
use crate::{
    rules::{Basis, Evidence, Flags, Outcome, judge, not_evaluable, predict},
    time::Timestamp,
};

const D: Timestamp = ms(1_780_000_000_000);
const MODES: [&str; 4] = ["receipt", "witnessed", "claimed", "review"];

fn d(offset_ms: i64) -> Timestamp {
    D.plus_millis(offset_ms)
}

fn judged(mode: &str, evidence: &Evidence) -> (Outcome, Basis) {
    let pack = pack_with(&[("\"witnessed\"", &format!("{mode:?}"))]);
    let verdict = judge(&pack.record_rule().unwrap(), D, evidence);
    (verdict.outcome, verdict.basis)
}

#[test]
fn what_arrived_by_the_deadline_is_proven_on_time_in_every_mode() {
    for mode in MODES {
        for not_after in [d(0), d(-1), d(-1_000_000)] {
            let suspicious = Evidence {
                claimed: d(9_999),
                flags: Flags::BOOT_RATE_ODD.with(Flags::ANCHORS_UNANSWERED).with(Flags::WALL_JUMP),
                ..measured(between(d(-2_000_000), not_after), d(5), d(6))
            };
            assert_eq!(judged(mode, &suspicious), (Outcome::OnTime, Basis::Proven), "{mode}");
        }
    }
}

#[test]
fn an_arrival_read_off_a_doubtful_server_clock_proves_nothing_but_an_anchor_before_it_still_does() {
    for mode in MODES {
        let flags = Flags::SERVER_TIME_SUSPECT;
        let early = Evidence { flags, ..measured(between(d(-9), d(-1)), d(-5), d(-4)) };
        assert_eq!(judged(mode, &early), (Outcome::NeedsReview, Basis::None), "{mode}");
        let late = Evidence { flags, ..between(d(1), d(100)) };
        assert_eq!(judged(mode, &late), (Outcome::Late, Basis::Proven), "{mode}");
    }
}

#[test]
fn what_was_made_after_an_anchor_past_the_deadline_is_proven_late_in_every_mode() {
    for mode in MODES {
        let evidence = Evidence { claimed: d(-5), ..between(d(1), d(100)) };
        assert_eq!(judged(mode, &evidence), (Outcome::Late, Basis::Proven), "{mode}");
    }
}

#[test]
fn one_millisecond_decides_on_either_side_of_the_deadline() {
    assert_eq!(judged("receipt", &between(d(-9), d(0))), (Outcome::OnTime, Basis::Proven));
    assert_eq!(judged("receipt", &between(d(-9), d(1))), (Outcome::Late, Basis::Receipt));
    assert_eq!(judged("review", &between(d(0), d(1))), (Outcome::NeedsReview, Basis::None));
    assert_eq!(judged("review", &between(d(1), d(1))), (Outcome::Late, Basis::Proven));
    let open = |from, to| measured(between(d(-9), d(9)), d(from), d(to));
    assert_eq!(judged("witnessed", &open(-3, 0)), (Outcome::OnTime, Basis::Measured));
    assert_eq!(judged("witnessed", &open(-3, 1)), (Outcome::NeedsReview, Basis::None));
    assert_eq!(judged("witnessed", &open(0, 3)), (Outcome::NeedsReview, Basis::None));
    assert_eq!(judged("witnessed", &open(1, 3)), (Outcome::Late, Basis::Measured));
}

#[test]
fn receipt_mode_takes_what_arrived_after_the_deadline_as_late() {
    let evidence = measured(between(d(-9), d(9)), d(-5), d(-4));
    assert_eq!(judged("receipt", &evidence), (Outcome::Late, Basis::Receipt));
}

#[test]
fn witnessed_mode_believes_no_measurement_that_a_flag_speaks_against() {
    let evidence = measured(between(d(-9), d(9)), d(-5), d(-4));
    for (flag, name) in Flags::NAMES {
        let flagged = Evidence { flags: flag, ..evidence.clone() };
        let expected = if flag.intersects(Flags::AGAINST_MEASURED) {
            (Outcome::NeedsReview, Basis::None)
        } else {
            (Outcome::OnTime, Basis::Measured)
        };
        assert_eq!(judged("witnessed", &flagged), expected, "{name}");
    }
}

#[test]
fn witnessed_mode_never_believes_the_wall_clock_alone() {
    let evidence = Evidence { claimed: d(-5), ..between(d(-9), d(9)) };
    assert_eq!(judged("witnessed", &evidence), (Outcome::NeedsReview, Basis::None));
}

#[test]
fn claimed_mode_holds_the_claim_inside_the_proven_interval() {
    let claims = |claimed, from, to| Evidence { claimed, ..between(d(from), d(to)) };
    let on_time = (Outcome::OnTime, Basis::Claimed);
    let late = (Outcome::Late, Basis::Claimed);
    assert_eq!(judged("claimed", &claims(d(0), -9, 9)), on_time);
    assert_eq!(judged("claimed", &claims(d(1), -9, 9)), late);
    assert_eq!(judged("claimed", &claims(ms(i64::MIN), -9, 9)), on_time);
    assert_eq!(judged("claimed", &claims(ms(i64::MAX), -9, 9)), late);
}

#[test]
fn review_mode_leaves_everything_unproven_to_a_person() {
    let evidence = measured(between(d(-9), d(9)), d(-5), d(-4));
    assert_eq!(judged("review", &evidence), (Outcome::NeedsReview, Basis::None));
}

#[test]
fn what_has_not_arrived_is_open_unless_it_is_proven_late_already() {
    for mode in MODES {
        let open = Evidence { not_after: None, ..between(d(-9), d(9)) };
        assert_eq!(judged(mode, &open), (Outcome::Open, Basis::None), "{mode}");
        let late = Evidence { not_after: None, ..between(d(1), d(9)) };
        assert_eq!(judged(mode, &late), (Outcome::Late, Basis::Proven), "{mode}");
    }
}

#[test]
fn a_phone_is_told_until_when_it_can_prove_a_submit() {
    let pack = pack_with(&[]);
    let rule = pack.record_rule().unwrap();
    let evidence = Evidence { not_after: None, ..measured(between(d(-900), d(0)), d(-500), d(-400)) };
    let before = predict(&rule, D, &evidence, d(0));
    assert_eq!(before.provable_until, Some(D));
    assert_eq!(before.if_sent_now.basis, Basis::Proven);
    let after = predict(&rule, D, &evidence, d(1));
    assert_eq!(after.provable_until, None);
    assert_eq!((after.if_sent_now.outcome, after.if_sent_now.basis), (Outcome::OnTime, Basis::Measured));
}

#[test]
fn every_fact_changes_the_hash_of_the_facts() {
    let pack = pack_with(&[]);
    let other_pack = pack_with(&[("# The key", "# the key")]);
    let rule = pack.record_rule().unwrap();
    let evidence = between(d(-9), d(9));
    let mut hashes = vec![
        judge(&rule, D, &evidence).facts,
        judge(&rule, d(1), &evidence).facts,
        judge(&other_pack.record_rule().unwrap(), D, &evidence).facts,
        judge(&rule, D, &Evidence { claimed: d(-8), ..evidence.clone() }).facts,
        judge(&rule, D, &measured(evidence.clone(), d(0), d(0))).facts,
        not_evaluable(&rule, Some(D), &evidence, vec!["result".to_owned()]).facts,
        not_evaluable(&rule, None, &evidence, vec!["ended".to_owned()]).facts,
    ];
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), 7);
}
