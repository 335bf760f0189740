//! The company that is asked: Northwind after two working weeks, with records in every phase, and an auditor.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use anyhow::Context as _;
use client_sdk::{Platform as _, SoftwarePlatform};
use server::{
    auth::{
        access_token::{self, Access},
        keys::ServerKeys,
    },
    clock::{Clock as _, SystemClock},
    config::Config,
    engine::Ticket,
};
use sync_core::{
    directory::{Role, User},
    log::DeviceKey,
};
use tests::{
    Fortnight, SimulatedClock,
    world::{World, loopback},
};

/// The seed of the two weeks.
const SEED: u64 = 7;

/// How many records of each person are asked about.
const RECORDS_EACH: usize = 12;

/// How long the tokens are good for: longer than any run.
const LIFETIME_S: u32 = 7 * 24 * 3_600;

/// Who asks, and what there is to ask about, in a data folder that no server has open.
pub(crate) struct Seeded {
    /// A device for each of those who ask.
    asking: BTreeMap<&'static str, Access>,
    /// The ids of records.
    pub(crate) records: Vec<String>,
    /// The ids of users.
    pub(crate) people: Vec<String>,
    /// The ids of devices that nobody asks with.
    pub(crate) devices: Vec<String>,
}

impl Seeded {
    /// Lives through two weeks that end now.
    pub(crate) async fn found(data: &Path, logins: [&'static str; 4]) -> anyhow::Result<Self> {
        let end = SystemClock::new().now().plus_millis(-60_000);
        let clock = Arc::new(SimulatedClock::at(Fortnight::begin_of(end)?));
        let config = Config { data_dir: data.to_owned(), listen: loopback(0), ..Config::default() };
        let mut fortnight = Fortnight::plan(World::found(config, clock).await?, end, SEED).await?;
        fortnight.run(|_, _| ()).await?;
        let world = fortnight.world;
        let tenant = world.company.tenant;
        let auditor = User {
            id: world.engine().new_user_id()?,
            login: "auditor".to_owned(),
            name: "auditor".to_owned(),
            role: Role::Auditor,
            unit: None,
            reports_to: None,
            active: true,
            posts: Vec::new(),
            until: None,
        };
        world.engine().put_users(tenant, None, vec![auditor]).await?;
        let view = world.engine().view(tenant);
        let users = view.users()?;
        let mut records = Vec::new();
        for user in &users {
            let lines = view.lines_of(user.id, None, RECORDS_EACH)?;
            records.extend(lines.iter().map(|(_, line)| line.status.document.to_string()));
        }
        let people = users.iter().map(|user| user.id.to_string()).collect();
        let devices = view.devices()?.iter().map(|device| device.id().to_string()).collect();
        let mut asking = BTreeMap::new();
        for login in logins {
            let user = world.engine().view(tenant).user_by_login(login)?.context("no such user")?.id;
            let keys = SoftwarePlatform::new()?;
            let key = DeviceKey::from_bytes(&keys.keys().public_key(&keys.keys().create()?)?)?;
            let ticket = Ticket { tenant, user, code: None };
            let grant = world.engine().enrol(ticket, "contract", key).await?;
            let device = grant.session.device;
            asking.insert(login, Access { tenant, user, device, key_thumbprint: grant.key_thumbprint });
        }
        world.stop().await;
        Ok(Self { asking, records, people, devices })
    }

    /// An access token of somebody, for the server at a public URL.
    pub(crate) fn token(&self, data: &Path, url: &str, login: &str) -> anyhow::Result<String> {
        let keys =
            ServerKeys::load(&server::disk::SystemDisk, data)?.context("the data folder has no key")?;
        let access = self.asking.get(login).context("nobody asked for a device of theirs")?;
        Ok(access_token::issue(
            &keys,
            &server::randomness::SystemRandomness,
            url,
            access,
            LIFETIME_S,
            SystemClock::new().now(),
        )?)
    }
}
