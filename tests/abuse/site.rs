//! A site: one server over a real socket, with several companies whose people have phones and passwords.

mod ask;
mod people;

use std::sync::Arc;

use anyhow::Context as _;
use server::{
    app::Server,
    auth::{
        access_token::{self, Access},
        keys::ServerKeys,
        web_session::{WebSession, WebSessions},
    },
    clock::Clock as _,
    config::Config,
    engine::Engine,
    host::Host,
    randomness::SystemRandomness,
};
use tempfile::TempDir;
use tests::{
    SimulatedClock,
    clock::shanghai,
    world::{MONDAY, loopback},
};

pub(crate) use ask::{Answer, Ask, Sent};
pub(crate) use people::{Company, Person};

/// How long a token or a session is good for here: longer than any test.
const LIFETIME_HOURS: u32 = 24 * 30;

/// One server and what a test needs to speak for anybody.
pub(crate) struct Site {
    pub(crate) clock: Arc<SimulatedClock>,
    pub(crate) keys: ServerKeys,
    pub(crate) sessions: WebSessions,
    pub(crate) server: Server,
    http: reqwest::Client,
    _folder: TempDir,
}

impl Site {
    /// Opens on a Monday morning, without companies.
    pub(crate) async fn open() -> anyhow::Result<Self> {
        // An error means that a provider is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir()?;
        let clock = Arc::new(SimulatedClock::at(shanghai(MONDAY)?));
        let mut config =
            Config { data_dir: folder.path().to_owned(), listen: loopback(0), ..Config::default() };
        config.tokens.web_session_hours = LIFETIME_HOURS;
        let server = Server::start(config, &Host::system(Arc::clone(&clock) as _)).await?;
        Ok(Self {
            clock,
            keys: ServerKeys::load(&server::disk::SystemDisk, folder.path())?
                .context("the server made no key")?,
            sessions: WebSessions::new(&server.config().public_url, LIFETIME_HOURS),
            server,
            http: reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?,
            _folder: folder,
        })
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        self.server.engine()
    }

    pub(crate) fn url(&self) -> &str {
        &self.server.config().public_url
    }

    /// Lets time pass until a date and time in Shanghai and the server look at its deadlines.
    pub(crate) async fn until(&self, local: &str) -> anyhow::Result<()> {
        self.clock.pass_until(shanghai(local)?);
        self.engine().tick().await?;
        Ok(())
    }

    /// An access token as the server issues it.
    pub(crate) fn token(&self, access: &Access) -> anyhow::Result<String> {
        Ok(access_token::issue(
            &self.keys,
            &SystemRandomness,
            self.url(),
            access,
            LIFETIME_HOURS * 3_600,
            self.clock.now(),
        )?)
    }

    /// The `Cookie` header of a session as the server begins it.
    pub(crate) fn cookie(&self, session: &WebSession) -> anyhow::Result<String> {
        let set = self.sessions.begin(&self.keys, session, self.clock.now())?;
        Ok(set.split(';').next().unwrap_or_default().to_owned())
    }

    /// Asks, and waits for the whole answer.
    pub(crate) async fn ask(&self, ask: &Ask<'_>) -> anyhow::Result<Answer> {
        ask.send(&self.http, self).await
    }
}
