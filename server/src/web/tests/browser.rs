//! A browser without scripts: keeps cookies, follows forms, and says where a form comes from.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use sync_core::id::UserId;
use tower::ServiceExt as _;

use crate::{
    auth::throttle::Throttle,
    clock::Clock,
    config::Config,
    engine::fixture::World,
    web::{Pages, filter::percent_encoded, routes},
};

pub(super) const PASSWORD: &str = "correct horse 江南";

/// The routes of a world, with one throttle.
pub(super) fn site(world: &World) -> Router {
    let pages = Pages::new(
        Arc::clone(&world.engine),
        Arc::clone(&world.authority),
        Arc::new(Config::default()),
        Arc::clone(&world.clock) as Arc<dyn Clock>,
        Arc::new(Throttle::new()),
        Arc::clone(&world.metrics),
    );
    routes(pages)
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) location: String,
    pub(super) retry_after: Option<String>,
    pub(super) body: String,
}

impl Answer {
    /// The session's form token, as the page carries it.
    pub(super) fn form_token(&self) -> String {
        let marker = "name=\"form_token\" value=\"";
        let start = self.body.find(marker).expect("a form with a token") + marker.len();
        self.body[start..].split('"').next().unwrap_or_default().to_owned()
    }
}

/// A browser at a site.
pub(super) struct Browser {
    site: Router,
    cookies: BTreeMap<String, String>,
    pub(super) form_site: &'static str,
}

impl Browser {
    pub(super) fn new(site: &Router) -> Self {
        Self { site: site.clone(), cookies: BTreeMap::new(), form_site: "same-origin" }
    }

    /// A browser in which a user has signed in with a password of their own.
    pub(super) async fn signed_in(world: &World, site: &Router, user: UserId) -> Self {
        give_password(world, user).await;
        let login = world.engine.view(world.tenant).user(user).unwrap().unwrap().login;
        let mut browser = Self::new(site);
        let answer = browser.post("/sign-in", &[("login", &login), ("password", PASSWORD)]).await;
        assert_eq!((answer.status, answer.location.as_str()), (StatusCode::SEE_OTHER, "/"));
        browser
    }

    pub(super) async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form as it is given.
    pub(super) async fn post(&mut self, path: &str, pairs: &[(&str, &str)]) -> Answer {
        let body: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{name}={}", percent_encoded(value))).collect();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", self.form_site)
            .body(Body::from(body.join("&")))
            .unwrap();
        self.send(request).await
    }

    /// Sends a form of a page the browser has open, with its token.
    pub(super) async fn submit(&mut self, page: &str, path: &str, pairs: &[(&str, &str)]) -> Answer {
        let token = self.get(page).await.form_token();
        let mut pairs = pairs.to_vec();
        pairs.push(("form_token", &token));
        self.post(path, &pairs).await
    }

    pub(super) fn forget_cookies(&mut self) {
        self.cookies.clear();
    }

    async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request.headers_mut().insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        }
        let response = self.site.clone().oneshot(request).await.unwrap();
        let text = |name| {
            response
                .headers()
                .get(name)
                .map(|value: &axum::http::HeaderValue| value.to_str().unwrap().to_owned())
        };
        let (status, location) = (response.status(), text(header::LOCATION).unwrap_or_default());
        let retry_after = text(header::RETRY_AFTER);
        if let Some(set) = text(header::SET_COOKIE) {
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let body = to_bytes(response.into_body(), 10_000_000).await.unwrap();
        Answer { status, location, retry_after, body: String::from_utf8_lossy(&body).into_owned() }
    }
}

pub(super) async fn give_password(world: &World, user: UserId) {
    world.engine.set_password(world.tenant, None, user, PASSWORD, false).await.unwrap();
}
