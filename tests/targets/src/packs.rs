//! Rule packs: a text is a pack or is refused with a place in it; a pack always says the same, its deadlines lie behind
//! what they count from, and judging by it never fails.

use std::sync::LazyLock;

use jiff::civil::Date;
use sync_core::{
    calendar::{CN, Calendar},
    rules::{Basis, Evidence, Flags, Pack, due, judge, predict},
    time::Timestamp,
};

use crate::{Outcome, memory::within_mib, world::NOW};

static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| Calendar::from_ics(&CN).unwrap());

/// Reads a text as a pack.
pub fn run(data: &[u8]) -> Outcome {
    let Ok(text) = std::str::from_utf8(data) else { return Outcome::Refused };
    let pack = match within_mib(32, || Pack::parse(text)) {
        Ok(pack) => pack,
        Err(error) => {
            // The file may end with a line end, behind which one more line begins.
            let lines = text.split('\n').count();
            assert!(error.line <= lines, "line {} of {lines}", error.line);
            assert!(error.message.len() <= 4_096, "a message of {} bytes", error.message.len());
            assert_eq!(Pack::parse(text).unwrap_err(), error);
            return Outcome::Refused;
        }
    };
    assert_eq!(Pack::parse(text).as_ref(), Ok(&pack));
    assert_ne!(Pack::parse(&format!("{text}\n")).map(|other| other.hash), Ok(pack.hash));
    assert!(pack.version > 0 && pack.rules.len() <= Pack::MAX_RULES);
    check_rule(&pack);
    Outcome::Accepted
}

fn check_rule(pack: &Pack) {
    let Some(rule) = pack.record_rule() else { return };
    let _ = CALENDAR.is_working_day(pack.effective_from);
    let edges = [i64::MIN, -1, 0, 1_700_000_000_000, NOW.as_millis(), Timestamp::MAX.as_millis(), i64::MAX];
    for end in edges.map(Timestamp::from_millis) {
        let deadline = due(&rule.rule.within, &pack.zone, &CALENDAR, end);
        assert_eq!(due(&rule.rule.within, &pack.zone, &CALENDAR, end), deadline);
        let deadline = match deadline {
            Ok(deadline) => deadline,
            Err(error) => {
                assert!(!error.missing().is_empty());
                continue;
            }
        };
        assert!(deadline > end && deadline <= Timestamp::MAX, "{end} is due by {deadline}");
        for (lower, upper) in
            [(end, deadline), (deadline, deadline.plus_millis(1)), (deadline.plus_millis(1), Timestamp::MAX)]
        {
            let evidence = Evidence {
                not_before: lower,
                anchor: None,
                not_after: Some(upper),
                measured: None,
                claimed: lower,
                flags: Flags::empty(),
            };
            let verdict = judge(&rule, deadline, &evidence);
            assert_eq!(verdict.basis == Basis::Proven, upper <= deadline || lower > deadline);
            let waiting = Evidence { not_after: None, ..evidence };
            let predicted = predict(&rule, deadline, &waiting, upper);
            assert_eq!(predicted.if_sent_now.deadline, Some(deadline));
        }
    }
    // A day exists in every pack's zone, or the pack says that it does not know.
    let _ = pack.zone.start_of(Date::MAX);
    let _ = pack.zone.day_of(Timestamp::MAX);
}
