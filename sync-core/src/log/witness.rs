//! A witness: reads a log in order and says when each entry was written, as far as anyone can know.

use minicbor::{Decode, Encode};

use crate::{
    hash::Hash,
    id::BootId,
    log::{Entry, EntryKind},
    rules::{Evidence, Flags, Measured},
    time::Timestamp,
};

/// More anchors than this issued without a commit in between are odd.
const UNANSWERED: u32 = 8;

/// How far wall clock and boot clock may drift apart before it is called a jump, in milliseconds.
const WALL_DRIFT_MS: u64 = 120_000;

/// How far two anchors of one boot may disagree beyond tolerance and round trips, in milliseconds.
const RATE_SLACK_MS: i64 = 1_000;

/// What has to be remembered of a log to judge the time of its next entries: a few hundred bytes, kept as CBOR by
/// phone and server for each device.
#[derive(Debug, Clone, PartialEq, Eq, Default, Encode, Decode)]
#[cbor(map)]
pub struct Witness {
    /// The newest anchor in the log.
    #[n(0)]
    anchor: Option<Mark>,
    /// The last entry's clocks.
    #[n(1)]
    last: Option<Reading>,
    /// The clocks that a wall clock jump is measured from: at the newest anchor, or where this boot began after it.
    #[n(2)]
    reference: Option<Reading>,
    /// Whether the boot clock restarted since the anchor.
    #[n(3)]
    rebooted: bool,
    /// Whether the wall clock jumped since the anchor.
    #[n(4)]
    jumped: bool,
    /// Whether the boot clock of this boot was caught running wrong.
    #[n(5)]
    odd: bool,
}

/// An anchor and where the boot clock stood when it was written into the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
struct Mark {
    #[n(0)]
    hash: Hash,
    #[n(1)]
    time: Timestamp,
    #[n(2)]
    boot_ms: u64,
    #[n(3)]
    round_trip_ms: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
struct Reading {
    #[n(0)]
    boot: BootId,
    #[n(1)]
    boot_ms: u64,
    #[n(2)]
    wall: Timestamp,
}

impl Witness {
    /// A witness of a log without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the next entries and gives the evidence of each submit among them, by index.
    ///
    /// `anchors` gives the time of an anchor that was handed to this device; entries of any other anchor are passed
    /// over, and the caller refuses them with `UnknownAnchor`. `arrived` is when the server got the page, `None` on
    /// the phone. `unanswered` is how many anchors were handed out since the last completed commit, this session's
    /// included. `enrolled` is when the device was enrolled: nothing in its log is older.
    pub fn read(
        &mut self,
        entries: &[(Entry, Hash)],
        anchors: &dyn Fn(Hash) -> Option<Timestamp>,
        arrived: Option<Timestamp>,
        unanswered: u32,
        enrolled: Timestamp,
    ) -> Vec<(u64, Evidence)> {
        let is_submit = |entry: &Entry| matches!(entry.kind, EntryKind::Submit { .. });
        self.read_where(&is_submit, entries, anchors, arrived, unanswered, enrolled)
    }

    /// Reads the next entries and gives the evidence of those that are `wanted`, by index. Otherwise as
    /// [`read`](Self::read).
    pub fn read_where(
        &mut self,
        wanted: &dyn Fn(&Entry) -> bool,
        entries: &[(Entry, Hash)],
        anchors: &dyn Fn(Hash) -> Option<Timestamp>,
        arrived: Option<Timestamp>,
        unanswered: u32,
        enrolled: Timestamp,
    ) -> Vec<(u64, Evidence)> {
        let mut found: Vec<(u64, Evidence)> = Vec::new();
        // Where in `found` the entries since the newest anchor begin.
        let mut since_anchor = 0;
        for (entry, _) in entries {
            let was_odd = self.odd;
            self.pass(entry);
            let fresh = match entry.kind {
                EntryKind::Anchor { anchor, round_trip_ms } => {
                    anchors(anchor).and_then(|time| self.newer(anchor, time, entry, round_trip_ms))
                }
                _ => None,
            };
            if let Some(mark) = fresh {
                self.odd |= !self.rebooted && self.anchor.is_some_and(|before| !agree(&before, &mark));
            }
            if self.odd && !was_odd && !self.rebooted {
                // What was written since the last anchor rests on the clock that was just caught.
                for (_, evidence) in &mut found[since_anchor..] {
                    evidence.flags = evidence.flags.with(Flags::BOOT_RATE_ODD);
                }
            }
            if wanted(entry) {
                found.push((entry.index, self.evidence(entry, arrived, unanswered, enrolled)));
            }
            if let Some(mark) = fresh {
                self.anchor = Some(mark);
                self.reference = self.last;
                self.rebooted = false;
                self.jumped = false;
                since_anchor = found.len();
            }
        }
        found
    }

