//! One phone and one server in memory, with nothing between them but the two state machines.

use std::collections::BTreeMap;

use crate::{
    hash::Hash,
    id::{BootId, DeviceId, RunId, TenantId},
    log::{
        Chain, Commit, Entry, EntryKind, JournalRoot, PageId, Receipt, ServerKey, SignedAnchor,
        SignedReceipt, Signer, SoftwareKey, limits,
    },
    protocol::{
        Cursor, DeviceState, PullRequest, PullResponse,
        phone::{PhoneSession, SeenAnchor, Start, Step, SyncError},
        server::{CheckedCommit, CommitError, check_commit, decode_commit},
    },
    time::{ClockReading, Timestamp},
};

pub(super) const TENANT: TenantId = TenantId::from_bytes([1; 16]);
pub(super) const DEVICE: DeviceId = DeviceId::from_bytes([2; 16]);
pub(super) const RUN: RunId = RunId::from_bytes([6; 16]);
pub(super) const NONCE: [u8; 16] = [7; 16];

pub(super) fn server_secret() -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[3; 32])
}

pub(super) fn server_key() -> ServerKey {
    ServerKey::of(&server_secret())
}

pub(super) fn device_secret() -> SoftwareKey {
    SoftwareKey::from_bytes(&[4; 32]).unwrap()
}

pub(super) fn device_state() -> DeviceState {
    DeviceState::new(TENANT, DEVICE, device_secret().public_key())
}

/// The server: one device, its receipts, a clock that ticks with each request.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) state: DeviceState,
    pub(super) receipts: BTreeMap<PageId, SignedReceipt>,
    pub(super) now: Timestamp,
    /// How many pull answers still promise more.
    pub(super) pages_left: u64,
    pub(super) takes_commits: bool,
}

impl Server {
    pub(super) fn new() -> Self {
        let now = Timestamp::from_millis(1_780_000_000_000);
        Self { state: device_state(), receipts: BTreeMap::new(), now, pages_left: 0, takes_commits: true }
    }

    pub(super) fn pull(&mut self, request: &PullRequest) -> PullResponse {
        self.now = self.now.plus_millis(1000);
        for shown in request.shown.iter().flatten() {
            shown.verify(&server_key()).unwrap();
            self.state.recall_anchor(&shown.anchor);
        }
        let more = self.pages_left > 0;
        self.pages_left = self.pages_left.saturating_sub(1);
        let anchor = (!more && self.takes_commits).then(|| {
            let journal = JournalRoot { size: 0, hash: Hash::ZERO };
            SignedAnchor::sign(self.state.issue_anchor(self.now, request.nonce, journal), &server_secret())
        });
        PullResponse {
            items: Vec::new(),
            cursor: Cursor(request.cursor.0 + u64::from(more)),
            more,
            anchor,
            next_index: self.state.chain.next_index,
            device_head: self.state.chain.head,
            journal: 0,
            run: Some(RUN),
        }
    }

    pub(super) fn commit(&mut self, body: &[u8]) -> Result<SignedReceipt, CommitError> {
        self.now = self.now.plus_millis(1000);
        match check_commit(&self.state, &decode_commit(body)?)? {
            CheckedCommit::Repeated(id) => self.receipts.get(&id).cloned().ok_or(CommitError::Forked),
            CheckedCommit::New(page) => {
                self.state.advance(&page);
                let receipt = Receipt {
                    tenant: TENANT,
                    device: DEVICE,
                    first: page.id.first,
                    last: page.id.last,
                    head: page.id.head,
                    received: self.now,
                    refused: Vec::new(),
                    records: Vec::new(),
                    journal: JournalRoot { size: 0, hash: Hash::ZERO },
                };
                let signed = SignedReceipt::sign(receipt, &server_secret());
                self.receipts.insert(page.id, signed.clone());
                Ok(signed)
            }
        }
    }
}

/// The phone: what its store holds between syncs.
#[derive(Clone)]
pub(super) struct Phone {
    pub(super) chain: Chain,
    pub(super) log: Vec<Vec<u8>>,
    pub(super) receipted: u64,
    pub(super) cursor: Cursor,
    pub(super) seen: Option<SeenAnchor>,
    /// The anchors it received.
    pub(super) anchors: Vec<SignedAnchor>,
    /// Whether it shows them to the server.
    pub(super) shows: bool,
}

impl Phone {
    pub(super) fn new() -> Self {
        Self {
            chain: Chain::EMPTY,
            log: Vec::new(),
            receipted: 0,
            cursor: Cursor(0),
            seen: None,
            anchors: Vec::new(),
            shows: false,
        }
    }

    pub(super) fn write(&mut self, kind: EntryKind) {
        let clock = ClockReading {
            boot: BootId::from_bytes([5; 16]),
            boot_ms: self.log.len() as u64,
            wall: Timestamp::from_millis(0),
        };
        self.log.push(self.chain.append(clock, kind).1);
    }

    pub(super) fn write_entries(&mut self, count: usize) {
        (0..count).for_each(|_| self.write(EntryKind::Boot));
    }

    pub(super) fn hash_at(&self, index: u64) -> Option<Hash> {
        self.log.get(usize::try_from(index).ok()?).map(|bytes| Entry::hash_of(bytes))
    }

    pub(super) fn begin(&self) -> PhoneSession {
        PhoneSession::new(Start {
            tenant: TENANT,
            device: DEVICE,
            server: server_key(),
            cursor: self.cursor,
            run: None,
            nonce: NONCE,
            chain: self.chain,
            receipted: self.receipted,
            seen: self.seen,
            shown: if self.shows { self.anchors.clone() } else { Vec::new() },
        })
    }

    /// Makes the page a session asks for, of at most so many entries.
    pub(super) fn page(&self, session: &mut PhoneSession, first: u64, last: u64, most: usize) -> Commit {
        let range = usize::try_from(first).unwrap()..=usize::try_from(last).unwrap();
        session.page(self.log[range].iter().take(most).cloned(), limits::PAGE_BYTES).unwrap()
    }

    /// Goes on with a session until the phone wants to commit or is done.
    pub(super) fn go(&mut self, session: &mut PhoneSession, server: &mut Server) -> Result<Step, SyncError> {
        loop {
            match session.poll() {
                Step::Pull(request) => {
                    let answer = server.pull(&request);
                    let phone = self.clone();
                    session.handle_pull(&answer, &|index| phone.hash_at(index))?;
                    (self.cursor, self.seen) = (answer.cursor, session.seen());
                    self.anchors.extend(answer.anchor);
                }
                Step::AppendAnchor(anchor) => {
                    self.write(EntryKind::Anchor { anchor, round_trip_ms: 1 });
                    session.anchor_appended(self.chain)?;
                }
                Step::Sign(statement) => session.signed(device_secret().sign(statement.hash()).unwrap())?,
                step @ (Step::Commit { .. } | Step::Done(_)) => return Ok(step),
            }
        }
    }
}
