//! The phone's side of a sync, fed with any answers: it takes only anchors and receipts that the pinned server signed
//! for this very request, an answer it refuses changes nothing, and what it has got never goes back.

use std::collections::BTreeMap;

use sync_core::{
    encoding,
    hash::Hash,
    id::{BootId, DeviceId, TenantId},
    log::{
        Chain, Commit, Entry, EntryKind, JournalRoot, PageId, Receipt, SignedAnchor, SignedReceipt,
        Signer as _, limits,
    },
    protocol::{
        Cursor, DeviceState, PullRequest, PullResponse,
        phone::{PhoneSession, SeenAnchor, Start, Step, SyncError},
    },
    time::{ClockReading, Timestamp},
};

use crate::{
    Outcome,
    tape::{Tape, damage},
    world::{DEVICE, NOW, TENANT, device_secret, server_key, server_secret, stranger_secret},
};

const NONCE: [u8; 16] = [7; 16];
/// Most answers a phone waits for.
const MOST_STEPS: usize = 24;

/// An honest server, whose answers are altered on their way.
struct Server {
    state: DeviceState,
    receipts: BTreeMap<PageId, SignedReceipt>,
    now: Timestamp,
    /// How many answers still promise more.
    pages_left: usize,
}

/// What the phone holds.
struct Phone {
    session: PhoneSession,
    chain: Chain,
    log: Vec<Vec<u8>>,
}

/// What must never go back.
#[derive(Debug, PartialEq)]
struct Progress {
    step: Step,
    receipted: u64,
    seen: Option<SeenAnchor>,
}

/// Lets a phone with some log sync until it is done, or the tape is.
pub fn run(data: &[u8]) -> Outcome {
    let mut tape = Tape::new(data);
    let mut server = Server {
        state: DeviceState::new(TENANT, DEVICE, device_secret().public_key()),
        receipts: BTreeMap::new(),
        now: NOW,
        pages_left: tape.below(3),
    };
    let mut phone = Phone::new(tape.below(6), &mut tape);
    for _ in 0..MOST_STEPS {
        match phone.session.poll() {
            Step::Pull(request) => {
                let answer = server.pull(&request, &mut tape);
                phone.take_pull(&request, &answer);
            }
            Step::AppendAnchor(anchor) => {
                phone.write(EntryKind::Anchor { anchor, round_trip_ms: 1 });
                phone.session.anchor_appended(phone.chain).unwrap();
            }
            Step::Sign(statement) => {
                assert_eq!((statement.tenant, statement.device), (TENANT, DEVICE));
                assert_eq!((statement.last + 1, statement.head), (phone.chain.next_index, phone.chain.head));
                phone.session.signed([1; 64]).unwrap();
            }
            Step::Commit { first, last } => {
                if !phone.commit(first, last, &mut server, &mut tape) {
                    return Outcome::Refused;
                }
            }
            Step::Done(_) => return Outcome::Accepted,
        }
    }
    Outcome::Refused
}

impl Server {
    fn pull(&mut self, request: &PullRequest, tape: &mut Tape<'_>) -> PullResponse {
        self.now = self.now.plus_millis(1_000);
        let more = self.pages_left > 0;
        self.pages_left = self.pages_left.saturating_sub(1);
        let root = JournalRoot { size: 0, hash: Hash::ZERO };
        let mut answer = PullResponse {
            items: Vec::new(),
            cursor: Cursor(request.cursor.0.saturating_add(u64::from(more))),
            more,
            anchor: None,
            next_index: self.state.chain.next_index,
            device_head: self.state.chain.head,
            journal: 0,
            run: request.run,
        };
        if !more {
            let anchor = self.state.issue_anchor(self.now, request.nonce, root);
            answer.anchor = Some(SignedAnchor::sign(anchor, server_secret()));
        }
        for _ in 0..tape.below(4) {
            alter_pull(&mut answer, tape);
        }
        answer
    }

    /// The receipt for a page, honest as the server is; the device's own signature is another target's.
    fn receipt(&mut self, commit: &Commit) -> Option<SignedReceipt> {
        if let Some(id) = self.state.chain.repeated(commit) {
            return self.receipts.get(&id).cloned();
        }
        let page = self.state.chain.verify_page(commit).ok()?;
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
        let signed = SignedReceipt::sign(receipt, server_secret());
        self.receipts.insert(page.id, signed.clone());
        Some(signed)
    }
}

fn alter_pull(answer: &mut PullResponse, tape: &mut Tape<'_>) {
    match tape.byte() % 8 {
        0 => answer.cursor = Cursor(tape.number() as u64),
        1 => answer.more = !answer.more,
        2 => answer.next_index = tape.number() as u64,
        3 => answer.device_head = Hash::from_bytes(tape.array()),
        4 => answer.anchor = None,
        5 => *answer = damaged(answer, tape),
        _ => {
            if let Some(signed) = &mut answer.anchor {
                alter_anchor(signed, tape);
            }
        }
    }
}

/// Alters an anchor; the server signs it again, or a stranger, or nobody.
fn alter_anchor(signed: &mut SignedAnchor, tape: &mut Tape<'_>) {
    let anchor = &mut signed.anchor;
    match tape.byte() % 8 {
        0 => anchor.sequence = tape.number() as u64,
        1 => anchor.time = Timestamp::from_millis(tape.number()),
        2 => anchor.nonce = tape.array(),
        3 => anchor.tenant = TenantId::from_bytes(tape.array()),
        4 => anchor.device = DeviceId::from_bytes(tape.array()),
        5 => anchor.device_head = Hash::from_bytes(tape.array()),
        6 => signed.signature[tape.below(64)] ^= 1 << (tape.byte() % 8),
        _ => {}
    }
    match tape.byte() % 4 {
        0 => *signed = SignedAnchor::sign(signed.anchor.clone(), server_secret()),
        1 => *signed = SignedAnchor::sign(signed.anchor.clone(), stranger_secret()),
        _ => {}
    }
}

