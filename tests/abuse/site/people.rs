//! The people of a company: two lines of reps, those above them, and those who see all.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context as _;
use server::{
    auth::{access_token::Access, web_session::WebSession},
    engine::Founding,
};
use sync_core::{
    directory::{Customer, Role, User},
    id::{CustomerId, TenantId, UserId},
};
use tests::HostilePhone;

use super::Site;

/// Who works in a company: name, role, and to whom they report.
const STAFF: &[(&str, Role, Option<&str>)] = &[
    ("head", Role::Manager, None),
    ("chief", Role::Manager, None),
    ("boss", Role::Supervisor, Some("head")),
    ("rival", Role::Supervisor, Some("chief")),
    ("owner", Role::Rep, Some("boss")),
    ("mate", Role::Rep, Some("boss")),
    ("other", Role::Rep, Some("rival")),
    ("admin", Role::Admin, None),
    ("auditor", Role::Auditor, None),
];

/// A company of the site.
pub(crate) struct Company {
    pub(crate) tenant: TenantId,
    pub(crate) people: BTreeMap<&'static str, Person>,
    /// A customer that everybody visits, and one of the owner's.
    pub(crate) customers: Vec<CustomerId>,
    mark: String,
}

/// Somebody with a phone and a session.
pub(crate) struct Person {
    pub(crate) name: &'static str,
    pub(crate) role: Role,
    pub(crate) user: UserId,
    pub(crate) login: String,
    pub(crate) access: Access,
    pub(crate) session: WebSession,
    pub(crate) phone: HostilePhone,
}

impl Site {
    /// Founds a company in which every text that a person gave holds the company's mark.
    pub(crate) async fn found(&self, mark: &str) -> anyhow::Result<Company> {
        let engine = self.engine();
        let founded = engine.found(Founding::key_account_visits(&format!("Company {mark}"))).await?;
        let tenant = founded.tenant;
        let mut ids = BTreeMap::from([("admin", founded.admin)]);
        for (name, ..) in STAFF {
            if *name != "admin" {
                ids.insert(*name, engine.new_user_id()?);
            }
        }
        let users: Vec<User> = STAFF
            .iter()
            .map(|(name, role, above)| User {
                id: ids[name],
                login: login(name, mark),
                name: format!("{name} of {mark}"),
                role: *role,
                unit: None,
                reports_to: above.map(|above| ids[above]),
                active: true,
                posts: Vec::new(),
                until: None,
            })
            .collect();
        engine.put_users(tenant, Some(founded.admin), users).await?;
        let customers = [None, Some(ids["owner"])].map(|owner| customer(mark, owner));
        let customers: Vec<Customer> = customers
            .into_iter()
            .map(|customer| Ok(Customer { id: engine.new_customer_id()?, ..customer }))
            .collect::<anyhow::Result<_>>()?;
        let ids_of_customers = customers.iter().map(|customer| customer.id).collect();
        engine.put_customers(tenant, Some(founded.admin), customers).await?;
        let mut company =
            Company { tenant, people: BTreeMap::new(), customers: ids_of_customers, mark: mark.to_owned() };
        for (name, role, _) in STAFF {
            let user = ids[name];
            engine.set_password(tenant, None, user, &format!("a long password {mark}"), false).await?;
            let version = engine.view(tenant).credential(user)?.context("no password")?.version;
            let phone = self.phone(&company, user).await?;
            let access = self.access(&phone, user)?;
            let session = WebSession { tenant, user, credential_version: version };
            let login = login(name, mark);
            company.people.insert(name, Person { name, role: *role, user, login, access, session, phone });
        }
        Ok(company)
    }

    /// Enrols one more phone of somebody.
    pub(crate) async fn phone(&self, company: &Company, user: UserId) -> anyhow::Result<HostilePhone> {
        // Enrolments are slowed down by address, and all of these come from one.
        self.clock.pass_ms(2_000);
        let (code, _) = self.engine().draw_enrolment_code(company.tenant, None, user).await?;
        let name = format!("phone {}", company.mark);
        HostilePhone::enrol_with(self.url().to_owned(), Arc::clone(&self.clock), code.expose(), &name).await
    }

    /// What an access token of a phone says.
    pub(crate) fn access(&self, phone: &HostilePhone, user: UserId) -> anyhow::Result<Access> {
        let (tenant, device) = (phone.author.tenant, phone.author.device);
        let kept = self.engine().view(tenant).device(device)?.context("the phone is not enrolled")?;
        Ok(Access { tenant, user, device, key_thumbprint: kept.sync.key.thumbprint() })
    }
}

impl Company {
    pub(crate) fn person(&self, name: &str) -> &Person {
        &self.people[name]
    }

    pub(crate) fn phone_of(&mut self, name: &str) -> anyhow::Result<&mut HostilePhone> {
        Ok(&mut self.people.get_mut(name).context("nobody has this name")?.phone)
    }
}

fn login(name: &str, mark: &str) -> String {
    // The administrator is founded under this login.
    if name == "admin" { name.to_owned() } else { format!("{name}-{}", mark.to_lowercase()) }
}

fn customer(mark: &str, owner: Option<UserId>) -> Customer {
    let of = if owner.is_some() { "owned" } else { "shared" };
    Customer {
        id: CustomerId::from_bytes([0; 16]),
        number: format!("N-{of}-{mark}"),
        name: format!("{of} customer {mark}"),
        address: format!("{of} street {mark}"),
        contact: format!("{of} contact {mark}"),
        phone: format!("{of} {mark}"),
        owner,
        grade: mark.chars().take(20).collect(),
        tags: Vec::new(),
        owners: Vec::new(),
        grades: Vec::new(),
    }
}
