//! A company in memory, with people, a clock that tests move, and phones that write real logs.

mod phone;

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use sync_core::{
    directory::{Customer, Role, User},
    document::{DocumentKind, new_id},
    id::{CustomerId, DocumentId, TenantId, UserId},
    log::{Signer as _, SoftwareKey},
    time::Timestamp,
};

pub(crate) use phone::{Phone, filled};

use crate::{
    auth::{authority::Authority, keys::ServerKeys},
    clock::{Clock as _, ManualClock},
    config::TokenLifetimes,
    engine::{Engine, Founding, Ticket},
    host::Host,
    journal,
    projection::{Projection, StoredRecord},
    store::{EmbeddedStore, MemoryIndexes, Store as _, StoreOptions},
    telemetry::Metrics,
};

/// Where the company is kept on its disk in memory.
const DATA: &str = "/data";

pub(crate) const HOUR_MS: u64 = 3_600_000;
pub(crate) const DAY_MS: u64 = 24 * HOUR_MS;

/// Tuesday 2026-11-17 16:00 in Shanghai: what ends now is due by Thursday 24:00.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_794_902_400_000);

/// What the customer is called: as hostile as a rep's typing can be.
pub(crate) const CUSTOMER_NAME: &str = "<script>alert('客户')</script>";

/// A company: a rep and their supervisor, another rep of another supervisor, an auditor.
pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Arc<EmbeddedStore>,
    host: Host,
    pub(crate) authority: Arc<Authority>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) engine: Arc<Engine>,
    pub(crate) tenant: TenantId,
    pub(crate) rep: UserId,
    pub(crate) boss: UserId,
    pub(crate) other_rep: UserId,
    pub(crate) other_boss: UserId,
    pub(crate) auditor: UserId,
    pub(crate) customer: CustomerId,
    /// What the first administrator, `admin`, signs in with the first time.
    pub(crate) admin_password: String,
    phones: Mutex<u8>,
}

impl World {
    pub(crate) async fn new() -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let host = Host::in_memory(Arc::clone(&clock) as _);
        let options = StoreOptions::default();
        let store = EmbeddedStore::open(&host, Path::new(DATA), Projection::shared(), options).unwrap();
        let store = Arc::new(store);
        let keys = ServerKeys::from_seed(&[7; 32]);
        let authority = Arc::new(
            Authority::with_keys(keys, &TokenLifetimes::default(), Arc::clone(&host.randomness)).unwrap(),
        );
        let metrics = Arc::new(Metrics::new());
        let engine = Engine::new(
            Arc::clone(&store) as _,
            Arc::clone(&clock) as _,
            Arc::clone(&authority),
            Arc::clone(&metrics),
            host.workers,
        )
        .unwrap();
        let founded = engine.found(Founding::key_account_visits("江南")).await.unwrap();
        let tenant = founded.tenant;
        let id = |n: u8| UserId::from_bytes([n; 16]);
        let user = |n: u8, login: &str, name: &str, role, reports_to| User {
            id: id(n),
            login: login.to_owned(),
            name: name.to_owned(),
            role,
            unit: None,
            reports_to,
            active: true,
            posts: Vec::new(),
            until: None,
        };
        let users = vec![
            user(1, "liu", "刘芳", Role::Supervisor, None),
            user(2, "wang", "王晓梅", Role::Rep, Some(id(1))),
            user(3, "chen", "陈思远", Role::Supervisor, None),
            user(4, "li", "李建国", Role::Rep, Some(id(3))),
            user(5, "audit", "周雨桐", Role::Auditor, None),
        ];
        engine.put_users(tenant, None, users).await.unwrap();
        let customer = Customer {
            id: CustomerId::from_bytes([9; 16]),
            number: "K-001".to_owned(),
            name: CUSTOMER_NAME.to_owned(),
            address: String::new(),
            contact: String::new(),
            phone: String::new(),
            owner: Some(id(2)),
            grade: "A1".to_owned(),
            tags: Vec::new(),
            owners: Vec::new(),
            grades: Vec::new(),
        };
        let customer_id = customer.id;
        engine.put_customers(tenant, None, vec![customer]).await.unwrap();
        Self {
            clock,
            store,
            host,
            authority,
            metrics,
            engine,
            tenant,
            rep: id(2),
            boss: id(1),
            other_rep: id(4),
            other_boss: id(3),
            auditor: id(5),
            customer: customer_id,
            admin_password: founded.password.expose().clone(),
            phones: Mutex::new(0),
        }
    }

    /// The same world after the server was stopped and opened again.
    pub(crate) fn reopened(self) -> Self {
        let engine = Engine::new(
            Arc::clone(&self.store) as _,
            Arc::clone(&self.clock) as _,
            Arc::clone(&self.authority),
            Arc::clone(&self.metrics),
            self.host.workers,
        );
        Self { engine: engine.unwrap(), ..self }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, millis: u64) {
        self.clock.advance_ms(millis);
    }

    /// Enrols a phone of a user.
    pub(crate) async fn phone(&self, user: UserId) -> Phone {
        let number = {
            let mut phones = self.phones.lock().unwrap();
            *phones += 1;
            *phones
        };
        let key = SoftwareKey::from_bytes(&[number; 32]).unwrap();
        let ticket = Ticket { tenant: self.tenant, user, code: None };
        let grant = self.engine.enrol(ticket, &format!("手机 {number}"), key.public_key()).await.unwrap();
        Phone::new(grant.session, key, number, Arc::clone(&self.clock))
    }

    pub(crate) fn visit(&self, number: u8) -> DocumentId {
        new_id(DocumentKind::Visit, [number; 15])
    }

    pub(crate) fn document(&self, kind: DocumentKind, number: u8) -> DocumentId {
        new_id(kind, [number; 15])
    }

    pub(crate) fn record(&self, id: DocumentId) -> StoredRecord {
        self.engine.view(self.tenant).record(id).unwrap().unwrap()
    }

    /// Makes an index anew from the journal and checks that it is the one that grew event by event.
    pub(crate) async fn assert_rebuilds(&self) {
        let copy = format!("/copy at {}", self.store.root().size);
        journal::backup(&*self.host.disk, Path::new(DATA), Path::new(&copy)).unwrap();
        let host = Host { indexes: MemoryIndexes::new(), ..self.host.clone() };
        let options = StoreOptions::default();
        let rebuilt = EmbeddedStore::open(&host, Path::new(&copy), Projection::shared(), options).unwrap();
        assert_eq!(rebuilt.index_digest().unwrap(), self.store.index_digest().unwrap());
    }
}
