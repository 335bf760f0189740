//! Evidence of time, by reading the device's whole log again for each submit.

use std::collections::BTreeMap;

use sync_core::{
    hash::Hash,
    log::{Entry, EntryKind},
    rules::{Evidence, Flags, Measured},
    time::Timestamp,
};

use super::Device;

/// An anchor in the log that is newer than all before it. Others count for nothing.
struct Seen {
    place: usize,
    hash: Hash,
    time: Timestamp,
    round_trip_ms: i128,
}

/// When the entry at a place was written. The log ends with the page that brought it.
pub(super) fn of(device: &Device, place: usize, arrived: Timestamp, suspect: bool) -> Evidence {
    let log: Vec<&Entry> = device.log.iter().map(|(entry, _)| entry).collect();
    let entry = log[place];
    let anchors = anchors(&log, &device.anchors);
    let newest = anchors.iter().rfind(|seen| seen.place < place);
    let not_before = newest.map_or(device.enrolled, |seen| seen.time.max(device.enrolled));
    let since = &log[newest.map_or(0, |seen| seen.place)..=place];
    let rebooted = has_reboot(since);

    let measured = newest.filter(|_| !rebooted).map(|seen| {
        let (earliest, latest) = measure(seen, log[seen.place], entry);
        (earliest.max(millis(not_before)), latest.min(millis(arrived)))
    });
    let measures_nothing = measured.is_some_and(|(earliest, latest)| earliest > latest);

    let is_set = |entry: &&&Entry| matches!(entry.kind, EntryKind::ClockSet { .. });
    let jumped = since.iter().any(|entry| is_set(&entry)) || since.chunk_by(same_boot).any(has_jump);
    let flags = [
        (Flags::WALL_JUMP, jumped),
        (Flags::CLAIM_OUTSIDE_BOUNDS, entry.wall < not_before || entry.wall > arrived),
        (Flags::REBOOT_SINCE_ANCHOR, rebooted),
        (Flags::BOOT_RATE_ODD, measures_nothing || runs_odd(&log, &anchors, place)),
        (Flags::ANCHORS_UNANSWERED, device.unanswered > 8),
        (Flags::SERVER_TIME_SUSPECT, suspect),
    ];
    let raised = flags.into_iter().filter(|(_, raised)| *raised);
    Evidence {
        not_before,
        anchor: newest.map(|seen| seen.hash),
        not_after: Some(arrived),
        measured: measured.filter(|_| !measures_nothing).map(|(earliest, latest)| Measured {
            earliest: Timestamp::from_millis(earliest as i64),
            latest: Timestamp::from_millis(latest as i64),
        }),
        claimed: entry.wall,
        flags: raised.fold(Flags::empty(), |flags, (flag, _)| flags.with(flag)),
    }
}

fn anchors(log: &[&Entry], given: &BTreeMap<Hash, Timestamp>) -> Vec<Seen> {
    let mut seen: Vec<Seen> = Vec::new();
    for (place, entry) in log.iter().enumerate() {
        if let EntryKind::Anchor { anchor, round_trip_ms } = entry.kind
            && let Some(time) = given.get(&anchor)
            && seen.last().is_none_or(|last| *time > last.time)
        {
            seen.push(Seen { place, hash: anchor, time: *time, round_trip_ms: round_trip_ms.into() });
        }
    }
    seen
}

/// The time of an entry by the boot clock, which may be off by 200 millionths, since an anchor of the same boot.
fn measure(seen: &Seen, anchor: &Entry, entry: &Entry) -> (i128, i128) {
    let (time, elapsed) = (millis(seen.time), elapsed(anchor, entry));
    let round_trip = seen.round_trip_ms;
    let earliest = time + elapsed - tolerance(elapsed);
    (earliest, time + elapsed + tolerance(elapsed) + round_trip + tolerance(round_trip))
}

/// Whether the boot clock was caught running wrong about an entry: from the anchor before it was caught, if there was
/// no restart since, to the end of the boot.
fn runs_odd(log: &[&Entry], anchors: &[Seen], place: usize) -> bool {
    let backwards = (1..log.len())
        .filter(|&at| same_boot(&log[at - 1], &log[at]) && log[at].boot_ms < log[at - 1].boot_ms);
    let disagreeing = anchors.windows(2).filter(|pair| !agree(log, &pair[0], &pair[1]));
    backwards.chain(disagreeing.map(|pair| pair[1].place)).any(|caught| {
        let before = anchors.iter().rfind(|seen| seen.place < caught).map_or(0, |seen| seen.place);
        let from = if has_reboot(&log[before..=caught]) { caught } else { before };
        from <= place && (place <= caught || !has_reboot(&log[caught..=place]))
    })
}

/// Whether the boot clock shows what has passed between two anchors, to a second, the tolerance and the round trips.
fn agree(log: &[&Entry], before: &Seen, after: &Seen) -> bool {
    if has_reboot(&log[before.place..=after.place]) {
        return true;
    }
    let passed = millis(after.time) - millis(before.time);
    let shown = elapsed(log[before.place], log[after.place]);
    let slack = tolerance(shown) + 1_000;
    (passed - before.round_trip_ms - slack..=passed + after.round_trip_ms + slack).contains(&shown)
}

/// Whether the wall clock moved against the boot clock since the first of these entries of one boot.
fn has_jump(run: &[&Entry]) -> bool {
    run.iter().any(|entry| {
        let shown = elapsed(run[0], entry);
        let claimed = millis(entry.wall) - millis(run[0].wall);
        (claimed - shown).abs() > 120_000 + tolerance(shown)
    })
}

fn has_reboot(entries: &[&Entry]) -> bool {
    entries.windows(2).any(|pair| !same_boot(&pair[0], &pair[1]))
}

fn same_boot(before: &&Entry, after: &&Entry) -> bool {
    before.boot == after.boot
}

fn elapsed(from: &Entry, to: &Entry) -> i128 {
    (i128::from(to.boot_ms) - i128::from(from.boot_ms)).max(0)
}

fn tolerance(elapsed_ms: i128) -> i128 {
    elapsed_ms / 4_999 + 2
}

fn millis(time: Timestamp) -> i128 {
    time.as_millis().into()
}
