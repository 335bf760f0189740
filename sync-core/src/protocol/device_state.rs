//! A device's state: what the server keeps of a device to issue anchors to it and check its commits.

use minicbor::{Decode, Encode};

use crate::{
    hash::Hash,
    id::{DeviceId, TenantId},
    log::{Anchor, Chain, CheckedPage, DeviceKey, JournalRoot, limits},
    time::Timestamp,
};

/// What the server keeps of one device. It follows from the journal and the anchors that were issued.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct DeviceState {
    /// The company.
    #[n(0)]
    pub tenant: TenantId,
    /// The device.
    #[n(1)]
    pub device: DeviceId,
    /// The key that was pinned when it was enrolled.
    #[n(2)]
    pub key: DeviceKey,
    /// How far its log is held.
    #[n(3)]
    pub chain: Chain,
    /// The newest anchor it was given.
    #[n(4)]
    pub issued: Option<IssuedAnchor>,
    /// How many anchors it was given since its last completed commit.
    #[n(5)]
    pub unanswered: u32,
}

/// What has to be remembered of the newest anchor that was given to a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct IssuedAnchor {
    /// Its hash.
    #[n(0)]
    pub hash: Hash,
    /// Its sequence number.
    #[n(1)]
    pub sequence: u64,
    /// Its time.
    #[n(2)]
    pub time: Timestamp,
}

impl DeviceState {
    /// The state of a device that was just enrolled.
    pub fn new(tenant: TenantId, device: DeviceId, key: DeviceKey) -> Self {
        Self { tenant, device, key, chain: Chain::EMPTY, issued: None, unanswered: 0 }
    }

    /// Whether the next anchor has to wait: so many were given out without a completed commit that the newest must be a
    /// minute old first. A phone that only pulls is not given one with each pull for ever.
    pub fn must_wait(&self, now: Timestamp) -> bool {
        const WAIT_MS: i64 = 60_000;
        self.unanswered as usize >= limits::OPEN_ANCHORS
            && self.issued.is_some_and(|issued| now.millis_since(issued.time) < WAIT_MS)
    }

    /// Issues the next anchor, to be signed and sent once this state is stored.
    ///
    /// Its time is never before that of the anchor before it, whatever happened to the server's clock.
    pub fn issue_anchor(&mut self, now: Timestamp, nonce: [u8; 16], journal: JournalRoot) -> Anchor {
        let anchor = Anchor {
            tenant: self.tenant,
            device: self.device,
            sequence: self.issued.map_or(1, |issued| issued.sequence + 1),
            time: self.issued.map_or(now, |issued| issued.time.max(now)),
            nonce,
            device_head: self.chain.head,
            journal,
        };
        self.issued =
            Some(IssuedAnchor { hash: anchor.hash(), sequence: anchor.sequence, time: anchor.time });
        self.unanswered = self.unanswered.saturating_add(1);
        anchor
    }

    /// Whether a device that received the anchor of this number has seen more than is known here.
    pub fn is_behind(&self, seen: Option<u64>) -> bool {
        seen > self.issued.map(|issued| issued.sequence)
    }

    /// Takes an anchor of its own back that the device shows, after a restore from a backup that does not know it; gives
    /// whether there was anything to take back.
    ///
    /// The signature is the caller's to check: with it, nobody but this server can have made the anchor. The numbers go
    /// on behind it, so none is given out twice.
    pub fn recall_anchor(&mut self, anchor: &Anchor) -> bool {
        let ours = (anchor.tenant, anchor.device) == (self.tenant, self.device);
        let is_news = self.issued.is_none_or(|issued| issued.sequence < anchor.sequence);
        if ours && is_news {
            self.issued = Some(IssuedAnchor {
                hash: anchor.hash(),
                sequence: anchor.sequence,
                time: self.issued.map_or(anchor.time, |issued| issued.time.max(anchor.time)),
            });
        }
        ours && is_news
    }

    /// Moves on behind a page that was checked against this state and is in the journal now.
    pub fn advance(&mut self, page: &CheckedPage) {
        self.chain = page.chain();
        if page.complete {
            self.unanswered = 0;
        }
    }
}
