//! The directory's commands: units, users, customers, packs and calendars.

use std::{collections::BTreeMap, sync::Arc};

use sync_core::{
    calendar::Calendar,
    directory::{Customer, POSTS_MAX, Role, TAGS_MAX, Unit, User, is_post, is_tag},
    id::{CustomerId, TenantId, UnitId, UserId},
    rules::{Pack, Rulebook},
    time::Timestamp,
};

use crate::{
    auth::password::check_strength,
    engine::{Engine, EngineError, line::LEVELS_MAX},
    event::EventKind,
    projection::corrupt,
    telemetry::Secret,
};

/// How many units, users or customers one event carries.
const BATCH: usize = 500;

/// How many customers one event carries that are handed over: what was written about them is read and told with it.
const BATCH_HANDED_OVER: usize = 20;

impl Engine {
    /// Puts a rule pack in force from its effective date on.
    pub async fn put_pack(
        self: &Arc<Self>,
        tenant: TenantId,
        by: Option<UserId>,
        toml: &str,
    ) -> Result<(), EngineError> {
        let pack = Pack::parse(toml).map_err(|error| EngineError::Rules(error.to_string()))?;
        let _directory = self.locks.directory(tenant).await;
        let _rules = self.locks.rules(tenant).write_owned().await;
        let rulebook = self.view(tenant).rulebook()?;
        fits_beside(&rulebook, pack, self.time().now)?;
        self.append(tenant, by, EventKind::PackPut { toml: toml.to_owned() }).await?;
        Ok(())
    }

    /// Puts in the holiday calendar of a year.
    ///
    /// # Errors
    /// [`EngineError::Rules`] for a calendar that does not parse, or that alters a day up to today of a year that is
    /// held: by these days records were judged and sealed.
    pub async fn put_calendar(
        self: &Arc<Self>,
        tenant: TenantId,
        by: Option<UserId>,
        year: i16,
        ics: &str,
    ) -> Result<(), EngineError> {
        let _directory = self.locks.directory(tenant).await;
        let _rules = self.locks.rules(tenant).write_owned().await;
        // The years are read as one calendar, so the new one has to agree with the others too.
        let mut calendars = self.view(tenant).calendars()?;
        calendars.retain(|(other, _)| *other != year);
        let mut years: Vec<(i16, &str)> = calendars.iter().map(|(year, ics)| (*year, ics.as_str())).collect();
        years.push((year, ics));
        let new = Calendar::from_ics(&years).map_err(|error| EngineError::Rules(error.to_string()))?;
        let rulebook = self.view(tenant).rulebook()?;
        let now = self.time().now;
        // Before there is a pack, nothing was judged.
        let today = rulebook.zone(now).and_then(|zone| zone.day_of(now));
        if let Some(day) = today.and_then(|today| rulebook.calendar().first_difference(&new, today)) {
            let what =
                format!("it alters {day}, by which was judged already; only days after today can be altered");
            return Err(EngineError::Rules(what));
        }
        self.append(tenant, by, EventKind::CalendarPut { year, ics: ics.to_owned() }).await?;
        Ok(())
    }

    /// Adds or alters units.
    pub async fn put_units(
        self: &Arc<Self>,
        tenant: TenantId,
        by: Option<UserId>,
        units: Vec<Unit>,
    ) -> Result<(), EngineError> {
        for unit in &units {
            within("unit's name", &unit.name, 200)?;
        }
        for batch in units.chunks(BATCH) {
            self.append(tenant, by, EventKind::UnitsPut(batch.to_vec())).await?;
        }
        Ok(())
    }

    /// Adds or alters users; all of them, or none if one does not fit.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] for a login that is taken, a superior that does not exist, or a reporting line that
    /// runs in a circle.
    pub async fn put_users(
        self: &Arc<Self>,
        tenant: TenantId,
        by: Option<UserId>,
        mut users: Vec<User>,
    ) -> Result<(), EngineError> {
        users.iter_mut().for_each(User::forget_history);
        let _directory = self.locks.directory(tenant).await;
        let before = self.view(tenant).users()?;
        let mut all: BTreeMap<UserId, User> = before.iter().map(|user| (user.id, user.clone())).collect();
        all.extend(users.iter().map(|user| (user.id, user.clone())));
        check_users(&all, &users)?;
        let is_admin = |user: &User| user.active && user.role == Role::Admin;
        if !all.values().any(is_admin) && before.iter().any(is_admin) {
            return Err(EngineError::Invalid("the last administrator has to stay".to_owned()));
        }
        for batch in users.chunks(BATCH) {
            self.append(tenant, by, EventKind::UsersPut(batch.to_vec())).await?;
        }
        Ok(())
    }

