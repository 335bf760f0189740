//! A phone whose clocks, file and server a test holds in its hands.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use sync_core::{protocol::FeedItem, rules::packs};
use tempfile::TempDir;

use crate::{
    Book, BootId, ClockReading, Credentials, Customer, KeyHandle, KeyStore, Platform, PlatformError,
    SoftwareKeyStore, Timestamp, User, VisitId, field, tests::fake_server::FakeServer,
};

/// Tuesday 2026-03-03, 16:00 in Shanghai.
pub(super) const TUESDAY_16: Timestamp = Timestamp::from_millis(1_772_524_800_000);
pub(super) const HOUR: i64 = 3_600_000;

pub(super) struct TestPlatform {
    clock: Mutex<ClockReading>,
    keys: TestKeys,
    ticks: AtomicBool,
}

/// Software keys that can be told to stay.
#[derive(Default)]
struct TestKeys {
    stay: AtomicBool,
}

impl KeyStore for TestKeys {
    fn create(&self) -> Result<KeyHandle, PlatformError> {
        SoftwareKeyStore.create()
    }

    fn public_key(&self, key: &KeyHandle) -> Result<[u8; 33], PlatformError> {
        SoftwareKeyStore.public_key(key)
    }

    fn sign(&self, key: &KeyHandle, message: &[u8]) -> Result<[u8; 64], PlatformError> {
        SoftwareKeyStore.sign(key, message)
    }

    fn delete(&self, key: &KeyHandle) -> Result<(), PlatformError> {
        if self.stay.load(Ordering::Relaxed) {
            return Err(PlatformError::Key { detail: "locked".into() });
        }
        SoftwareKeyStore.delete(key)
    }
}

impl TestPlatform {
    fn at(wall: Timestamp) -> Self {
        let clock = ClockReading { boot: BootId::from_bytes([1; 16]), boot_ms: 1_000_000, wall };
        Self { clock: Mutex::new(clock), keys: TestKeys::default(), ticks: AtomicBool::new(false) }
    }
}

impl Platform for TestPlatform {
    fn clock(&self) -> ClockReading {
        let mut clock = self.clock.lock().unwrap();
        if self.ticks.load(Ordering::Relaxed) {
            clock.boot_ms += 1;
        }
        *clock
    }

    fn random(&self, buffer: &mut [u8]) -> Result<(), PlatformError> {
        getrandom::fill(buffer).map_err(|error| PlatformError::Random { detail: error.to_string() })
    }

    fn keys(&self) -> &dyn KeyStore {
        &self.keys
    }
}

pub(super) struct Phone {
    pub(super) book: Book,
    pub(super) server: Arc<FakeServer>,
    platform: Arc<TestPlatform>,
    folder: TempDir,
}

impl Phone {
    /// A phone that was never enrolled.
    pub(super) fn new(server: &Arc<FakeServer>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let platform = Arc::new(TestPlatform::at(TUESDAY_16));
        let book = Book::open_with(folder.path().join("book"), platform.clone(), server.clone()).unwrap();
        Self { book, server: server.clone(), platform, folder }
    }

    /// A phone that is enrolled and has fetched its customers and rules.
    pub(super) async fn ready(server: &Arc<FakeServer>) -> Self {
        let phone = Self::new(server);
        phone.enrol().await;
        phone.book.sync().await.unwrap();
        phone
    }

    /// A phone of a key-account specialist under the rules of key accounts, who has one customer of the first grade.
    pub(super) async fn of_specialist(server: &Arc<FakeServer>) -> Self {
        let phone = Self::ready(server).await;
        let outbound = packs::named("key_account_outbound").unwrap();
        server.push(FeedItem::Pack { toml: outbound.into() });
        server.push(FeedItem::User(User {
            posts: vec!["ka_specialist".into()],
            ..phone.book.owner().unwrap().unwrap().user
        }));
        server.push(FeedItem::Customer(Customer { grade: "A1".into(), ..phone.customer() }));
        phone.book.sync().await.unwrap();
        phone
    }

    pub(super) async fn enrol(&self) {
        let credentials = Credentials::Code("one-time".into());
        self.book.enrol("http://127.0.0.1:1", credentials, "test phone").await.unwrap();
    }

    /// Lets time pass for this phone and the server alike.
    pub(super) fn pass(&self, ms: i64) {
        let mut clock = self.platform.clock.lock().unwrap();
        clock.boot_ms += u64::try_from(ms).unwrap();
        clock.wall = clock.wall.plus_millis(ms);
        self.server.pass(ms);
    }

    pub(super) fn set_wall(&self, wall: Timestamp) {
        self.platform.clock.lock().unwrap().wall = wall;
    }

    /// Lets each reading of the clock be a millisecond after the one before.
    pub(super) fn tick(&self) {
        self.platform.ticks.store(true, Ordering::Relaxed);
    }

    /// Lets the key store fail to delete from now on.
    pub(super) fn lock_keys(&self) {
        self.platform.keys.stay.store(true, Ordering::Relaxed);
    }

    pub(super) fn restart(&self) {
        let mut clock = self.platform.clock.lock().unwrap();
        clock.boot = BootId::from_bytes([2; 16]);
        clock.boot_ms = 5_000;
    }

    /// Opens the same file anew, as after the app was killed: nothing is closed first.
    pub(super) fn killed(self) -> Self {
        let Self { book, server, platform, folder } = self;
        std::mem::forget(book);
        let book = Book::open_with(folder.path().join("book"), platform.clone(), server.clone()).unwrap();
        Self { book, server, platform, folder }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("book")
    }

    pub(super) fn customer(&self) -> Customer {
        self.book.customers("").unwrap().remove(0)
    }

    /// A visit that began an hour ago and has just ended, with everything the rule asks for.
    pub(super) fn visited(&self) -> VisitId {
        let visit = self.book.new_visit(self.customer().id).unwrap();
        self.book.check_in(visit).unwrap();
        self.pass(HOUR);
        self.book.check_out(visit).unwrap();
        self.write(visit, field::CHANNEL, "on_site");
        self.write(visit, field::RESULT, "续约");
        visit
    }

    /// A call that is a return visit and ends now.
    pub(super) fn called(&self) -> VisitId {
        let visit = self.book.new_visit(self.customer().id).unwrap();
        self.write(visit, field::CLASS, "scheduled_return");
        self.write(visit, field::CHANNEL, "phone");
        self.write(visit, field::RESULT, "续约");
        self.book.check_in(visit).unwrap();
        self.book.check_out(visit).unwrap();
        visit
    }

    pub(super) fn write(&self, visit: VisitId, name: &str, text: &str) {
        self.book
            .edit(visit, |draft| {
                draft.text(name, text);
            })
            .unwrap();
    }
}
