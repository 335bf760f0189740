//! Carrying out commands: what each does to the engine, whoever asks.

use std::{collections::BTreeMap, sync::Arc};

use jiff::civil::Date;
use sync_core::{
    directory::User,
    encoding,
    hash::Hash,
    id::{TenantId, UserId},
    rules::{Pack, PackError, Period},
};

use super::{
    Answer, Command, CustomerLine, DeviceLine, DrawnAccess, QuarantineLine, UserLine, diff, explain, load,
    period,
};
use crate::{
    engine::{Engine, EngineError, Released},
    import::{ImportError, MappingError},
    store::StoreError,
    workers::Panicked,
};

/// A command was not carried out; the message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// The engine refused.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// There is no company, or there are several.
    #[error("this data folder holds no company yet: start the server once to set it up")]
    NoCompany,
    /// Nobody has the login.
    #[error("nobody has the login {0}")]
    UnknownLogin(String),
    /// Somebody has the login already.
    #[error("{0} is there already")]
    LoginTaken(String),
    /// There is no such receipt.
    #[error("there is no receipt of that device for a page that ends at entry {0}")]
    NoReceipt(u64),
    /// A file was not read at all.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The mapping is wrong.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// The file did not arrive whole.
    #[error("the file is not base64")]
    NotBase64,
    /// Several units have the same name.
    #[error("two units are called {0}: rename one")]
    AmbiguousUnit(String),
    /// There is no such obligation.
    #[error("there is no obligation {0}: it may have gone with what it was about")]
    NoObligation(Hash),
    /// There is no such closing.
    #[error("there is no closing {0}; `fieldbook period list` names them")]
    NoClosing(Hash),
    /// A day is not written as one.
    #[error("{0:?} is no day; one is written as in 2026-01-31")]
    NoDay(String),
    /// A pack cannot be read.
    #[error("the pack cannot be read: {0}")]
    Pack(#[from] PackError),
    /// A bug: the work panicked and nothing was written.
    #[error("the work panicked: {0}")]
    Panicked(String),
}

impl From<StoreError> for ExecuteError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}

/// Carries out a command for the only company of a server.
pub async fn execute(engine: &Arc<Engine>, command: Command) -> Result<Answer, ExecuteError> {
    let tenant = engine.tenant_named(None)?.ok_or(ExecuteError::NoCompany)?;
    let view = engine.view(tenant);
    match command {
        Command::ListUsers => users(engine, tenant),
        Command::AddUser { login, name, role, reports_to } => {
            if view.user_by_login(&login)?.is_some() {
                return Err(ExecuteError::LoginTaken(login));
            }
            let reports_to = reports_to.map(|login| user(engine, tenant, &login)).transpose()?;
            let id = engine.new_user_id()?;
            let reports_to = reports_to.map(|superior| superior.id);
            let (posts, until) = (Vec::new(), None);
            let added = User { id, login, name, role, unit: None, reports_to, active: true, posts, until };
            engine.put_users(tenant, None, vec![added]).await?;
            Ok(Answer::Done)
        }
        Command::SetPassword { login, password } => {
            let user = user(engine, tenant, &login)?;
            match password {
                Some(password) => {
                    engine.set_password(tenant, None, user.id, &password, false).await?;
                    Ok(Answer::Done)
                }
                None => Ok(Answer::Access { access: draw_password(engine, tenant, &user).await? }),
            }
        }
        Command::SetActive { login, active } => {
            let user = user(engine, tenant, &login)?;
            if user.active != active {
                engine.put_users(tenant, None, vec![User { active, ..user }]).await?;
            }
            Ok(Answer::Done)
        }
        Command::DrawCode { login } => {
            let user = user(engine, tenant, &login)?;
            Ok(Answer::Access { access: draw_code(engine, tenant, &user).await? })
        }
        Command::ListDevices => devices(engine, tenant),
        Command::RevokeDevice { device } => {
            engine.revoke_device(tenant, None, device).await?;
            Ok(Answer::Done)
        }
        Command::ListQuarantine => quarantine(engine, tenant),
        Command::ReleaseQuarantine { device } => {
            let Released { accepted, refused, pages_left } =
                engine.release_quarantine(tenant, None, device).await?;
            Ok(Answer::Released { accepted, refused, pages_left })
        }
        Command::ListCustomers => customers(engine, tenant),
        Command::PutPack { toml } => {
            engine.put_pack(tenant, None, &toml).await?;
            Ok(Answer::Done)
        }
        Command::DiffPack { toml, differences } => {
            let (pack, now) = (Pack::parse(&toml)?, engine.time().now);
            let asked = Arc::clone(engine);
            let compare = move || diff::compare(asked.view(tenant), pack, now, differences, diff::AT_MOST);
            let diff = engine.workers().run(compare).await;
            Ok(Answer::Diffed(diff.map_err(|Panicked(panic)| ExecuteError::Panicked(panic))??))
        }
        Command::ExplainObligation { obligation } => {
            let stored = view.obligation(obligation)?.ok_or(ExecuteError::NoObligation(obligation))?;
            Ok(Answer::Explained(explain::explain(&view, &stored)?))
        }
        Command::ClosePeriod { first, last, note } => {
            let period = Period { first: day(&first)?, last: day(&last)? };
            let closing = engine.close_period(tenant, None, period, note.trim()).await?;
            Ok(Answer::Closings { closings: vec![period::line(&view, &closing)?] })
        }
        Command::ListClosings => {
            let closings = view.closings()?;
            let lines = closings.iter().map(|closing| period::line(&view, closing));
            Ok(Answer::Closings { closings: lines.collect::<Result<_, _>>()? })
        }
        Command::Restate { closing } => {
            let closing = view.closing(closing)?.ok_or(ExecuteError::NoClosing(closing))?;
            let (asked, now) = (Arc::clone(engine), engine.time().now);
            let restate = move || period::restate(&asked.view(tenant), closing, now);
            let restated = engine.workers().run(restate).await;
            Ok(Answer::Restated(restated.map_err(|Panicked(panic)| ExecuteError::Panicked(panic))??))
        }
        Command::PutCalendar { year, ics } => {
            engine.put_calendar(tenant, None, year, &ics).await?;
            Ok(Answer::Done)
        }
        Command::Receipt { device, last } => {
            let receipt = view.receipt(device, last)?.ok_or(ExecuteError::NoReceipt(last))?;
            Ok(Answer::Receipt { cbor: hex::encode(encoding::encode(&receipt)) })
        }
        Command::Import(file) => Ok(Answer::Imported(load::load(engine, tenant, file).await?)),
    }
}

