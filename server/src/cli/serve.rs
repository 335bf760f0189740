//! Serving: set up the company once, run until told to stop, and close the books in order.

use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};

use super::{CliError, Console, output};
use crate::{app::Server, clock::SystemClock, config::Config, engine::Founding, host::Host, telemetry};

/// Runs the server until SIGTERM, SIGINT or a failure of its store.
pub(super) async fn serve(config: Config) -> Result<(), CliError> {
    telemetry::start_logs(&config.log)?;
    let listen = |kind| signal(kind).map_err(CliError::io("listen for signals of", "the operating system"));
    // From here on a signal waits its turn, so that a stop during the start is a clean one too.
    let (mut terminate, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);

    let company = config.company.clone();
    let server = Server::start(config, &Host::system(Arc::new(SystemClock::new()))).await?;
    let console = match begin(&server, &company).await {
        Ok(console) => console,
        Err(error) => {
            server.stop().await;
            return Err(error);
        }
    };
    let failure = tokio::select! {
        failure = server.failed() => Some(failure),
        _ = terminate.recv() => None,
        _ = interrupt.recv() => None,
    };
    tracing::info!("stopping");
    console.stop().await;
    server.stop().await;
    tracing::info!("stopped");
    failure.map_or(Ok(()), |failure| Err(CliError::Failed(failure)))
}

async fn begin(server: &Server, company: &str) -> Result<Console, CliError> {
    let founding = Founding::key_account_visits(company);
    let founded = server.engine().found_first(founding).await.map_err(CliError::Founding)?;
    if let Some(founded) = founded {
        output::text(&format!(
            "{company} was set up\nlogin: {}\none-time password: {}\n",
            founding.admin_login,
            founded.password.expose()
        ))?;
    }
    let console = Console::open(&server.config().data_dir, Arc::clone(server.engine()))?;
    // Scripts wait for this line.
    if let Err(error) = output::line(&format!("listening on http://{}", server.address())) {
        console.stop().await;
        return Err(error);
    }
    Ok(console)
}
