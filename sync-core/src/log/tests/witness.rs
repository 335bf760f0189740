//! What the evidence says of phones whose clocks are wrong or made to lie.

use std::collections::BTreeMap;

use crate::{
    document::Heads,
    hash::Hash,
    id::{BootId, DocumentId},
    log::{Chain, Entry, EntryKind, Witness},
    rules::{Evidence, Flags},
    time::{ClockReading, Timestamp},
};

/// Noon of the day all of this happens on, in milliseconds.
const NOON: i64 = 1_780_000_000_000;
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

fn at(after_noon_ms: i64) -> Timestamp {
    Timestamp::from_millis(NOON + after_noon_ms)
}

/// A log under construction and the anchors the server gave to its device.
#[derive(Default)]
struct Log {
    chain: Option<Chain>,
    entries: Vec<(Entry, Hash)>,
    anchors: BTreeMap<Hash, Timestamp>,
}

impl Log {
    /// Writes an entry in the given boot, with the boot clock and the wall clock at the given times after noon.
    fn write(&mut self, boot: u8, boot_at: i64, wall_at: i64, kind: EntryKind) -> &mut Self {
        let clock = ClockReading {
            boot: BootId::from_bytes([boot; 16]),
            boot_ms: (boot_at + 100 * DAY) as u64,
            wall: at(wall_at),
        };
        let mut chain = self.chain.unwrap_or(Chain::EMPTY);
        let (entry, _, hash) = chain.append(clock, kind);
        self.chain = Some(chain);
        self.entries.push((entry, hash));
        self
    }

    fn submit(&mut self, boot: u8, boot_at: i64, wall_at: i64) -> &mut Self {
        let document = DocumentId::from_bytes([1; 16]);
        let kind = EntryKind::Submit { document, heads: Heads::default(), value: Hash::ZERO, reason: None };
        self.write(boot, boot_at, wall_at, kind)
    }

    /// Writes an anchor of the given server time, which took 400 ms to come.
    fn anchor(&mut self, boot: u8, boot_at: i64, server_at: i64) -> &mut Self {
        let anchor = Hash::of("test", &[&server_at.to_be_bytes()]);
        self.anchors.insert(anchor, at(server_at));
        self.write(boot, boot_at, server_at, EntryKind::Anchor { anchor, round_trip_ms: 400 })
    }

    fn evidence(&self, arrived_at: i64) -> Vec<Evidence> {
        self.read(&mut Witness::new(), Some(at(arrived_at)), 1)
    }

    fn read(&self, witness: &mut Witness, arrived: Option<Timestamp>, unanswered: u32) -> Vec<Evidence> {
        let anchors = |hash: Hash| self.anchors.get(&hash).copied();
        let found = witness.read(&self.entries, &anchors, arrived, unanswered, at(-30 * DAY));
        found.into_iter().map(|(_, evidence)| evidence).collect()
    }
}

fn measured_holds(evidence: &Evidence, time: Timestamp) -> bool {
    evidence.measured.is_some_and(|measured| measured.earliest <= time && time <= measured.latest)
}

#[test]
fn a_submit_is_measured_from_the_newest_anchor_before_it() {
    let mut log = Log::default();
    log.anchor(1, 0, 0).submit(1, HOUR, HOUR).anchor(1, 2 * HOUR, 2 * HOUR);
    let evidence = &log.evidence(2 * HOUR + 500)[0];
    assert_eq!((evidence.not_before, evidence.not_after), (at(0), Some(at(2 * HOUR + 500))));
    let measured = evidence.measured.unwrap();
    // 200 ppm of an hour are 720 ms; the late side also bears the 400 ms of the round trip.
    assert_eq!((measured.earliest, measured.latest), (at(HOUR - 722), at(HOUR + 722 + 402)));
    assert_eq!(evidence.flags, Flags::empty());
}

#[test]
fn a_wall_clock_set_back_ten_years_spoils_the_claim_and_not_the_measured_time() {
    let mut log = Log::default();
    log.anchor(1, 0, 0).submit(1, HOUR, HOUR - 3650 * DAY).anchor(1, 2 * HOUR, 2 * HOUR);
    let evidence = &log.evidence(2 * HOUR + 500)[0];
    assert_eq!(evidence.flags, Flags::WALL_JUMP.with(Flags::CLAIM_OUTSIDE_BOUNDS));
    assert!(!evidence.flags.intersects(Flags::AGAINST_MEASURED));
    assert!(measured_holds(evidence, at(HOUR)));
}

