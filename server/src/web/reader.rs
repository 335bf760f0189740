//! Who asks for a page: a guest with a language, or a reader whose session still holds.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use jiff::tz::TimeZone;
use sync_core::{
    directory::{Role, User},
    id::{TenantId, UserId},
};

use crate::{
    auth::web_session::WebSession,
    engine::EngineError,
    http::ClientAddress,
    web::{
        Html, Lang, Page, Pages, Session,
        filter::percent_encoded,
        label,
        pages::Trouble,
        path, render_problem,
        view::{ProblemView, SignInProblem},
    },
};

/// The name of the cookie that keeps the chosen language.
pub(super) const LANGUAGE_COOKIE: &str = "fieldbook_language";

/// Anybody who asks for a page.
pub(super) struct Guest {
    /// The page without its content.
    pub(super) page: Page,
    /// The address attempts are counted against.
    pub(super) address: IpAddr,
}

/// Somebody who is signed in and may use the pages.
pub(super) struct Reader {
    /// Their company.
    pub(super) tenant: TenantId,
    /// Who they are, as the directory says now.
    pub(super) user: User,
    /// The page without its content.
    pub(super) page: Page,
}

impl FromRequestParts<Arc<Pages>> for Guest {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, pages: &Arc<Pages>) -> Result<Self, Infallible> {
        let stranger = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let address = parts.extensions.get::<ClientAddress>().map_or(stranger, |client| client.ip);
        let here = parts.uri.path_and_query().map_or("", |path| path.as_str());
        // A form's address has no page of its own to come back to.
        let here = if parts.method == Method::GET { path::local(here) } else { path::OVERVIEW };
        let page = Page {
            lang: chosen_language(&parts.headers).unwrap_or(pages.config.language),
            zone: TimeZone::UTC,
            now: pages.engine.time().now,
            session: None,
            here: here.to_owned(),
        };
        Ok(Self { page, address })
    }
}

impl FromRequestParts<Arc<Pages>> for Reader {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, pages: &Arc<Pages>) -> Result<Self, Response> {
        let guest = match Guest::from_request_parts(parts, pages).await {
            Ok(guest) => guest,
            Err(never) => match never {},
        };
        let session = match pages.sessions.read(&pages.authority.keys, &parts.headers, guest.page.now) {
            Ok(Some(session)) => session,
            Ok(None) => return Err(to_sign_in(&guest.page.here, None)),
            Err(_) => return Err(to_sign_in(&guest.page.here, Some(SignInProblem::Ended))),
        };
        match reader(pages, &parts.headers, session, guest.page.clone()) {
            Ok(Some(reader)) => Ok(reader),
            Ok(None) => Err(to_sign_in(&guest.page.here, Some(SignInProblem::Ended))),
            Err(error) => Err(answer(&guest.page, Err(error.into()))),
        }
    }
}

impl Reader {
    /// Renders what came out for this reader.
    pub(super) fn answer(&self, result: Result<Html, Trouble>) -> Response {
        answer(&self.page, result)
    }
}

/// Renders what came out: the page, or the page that says why there is none.
pub(super) fn answer(page: &Page, result: Result<Html, Trouble>) -> Response {
    let trouble = match result {
        Ok(html) => return html.into_response(),
        Err(trouble) => trouble,
    };
    match render_problem(page, trouble.0) {
        Ok(html) => (trouble.status(), html).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Checks a session against the directory as it is now: the password, the person and the role may have changed.
fn reader(
    pages: &Pages,
    headers: &HeaderMap,
    session: WebSession,
    page: Page,
) -> Result<Option<Reader>, EngineError> {
    let view = pages.engine.view(session.tenant);
    let user = view.user(session.user)?.filter(|user| user.active && may_use_pages(user));
    let holds = |version| version == session.credential_version;
    let credential = view.credential(session.user)?.filter(|kept| !kept.one_time && holds(kept.version));
    let (Some(user), Some(_)) = (user, credential) else { return Ok(None) };
    let rulebook = view.rulebook()?;
    let zone = rulebook.zone(page.now).and_then(|zone| TimeZone::get(zone.name()).ok());
    let form_token = pages.sessions.form_token(&pages.authority.keys, headers);
    let signed_in = Session {
        user: user.name.clone(),
        company: pages.engine.company(session.tenant)?,
        form_token: form_token.unwrap_or_default(),
    };
    let page = Page { zone: zone.unwrap_or(TimeZone::UTC), session: Some(signed_in), ..page };
    Ok(Some(Reader { tenant: session.tenant, user, page }))
}

/// Whether a person has anything to do on the pages; reps work on their phones.
pub(super) fn may_use_pages(user: &User) -> bool {
    user.role != Role::Rep
}

/// Checks that a form came from the session's own page.
pub(super) fn check_form(pages: &Pages, headers: &HeaderMap, token: &str) -> Result<(), Trouble> {
    pages
        .sessions
        .check_form_token(&pages.authority.keys, headers, token)
        .map_err(|_| Trouble(ProblemView::FormExpired))
}

/// Begins a session and goes to a page.
pub(super) fn begin_session(
    pages: &Pages,
    tenant: TenantId,
    user: UserId,
    credential_version: u32,
    next: &str,
) -> Result<Response, Trouble> {
    let session = WebSession { tenant, user, credential_version };
    let now = pages.engine.time().now;
    let cookie = pages.sessions.begin(&pages.authority.keys, &session, now).map_err(|error| {
        tracing::error!(%error, "a session could not be begun");
        Trouble(ProblemView::Failed)
    })?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(path::local(next))).into_response())
}

/// Sends somebody to the sign-in form, and afterwards to where they wanted to go.
pub(super) fn to_sign_in(here: &str, problem: Option<SignInProblem>) -> Response {
    let why = problem.map(|problem| format!("&why={}", label::sign_in_problem_name(problem)));
    let next = percent_encoded(here);
    Redirect::to(&format!("{}?next={next}{}", path::SIGN_IN, why.unwrap_or_default())).into_response()
}

fn chosen_language(headers: &HeaderMap) -> Option<Lang> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == LANGUAGE_COOKIE)
        .and_then(|(_, tag)| Lang::of_tag(tag))
}
