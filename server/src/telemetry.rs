//! What the server tells its operator: logs, metrics, and the type that keeps secrets out of both.

mod metrics;
mod secret;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::config::{LogConfig, LogFormat};

pub use metrics::{EntryOutcome, Metrics, RequestLabels};
pub use secret::Secret;

/// The logs cannot be started.
#[derive(Debug, thiserror::Error)]
#[error("the logs cannot be started: {0}")]
pub struct LogError(String);

/// Starts writing logs to standard error, panics among them, once per process.
pub fn start_logs(config: &LogConfig) -> Result<(), LogError> {
    let filter = EnvFilter::try_new(&config.level).map_err(|error| LogError(error.to_string()))?;
    let lines = fmt::layer().with_writer(std::io::stderr);
    let started = match config.format {
        LogFormat::Text => tracing_subscriber::registry().with(filter).with(lines).try_init(),
        LogFormat::Json => {
            tracing_subscriber::registry().with(filter).with(lines.json().flatten_event(true)).try_init()
        }
    };
    started.map_err(|error| LogError(error.to_string()))?;
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        // A literal is ours; a message made at run time may hold what a client sent.
        let message = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("(not shown)");
        tracing::error!(location, message, "panicked");
    }));
    Ok(())
}