/// Draws a one-time password for a user.
pub(super) async fn draw_password(
    engine: &Arc<Engine>,
    tenant: TenantId,
    user: &User,
) -> Result<DrawnAccess, ExecuteError> {
    let password = engine.draw_password(tenant, None, user.id).await?;
    Ok(DrawnAccess {
        login: user.login.clone(),
        one_time_password: Some(password.expose().clone()),
        enrolment_code: None,
        expires: None,
    })
}

/// Draws an enrolment code for a user.
pub(super) async fn draw_code(
    engine: &Arc<Engine>,
    tenant: TenantId,
    user: &User,
) -> Result<DrawnAccess, ExecuteError> {
    let (code, expires) = engine.draw_enrolment_code(tenant, None, user.id).await?;
    Ok(DrawnAccess {
        login: user.login.clone(),
        one_time_password: None,
        enrolment_code: Some(code.expose().clone()),
        expires: Some(expires),
    })
}

fn user(engine: &Engine, tenant: TenantId, login: &str) -> Result<User, ExecuteError> {
    let login = login.trim().to_lowercase();
    engine.view(tenant).user_by_login(&login)?.ok_or(ExecuteError::UnknownLogin(login))
}

fn day(text: &str) -> Result<Date, ExecuteError> {
    text.parse().map_err(|_| ExecuteError::NoDay(text.to_owned()))
}

fn logins(engine: &Engine, tenant: TenantId) -> Result<BTreeMap<UserId, String>, ExecuteError> {
    Ok(engine.view(tenant).users()?.into_iter().map(|user| (user.id, user.login)).collect())
}

fn users(engine: &Engine, tenant: TenantId) -> Result<Answer, ExecuteError> {
    let view = engine.view(tenant);
    let logins = logins(engine, tenant)?;
    let units: BTreeMap<_, _> = view.units()?.into_iter().map(|unit| (unit.id, unit.name)).collect();
    let line = |user: User| UserLine {
        id: user.id,
        login: user.login,
        name: user.name,
        role: user.role,
        reports_to: user.reports_to.and_then(|id| logins.get(&id).cloned()),
        unit: user.unit.and_then(|id| units.get(&id).cloned()),
        active: user.active,
        posts: user.posts,
    };
    let mut users: Vec<UserLine> = view.users()?.into_iter().map(line).collect();
    users.sort_by(|a, b| a.login.cmp(&b.login));
    Ok(Answer::Users { users })
}

fn devices(engine: &Engine, tenant: TenantId) -> Result<Answer, ExecuteError> {
    let logins = logins(engine, tenant)?;
    let devices = engine.view(tenant).devices()?.into_iter().map(|device| DeviceLine {
        id: device.id(),
        login: logins.get(&device.user).cloned().unwrap_or_default(),
        name: device.name,
        enrolled: device.enrolled,
        last_contact: device.last_contact,
        revoked: device.revoked,
    });
    let mut devices: Vec<DeviceLine> = devices.collect();
    devices.sort_by(|a, b| (&a.login, a.enrolled).cmp(&(&b.login, b.enrolled)));
    Ok(Answer::Devices { devices })
}

fn customers(engine: &Engine, tenant: TenantId) -> Result<Answer, ExecuteError> {
    let logins = logins(engine, tenant)?;
    let customers = engine.view(tenant).customers()?.into_iter().map(|customer| CustomerLine {
        id: customer.id,
        number: customer.number,
        name: customer.name,
        owner: customer.owner.and_then(|id| logins.get(&id).cloned()),
        grade: customer.grade,
        tags: customer.tags,
    });
    let mut customers: Vec<CustomerLine> = customers.collect();
    customers.sort_by(|a, b| a.number.cmp(&b.number));
    Ok(Answer::Customers { customers })
}

fn quarantine(engine: &Engine, tenant: TenantId) -> Result<Answer, ExecuteError> {
    let view = engine.view(tenant);
    let mut pages = Vec::new();
    for device in view.devices()? {
        let login = view.user(device.user)?.map_or_else(String::new, |user| user.login);
        for kept in engine.quarantined(tenant, device.id())? {
            pages.push(QuarantineLine {
                device: device.id(),
                login: login.clone(),
                arrived: kept.arrived,
                first: kept.commit.first,
                entries: kept.commit.entries.len(),
            });
        }
    }
    Ok(Answer::Quarantine { pages })
}
