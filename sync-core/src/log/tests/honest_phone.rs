//! A law: whatever an honest phone goes through, the true time lies inside what its evidence says.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::{
    document::Heads,
    hash::Hash,
    id::{BootId, DocumentId},
    log::{Chain, EntryKind, Witness},
    rules::Flags,
    time::{ClockReading, Timestamp},
};

const ENROLLED_MS: f64 = 1_780_000_000_000.0;

/// What happens next on the phone.
#[derive(Debug, Clone)]
enum Act {
    Wait {
        ms: u32,
    },
    Submit,
    /// Asks for an anchor: how long until the server takes its time, and until the entry is written.
    Sync {
        there_ms: u32,
        back_ms: u32,
    },
    Restart {
        drift_ppm: i32,
    },
    SetWall {
        by_ms: i64,
    },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0..1_000_000_000u32).prop_map(|ms| Act::Wait { ms }),
        4 => Just(Act::Submit),
        3 => (0..90_000u32, 0..90_000u32).prop_map(|(there_ms, back_ms)| Act::Sync { there_ms, back_ms }),
        1 => (-200..=200i32).prop_map(|drift_ppm| Act::Restart { drift_ppm }),
        1 => (-4_000_000_000i64..4_000_000_000).prop_map(|by_ms| Act::SetWall { by_ms }),
    ]
}

/// An honest phone in true time, which it does not know.
struct Phone {
    now_ms: f64,
    boot: u8,
    booted_ms: f64,
    drift_ppm: i32,
    wall_offset_ms: i64,
}

impl Phone {
    fn boot_ms(&self) -> u64 {
        ((self.now_ms - self.booted_ms) * (1.0 + f64::from(self.drift_ppm) / 1e6)).floor() as u64
    }

    fn true_time(&self) -> Timestamp {
        Timestamp::from_millis(self.now_ms.floor() as i64)
    }

    fn clock(&self) -> ClockReading {
        ClockReading {
            boot: BootId::from_bytes([self.boot; 16]),
            boot_ms: self.boot_ms(),
            wall: self.true_time().plus_millis(self.wall_offset_ms),
        }
    }
}

proptest! {
    #[test]
    fn true_time_lies_inside_the_bounds_and_inside_what_was_measured(
        drift_ppm in -200..=200i32,
        acts in prop::collection::vec(act(), 1..60),
    ) {
        let mut phone =
            Phone { now_ms: ENROLLED_MS + 0.4, boot: 1, booted_ms: ENROLLED_MS - 5e6, drift_ppm, wall_offset_ms: 0 };
        let (mut chain, mut entries, mut anchors, mut truth) =
            (Chain::EMPTY, Vec::new(), BTreeMap::new(), Vec::new());
        for act in acts {
            let kind = match act {
                Act::Wait { ms } => {
                    phone.now_ms += f64::from(ms);
                    continue;
                }
                Act::SetWall { by_ms } => {
                    phone.wall_offset_ms += by_ms;
                    continue;
                }
                Act::Restart { drift_ppm } => {
                    phone = Phone { boot: phone.boot + 1, booted_ms: phone.now_ms, drift_ppm, ..phone };
                    EntryKind::Boot
                }
                Act::Submit => EntryKind::Submit {
                    document: DocumentId::from_bytes([1; 16]),
                    heads: Heads::default(),
                    value: Hash::ZERO,
                    reason: None,
                },
                Act::Sync { there_ms, back_ms } => {
                    let asked = phone.boot_ms();
                    phone.now_ms += f64::from(there_ms);
                    let anchor = Hash::of("test", &[&(anchors.len() as u64).to_be_bytes()]);
                    anchors.insert(anchor, phone.true_time());
                    phone.now_ms += f64::from(back_ms);
                    let round_trip_ms = (phone.boot_ms() - asked) as u32;
                    EntryKind::Anchor { anchor, round_trip_ms }
                }
            };
            if matches!(kind, EntryKind::Submit { .. }) {
                truth.push(phone.true_time());
            }
            let (entry, _, hash) = chain.append(phone.clock(), kind);
            entries.push((entry, hash));
        }
        let found = Witness::new().read(
            &entries,
            &|hash| anchors.get(&hash).copied(),
            Some(phone.true_time()),
            1,
            Timestamp::from_millis(ENROLLED_MS as i64),
        );
        prop_assert_eq!(found.len(), truth.len());
        for ((_, evidence), truth) in found.into_iter().zip(truth) {
            prop_assert!(evidence.not_before <= truth && Some(truth) <= evidence.not_after);
            prop_assert!(!evidence.flags.intersects(Flags::BOOT_RATE_ODD));
            let measurable = evidence.anchor.is_some() && !evidence.flags.intersects(Flags::REBOOT_SINCE_ANCHOR);
            prop_assert_eq!(evidence.measured.is_some(), measurable);
            if let Some(measured) = evidence.measured {
                prop_assert!(measured.earliest <= truth && truth <= measured.latest, "{measured:?} {truth}");
            }
        }
    }
}
