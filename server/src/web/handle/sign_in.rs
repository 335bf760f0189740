//! Signing in, setting the first password, signing out.

use std::sync::Arc;

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use super::device::Confirmed;
use crate::{
    auth::{
        password::{WeakPassword, check_strength},
        throttle::{Throttle, Throttled},
    },
    engine::{EngineError, SignedIn},
    telemetry::Secret,
    web::{
        Html, Pages,
        asked::Asked,
        label,
        pages::Trouble,
        path,
        reader::{Guest, Reader, answer, begin_session, check_form, may_use_pages, to_sign_in},
        render_first_password, render_sign_in,
        view::{FirstPasswordView, PasswordProblem, ProblemView, SignInProblem, SignInView},
    },
};

/// No login and no company is longer.
const NAME_CHARS: usize = 200;

#[derive(Default, Deserialize)]
pub(crate) struct SignInQuery {
    #[serde(default)]
    next: String,
    #[serde(default)]
    why: String,
}

#[derive(Deserialize)]
pub(crate) struct SignInForm {
    #[serde(default)]
    company: String,
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: Secret<String>,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
pub(crate) struct FirstPasswordForm {
    #[serde(default)]
    company: String,
    #[serde(default)]
    login: String,
    #[serde(default)]
    code: Secret<String>,
    #[serde(default)]
    password: Secret<String>,
    #[serde(default)]
    repeat: Secret<String>,
}

/// Why nobody was signed in.
enum Refused {
    Wrong,
    Throttled(Throttled),
    Trouble(Trouble),
}

/// Answers `GET /sign-in`.
pub(crate) async fn form(
    State(pages): State<Arc<Pages>>,
    guest: Guest,
    Asked(SignInQuery { next, why }): Asked<SignInQuery>,
) -> Response {
    let problem = label::sign_in_problem_of_name(&why);
    let next = path::local(&next).to_owned();
    let view = asks_company(&pages).map(|asks_company| SignInView {
        asks_company,
        next,
        problem,
        ..SignInView::default()
    });
    answer(&guest.page, view.and_then(|view| Ok(render_sign_in(&guest.page, &view)?)))
}

/// Answers `POST /sign-in`.
pub(crate) async fn sign_in(
    State(pages): State<Arc<Pages>>,
    guest: Guest,
    form: Result<Form<SignInForm>, FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else { return answer(&guest.page, Err(Trouble(ProblemView::FormExpired))) };
    let again = |problem, status: StatusCode, retry_after_s| {
        let view = asks_company(&pages).map(|asks_company| SignInView {
            asks_company,
            company: short(&form.company),
            login: short(&form.login),
            next: path::local(&form.next).to_owned(),
            problem: Some(problem),
        });
        let html = view.and_then(|view| Ok(render_sign_in(&guest.page, &view)?));
        returned(&guest, html, status, retry_after_s)
    };
    match check(&pages, &guest, &form.company, &form.login, form.password.clone()).await {
        Err(Refused::Wrong) => again(SignInProblem::Wrong, StatusCode::FORBIDDEN, None),
        Err(Refused::Throttled(throttled)) => {
            let wait = Some(throttled.retry_after_s);
            again(SignInProblem::TooMany, StatusCode::TOO_MANY_REQUESTS, wait)
        }
        Err(Refused::Trouble(trouble)) => answer(&guest.page, Err(trouble)),
        Ok(signed_in) if signed_in.one_time => {
            let problem = PasswordProblem::OneTime;
            first_again(&pages, &guest, &form.company, &form.login, problem, StatusCode::OK, None)
        }
        Ok(signed_in) if !may_use_pages(&signed_in.user) => {
            again(SignInProblem::NotForPages, StatusCode::FORBIDDEN, None)
        }
        Ok(signed_in) => {
            let (tenant, user) = (signed_in.tenant, signed_in.user.id);
            begin_session(&pages, tenant, user, signed_in.credential_version, &form.next)
                .unwrap_or_else(|trouble| answer(&guest.page, Err(trouble)))
        }
    }
}

/// Answers `GET /first-sign-in`.
pub(crate) async fn first_form(State(pages): State<Arc<Pages>>, guest: Guest) -> Response {
    let view = asks_company(&pages)
        .map(|asks_company| FirstPasswordView { asks_company, ..FirstPasswordView::default() });
    answer(&guest.page, view.and_then(|view| Ok(render_first_password(&guest.page, &view)?)))
}

/// Answers `POST /first-sign-in`.
pub(crate) async fn set_first_password(
    State(pages): State<Arc<Pages>>,
    guest: Guest,
    form: Result<Form<FirstPasswordForm>, FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else { return answer(&guest.page, Err(Trouble(ProblemView::FormExpired))) };
    let again = |problem, status, retry_after_s| {
        first_again(&pages, &guest, &form.company, &form.login, problem, status, retry_after_s)
    };
    // What is wrong with the new password alone costs no attempt.
    if let Err(problem) = check_new(&form) {
        return again(problem, StatusCode::UNPROCESSABLE_ENTITY, None);
    }
    let code = Secret::new(form.code.expose().trim().to_owned());
    let signed_in = match check(&pages, &guest, &form.company, &form.login, code).await {
        Ok(signed_in) if signed_in.one_time => signed_in,
        Ok(_) | Err(Refused::Wrong) => {
            return again(PasswordProblem::CodeWrong, StatusCode::FORBIDDEN, None);
        }
        Err(Refused::Throttled(throttled)) => {
            let wait = Some(throttled.retry_after_s);
            return again(PasswordProblem::TooMany, StatusCode::TOO_MANY_REQUESTS, wait);
        }
        Err(Refused::Trouble(trouble)) => return answer(&guest.page, Err(trouble)),
    };
    match replace_password(&pages, &signed_in, &form.password).await {
        Ok(response) => response,
        Err(trouble) => answer(&guest.page, Err(trouble)),
    }
}

/// Answers `POST /sign-out`.
pub(crate) async fn sign_out(
    State(pages): State<Arc<Pages>>,
    reader: Reader,
    headers: HeaderMap,
    form: Result<Form<Confirmed>, FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else { return reader.answer(Err(Trouble(ProblemView::FormExpired))) };
    match check_form(&pages, &headers, &form.form_token) {
        Ok(()) => ([(header::SET_COOKIE, pages.sessions.end())], Redirect::to(path::SIGN_IN)).into_response(),
        Err(trouble) => reader.answer(Err(trouble)),
    }
}

/// Sets the password its owner chose and signs them in, unless they work on the phone only.
async fn replace_password(
    pages: &Pages,
    signed_in: &SignedIn,
    password: &Secret<String>,
) -> Result<Response, Trouble> {
    let (tenant, user) = (signed_in.tenant, signed_in.user.id);
    pages.engine.set_password(tenant, Some(user), user, password.expose(), false).await?;
    if !may_use_pages(&signed_in.user) {
        return Ok(to_sign_in(path::OVERVIEW, Some(SignInProblem::NotForPages)));
    }
    let credential = pages.engine.view(tenant).credential(user)?;
    let version = credential.map_or(0, |credential| credential.version);
    begin_session(pages, tenant, user, version, path::OVERVIEW)
}

/// Checks a login and its password, counting the attempt before anything is looked up.
async fn check(
    pages: &Pages,
    guest: &Guest,
    company: &str,
    login: &str,
    password: Secret<String>,
) -> Result<SignedIn, Refused> {
    if company.chars().count() > NAME_CHARS || login.chars().count() > NAME_CHARS {
        return Err(Refused::Wrong);
    }
    let account = Throttle::account(company, login);
    pages.throttle.attempt(&account, guest.address, pages.clock.monotonic_ms()).map_err(|throttled| {
        pages.metrics.login_refused();
        Refused::Throttled(throttled)
    })?;
    match pages.engine.sign_in(Some(company), login, password).await {
        Ok(signed_in) => {
            pages.throttle.succeeded(&account, guest.address, pages.clock.monotonic_ms());
            Ok(signed_in)
        }
        Err(EngineError::BadCredentials) => {
            pages.metrics.login_refused();
            Err(Refused::Wrong)
        }
        Err(error) => Err(Refused::Trouble(error.into())),
    }
}

fn check_new(form: &FirstPasswordForm) -> Result<(), PasswordProblem> {
    let password = form.password.expose();
    if password != form.repeat.expose() {
        return Err(PasswordProblem::Different);
    }
    if password.trim() == form.code.expose().trim() {
        return Err(PasswordProblem::Common);
    }
    check_strength(password).map_err(|weak| match weak {
        WeakPassword::TooShort => PasswordProblem::TooShort,
        WeakPassword::TooLong => PasswordProblem::TooLong,
        WeakPassword::Common => PasswordProblem::Common,
    })
}

fn first_again(
    pages: &Pages,
    guest: &Guest,
    company: &str,
    login: &str,
    problem: PasswordProblem,
    status: StatusCode,
    retry_after_s: Option<u64>,
) -> Response {
    let view = asks_company(pages).map(|asks_company| FirstPasswordView {
        asks_company,
        company: short(company),
        login: short(login),
        problem: Some(problem),
    });
    let html = view.and_then(|view| Ok(render_first_password(&guest.page, &view)?));
    returned(guest, html, status, retry_after_s)
}

fn returned(
    guest: &Guest,
    html: Result<Html, Trouble>,
    status: StatusCode,
    retry_after_s: Option<u64>,
) -> Response {
    let mut response = answer(&guest.page, html);
    if response.status() == StatusCode::OK {
        *response.status_mut() = status;
    }
    if let Some(seconds) = retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// One company is the usual case, and then nobody is asked for it.
fn asks_company(pages: &Pages) -> Result<bool, Trouble> {
    Ok(pages.engine.tenants()?.len() > 1)
}

fn short(text: &str) -> String {
    text.chars().take(NAME_CHARS).collect()
}
