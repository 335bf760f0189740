//! A world: one server with its company, one clock, and the phones that are enrolled in it.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::Context as _;
use client_sdk::{Reason, Timestamp, VisitId};
use server::{
    app::Server,
    auth::keys::KEY_FILE,
    clock::Clock as _,
    config::Config,
    engine::{Engine, Ruled},
    event::Event,
    host::Host,
    journal::{self, Position},
    projection::StoredRecord,
};
use sync_core::{
    encoding,
    hash::Hash,
    id::DeviceId,
    record::{RecordStatus, Ruling},
    rules::{Zone, packs},
};
use tempfile::TempDir;

use crate::{
    clock::{SimulatedClock, shanghai},
    company::Company,
    phone::Phone,
    proxy::Proxy,
};

/// The Monday on which a world begins, in Shanghai.
pub const MONDAY: &str = "2026-09-07T08:00";

/// One server with Northwind on it.
pub struct World {
    /// The true time.
    pub clock: Arc<SimulatedClock>,
    /// Who works there.
    pub company: Company,
    server: Server,
    seeds: AtomicU64,
    _folder: Option<TempDir>,
}

impl World {
    /// Begins on [`MONDAY`] in a folder that goes away with the world.
    pub async fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let clock = Arc::new(SimulatedClock::at(shanghai(MONDAY)?));
        let config = Config { data_dir: folder.path().to_owned(), listen: loopback(0), ..Config::default() };
        let mut world = Self::found(config, clock).await?;
        world._folder = Some(folder);
        Ok(world)
    }

    /// As [`start`](Self::start), with a proxy in front that phones see as the server.
    pub async fn start_behind_proxy() -> anyhow::Result<(Self, Proxy)> {
        let folder = tempfile::tempdir()?;
        let clock = Arc::new(SimulatedClock::at(shanghai(MONDAY)?));
        let listen = crate::child::free_address().await?;
        let proxy = Proxy::start(listen).await?;
        let public_url = format!("http://{}", proxy.address());
        let config = Config { data_dir: folder.path().to_owned(), listen, public_url, ..Config::default() };
        let mut world = Self::found(config, clock).await?;
        world._folder = Some(folder);
        Ok((world, proxy))
    }

    /// As [`start`](Self::start), at an address that stays the same when the server is [restored](Self::restore).
    pub async fn start_at_one_address() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let clock = Arc::new(SimulatedClock::at(shanghai(MONDAY)?));
        let listen = crate::child::free_address().await?;
        let public_url = format!("http://{listen}");
        let data_dir = folder.path().join("data");
        let mut world =
            Self::found(Config { data_dir, listen, public_url, ..Config::default() }, clock).await?;
        world._folder = Some(folder);
        Ok(world)
    }

    /// Copies what cannot be made again, as `fieldbook backup` does.
    pub fn back_up(&self) -> anyhow::Result<TempDir> {
        let (data, copy) = (&self.server.config().data_dir, tempfile::tempdir()?);
        std::fs::copy(data.join(KEY_FILE), copy.path().join(KEY_FILE))?;
        server::journal::backup(&server::disk::SystemDisk, data, copy.path())?;
        Ok(copy)
    }

    /// Stops the server, puts a backup where its data folder was, and starts it.
    pub async fn restore(self, backup: TempDir) -> anyhow::Result<Self> {
        let config = self.server.config().clone();
        self.server.stop().await;
        std::fs::remove_dir_all(&config.data_dir)?;
        std::fs::rename(backup.path(), &config.data_dir)?;
        let server = Server::start(config, &Host::system(Arc::clone(&self.clock) as _)).await?;
        Ok(Self { server, ..self })
    }

    /// Starts a server on an empty data folder and sets up the company.
    pub async fn found(config: Config, clock: Arc<SimulatedClock>) -> anyhow::Result<Self> {
        let server = Server::start(config, &Host::system(Arc::clone(&clock) as _)).await?;
        let company = Company::found(server.engine()).await?;
        Ok(Self { clock, company, server, seeds: AtomicU64::new(1), _folder: None })
    }

    /// Where phones reach the server.
    pub fn url(&self) -> String {
        self.server.config().public_url.clone()
    }

    /// The address the server listens on.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The server's engine.
    pub fn engine(&self) -> &Arc<Engine> {
        self.server.engine()
    }

    /// Everything the server's journal holds, in order.
    pub fn journal(&self) -> anyhow::Result<Vec<Event>> {
        let folder = &self.server.config().data_dir;
        let records = journal::read(
            &server::disk::SystemDisk,
            folder,
            Position::FIRST,
            usize::MAX,
            self.engine().root(),
        )?;
        records.iter().map(|(_, record)| Ok(encoding::decode(record)?)).collect()
    }

    /// A new phone of a user, enrolled and synced once.
    pub async fn phone(&self, login: &str) -> anyhow::Result<Phone> {
        let phone = self.boxed_phone(login)?;
        phone.enrol(&self.url(), &self.code(login).await?).await?;
        phone.sync().await?;
        Ok(phone)
    }

    /// A new phone that is not enrolled yet.
    pub fn boxed_phone(&self, login: &str) -> anyhow::Result<Phone> {
        let seed = self.seeds.fetch_add(1, Ordering::Relaxed);
        Phone::new(&format!("{login}'s phone"), Arc::clone(&self.clock), seed)
    }

    /// A one-time code for a user.
    pub async fn code(&self, login: &str) -> anyhow::Result<String> {
        let user = self.company.user(login)?.id;
        let by = Some(self.company.admin);
        let (code, _) = self.engine().draw_enrolment_code(self.company.tenant, by, user).await?;
        Ok(code.expose().clone())
    }

    /// Lets hours pass and the server look at its deadlines.
    pub async fn pass_hours(&self, hours: u64) -> anyhow::Result<()> {
        self.clock.pass_ms(hours * 3_600_000);
        self.engine().tick().await?;
        Ok(())
    }

    /// Lets time pass until a date and time in Shanghai and the server look at its deadlines.
    pub async fn until(&self, local: &str) -> anyhow::Result<()> {
        self.clock.pass_until(shanghai(local)?);
        self.engine().tick().await?;
        Ok(())
    }

    /// Puts the whole regulation of the key-account department in force, from tomorrow on.
    pub async fn put_regulation(&self) -> anyhow::Result<()> {
        let tomorrow = self.now().plus_millis(24 * 3_600_000);
        let zone = Zone::named("Asia/Shanghai")?;
        let begins = zone.day_of(tomorrow).context("a day")?;
        let text = packs::named("key_account_outbound").context("a pack")?;
        let says = text.lines().find(|line| line.starts_with("effective_from")).context("a first day")?;
        let text = text.replace(says, &format!("effective_from = {begins}"));
        Ok(self.engine().put_pack(self.company.tenant, None, &text).await?)
    }

    /// The true time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What the server keeps of a visit; `None` if nothing of it arrived.
    pub fn stored(&self, visit: VisitId) -> anyhow::Result<Option<StoredRecord>> {
        Ok(self.engine().view(self.company.tenant).record(visit)?)
    }

    /// What the server says of a visit.
    pub fn status(&self, visit: VisitId) -> anyhow::Result<RecordStatus> {
        Ok(self.stored(visit)?.context("the server has nothing of this visit")?.status)
    }

    /// The fields of a visit as the server has merged them.
    pub fn fields(&self, visit: VisitId) -> anyhow::Result<client_sdk::Visit> {
        let record = self.stored(visit)?.context("the server has nothing of this visit")?;
        let document = sync_core::document::Document::load(visit, &record.saved)?;
        Ok(client_sdk::Visit::read(&document.values()))
    }

    /// Lets a manager rule on a submit.
    pub async fn rule(
        &self,
        login: &str,
        visit: VisitId,
        submit: Hash,
        ruling: Ruling,
    ) -> anyhow::Result<()> {
        let ruled =
            Ruled {
                document: visit, submit, ruling, reason: Reason::NoCoverage, note: "已核实".to_owned()
            };
        self.engine().decide(self.company.tenant, self.company.user(login)?.id, ruled).await?;
        Ok(())
    }

    /// Revokes a device, as an administrator does.
    pub async fn revoke(&self, device: DeviceId) -> anyhow::Result<()> {
        self.engine().revoke_device(self.company.tenant, Some(self.company.admin), device).await?;
        Ok(())
    }

    /// Stops the server.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

/// An address on this machine only.
pub fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}
