//! The API that phones and programs speak; every route on this screen.

mod bearer;
mod by_person;
mod closings;
mod customers;
mod devices;
mod documents;
mod enrol;
mod exceptions;
mod json;
mod me;
mod obligations;
mod openapi;
mod places;
mod records;
mod refusal;
mod sync;
mod token;
mod users;

use std::sync::Arc;

use axum::{Router, routing};
use utoipa::OpenApi;

use places::Places;

use crate::{
    auth::{authority::Authority, throttle::Throttle, used_proofs::UsedProofs},
    clock::Clock,
    config::Config,
    engine::Engine,
    telemetry::Metrics,
};

/// What the API's handlers use.
pub struct Api {
    /// Does what is asked.
    pub engine: Arc<Engine>,
    /// Makes and checks tokens.
    pub authority: Arc<Authority>,
    /// The settings.
    pub config: Arc<Config>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Bounds the guessing of passwords and codes; shared with the pages.
    pub throttle: Arc<Throttle>,
    /// The numbers at `/metrics`.
    pub metrics: Arc<Metrics>,
    used_proofs: UsedProofs,
    places: Places,
}

impl Api {
    /// Sets up the handlers' common ground.
    pub fn new(
        engine: Arc<Engine>,
        authority: Arc<Authority>,
        config: Arc<Config>,
        clock: Arc<dyn Clock>,
        throttle: Arc<Throttle>,
        metrics: Arc<Metrics>,
    ) -> Arc<Self> {
        let places = Places::new(&config.limits);
        let used_proofs = UsedProofs::default();
        Arc::new(Self { engine, authority, config, clock, throttle, metrics, used_proofs, places })
    }
}

/// Makes the router, the list of routes and the OpenAPI document from one table.
macro_rules! routes {
    ($($method:ident $path:literal => $module:ident::$handler:ident;)*) => {
        /// Method and path of each route.
        pub const ROUTES: &[(&str, &str)] = &[$((stringify!($method), $path)),*];

        /// The API's routes.
        pub fn routes(api: Arc<Api>) -> Router {
            Router::new()$(.route($path, routing::$method($module::$handler)))*.with_state(api)
        }

        #[derive(OpenApi)]
        #[openapi(paths($($module::$handler),*))]
        struct Paths;
    };
}

routes! {
    get  "/v1/openapi.json" => openapi::show;

    post "/v1/enrol" => enrol::enrol;
    post "/v1/token" => token::token;
    post "/v1/pull" => sync::pull;
    post "/v1/commit" => sync::commit;

    get  "/v1/me" => me::show;
    get  "/v1/users" => users::list;
    post "/v1/users" => users::put;
    post "/v1/users/{id}/password" => users::set_password;
    post "/v1/users/{id}/enrolment-codes" => users::draw_enrolment_code;
    get  "/v1/customers" => customers::list;
    post "/v1/customers" => customers::put;

    get  "/v1/devices" => devices::list;
    post "/v1/devices/{id}/revoke" => devices::revoke;

    post "/v1/documents" => documents::enter;

    get  "/v1/records" => records::list;
    get  "/v1/records/{document}" => records::show;
    post "/v1/records/{document}/decisions" => records::decide;

    get  "/v1/obligations" => obligations::list;
    get  "/v1/obligations/{obligation}" => obligations::show;
    post "/v1/obligations/{obligation}/exceptions" => exceptions::make;
    get  "/v1/points" => obligations::points;

    get  "/v1/closings" => closings::list;
    post "/v1/closings" => closings::close;
    get  "/v1/closings/{closing}/changes" => closings::changes;
}

#[cfg(test)]
mod tests;