#[test]
fn nothing_is_measured_across_a_restart() {
    let mut log = Log::default();
    log.anchor(1, 0, 0).submit(2, HOUR, HOUR).submit(1, HOUR, HOUR);
    for evidence in log.evidence(2 * HOUR) {
        assert_eq!(evidence.measured, None);
        assert!(evidence.flags.intersects(Flags::REBOOT_SINCE_ANCHOR));
        assert_eq!(evidence.not_before, at(0));
    }
}

#[test]
fn the_first_anchor_after_a_restart_starts_measuring_again() {
    let mut log = Log::default();
    log.anchor(1, 0, 0).write(2, HOUR, HOUR, EntryKind::Boot).anchor(2, 2 * HOUR, 2 * HOUR);
    log.submit(2, 3 * HOUR, 3 * HOUR);
    let evidence = &log.evidence(4 * HOUR)[0];
    assert!(measured_holds(evidence, at(3 * HOUR)));
    assert_eq!(evidence.flags, Flags::empty());
}

#[test]
fn a_boot_clock_at_half_speed_is_found_at_the_next_anchor_and_flags_what_lies_before_it() {
    let mut log = Log::default();
    log.anchor(1, 0, 0).submit(1, HOUR, 2 * HOUR).anchor(1, 2 * HOUR, 4 * HOUR).submit(1, 3 * HOUR, 6 * HOUR);
    let evidence = log.evidence(7 * HOUR);
    assert_eq!(evidence.len(), 2);
    assert!(evidence.iter().all(|evidence| evidence.flags.intersects(Flags::BOOT_RATE_ODD)));
}

#[test]
fn a_boot_clock_at_half_speed_is_found_from_page_to_page() {
    let mut first = Log::default();
    first.anchor(1, 0, 0);
    let mut witness = Witness::new();
    first.read(&mut witness, Some(at(MINUTE)), 1);
    let kept = crate::encoding::encode(&witness);
    let mut witness = crate::encoding::decode(&kept).unwrap();
    let mut second = Log { chain: first.chain, ..Log::default() };
    second.submit(1, HOUR, 2 * HOUR).anchor(1, 2 * HOUR, 4 * HOUR);
    let evidence = second.read(&mut witness, Some(at(4 * HOUR)), 1);
    assert!(evidence[0].flags.intersects(Flags::BOOT_RATE_ODD));
}

#[test]
fn what_was_measured_before_a_stretch_that_is_odd_stays_good() {
    let mut log = Log::default();
    log.anchor(1, 0, 0).submit(1, HOUR, HOUR).anchor(1, 2 * HOUR, 2 * HOUR);
    log.submit(1, 3 * HOUR, 3 * HOUR).anchor(1, 4 * HOUR, 8 * HOUR);
    let evidence = log.evidence(8 * HOUR + 500);
    assert_eq!(evidence[0].flags, Flags::empty());
    assert!(evidence[1].flags.intersects(Flags::BOOT_RATE_ODD));
}

#[test]
fn a_boot_clock_that_runs_backwards_is_odd() {
    let mut log = Log::default();
    log.anchor(1, 0, 0).submit(1, 2 * HOUR, 2 * HOUR).submit(1, HOUR, HOUR);
    let evidence = log.evidence(3 * HOUR);
    assert!(evidence.iter().all(|evidence| evidence.flags.intersects(Flags::BOOT_RATE_ODD)));
}

#[test]
fn a_measured_time_outside_the_proven_interval_is_odd_and_not_given() {
    let mut log = Log::default();
    log.anchor(1, 0, 0).submit(1, 5 * HOUR, HOUR);
    let evidence = &log.evidence(2 * HOUR)[0];
    assert_eq!(evidence.measured, None);
    assert!(evidence.flags.intersects(Flags::BOOT_RATE_ODD));
}

