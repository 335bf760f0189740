//! A server in memory with a small company, and three people who ask.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, Uri, header},
};
use server::{
    app::Opened,
    auth::{
        access_token::{self, Access},
        web_session::{WebSession, WebSessions},
    },
    clock::ManualClock,
    config::Config,
    engine::{DeviceSession, Engine, Founding, Ticket},
    host::Host,
};
use sync_core::{
    directory::{Customer, Role, User},
    document::{Author, Document, DocumentKind, Edit, FieldValue, field, new_id},
    encoding::Bytes as Encoded,
    id::{BootId, CustomerId, TenantId, UserId},
    log::{Chain, Commit, EntryKind, Signer as _, SoftwareKey, Statement},
    protocol::{Cursor, PullRequest},
    time::ClockReading,
};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

use crate::world::{NOW, randomness};

/// Which of the askers is the rep.
pub(super) const REP: usize = 0;
const CUSTOMER_NAME: &str = "<script>alert('客户')</script>";

/// The server and who asks.
pub(super) struct Site {
    runtime: Runtime,
    router: Router,
    /// Access tokens of a rep, a supervisor and an administrator.
    tokens: [HeaderValue; 3],
    /// The supervisor's session in the browser.
    cookie: HeaderValue,
    /// The rep among the askers.
    pub(super) rep: UserId,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) fn header(&self, name: HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Site {
    pub(super) fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(founded()).at(runtime)
    }

    /// Asks for an address: with an access token, or with the browser's cookie.
    pub(super) fn get(&self, uri: Uri, who: Option<usize>) -> Answer {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = uri;
        match who {
            Some(who) => request.headers_mut().insert(header::AUTHORIZATION, self.tokens[who].clone()),
            None => request.headers_mut().insert(header::COOKIE, self.cookie.clone()),
        };
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let body = to_bytes(body, 16 << 20).await.unwrap();
            Answer { status: parts.status, headers: parts.headers, body }
        })
    }
}

/// Everything but the runtime it was made on.
struct Founded {
    router: Router,
    tokens: [HeaderValue; 3],
    cookie: HeaderValue,
    rep: UserId,
}

impl Founded {
    fn at(self, runtime: Runtime) -> Site {
        let Self { router, tokens, cookie, rep } = self;
        Site { runtime, router, tokens, cookie, rep }
    }
}

async fn founded() -> Founded {
    let config = Arc::new(Config::default());
    let host = Host { randomness: randomness(), ..Host::in_memory(Arc::new(ManualClock::at(NOW))) };
    let opened = Opened::open(&config, &host).unwrap();
    let (engine, authority) = (&opened.engine, &opened.authority);
    let founded = engine.found(Founding::key_account_visits("江南")).await.unwrap();
    let tenant = founded.tenant;
    let (boss, rep, other) = (person(1), person(2), person(4));
    let users = vec![
        user(boss, "liu", Role::Supervisor, None),
        user(rep, "wang", Role::Rep, Some(boss)),
        user(other, "li", Role::Rep, Some(boss)),
    ];
    engine.put_users(tenant, None, users).await.unwrap();
    let owners = [None, Some(rep), Some(rep), Some(other), Some(other)];
    let customers = owners.iter().zip(0..).map(|(owner, number)| customer(number, *owner)).collect();
    engine.put_customers(tenant, None, customers).await.unwrap();
    let mut tokens = Vec::new();
    for (number, user, visits) in [(1, rep, 3), (2, boss, 0), (3, founded.admin, 0), (4, other, 3)] {
        let access = enrolled(engine, tenant, user, number, visits).await;
        let (keys, url) = (&authority.keys, &config.public_url);
        let token = access_token::issue(keys, &*host.randomness, url, &access, 86_400, NOW).unwrap();
        tokens.push(HeaderValue::from_str(&format!("Bearer {token}")).unwrap());
    }
    engine.set_password(tenant, None, boss, "correct horse 江南", false).await.unwrap();
    let version = engine.view(tenant).credential(boss).unwrap().unwrap().version;
    let session = WebSession { tenant, user: boss, credential_version: version };
    let set = WebSessions::new(&config.public_url, 12).begin(&authority.keys, &session, NOW).unwrap();
    let cookie = HeaderValue::from_str(set.split(';').next().unwrap()).unwrap();
    let [rep_token, boss_token, admin_token, _] = <[HeaderValue; 4]>::try_from(tokens).unwrap();
    let router = opened.router(&config);
    Founded { router, tokens: [rep_token, boss_token, admin_token], cookie, rep }
}

