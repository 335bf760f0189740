//! Founding: setting up a company, so that a crash half-way is made good at the next start.

use std::sync::Arc;

use sync_core::{
    calendar,
    directory::{Role, User},
    id::{TenantId, UserId},
    rules::packs,
};

use crate::{
    engine::{Engine, EngineError, directory::within},
    event::EventKind,
    projection::tenants,
    telemetry::Secret,
};

/// What a company starts with.
#[derive(Debug, Clone, Copy)]
pub struct Founding<'a> {
    /// Its name.
    pub company: &'a str,
    /// What its first administrator signs in with.
    pub admin_login: &'a str,
    /// Its first rule pack, as TOML.
    pub pack: &'a str,
    /// Its holiday files, by year.
    pub calendars: &'a [(i16, &'a str)],
}

impl<'a> Founding<'a> {
    /// A company under the key-account visit regulation and China's calendars, administered by `admin`.
    pub const fn key_account_visits(company: &'a str) -> Self {
        Self { company, admin_login: "admin", pack: packs::KEY_ACCOUNT_VISITS, calendars: &calendar::CN }
    }
}

/// A company that was set up.
#[derive(Debug)]
pub struct Founded {
    /// The company.
    pub tenant: TenantId,
    /// Its first administrator.
    pub admin: UserId,
    /// What they sign in with the first time; shown once and kept nowhere.
    pub password: Secret<String>,
}

impl Engine {
    /// All companies on this server.
    pub fn tenants(&self) -> Result<Vec<TenantId>, EngineError> {
        Ok(tenants(self.index())?)
    }

    /// Sets up a company.
    pub async fn found(self: &Arc<Self>, founding: Founding<'_>) -> Result<Founded, EngineError> {
        within("company's name", founding.company, 200)?;
        let tenant = TenantId::from_bytes(self.draw()?);
        self.append(tenant, None, EventKind::TenantFounded { name: founding.company.to_owned() }).await?;
        self.furnish(tenant, founding).await
    }

    /// Sets up the first company of a server, or what a crash kept from being set up; `None` if nothing is missing.
    ///
    /// A company is complete once anybody has a password, which is the last thing that it gets.
    pub async fn found_first(
        self: &Arc<Self>,
        founding: Founding<'_>,
    ) -> Result<Option<Founded>, EngineError> {
        let tenants = self.tenants()?;
        for tenant in &tenants {
            if !self.has_password(*tenant)? {
                tracing::warn!(%tenant, "the company was not set up completely; going on with it");
                return self.furnish(*tenant, founding).await.map(Some);
            }
        }
        if tenants.is_empty() { self.found(founding).await.map(Some) } else { Ok(None) }
    }

    /// Whether anybody of a company can sign in.
    fn has_password(&self, tenant: TenantId) -> Result<bool, EngineError> {
        let view = self.view(tenant);
        for user in view.users()? {
            if view.credential(user.id)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Gives a company its rules and its administrator; putting in again what is there already changes nothing.
    async fn furnish(
        self: &Arc<Self>,
        tenant: TenantId,
        founding: Founding<'_>,
    ) -> Result<Founded, EngineError> {
        self.put_pack(tenant, None, founding.pack).await?;
        for (year, ics) in founding.calendars {
            self.put_calendar(tenant, None, *year, ics).await?;
        }
        let admin = match self.view(tenant).user_by_login(founding.admin_login)? {
            Some(admin) => admin.id,
            None => {
                let admin = User {
                    id: self.new_user_id()?,
                    login: founding.admin_login.to_owned(),
                    name: founding.admin_login.to_owned(),
                    role: Role::Admin,
                    unit: None,
                    reports_to: None,
                    active: true,
                    posts: Vec::new(),
                    until: None,
                };
                let id = admin.id;
                self.put_users(tenant, None, vec![admin]).await?;
                id
            }
        };
        let password = self.draw_password(tenant, None, admin).await?;
        Ok(Founded { tenant, admin, password })
    }
}

#[cfg(test)]
mod tests {
    use sync_core::calendar::CN;

    use super::*;
    use crate::{app::Opened, clock::SystemClock, config::Config, host::Host};

    const FOUNDING: Founding<'_> = Founding::key_account_visits("Northwind");

    fn opened() -> Opened {
        let config = Config::default();
        Opened::open(&config, &Host::in_memory(Arc::new(SystemClock::new()))).unwrap()
    }

    async fn is_complete(engine: &Arc<Engine>, founded: &Founded) {
        assert!(engine.found_first(FOUNDING).await.unwrap().is_none());
        assert_eq!(engine.tenants().unwrap(), [founded.tenant]);
        let view = engine.view(founded.tenant);
        assert_eq!(view.calendars().unwrap().len(), CN.len());
        assert_eq!(view.users().unwrap().len(), 1);
        let signed_in = engine.sign_in(None, "admin", founded.password.clone()).await.unwrap();
        assert!(signed_in.one_time && signed_in.user.role == Role::Admin);
    }

    #[tokio::test]
    async fn a_company_is_set_up_once() {
        let opened = opened();
        let founded = opened.engine.found_first(FOUNDING).await.unwrap().unwrap();
        is_complete(&opened.engine, &founded).await;
    }

    #[tokio::test]
    async fn a_company_without_an_administrator_is_completed() {
        let opened = opened();
        let engine = &opened.engine;
        let tenant = TenantId::from_bytes([1; 16]);
        let kind = EventKind::TenantFounded { name: "Northwind".to_owned() };
        engine.append(tenant, None, kind).await.unwrap();
        let founded = engine.found_first(FOUNDING).await.unwrap().unwrap();
        assert_eq!(founded.tenant, tenant);
        is_complete(engine, &founded).await;
    }

    #[tokio::test]
    async fn an_administrator_without_a_password_gets_one() {
        let opened = opened();
        let engine = &opened.engine;
        let tenant = TenantId::from_bytes([1; 16]);
        let kind = EventKind::TenantFounded { name: "Northwind".to_owned() };
        engine.append(tenant, None, kind).await.unwrap();
        let admin = User {
            id: UserId::from_bytes([2; 16]),
            login: "admin".to_owned(),
            name: "admin".to_owned(),
            role: Role::Admin,
            unit: None,
            reports_to: None,
            active: true,
            posts: Vec::new(),
            until: None,
        };
        engine.put_users(tenant, None, vec![admin]).await.unwrap();
        let founded = engine.found_first(FOUNDING).await.unwrap().unwrap();
        assert_eq!(founded.admin, UserId::from_bytes([2; 16]));
        is_complete(engine, &founded).await;
    }
}
