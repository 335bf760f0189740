//! The server as a whole: opened, listening, ticking, and stopped in order.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::{
    net::TcpListener,
    sync::watch,
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};

use crate::{
    auth::{
        authority::{Authority, AuthorityError},
        keys::KEY_FILE,
        throttle::Throttle,
    },
    clock::Clock,
    config::Config,
    data_folder,
    engine::{Engine, EngineError},
    http::{
        self, AppState, Readiness,
        api::{self, Api},
    },
    listener::Listener,
    projection::Projection,
    store::{EmbeddedStore, Failure, OpenError, Store as _, StoreOptions},
    telemetry::Metrics,
    web::{self, Pages},
};

/// How often deadlines are looked at.
const TICK: Duration = Duration::from_secs(1);

/// A running server on its embedded store.
pub struct Server {
    engine: Arc<Engine>,
    store: Arc<EmbeddedStore>,
    config: Arc<Config>,
    address: SocketAddr,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

/// The server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder cannot be made.
    #[error("cannot make the data folder {folder}: {source}")]
    DataFolder {
        /// Which.
        folder: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// The store does not open; the message says what to do.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// The server key cannot be read or made.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The journal is there but the key is not: phones would trust nothing that another key signs.
    #[error(
        "the server key {file} is missing although the journal holds {records} records: restore it from a backup"
    )]
    KeyMissing {
        /// Where it should be.
        file: String,
        /// How many records the journal holds.
        records: u64,
    },
    /// The engine does not start.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// What the operating system said.
        source: io::Error,
    },
}

/// A store that is open, with the engine on it: what the command line works with when no server runs.
pub struct Opened {
    /// Does what is asked.
    pub engine: Arc<Engine>,
    /// The store, to be closed last.
    pub store: Arc<EmbeddedStore>,
    /// The server's keys.
    pub authority: Arc<Authority>,
    /// The numbers.
    pub metrics: Arc<Metrics>,
}

impl Opened {
    /// Opens the data folder of a configuration; makes it if there is none.
    ///
    /// # Errors
    /// [`StartError::Store`] with [`OpenError::Locked`] while another process uses it.
    pub fn open(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        data_folder::make(&config.data_dir).map_err(|source| StartError::DataFolder {
            folder: config.data_dir.display().to_string(),
            source,
        })?;
        let options = StoreOptions { reserve_bytes: config.disk_reserve_bytes, ..StoreOptions::default() };
        let store = Arc::new(EmbeddedStore::open(&config.data_dir, Projection::shared(), options)?);
        let records = store.root().size;
        let key = config.data_dir.join(KEY_FILE);
        if records > 0 && !key.exists() {
            return Err(StartError::KeyMissing { file: key.display().to_string(), records });
        }
        let authority = Arc::new(Authority::load_or_create(&config.data_dir, &config.tokens)?);
        let metrics = Arc::new(Metrics::new());
        let engine =
            Engine::new(Arc::clone(&store) as _, clock, Arc::clone(&authority), Arc::clone(&metrics))?;
        Ok(Self { engine, store, authority, metrics })
    }
}

impl Server {
    /// Opens the store, listens and ticks. Port 0 takes any free port, and the public URL follows it.
    pub async fn start(mut config: Config, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let listen = config.listen;
        let Opened { engine, store, authority, metrics } = Opened::open(&config, Arc::clone(&clock))?;
        let socket = TcpListener::bind(listen)
            .await
            .map_err(|source| StartError::Listen { address: listen, source })?;
        let address = socket.local_addr().map_err(|source| StartError::Listen { address: listen, source })?;
        if listen.port() == 0 {
            config.public_url = format!("http://{address}");
        }
        let config = Arc::new(config);
        let state = AppState {
            config: Arc::clone(&config),
            clock: Arc::clone(&clock),
            metrics: Arc::clone(&metrics),
            readiness: Arc::new(Readiness::default()),
        };
        let throttle = Arc::new(Throttle::new());
        let pages = Pages::new(
            Arc::clone(&engine),
            Arc::clone(&authority),
            Arc::clone(&config),
            Arc::clone(&clock),
            Arc::clone(&throttle),
            Arc::clone(&metrics),
        );
        let api = Api::new(
            Arc::clone(&engine),
            authority,
            Arc::clone(&config),
            clock,
            throttle,
            Arc::clone(&metrics),
        );
        let routes = Router::new().merge(api::routes(api)).merge(web::routes(pages));
        let router = http::router(&state, routes);
        let (stop, stopped) = watch::channel(false);
        let listener =
            Listener::new(config.limits.clone(), config.trusted_proxies.clone(), Arc::clone(&metrics));
        let listening = stopped.clone();
        let mut tasks = Vec::new();
        tasks.push(tokio::spawn(async move { listener.serve(socket, router, listening).await }));
        tasks.push(tokio::spawn(tick(Arc::clone(&engine), stopped)));
        state.readiness.set(true);
        tracing::info!(%address, "listening");
        Ok(Self { engine, store, config, address, stop, tasks })
    }

    /// The engine.
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// The configuration, with the public URL as it came out.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until the store cannot go on; the process should end then, and the next start heals it.
    pub async fn failed(&self) -> Failure {
        self.store.failed().await
    }

    /// Takes no more requests, lets open ones finish, and closes the store.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a part of the server ended badly");
            }
        }
    }
}

async fn tick(engine: Arc<Engine>, mut stop: watch::Receiver<bool>) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        if let Err(error) = engine.tick().await {
            tracing::error!(%error, "deadlines could not be looked at");
        }
    }
}
