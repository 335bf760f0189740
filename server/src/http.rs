//! The frame around every route: request ids, logs, limits, security headers and answers in problem form.

pub mod api;
mod body;
mod client_address;
mod observe;
pub mod problem;
mod security;
mod status;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{Router, extract::DefaultBodyLimit, middleware, routing};
use tower_http::catch_panic::CatchPanicLayer;

use crate::{clock::Clock, config::Config, telemetry::Metrics};

pub use client_address::ClientAddress;
pub use observe::RequestId;
pub use problem::Problem;

/// What every route may use.
#[derive(Clone)]
pub struct AppState {
    /// The settings.
    pub config: Arc<Config>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The numbers at `/metrics`.
    pub metrics: Arc<Metrics>,
    /// Whether the server takes requests.
    pub readiness: Arc<Readiness>,
}

/// Whether the journal is open and the index is up to date, as `/readyz` says.
#[derive(Debug, Default)]
pub struct Readiness(AtomicBool);

impl Readiness {
    /// Says from now on that the server is ready, or is not.
    pub fn set(&self, is_ready: bool) {
        self.0.store(is_ready, Ordering::SeqCst);
    }

    /// Whether the server is ready.
    pub fn get(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Makes the frame's own routes and the list of them from one table.
macro_rules! own_routes {
    ($($method:ident $path:literal => $handler:ident;)*) => {
        /// Method and path of each route of the frame's own.
        pub const ROUTES: &[(&str, &str)] = &[$((stringify!($method), $path)),*];

        fn own_routes(state: &AppState) -> Router {
            Router::new()$(.route($path, routing::$method(status::$handler)))*.with_state(state.clone())
        }
    };
}

own_routes! {
    get "/healthz" => health;
    get "/readyz" => ready;
    get "/metrics" => metrics;
}

/// Puts the frame around the routes; the listener serves the result.
///
/// Bodies arrive whole and bounded, so handlers may take them as they like.
pub fn router(state: &AppState, routes: Router) -> Router {
    let metrics = Arc::clone(&state.metrics);
    routes
        .merge(own_routes(state))
        .fallback(problem::not_found)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(state.clone(), body::whole))
        .layer(CatchPanicLayer::custom(move |panic| problem::panicked(&metrics, panic)))
        .layer(middleware::from_fn_with_state(state.clone(), security::headers))
        .layer(middleware::from_fn_with_state(state.clone(), client_address::find))
        .layer(middleware::from_fn_with_state(state.clone(), observe::observe))
}

#[cfg(test)]
mod tests;
