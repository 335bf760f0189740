//! A server in memory: real admission, real chains, real signatures; no rules of its own.

mod requests;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};

use ed25519_dalek::SigningKey;
use sync_core::{
    calendar,
    document::Document,
    id::{RunId, TenantId},
    log::{PageId, SignedReceipt},
    protocol::{DeviceState, FeedItem},
    rules::packs,
};

use crate::{
    Customer, CustomerId, DeviceId, RecordStatus, RefusalCode, Timestamp, UserId, VisitId,
    sync::{Answer, Request, Transport},
    tests::phone::TUESDAY_16,
};

pub(super) const TENANT: TenantId = TenantId::from_bytes([9; 16]);
pub(super) const ME: UserId = UserId::from_bytes([3; 16]);

pub(super) struct FakeServer(Mutex<World>);

#[derive(Clone)]
pub(super) struct World {
    key: SigningKey,
    now: Timestamp,
    devices: HashMap<DeviceId, DeviceState>,
    documents: HashMap<VisitId, Document>,
    receipts: HashMap<(DeviceId, PageId), SignedReceipt>,
    feed: Vec<(Option<DeviceId>, FeedItem)>,
    /// Its runs, and how much had been told when each began.
    runs: Vec<(RunId, usize)>,
    offline: bool,
    busy: bool,
    in_doubt: bool,
    lose_answers: HashSet<&'static str>,
    revoked: HashSet<DeviceId>,
    refuse_text: Option<(&'static str, RefusalCode)>,
    page: usize,
    tokens: u32,
    /// What the next receipt says of records.
    answers: Vec<RecordStatus>,
}

impl FakeServer {
    pub(super) fn new() -> Arc<Self> {
        let customer = Customer {
            id: CustomerId::from_bytes([5; 16]),
            number: "KA-001".into(),
            name: "光谷食品 100%".into(),
            address: "武汉市洪山区".into(),
            contact: "王经理".into(),
            phone: "027-1".into(),
            owner: Some(ME),
            grade: "A".into(),
            tags: Vec::new(),
            owners: Vec::new(),
            grades: Vec::new(),
        };
        let mut feed = vec![
            (None, FeedItem::Customer(customer)),
            (None, FeedItem::Pack { toml: packs::KEY_ACCOUNT_VISITS.into() }),
        ];
        feed.extend(calendar::CN.map(|(year, ics)| (None, FeedItem::Calendar { year, ics: ics.into() })));
        Arc::new(Self(Mutex::new(World {
            key: SigningKey::from_bytes(&[7; 32]),
            now: TUESDAY_16,
            devices: HashMap::new(),
            documents: HashMap::new(),
            receipts: HashMap::new(),
            feed,
            runs: vec![(RunId::from_bytes([0; 16]), 0)],
            offline: false,
            busy: false,
            in_doubt: false,
            lose_answers: HashSet::new(),
            revoked: HashSet::new(),
            refuse_text: None,
            page: usize::MAX,
            tokens: 0,
            answers: Vec::new(),
        })))
    }

    fn world(&self) -> std::sync::MutexGuard<'_, World> {
        self.0.lock().unwrap()
    }

    pub(super) fn pass(&self, ms: i64) {
        let mut world = self.world();
        world.now = world.now.plus_millis(ms);
    }

    pub(super) fn snapshot(&self) -> World {
        self.world().clone()
    }

    /// A backup from before anything of a visit arrived.
    pub(super) fn snapshot_without(&self, visit: VisitId) -> World {
        let mut backup = self.snapshot();
        backup.documents.remove(&visit);
        backup
            .feed
            .retain(|(_, item)| !matches!(item, FeedItem::Changes { document, .. } if *document == visit));
        backup
    }

    /// Puts the server back to a backup; its clock goes on.
    pub(super) fn restore(&self, backup: World) {
        let mut world = self.world();
        let now = world.now;
        let last = world.runs.last().map_or(0, |(run, _)| run.as_bytes()[0]);
        *world = World { now, ..backup };
        let told = world.feed.len();
        world.runs.push((RunId::from_bytes([last + 1; 16]), told));
    }

    pub(super) fn set_offline(&self, offline: bool) {
        self.world().offline = offline;
    }

    /// Gives no anchors for now: its clock was set.
    pub(super) fn set_in_doubt(&self, in_doubt: bool) {
        self.world().in_doubt = in_doubt;
    }

    /// Takes no commits for now.
    pub(super) fn set_busy(&self, busy: bool) {
        self.world().busy = busy;
    }

    /// Does what the next request to a path asks for, but loses the answer.
    pub(super) fn lose_answer(&self, path: &'static str) {
        self.world().lose_answers.insert(path);
    }

    pub(super) fn revoke(&self, device: DeviceId) {
        self.world().revoked.insert(device);
    }

    /// Refuses changes whose bytes hold this text.
    pub(super) fn refuse_text(&self, text: &'static str, code: RefusalCode) {
        self.world().refuse_text = Some((text, code));
    }

    pub(super) fn push(&self, item: FeedItem) {
        self.world().feed.push((None, item));
    }

    pub(super) fn set_page(&self, items: usize) {
        self.world().page = items;
    }

    /// Says it in the receipt of the next commit.
    pub(super) fn answer_with(&self, status: RecordStatus) {
        self.world().answers.push(status);
    }

    pub(super) fn say(&self, status: RecordStatus) {
        self.push(FeedItem::Record(Box::new(status)));
    }

    pub(super) fn held(&self, device: DeviceId) -> u64 {
        self.world().devices[&device].chain.next_index
    }

    pub(super) fn document(&self, visit: VisitId) -> Document {
        self.world().documents[&visit].clone()
    }
}

impl Transport for FakeServer {
    fn send(&self, request: Request) -> Answer<'_> {
        let answer = self.world().answer(&request);
        Box::pin(async move { answer })
    }
}
