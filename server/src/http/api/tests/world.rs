//! A server in memory with one company, and how its API answers.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, Response},
};
use serde_json::Value;
use sync_core::{
    directory::{Role, User},
    id::{DocumentId, TenantId, UserId},
    time::Timestamp,
};
use tower::ServiceExt as _;

use super::phone::Phone;
use crate::{
    auth::{authority::Authority, keys::ServerKeys, throttle::Throttle},
    clock::ManualClock,
    config::Config,
    engine::Engine,
    host::Host,
    http::{self, AppState, Readiness, api},
    projection::Projection,
    store::{EmbeddedStore, StoreOptions},
    telemetry::Metrics,
};

/// Tuesday 2026-03-03, 16:00 in Shanghai.
pub(super) const TUESDAY_16: Timestamp = Timestamp::from_millis(1_772_524_800_000);

/// A server in memory with one company.
pub(super) struct World {
    pub(super) clock: Arc<ManualClock>,
    pub(super) authority: Arc<Authority>,
    pub(super) engine: Arc<Engine>,
    pub(super) config: Arc<Config>,
    pub(super) tenant: TenantId,
    pub(super) admin: UserId,
    router: Router,
}

/// What the server answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    async fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 8 << 20).await.unwrap().to_vec();
        Self { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Status and code of a problem.
    pub(super) fn problem(&self) -> (u16, String) {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        let kind = self.json()["type"].as_str().unwrap().to_owned();
        (self.status, kind.strip_prefix("urn:fieldbook:problem:").unwrap().to_owned())
    }
}

impl World {
    pub(super) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    pub(super) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::default();
        change(&mut config);
        let config = Arc::new(config);
        let clock = Arc::new(ManualClock::at(TUESDAY_16));
        let keys = ServerKeys::from_seed(&[7; 32]);
        let host = Host::in_memory(clock.clone());
        let randomness = Arc::clone(&host.randomness);
        let authority = Arc::new(Authority::with_keys(keys, &config.tokens, randomness).unwrap());
        let metrics = Arc::new(Metrics::new());
        let (projector, options) = (Projection::shared(), StoreOptions::default());
        let store = Arc::new(EmbeddedStore::open(&host, &config.data_dir, projector, options).unwrap());
        let engine =
            Engine::new(store, clock.clone(), Arc::clone(&authority), Arc::clone(&metrics), host.workers)
                .unwrap();
        let founded = engine.found(crate::engine::Founding::key_account_visits("光谷食品")).await.unwrap();
        let state = AppState {
            config: Arc::clone(&config),
            clock: clock.clone(),
            metrics: Arc::clone(&metrics),
            readiness: Arc::new(Readiness::default()),
        };
        let api = api::Api::new(
            Arc::clone(&engine),
            Arc::clone(&authority),
            Arc::clone(&config),
            clock.clone(),
            Arc::new(Throttle::new()),
            metrics,
        );
        let router = http::router(&state, api::routes(api));
        let (tenant, admin) = (founded.tenant, founded.admin);
        Self { clock, authority, engine, config, tenant, admin, router }
    }

    /// Adds a user with this id.
    pub(super) async fn user(&self, id: u8, login: &str, role: Role, boss: Option<UserId>) -> UserId {
        let user = User {
            id: UserId::from_bytes([id; 16]),
            login: login.to_owned(),
            name: login.to_owned(),
            role,
            unit: None,
            reports_to: boss,
            active: true,
            posts: Vec::new(),
            until: None,
        };
        let id = user.id;
        self.engine.put_users(self.tenant, None, vec![user]).await.unwrap();
        id
    }

    /// Marks a user as gone.
    pub(super) async fn leaves(&self, id: UserId) {
        let user = self.engine.view(self.tenant).user(id).unwrap().unwrap();
        self.engine.put_users(self.tenant, None, vec![User { active: false, ..user }]).await.unwrap();
    }

    /// Enrols a phone of a user with a fresh code; the seed makes its key.
    pub(super) async fn phone(&self, user: UserId, seed: u8) -> Phone {
        let (code, _) = self.engine.draw_enrolment_code(self.tenant, None, user).await.unwrap();
        Phone::enrol(self, seed, serde_json::json!({"code": code.expose()})).await
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        Answer::of(self.router.clone().oneshot(request).await.unwrap()).await
    }

    /// Asks with an access token, if there is one, and a JSON body, if there is one.
    pub(super) async fn ask(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> Answer {
        let mut request = Request::builder().method(method.to_uppercase().as_str()).uri(path);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }

    /// Sends CBOR with an access token.
    pub(super) async fn cbor(&self, path: &str, token: Option<&str>, body: Vec<u8>) -> Answer {
        let mut request = Request::post(path).header("content-type", "application/cbor");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        self.send(request.body(Body::from(body)).unwrap()).await
    }
}

/// The id of a visit.
pub(super) fn visit_id(n: u8) -> DocumentId {
    sync_core::document::new_id(sync_core::document::DocumentKind::Visit, [n; 15])
}