fn person(number: u8) -> UserId {
    UserId::from_bytes([number; 16])
}

fn user(id: UserId, login: &str, role: Role, reports_to: Option<UserId>) -> User {
    let (login, name) = (login.to_owned(), format!("<img src=x> {login}"));
    let (posts, until) = (Vec::new(), None);
    User { id, login, name, role, unit: None, reports_to, active: true, posts, until }
}

fn customer(number: u8, owner: Option<UserId>) -> Customer {
    Customer {
        id: CustomerId::from_bytes([number; 16]),
        number: format!("K-{number}"),
        name: CUSTOMER_NAME.to_owned(),
        address: String::new(),
        contact: String::new(),
        phone: String::new(),
        owner,
        grade: String::new(),
        tags: Vec::new(),
        owners: Vec::new(),
        grades: Vec::new(),
    }
}

/// Enrols a phone and lets it hand over some visits.
async fn enrolled(engine: &Arc<Engine>, tenant: TenantId, user: UserId, number: u8, visits: u8) -> Access {
    let key = SoftwareKey::from_bytes(&[number; 32]).unwrap();
    let ticket = Ticket { tenant, user, code: None };
    let grant = engine.enrol(ticket, "phone", key.public_key()).await.unwrap();
    let session = grant.session;
    if visits > 0 {
        let request = PullRequest { cursor: Cursor(0), nonce: [3; 16], seen: None, shown: None, run: None };
        let anchor = engine.pull(session, request).await.unwrap().anchor.unwrap().anchor.hash();
        let mut entries: Vec<EntryKind> = (0..visits).flat_map(|n| visit(session, number, n)).collect();
        entries.push(EntryKind::Anchor { anchor, round_trip_ms: 20 });
        engine.commit(session, commit(session, &key, entries)).await.unwrap();
    }
    Access { tenant, user, device: session.device, key_thumbprint: grant.key_thumbprint }
}

fn visit(session: DeviceSession, owner: u8, number: u8) -> [EntryKind; 2] {
    let id = new_id(DocumentKind::Visit, [owner * 16 + number; 15]);
    let author = Author { tenant: session.tenant, device: session.device };
    let mut document = Document::genesis(id).unwrap();
    let set = |field: &str, value| Edit::Set { field: field.to_owned(), value };
    let edits = [
        set(field::CUSTOMER, FieldValue::Id([number; 16])),
        set(field::CHANNEL, FieldValue::Text("on_site".to_owned())),
        set(field::ENDED, FieldValue::Time(NOW.plus_millis(-1_000))),
        set(field::RESULT, FieldValue::Text("<script>".to_owned())),
    ];
    let change = document.edit(&author, &edits).unwrap().unwrap();
    let (heads, value) = (document.heads(), document.values().hash());
    [
        EntryKind::Change { document: id, change: change.into() },
        EntryKind::Submit { document: id, heads, value, reason: None },
    ]
}

fn commit(session: DeviceSession, key: &SoftwareKey, kinds: Vec<EntryKind>) -> Commit {
    let Some(EntryKind::Anchor { anchor, .. }) = kinds.last() else {
        unreachable!("a log ends with its anchor")
    };
    let anchor = *anchor;
    let mut chain = Chain::EMPTY;
    let clock = ClockReading { boot: BootId::from_bytes([1; 16]), boot_ms: 5, wall: NOW };
    let entries = kinds.into_iter().map(|kind| Encoded::from(chain.append(clock, kind).1)).collect();
    let (last, head) = (chain.next_index - 1, chain.head);
    let statement = Statement { tenant: session.tenant, device: session.device, last, head, anchor };
    let signature = key.sign(statement.hash()).unwrap();
    Commit { statement, signature, first: 0, entries }
}
