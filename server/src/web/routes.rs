//! The pages' addresses; every route on this screen.

use std::sync::Arc;

use axum::{
    Router,
    extract::{FromRequestParts as _, Request, State},
    http::Method,
    middleware::{self, Next},
    response::Response,
    routing::{get, post},
};

use crate::web::{
    Pages, asset,
    handle::{device, language, record, sign_in},
    pages::Trouble,
    path,
    reader::{Guest, answer},
    view::ProblemView,
};

/// The manager's pages.
pub fn routes(pages: Arc<Pages>) -> Router {
    Router::new()
        .route(path::OVERVIEW, get(record::overview))
        .route("/records/{record}", get(record::show))
        .route("/records/{record}/decisions", post(record::decide))
        .route(path::DEVICES, get(device::list))
        .route("/devices/{device}/revoke", get(device::ask).post(device::revoke))
        .route(path::SIGN_IN, get(sign_in::form).post(sign_in::sign_in))
        .route(path::FIRST_SIGN_IN, get(sign_in::first_form).post(sign_in::set_first_password))
        .route(path::SIGN_OUT, post(sign_in::sign_out))
        .route("/language/{tag}", get(language::choose))
        .layer(middleware::from_fn_with_state(Arc::clone(&pages), from_own_pages))
        .route("/assets/{name}", get(asset::get))
        .with_state(pages)
}

/// Lets a form pass only when it was sent from one of our own pages.
async fn from_own_pages(State(pages): State<Arc<Pages>>, request: Request, next: Next) -> Response {
    let is_form = request.method() == Method::POST;
    if !is_form || pages.sessions.check_same_origin(request.headers()).is_ok() {
        return next.run(request).await;
    }
    let (mut parts, _) = request.into_parts();
    match Guest::from_request_parts(&mut parts, &pages).await {
        Ok(guest) => answer(&guest.page, Err(Trouble(ProblemView::FormExpired))),
        Err(never) => match never {},
    }
}