    /// Adds or alters customers; all of them, or none if one does not fit.
    pub async fn put_customers(
        self: &Arc<Self>,
        tenant: TenantId,
        by: Option<UserId>,
        mut customers: Vec<Customer>,
    ) -> Result<(), EngineError> {
        customers.iter_mut().for_each(Customer::forget_history);
        let _directory = self.locks.directory(tenant).await;
        let view = self.view(tenant);
        let altered: BTreeMap<CustomerId, &Customer> =
            customers.iter().map(|customer| (customer.id, customer)).collect();
        let mut numbers: BTreeMap<&str, CustomerId> = BTreeMap::new();
        if altered.len() < customers.len() {
            return Err(EngineError::Invalid("a customer stands in there twice".to_owned()));
        }
        let mut changes_hands = false;
        for customer in &customers {
            changes_hands |= view.customer(customer.id)?.is_some_and(|before| before.owner != customer.owner);
            within("customer's number", &customer.number, 100)?;
            within("customer's name", &customer.name, 200)?;
            within("address", &customer.address, 400)?;
            within("contact", &customer.contact, 200)?;
            within("telephone number", &customer.phone, 60)?;
            within("grade", &customer.grade, 20)?;
            words("tags", &customer.tags, TAGS_MAX, is_tag)?;
            if let Some(owner) = customer.owner {
                view.user(owner)?.ok_or(EngineError::UnknownUser(owner))?;
            }
            // One that gets another number in the same batch gives its own up.
            let holder = view.customer_by_number(&customer.number)?.map(|holder| holder.id);
            let stays = holder.is_some_and(|holder| !altered.contains_key(&holder));
            if stays || numbers.insert(&customer.number, customer.id).is_some_and(|id| id != customer.id) {
                let what = format!("the number {} belongs to another customer", customer.number);
                return Err(EngineError::Invalid(what));
            }
        }
        if !changes_hands {
            for batch in customers.chunks(BATCH) {
                self.append(tenant, by, EventKind::CustomersPut(batch.to_vec())).await?;
            }
            return Ok(());
        }
        for batch in customers.chunks(BATCH_HANDED_OVER) {
            // Documents get other readers: nobody writes in them meanwhile.
            let _rules = self.locks.rules(tenant).write_owned().await;
            self.append(tenant, by, EventKind::CustomersHandedOver(batch.to_vec())).await?;
        }
        Ok(())
    }

    /// Gives a user a password.
    ///
    /// # Errors
    /// [`EngineError::Invalid`] when it is too short, too long or too common.
    pub async fn set_password(
        self: &Arc<Self>,
        tenant: TenantId,
        by: Option<UserId>,
        user: UserId,
        password: &str,
        one_time: bool,
    ) -> Result<(), EngineError> {
        self.view(tenant).user(user)?.ok_or(EngineError::UnknownUser(user))?;
        check_strength(password).map_err(|error| EngineError::Invalid(error.to_string()))?;
        let (engine, password) = (Arc::clone(self), Secret::new(password.to_owned()));
        let hash = self
            .work(move || engine.authority.passwords.hash(password.expose()))
            .await?
            .map_err(|error| EngineError::Panicked(error.to_string()))?;
        // The event counts the user's passwords, so no two are counted at once.
        let _directory = self.locks.directory(tenant).await;
        self.append(tenant, by, EventKind::PasswordSet { user, hash, one_time }).await?;
        Ok(())
    }

    /// Gives a user a password to be changed at the next sign-in, and tells it: it is kept nowhere.
    pub async fn draw_password(
        self: &Arc<Self>,
        tenant: TenantId,
        by: Option<UserId>,
        user: UserId,
    ) -> Result<Secret<String>, EngineError> {
        let password = self.authority.passwords.one_time()?;
        self.set_password(tenant, by, user, password.expose(), true).await?;
        Ok(password)
    }

