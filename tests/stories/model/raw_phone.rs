//! A raw phone: a log that says whatever a test wants, handed to the engine without the SDK and without HTTP.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
};

use anyhow::Context as _;
use server::{
    clock::Clock as _,
    engine::{DeviceSession, Engine, Ticket},
};
use sync_core::{
    document::{Author, Document, Edit, Heads},
    encoding::Bytes,
    hash::Hash,
    id::{BootId, DocumentId},
    log::{Anchor, Chain, Commit, EntryKind, Receipt, Signer as _, SoftwareKey, Statement},
    protocol::{Cursor, FeedItem, PullRequest},
    rules::Reason,
    time::ClockReading,
};
use tests::{SimulatedClock, World};

pub(super) struct RawPhone {
    pub(super) documents: BTreeMap<DocumentId, Document>,
    /// Which run of the boot clock it is in.
    pub(super) boot: u8,
    /// How far its boot clock and its wall clock are off.
    pub(super) boot_off_ms: u64,
    pub(super) wall_off_ms: i64,
    session: DeviceSession,
    engine: Arc<Engine>,
    clock: Arc<SimulatedClock>,
    key: SoftwareKey,
    chain: Chain,
    waiting: Vec<Bytes>,
    cursor: Cursor,
}

impl RawPhone {
    pub(super) async fn enrol(world: &World, login: &str, number: u8) -> anyhow::Result<Self> {
        let key = SoftwareKey::from_bytes(&[number; 32]).context("no key")?;
        let (tenant, user) = (world.company.tenant, world.company.user(login)?.id);
        let ticket = Ticket { tenant, user, code: None };
        let grant = world.engine().enrol(ticket, "raw", key.public_key()).await?;
        Ok(Self {
            documents: BTreeMap::new(),
            boot: 0,
            boot_off_ms: 0,
            wall_off_ms: 0,
            session: grant.session,
            engine: Arc::clone(world.engine()),
            clock: Arc::clone(&world.clock),
            key,
            chain: Chain::EMPTY,
            waiting: Vec::new(),
            cursor: Cursor(0),
        })
    }

    pub(super) fn write(&mut self, kind: EntryKind) -> Hash {
        let (wall, monotonic_ms) = self.clock.hands();
        let clock = ClockReading {
            boot: BootId::from_bytes([self.boot; 16]),
            boot_ms: monotonic_ms + self.boot_off_ms,
            wall: wall.plus_millis(self.wall_off_ms),
        };
        let (_, bytes, hash) = self.chain.append(clock, kind);
        self.waiting.push(bytes.into());
        hash
    }

    /// Writes an edit down and gives the hash of its change; `None` if it changes nothing.
    pub(super) fn edit(&mut self, document: DocumentId, edits: &[Edit]) -> anyhow::Result<Option<Hash>> {
        let author = Author { tenant: self.session.tenant, device: self.session.device };
        let Some(change) = self.open(document)?.edit(&author, edits)? else { return Ok(None) };
        let hash = sync_core::document::hash_of_change(&change);
        self.write(EntryKind::Change { document, change: change.into() });
        Ok(Some(hash))
    }

    pub(super) fn submit(&mut self, document: DocumentId, reason: Option<Reason>) -> anyhow::Result<Hash> {
        let heads = self.open(document)?.heads();
        self.submit_at(document, heads, reason)
    }

    pub(super) fn submit_at(
        &mut self,
        document: DocumentId,
        heads: Heads,
        reason: Option<Reason>,
    ) -> anyhow::Result<Hash> {
        let value = self.open(document)?.values_at(&heads)?.hash();
        Ok(self.write(EntryKind::Submit { document, heads, value, reason }))
    }

    pub(super) fn open(&mut self, id: DocumentId) -> anyhow::Result<&mut Document> {
        match self.documents.entry(id) {
            Entry::Occupied(document) => Ok(document.into_mut()),
            Entry::Vacant(vacant) => Ok(vacant.insert(Document::genesis(id)?)),
        }
    }

    /// Pulls everything and merges it; gives the anchor, unless the server gives none at the moment.
    pub(super) async fn pull(&mut self) -> anyhow::Result<Option<Anchor>> {
        loop {
            let request =
                PullRequest { cursor: self.cursor, nonce: [3; 16], seen: None, shown: None, run: None };
            let answer = self.engine.pull(self.session, request).await?;
            self.cursor = answer.cursor;
            for item in answer.items {
                if let FeedItem::Changes { document, changes, .. } = item {
                    self.open(document)?
                        .apply_trusted(&changes.iter().map(|change| change.as_slice()).collect::<Vec<_>>())?;
                }
            }
            if !answer.more {
                return Ok(answer.anchor.map(|signed| signed.anchor));
            }
        }
    }

    /// Hands over what waits in pages of at most so many entries, the last one ending with the anchor.
    pub(super) async fn push(
        &mut self,
        anchor: &Anchor,
        round_trip_ms: u32,
        page: usize,
    ) -> anyhow::Result<Vec<Receipt>> {
        let anchor = anchor.hash();
        let head = self.write(EntryKind::Anchor { anchor, round_trip_ms });
        let last = self.chain.next_index - 1;
        let (tenant, device) = (self.session.tenant, self.session.device);
        let statement = Statement { tenant, device, last, head, anchor };
        let signature = self.key.sign(statement.hash())?;
        let mut first = self.chain.next_index - self.waiting.len() as u64;
        let mut receipts = Vec::new();
        for entries in std::mem::take(&mut self.waiting).chunks(page) {
            let commit = Commit { statement: statement.clone(), signature, first, entries: entries.to_vec() };
            receipts.push(self.engine.commit(self.session, commit).await?.receipt);
            first += entries.len() as u64;
            // Pages do not arrive at once.
            self.clock.pass_ms(500);
        }
        Ok(receipts)
    }

    /// Pulls, then pushes everything in one page.
    pub(super) async fn sync(&mut self) -> anyhow::Result<Vec<Receipt>> {
        match self.pull().await? {
            Some(anchor) => self.push(&anchor, 20, usize::MAX).await,
            None => Ok(Vec::new()),
        }
    }
}