#[test]
fn a_measured_time_is_held_inside_the_proven_interval() {
    let mut log = Log::default();
    log.anchor(1, 0, 0).submit(1, 1, 1);
    let measured = log.evidence(50)[0].measured.unwrap();
    assert_eq!((measured.earliest, measured.latest), (at(0), at(50)));
}

#[test]
fn a_wall_clock_moved_between_two_entries_is_a_jump_until_the_next_anchor() {
    let mut log = Log::default();
    log.anchor(1, 0, 0).submit(1, HOUR, HOUR + MINUTE).submit(1, 2 * HOUR, 2 * HOUR + 5 * MINUTE);
    log.submit(1, 3 * HOUR, 3 * HOUR).anchor(1, 4 * HOUR, 4 * HOUR).submit(1, 5 * HOUR, 5 * HOUR);
    let jumped: Vec<_> =
        log.evidence(6 * HOUR).iter().map(|evidence| evidence.flags.intersects(Flags::WALL_JUMP)).collect();
    assert_eq!(jumped, [false, true, true, false]);
}

#[test]
fn a_wall_clock_that_somebody_set_is_a_jump() {
    let mut log = Log::default();
    log.anchor(1, 0, 0).write(1, HOUR, HOUR, EntryKind::ClockSet { delta_ms: 10 }).submit(1, HOUR, HOUR);
    assert_eq!(log.evidence(2 * HOUR)[0].flags, Flags::WALL_JUMP);
}

#[test]
fn more_than_eight_unanswered_anchors_are_flagged() {
    let mut log = Log::default();
    log.anchor(1, 0, 0).submit(1, HOUR, HOUR);
    let flags = |unanswered| log.read(&mut Witness::new(), Some(at(2 * HOUR)), unanswered)[0].flags;
    assert_eq!(flags(8), Flags::empty());
    assert_eq!(flags(9), Flags::ANCHORS_UNANSWERED);
}

#[test]
fn without_an_anchor_only_the_enrolment_and_the_arrival_bound_the_time() {
    let mut log = Log::default();
    log.submit(1, 0, 0);
    let evidence = &log.evidence(HOUR)[0];
    assert_eq!((evidence.not_before, evidence.anchor), (at(-30 * DAY), None));
    assert_eq!((evidence.not_after, evidence.measured), (Some(at(HOUR)), None));
}

#[test]
fn an_anchor_that_was_never_given_to_this_device_counts_for_nothing() {
    let mut log = Log::default();
    log.anchor(1, 0, 0).anchor(1, HOUR, -HOUR / 2).submit(1, 2 * HOUR, 2 * HOUR);
    log.anchors.remove(&Hash::of("test", &[&(-HOUR / 2).to_be_bytes()]));
    let evidence = &log.evidence(3 * HOUR)[0];
    assert_eq!(evidence.not_before, at(0));
    assert!(measured_holds(evidence, at(2 * HOUR)));
}

#[test]
fn an_old_anchor_written_again_after_a_restart_measures_nothing() {
    let mut log = Log::default();
    log.anchor(1, 0, 0).anchor(1, HOUR, HOUR);
    log.anchor(2, 5 * DAY, 0).submit(2, 5 * DAY + MINUTE, MINUTE);
    log.anchor(2, 5 * DAY + HOUR, HOUR).submit(2, 5 * DAY + 2 * HOUR, 2 * HOUR);
    for evidence in log.evidence(6 * DAY) {
        assert_eq!((evidence.not_before, evidence.measured), (at(HOUR), None));
    }
}

#[test]
fn on_the_phone_there_is_no_upper_bound_yet() {
    let mut log = Log::default();
    log.anchor(1, 0, 0).submit(1, HOUR, HOUR);
    let evidence = &log.read(&mut Witness::new(), None, 0)[0];
    assert_eq!(evidence.not_after, None);
    assert!(measured_holds(evidence, at(HOUR)));
}

#[test]
fn a_witness_stays_small_however_long_the_log_is() {
    let mut log = Log::default();
    for hour in 0..200 {
        log.anchor(1, hour * HOUR, hour * HOUR);
    }
    let mut witness = Witness::new();
    log.read(&mut witness, Some(at(300 * HOUR)), 1);
    assert!(crate::encoding::encode(&witness).len() < 200);
}