    /// A fresh id for a unit.
    pub fn new_unit_id(&self) -> Result<UnitId, EngineError> {
        Ok(UnitId::from_bytes(self.draw()?))
    }

    /// A fresh id for a user.
    pub fn new_user_id(&self) -> Result<UserId, EngineError> {
        Ok(UserId::from_bytes(self.draw()?))
    }

    /// A fresh id for a customer.
    pub fn new_customer_id(&self) -> Result<CustomerId, EngineError> {
        Ok(CustomerId::from_bytes(self.draw()?))
    }

    /// The name of a company.
    pub fn company(&self, tenant: TenantId) -> Result<String, EngineError> {
        let name = self.view(tenant).name()?;
        Ok(name.ok_or_else(|| corrupt("a tenant without a name"))?)
    }
}

/// A pack must not alter what was judged already: the record rule of the past, or an earlier version of itself.
fn fits_beside(rulebook: &Rulebook, pack: Pack, now: Timestamp) -> Result<(), EngineError> {
    let Some(says) = rulebook.record_rule(now) else {
        return match pack.record_rule() {
            Some(_) => Ok(()),
            None => Err(EngineError::Rules(
                "the first pack has to say by when a record must be submitted".to_owned(),
            )),
        };
    };
    if rulebook.packs().iter().any(|known| known.hash == pack.hash) {
        return Ok(());
    }
    let begins = pack.zone.start_of(pack.effective_from);
    if begins.is_some_and(|begins| begins > now) {
        return Ok(());
    }
    let says = says.pack;
    let is_a_version = rulebook.packs().iter().any(|known| known.id == pack.id);
    if is_a_version || (pack.record_rule().is_some() && pack.precedence >= says.precedence) {
        let in_force = if is_a_version { &pack.id } else { &says.id };
        return Err(EngineError::Rules(format!(
            "{in_force} is in force; what alters it has to begin after today"
        )));
    }
    Ok(())
}

fn check_users(all: &BTreeMap<UserId, User>, altered: &[User]) -> Result<(), EngineError> {
    let mut logins: BTreeMap<&str, UserId> = BTreeMap::new();
    for user in all.values() {
        if let Some(other) = logins.insert(&user.login, user.id) {
            let what = format!("the login {} belongs to {other} and {}", user.login, user.id);
            return Err(EngineError::Invalid(what));
        }
    }
    for user in altered {
        within("login", &user.login, 100)?;
        within("name", &user.name, 200)?;
        words("posts", &user.posts, POSTS_MAX, is_post)?;
        if user.login.is_empty() || user.login.to_lowercase() != user.login {
            return Err(EngineError::Invalid(format!(
                "the login {:?} is empty or not lowercase",
                user.login
            )));
        }
        let mut next = user.reports_to;
        for level in 0.. {
            let Some(above) = next else { break };
            let boss = all.get(&above).ok_or(EngineError::UnknownUser(above))?;
            if boss.id == user.id || level >= LEVELS_MAX {
                let what = format!("the reporting line of {} runs in a circle or is too long", user.login);
                return Err(EngineError::Invalid(what));
            }
            next = boss.reports_to;
        }
    }
    Ok(())
}

/// Checks the posts of a user or the tags of a customer.
fn words(what: &str, words: &[String], limit: usize, takes: fn(&str) -> bool) -> Result<(), EngineError> {
    if words.len() > limit {
        return Err(EngineError::Invalid(format!("more than {limit} {what}")));
    }
    for (place, word) in words.iter().enumerate() {
        if !takes(word) {
            let shown: String = word.chars().take(80).collect();
            let what =
                format!("{shown:?} is none of the words that {what} are: lowercase, at most 64 characters");
            return Err(EngineError::Invalid(what));
        }
        if words[..place].contains(word) {
            return Err(EngineError::Invalid(format!("{word:?} is twice among the {what}")));
        }
    }
    Ok(())
}

pub(super) fn within(what: &'static str, text: &str, limit: usize) -> Result<(), EngineError> {
    if text.chars().count() > limit { Err(EngineError::TooLong { what, limit }) } else { Ok(()) }
}
