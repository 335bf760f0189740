//! The truth: what people really did and when, which nobody in the world is told.

use std::collections::{BTreeMap, BTreeSet};

use client_sdk::{Timestamp, Visit, VisitId};
use sync_core::{hash::Hash, id::DeviceId};

use super::story::Carrier;

/// What really happened.
#[derive(Debug, Default)]
pub(super) struct Truth {
    /// When each submit was made, by its entry; liars' submits too.
    pub(super) submits: BTreeMap<Hash, Timestamp>,
    /// The devices that lie.
    pub(super) liars: BTreeSet<DeviceId>,
    /// What each rep last saw in each of their visits, where it was certain to last: one phone, never put back.
    pub(super) last_seen: BTreeMap<VisitId, (usize, Visit)>,
    /// Entries that stood in the outbox of a phone, as the device that it still is.
    pub(super) written: BTreeMap<Hash, usize>,
    /// Entries that phones have a receipt for, with their device.
    pub(super) acknowledged: BTreeMap<Hash, DeviceId>,
    /// The device as which each honest phone is enrolled, by phone.
    pub(super) devices: BTreeMap<usize, DeviceId>,
    /// Entries that honest phones were told are refused.
    pub(super) refused: BTreeMap<Hash, usize>,
    /// Whether a phone handed over again what a restored server had lost.
    pub(super) reclaimed: bool,
    /// When somebody's hand was on the server's clock while it ran.
    pub(super) clock_was_wrong: Vec<(Timestamp, Timestamp)>,
    /// Whether the server ever went back to a backup.
    pub(super) server_went_back: bool,
    /// Whether phones were ever put back to a backup, by phone.
    pub(super) put_back: BTreeSet<usize>,
}

impl Truth {
    /// Whether what a device handed over may be gone for good: lost by the server, and not with the phone any more.
    pub(super) fn may_be_gone(&self, device: DeviceId) -> bool {
        // A liar hands nothing over again, and a phone that was enrolled anew makes its work again as another device.
        let hands_over_again =
            |(phone, now): (&usize, &DeviceId)| *now == device && !self.put_back.contains(phone);
        self.server_went_back && !self.devices.iter().any(hands_over_again)
    }
}

/// Whether a phone is the only one of its rep.
pub(super) fn is_alone(phone: usize, carriers: &[Carrier]) -> bool {
    carriers.iter().enumerate().all(|(other, carrier)| other == phone || *carrier != carriers[phone])
}
