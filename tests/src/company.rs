//! The company of every world: Northwind, with its customers, its staff and who reports to whom.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context as _;
use server::{
    engine::{Engine, Founding},
    import::{BadRows, KnownPeople, Mapping, import_customers, import_users},
};
use sync_core::{
    directory::{Customer, Role, User},
    id::{TenantId, UserId},
};

/// The password of every user of the demo company. It opens nothing but simulated worlds on this machine.
pub const PASSWORD: &str = "northwind-field-book";

const MAPPING: &str = include_str!("../data/northwind/mapping.toml");
const EMPLOYEES: &[u8] = include_bytes!("../data/northwind/employees.csv");
const CUSTOMERS: &[u8] = include_bytes!("../data/northwind/customers.csv");

/// A company that was set up on a server.
#[derive(Debug, Clone)]
pub struct Company {
    /// Its tenant.
    pub tenant: TenantId,
    /// Its first administrator.
    pub admin: UserId,
    users: BTreeMap<String, User>,
}

impl Company {
    /// Hires a rep, who reports to Fuller, for each login that nobody has yet.
    pub async fn hire(&mut self, engine: &Arc<Engine>, logins: &[impl AsRef<str>]) -> anyhow::Result<()> {
        let boss = self.user("fuller")?.id;
        let mut hired = Vec::new();
        for login in logins.iter().map(AsRef::as_ref) {
            if !self.users.contains_key(login) {
                let user = User {
                    id: engine.new_user_id()?,
                    login: login.to_owned(),
                    name: login.to_owned(),
                    role: Role::Rep,
                    unit: None,
                    reports_to: Some(boss),
                    active: true,
                    posts: vec!["ka_specialist".to_owned()],
                    until: None,
                };
                self.users.insert(login.to_owned(), user.clone());
                hired.push(user);
            }
        }
        engine.put_users(self.tenant, Some(self.admin), hired).await?;
        Ok(())
    }

    /// Sets up Northwind under the key-account visit regulation, from the same files and by the same import that the
    /// command line offers.
    pub async fn found(engine: &Arc<Engine>) -> anyhow::Result<Self> {
        let founded = engine.found(Founding::key_account_visits("Northwind")).await?;
        let (tenant, by) = (founded.tenant, Some(founded.admin));
        let mapping = Mapping::from_toml(MAPPING)?;
        let mut people = KnownPeople::default();
        let drafts: Vec<_> = import_users(EMPLOYEES, &mapping, &people)?
            .accept(BadRows::Refuse)?
            .into_iter()
            .map(|(_, draft)| draft)
            .collect();
        people.absorb(&drafts);
        let mut ids = BTreeMap::new();
        for draft in &drafts {
            ids.insert(draft.login.clone(), engine.new_user_id()?);
        }
        let mut users = BTreeMap::new();
        for draft in drafts {
            let user = User {
                id: ids[&draft.login],
                login: draft.login.clone(),
                name: draft.name,
                role: draft.role,
                unit: None,
                reports_to: draft.reports_to.and_then(|login| ids.get(&login).copied()),
                active: true,
                posts: draft.posts.unwrap_or_default(),
                until: None,
            };
            users.insert(draft.login, user);
        }
        engine.put_users(tenant, by, users.values().cloned().collect()).await?;
        let mut customers = Vec::new();
        for (_, draft) in import_customers(CUSTOMERS, &mapping, &people)?.accept(BadRows::Refuse)? {
            customers.push(Customer {
                id: engine.new_customer_id()?,
                number: draft.number,
                name: draft.name,
                address: draft.address,
                contact: draft.contact,
                phone: draft.phone,
                owner: draft.owner.and_then(|login| ids.get(&login).copied()),
                grade: draft.grade,
                tags: draft.tags,
                owners: Vec::new(),
                grades: Vec::new(),
            });
        }
        engine.put_customers(tenant, by, customers).await?;
        Ok(Self { tenant, admin: founded.admin, users })
    }

    /// Gives every user the demo's [`PASSWORD`], to be kept.
    pub async fn set_passwords(&self, engine: &Arc<Engine>) -> anyhow::Result<()> {
        for user in self.users.values().map(|user| user.id).chain([self.admin]) {
            engine.set_password(self.tenant, Some(self.admin), user, PASSWORD, false).await?;
        }
        Ok(())
    }

    /// The user with a login.
    pub fn user(&self, login: &str) -> anyhow::Result<&User> {
        self.users.get(login).with_context(|| format!("Northwind has no user {login}"))
    }

    /// All users but the administrator, by login.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.users.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDERS: &str = include_str!("../data/northwind/orders.csv");

    #[test]
    fn grades_and_tags_follow_from_the_orders() {
        let (mut cents, mut first) = (BTreeMap::new(), BTreeMap::new());
        for order in ORDERS.lines().skip(1) {
            let [_, customer, _, day, amount] = order.split(',').collect::<Vec<_>>()[..] else {
                panic!("{order}")
            };
            let earliest = first.entry(customer).or_insert(day);
            *earliest = day.min(earliest);
            if day.starts_with("1997") {
                *cents.entry(customer).or_insert(0) += amount.replace('.', "").parse::<u64>().unwrap();
            }
        }
        let mapping = Mapping::from_toml(MAPPING).unwrap();
        let mut people = KnownPeople::default();
        let users = import_users(EMPLOYEES, &mapping, &people).unwrap();
        people.absorb(users.good.iter().map(|(_, draft)| draft));
        let customers = import_customers(CUSTOMERS, &mapping, &people).unwrap();
        assert_eq!((customers.good.len(), customers.bad.len()), (91, 0));
        for (_, customer) in customers.good {
            let number = customer.number.as_str();
            let fen = cents.get(number).unwrap_or(&0) * 829 / 100;
            let bands =
                [("A1", 50_000_000), ("A2", 20_000_000), ("B1", 5_000_000), ("B2", 2_000_000), ("C", 0)];
            let grade = bands.iter().find(|(_, from)| fen >= *from).map_or("", |(grade, _)| grade);
            let is = |tag: &str| customer.tags.iter().any(|held| held == tag);
            assert_eq!(customer.grade, if first.contains_key(number) { grade } else { "" }, "{number}");
            assert_eq!(is("prospect"), !first.contains_key(number), "{number}");
            assert_eq!(is("key_account"), ["A1", "A2", "B1"].contains(&customer.grade.as_str()), "{number}");
            assert_eq!(is("new_customer"), first.get(number).is_some_and(|day| *day >= "1998"), "{number}");
        }
    }

    #[test]
    fn everybody_has_the_posts_that_their_title_means() {
        let mapping = Mapping::from_toml(MAPPING).unwrap();
        let users = import_users(EMPLOYEES, &mapping, &KnownPeople::default()).unwrap();
        let posts: BTreeMap<String, String> =
            users.good.into_iter().map(|(_, user)| (user.login, user.posts.unwrap().join(" "))).collect();
        assert_eq!(posts["fuller"], "senior_mgmt ka_manager direct_supervisor");
        assert_eq!(posts["buchanan"], "ka_supervisor direct_supervisor");
        assert_eq!(posts.values().filter(|posts| *posts == "ka_specialist").count(), 7);
    }
}