    /// Takes note of an entry's clocks.
    fn pass(&mut self, entry: &Entry) {
        let reading = Reading { boot: entry.boot, boot_ms: entry.boot_ms, wall: entry.wall };
        match self.last {
            Some(last) if last.boot != entry.boot => {
                self.rebooted = true;
                self.odd = false;
                self.reference = Some(reading);
            }
            Some(last) => {
                // Within a boot the clock only runs forward. The entry is kept all the same: it is the time that
                // cannot be trusted, not what the rep wrote.
                self.odd |= entry.boot_ms < last.boot_ms;
                self.jumped |= self.reference.is_some_and(|reference| drifted(&reference, &reading));
            }
            None => self.reference = Some(reading),
        }
        self.jumped |= matches!(entry.kind, EntryKind::ClockSet { .. });
        self.last = Some(reading);
    }

    /// Gives the anchor as the new mark, unless one at least as new stands in the log already: an anchor counts once.
    fn newer(&self, hash: Hash, time: Timestamp, entry: &Entry, round_trip_ms: u32) -> Option<Mark> {
        let newer = self.anchor.is_none_or(|anchor| time > anchor.time);
        newer.then_some(Mark { hash, time, boot_ms: entry.boot_ms, round_trip_ms })
    }

    fn evidence(
        &self,
        entry: &Entry,
        arrived: Option<Timestamp>,
        unanswered: u32,
        enrolled: Timestamp,
    ) -> Evidence {
        let not_before = self.anchor.map_or(enrolled, |anchor| anchor.time.max(enrolled));
        let mut flags = Flags::empty();
        let mut flag_if = |odd: bool, flag: Flags| flags = if odd { flags.with(flag) } else { flags };
        flag_if(self.jumped, Flags::WALL_JUMP);
        flag_if(self.rebooted, Flags::REBOOT_SINCE_ANCHOR);
        flag_if(self.odd, Flags::BOOT_RATE_ODD);
        flag_if(unanswered > UNANSWERED, Flags::ANCHORS_UNANSWERED);
        let outside = entry.wall < not_before || arrived.is_some_and(|arrived| entry.wall > arrived);
        flag_if(outside, Flags::CLAIM_OUTSIDE_BOUNDS);

        let running = self.anchor.filter(|_| !self.rebooted);
        let clamped = running.map(|anchor| clamp(measure(&anchor, entry), not_before, arrived));
        flag_if(clamped == Some(None), Flags::BOOT_RATE_ODD);
        Evidence {
            not_before,
            anchor: self.anchor.map(|anchor| anchor.hash),
            not_after: arrived,
            measured: clamped.flatten(),
            claimed: entry.wall,
            flags,
        }
    }
}

/// How far a boot clock may be off after running for so long: 200 ppm, and two milliseconds for rounding.
fn tolerance_ms(elapsed_ms: u64) -> u64 {
    // A clock that runs slow by 1/5000 shows 4999/5000 of what has passed, so a shown second may be off by 1/4999.
    elapsed_ms / 4_999 + 2
}

fn millis(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

/// The time of an entry by the boot clock since an anchor of the same boot.
///
/// When the anchor was written into the log, it was at least the anchor's time and at most a round trip later.
fn measure(anchor: &Mark, entry: &Entry) -> Measured {
    let elapsed = entry.boot_ms.saturating_sub(anchor.boot_ms);
    let round_trip = u64::from(anchor.round_trip_ms);
    let latest = elapsed
        .saturating_add(tolerance_ms(elapsed))
        .saturating_add(round_trip)
        .saturating_add(tolerance_ms(round_trip));
    Measured {
        earliest: anchor.time.plus_millis(millis(elapsed.saturating_sub(tolerance_ms(elapsed)))),
        latest: anchor.time.plus_millis(millis(latest)),
    }
}

/// Holds a measured time inside the proven interval; `None` if it lies wholly outside.
fn clamp(measured: Measured, not_before: Timestamp, not_after: Option<Timestamp>) -> Option<Measured> {
    let earliest = measured.earliest.max(not_before);
    let latest = not_after.map_or(measured.latest, |bound| measured.latest.min(bound));
    (earliest <= latest).then_some(Measured { earliest, latest })
}

/// Whether the server's time between two anchors of one boot is what the boot clock says has passed.
fn agree(before: &Mark, after: &Mark) -> bool {
    let passed = after.time.millis_since(before.time);
    let shown = after.boot_ms.saturating_sub(before.boot_ms);
    let slack = millis(tolerance_ms(shown)).saturating_add(RATE_SLACK_MS);
    let least = passed.saturating_sub(i64::from(before.round_trip_ms)).saturating_sub(slack);
    let most = passed.saturating_add(i64::from(after.round_trip_ms)).saturating_add(slack);
    (least..=most).contains(&millis(shown))
}

/// Whether the wall clock moved otherwise than the boot clock between two entries of one boot.
fn drifted(from: &Reading, to: &Reading) -> bool {
    let shown = millis(to.boot_ms.saturating_sub(from.boot_ms));
    let claimed = to.wall.millis_since(from.wall);
    claimed.saturating_sub(shown).unsigned_abs() > WALL_DRIFT_MS + tolerance_ms(shown.unsigned_abs())
}
