//! What the pages' handlers use: the engine behind them, and what guards the way to it.

use std::sync::Arc;

use askama::Error as RenderError;
use axum::http::StatusCode;
use tokio::sync::Semaphore;

use crate::{
    auth::{authority::Authority, throttle::Throttle, web_session::WebSessions},
    clock::Clock,
    config::Config,
    engine::{Engine, EngineError},
    store::StoreError,
    telemetry::Metrics,
    web::view::ProblemView,
};

/// How many pages are read at the same time.
const READS: usize = 4;

/// What the pages' handlers use.
pub struct Pages {
    pub(super) engine: Arc<Engine>,
    pub(super) authority: Arc<Authority>,
    pub(super) config: Arc<Config>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) throttle: Arc<Throttle>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) sessions: WebSessions,
    reads: Semaphore,
}

impl Pages {
    /// Sets up the handlers' common ground; the throttle is shared with the API.
    pub fn new(
        engine: Arc<Engine>,
        authority: Arc<Authority>,
        config: Arc<Config>,
        clock: Arc<dyn Clock>,
        throttle: Arc<Throttle>,
        metrics: Arc<Metrics>,
    ) -> Arc<Self> {
        let sessions = WebSessions::new(&config.public_url, config.tokens.web_session_hours);
        let reads = Semaphore::new(READS);
        Arc::new(Self { engine, authority, config, clock, throttle, metrics, sessions, reads })
    }

    /// Reads the index beside the threads that wait for the network.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Engine) -> Result<T, EngineError> + Send + 'static,
    ) -> Result<T, Trouble> {
        let _place = self.reads.acquire().await.map_err(|_| EngineError::Stopping)?;
        let engine = Arc::clone(&self.engine);
        let read = self.engine.workers().run(move || read(&engine)).await;
        read.map_err(EngineError::from).flatten().map_err(Trouble::from)
    }
}

/// Why a reader does not get the page they asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Trouble(pub(super) ProblemView);

impl Trouble {
    pub(super) fn status(self) -> StatusCode {
        match self.0 {
            ProblemView::NotFound => StatusCode::NOT_FOUND,
            ProblemView::NotAllowed | ProblemView::FormExpired => StatusCode::FORBIDDEN,
            ProblemView::Busy => StatusCode::SERVICE_UNAVAILABLE,
            ProblemView::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<EngineError> for Trouble {
    fn from(error: EngineError) -> Self {
        Self(match error {
            EngineError::NotFound | EngineError::UnknownUser(_) | EngineError::UnknownDevice(_) => {
                ProblemView::NotFound
            }
            EngineError::NotPermitted => ProblemView::NotAllowed,
            EngineError::Stopping
            | EngineError::Store(
                StoreError::Unavailable(_) | StoreError::Closed(_) | StoreError::Full { .. },
            ) => {
                tracing::warn!(%error, "a page could not be answered just now");
                ProblemView::Busy
            }
            error => {
                tracing::error!(%error, "a page could not be answered");
                ProblemView::Failed
            }
        })
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        EngineError::from(error).into()
    }
}

impl From<RenderError> for Trouble {
    fn from(error: RenderError) -> Self {
        tracing::error!(%error, "a page could not be rendered");
        Self(ProblemView::Failed)
    }
}