fn alter_receipt(signed: &mut SignedReceipt, tape: &mut Tape<'_>) {
    let receipt = &mut signed.receipt;
    match tape.byte() % 8 {
        0 => receipt.first = tape.number() as u64,
        1 => receipt.last = tape.number() as u64,
        2 => receipt.head = Hash::from_bytes(tape.array()),
        3 => receipt.tenant = TenantId::from_bytes(tape.array()),
        4 => receipt.device = DeviceId::from_bytes(tape.array()),
        5 => signed.signature[tape.below(64)] ^= 1 << (tape.byte() % 8),
        6 => *signed = damaged(signed, tape),
        _ => {}
    }
    match tape.byte() % 4 {
        0 => *signed = SignedReceipt::sign(signed.receipt.clone(), server_secret()),
        1 => *signed = SignedReceipt::sign(signed.receipt.clone(), stranger_secret()),
        _ => {}
    }
}

/// A message with its bytes damaged, if that is still one.
fn damaged<T: Clone + minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()>>(
    message: &T,
    tape: &mut Tape<'_>,
) -> T {
    let mut bytes = encoding::encode(message);
    damage(&mut bytes, tape);
    encoding::decode(&bytes).unwrap_or_else(|_| message.clone())
}

impl Phone {
    fn new(entries: usize, tape: &mut Tape<'_>) -> Self {
        let seen = tape.flag().then(|| SeenAnchor {
            sequence: tape.below(3) as u64,
            time: NOW.plus_millis(tape.below(3) as i64 * 1_000),
        });
        let mut phone = Self { session: session(Chain::EMPTY, seen), chain: Chain::EMPTY, log: Vec::new() };
        (0..entries).for_each(|_| phone.write(EntryKind::Boot));
        phone.session = session(phone.chain, seen);
        phone
    }

    fn write(&mut self, kind: EntryKind) {
        let clock =
            ClockReading { boot: BootId::from_bytes([5; 16]), boot_ms: self.chain.next_index, wall: NOW };
        self.log.push(self.chain.append(clock, kind).1);
    }

    fn progress(&self) -> Progress {
        Progress { step: self.session.poll(), receipted: self.session.receipted(), seen: self.session.seen() }
    }

    fn take_pull(&mut self, request: &PullRequest, answer: &PullResponse) {
        let before = self.progress();
        let log = &self.log;
        let hash_at = |index: u64| Some(Entry::hash_of(log.get(usize::try_from(index).ok()?)?));
        if self.session.handle_pull(answer, &hash_at).is_err() {
            assert_eq!(self.progress(), before, "a refused answer moved the session on");
            return;
        }
        assert!(answer.cursor >= request.cursor);
        assert!(answer.next_index <= self.chain.next_index);
        let ours = answer.next_index.checked_sub(1).map_or(Some(Hash::ZERO), hash_at);
        assert_eq!(ours, Some(answer.device_head), "the server holds another log");
        let Step::AppendAnchor(anchor) = self.session.poll() else {
            assert_eq!(self.session.seen(), before.seen);
            return;
        };
        let signed = answer.anchor.as_ref().unwrap();
        let taken = signed.verify(&server_key()).unwrap();
        assert_eq!(taken.hash(), anchor);
        assert_eq!((taken.tenant, taken.device, taken.nonce), (TENANT, DEVICE, NONCE));
        assert!(before.seen.is_none_or(|seen| taken.sequence > seen.sequence && taken.time >= seen.time));
        assert_eq!(self.session.seen(), Some(SeenAnchor { sequence: taken.sequence, time: taken.time }));
    }

    /// Sends the next page and takes the answer; false if the server has none for it.
    fn commit(&mut self, first: u64, last: u64, server: &mut Server, tape: &mut Tape<'_>) -> bool {
        let range = usize::try_from(first).unwrap()..=usize::try_from(last).unwrap();
        let most = if tape.flag() { limits::PAGE_BYTES } else { 1 + tape.below(400) };
        let commit = match self.session.page(self.log[range].iter().cloned(), most) {
            Ok(commit) => commit,
            Err(error) => panic!("a page of its own log cannot be made: {error}"),
        };
        let Some(mut signed) = server.receipt(&commit) else { return false };
        for _ in 0..tape.below(3) {
            alter_receipt(&mut signed, tape);
        }
        let before = self.progress();
        match self.session.handle_receipt(&signed) {
            Ok(()) => {
                let receipt = signed.verify(&server_key()).unwrap();
                let page = PageId { first: receipt.first, last: receipt.last, head: receipt.head };
                let sent = commit.entries.last().map(|bytes| Entry::hash_of(bytes));
                assert_eq!((page.first, Some(page.head)), (commit.first, sent));
                assert_eq!((receipt.tenant, receipt.device), (TENANT, DEVICE));
                assert!(self.session.receipted() > before.receipted);
                assert_eq!(self.session.receipted(), receipt.last + 1);
            }
            Err(SyncError::OutOfStep { .. }) => panic!("the receipt was asked for"),
            Err(_) => {
                let after = self.progress();
                assert_eq!((after.receipted, after.seen), (before.receipted, before.seen));
            }
        }
        true
    }
}

fn session(chain: Chain, seen: Option<SeenAnchor>) -> PhoneSession {
    PhoneSession::new(Start {
        tenant: TENANT,
        device: DEVICE,
        server: server_key(),
        cursor: Cursor(0),
        run: None,
        nonce: NONCE,
        chain,
        receipted: 0,
        seen,
        shown: Vec::new(),
    })
}
