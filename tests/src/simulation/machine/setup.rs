//! The set-up: up to three companies on one server, founded once and then the beginning of every world.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use anyhow::Context as _;
use server::{
    engine::{Engine, Founding},
    store::IndexSnapshot,
};
use sync_core::{
    directory::{Customer, Role, User},
    id::{TenantId, UserId},
    rules::packs,
};
use tokio::task::yield_now;

use super::{Image, Machine, SimulatedDisk};
use crate::{
    SimulatedClock,
    clock::shanghai,
    simulation::{
        office::KEY_ACCOUNT,
        world::{FOUNDED, secret},
    },
};

const COMPANIES_MAX: usize = 3;
const REPS: usize = 4;
/// How many enrolment codes are drawn for a rep at a time.
pub(super) const CODES: usize = 6;
const CUSTOMERS: usize = 3;
/// What is owed beside the records: key customers are visited twice a week, with an appointment and a plan.
const QUOTAS: &str = "key_customer_visits";

/// A company on the server.
#[derive(Debug, Clone)]
pub(in super::super) struct Company {
    pub(in super::super) tenant: TenantId,
    pub(in super::super) admin: UserId,
    pub(in super::super) supervisor: UserId,
    pub(in super::super) reps: Vec<Rep>,
}

/// A rep with the codes that their phones are enrolled with.
#[derive(Debug, Clone)]
pub(in super::super) struct Rep {
    pub(in super::super) user: UserId,
    pub(in super::super) codes: Arc<Mutex<Vec<String>>>,
}

impl Company {
    /// The company as it was founded, for a world of its own.
    pub(super) fn anew(&self) -> Self {
        let anew = |rep: &Rep| {
            let codes = rep.codes.lock().unwrap_or_else(PoisonError::into_inner).clone();
            Rep { user: rep.user, codes: Arc::new(Mutex::new(codes)) }
        };
        Self { reps: self.reps.iter().map(anew).collect(), ..*self }
    }
}

/// How every world begins.
pub(super) struct Setup {
    pub(super) disk: Image,
    pub(super) index: IndexSnapshot,
    pub(super) companies: Vec<Company>,
}

/// Makes the set-up with so many companies, once for all worlds.
pub(super) fn setup(companies: usize) -> anyhow::Result<&'static Setup> {
    static SETUPS: [OnceLock<Result<Setup, String>>; COMPANIES_MAX] =
        [const { OnceLock::new() }; COMPANIES_MAX];
    let setup = companies.checked_sub(1).and_then(|index| SETUPS.get(index));
    let setup =
        setup.with_context(|| format!("a world has one to {COMPANIES_MAX} companies, not {companies}"))?;
    let made = setup.get_or_init(|| make(companies).map_err(|error| format!("{error:#}")));
    made.as_ref().map_err(|error| anyhow::anyhow!("the companies cannot be founded: {error}"))
}

fn make(count: usize) -> anyhow::Result<Setup> {
    let clock = Arc::new(SimulatedClock::at(shanghai(FOUNDED)?));
    let mut machine = Machine::on(SimulatedDisk::new(Image::default(), 0, 0.0), 0, clock);
    machine.start()?;
    let mut companies = Vec::new();
    for number in 0..count {
        companies.push(machine.finish(move |engine| found(engine, number))?);
    }
    machine.stop();
    Ok(Setup { disk: machine.disk.image(), index: machine.indexes.snapshot(), companies })
}

impl Machine {
    /// Does something to its end, writing the disk whenever it waits.
    fn finish<T: Send + 'static, F: Future<Output = anyhow::Result<T>> + Send + 'static>(
        &mut self,
        work: impl FnOnce(Arc<Engine>) -> F,
    ) -> anyhow::Result<T> {
        let process = self.process.as_ref().context("the server is down")?;
        let work = work(Arc::clone(&process.opened.engine));
        process.runtime.block_on(async {
            let working = tokio::spawn(work);
            while !working.is_finished() {
                yield_now().await;
                process.opened.store.commit_waiting();
            }
            working.await?
        })
    }
}

async fn found(engine: Arc<Engine>, number: usize) -> anyhow::Result<Company> {
    let name = format!("{}公司", secret(number));
    let founded = engine.found(Founding::key_account_visits(&name)).await?;
    let (tenant, admin) = (founded.tenant, founded.admin);
    let hire = |login: String, role, reports_to| -> anyhow::Result<User> {
        let name = format!("{}{login}", secret(number));
        let id = engine.new_user_id()?;
        let (posts, until) = (Vec::new(), None);
        Ok(User { id, login, name, role, unit: None, reports_to, active: true, posts, until })
    };
    let boss = hire("boss".to_owned(), Role::Manager, None)?;
    let supervisor = boss.id;
    let mut users = vec![boss];
    for rep in 0..REPS {
        users.push(hire(format!("rep{rep}"), Role::Rep, Some(supervisor))?);
    }
    let staff: Vec<UserId> = users.iter().skip(1).map(|user| user.id).collect();
    engine.put_users(tenant, Some(admin), users).await?;
    engine.put_pack(tenant, Some(admin), packs::named(QUOTAS).context("a pack that ships")?).await?;
    let mut customers = Vec::new();
    for customer in 0..CUSTOMERS {
        customers.push(Customer {
            id: engine.new_customer_id()?,
            number: format!("C{customer}"),
            name: format!("{}客户{customer}", secret(number)),
            address: String::new(),
            contact: String::new(),
            phone: String::new(),
            // The first two are somebody's, the last is everybody's.
            owner: staff.get(customer).copied().filter(|_| customer + 1 < CUSTOMERS),
            grade: String::new(),
            tags: if customer == 1 { Vec::new() } else { vec![KEY_ACCOUNT.to_owned()] },
            owners: Vec::new(),
            grades: Vec::new(),
        });
    }
    engine.put_customers(tenant, Some(admin), customers).await?;
    let mut reps = Vec::new();
    for user in staff {
        let mut codes = Vec::new();
        for _ in 0..CODES {
            let (code, _) = engine.draw_enrolment_code(tenant, Some(admin), user).await?;
            codes.push(code.expose().clone());
        }
        reps.push(Rep { user, codes: Arc::new(Mutex::new(codes)) });
    }
    Ok(Company { tenant, admin, supervisor, reps })
}
