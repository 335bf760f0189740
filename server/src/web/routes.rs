//! The pages' addresses; every route on this screen.

use std::sync::Arc;

use axum::{
    Router,
    extract::{FromRequestParts as _, Request, State},
    http::Method,
    middleware::{self, Next},
    response::Response,
    routing,
};

use crate::web::{
    Pages, asset,
    handle::{closing, device, language, obligation, record, sign_in},
    pages::Trouble,
    path,
    reader::{Guest, answer},
    view::ProblemView,
};

/// Makes the router and the list of routes from one table.
macro_rules! routes {
    ($($method:ident $path:expr => $module:ident::$handler:ident;)*) => {
        /// Method and path of each page and form.
        pub const ROUTES: &[(&str, &str)] = &[$((stringify!($method), $path)),*];

        /// The manager's pages.
        pub fn routes(pages: Arc<Pages>) -> Router {
            Router::new()
                $(.route($path, routing::$method($module::$handler)))*
                .layer(middleware::from_fn_with_state(Arc::clone(&pages), from_own_pages))
                .with_state(pages)
        }
    };
}

routes! {
    get  path::OVERVIEW => record::overview;
    get  "/records/{record}" => record::show;
    post "/records/{record}/decisions" => record::decide;

    get  path::OBLIGATIONS => obligation::list;
    get  "/obligations/{obligation}" => obligation::show;
    post "/obligations/{obligation}/exceptions" => obligation::except;

    get  path::CLOSINGS => closing::list;
    post path::CLOSINGS => closing::close;
    get  "/closings/{closing}" => closing::show;

    get  path::DEVICES => device::list;
    get  "/devices/{device}/revoke" => device::ask;
    post "/devices/{device}/revoke" => device::revoke;

    get  path::SIGN_IN => sign_in::form;
    post path::SIGN_IN => sign_in::sign_in;
    get  path::FIRST_SIGN_IN => sign_in::first_form;
    post path::FIRST_SIGN_IN => sign_in::set_first_password;
    post path::SIGN_OUT => sign_in::sign_out;

    get  "/language/{tag}" => language::choose;
    get  "/assets/{name}" => asset::get;
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
