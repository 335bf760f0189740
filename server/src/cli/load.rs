//! Loading a file: its drafts meet the directory, and what is new or altered is written.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sync_core::{
    directory::{Customer, Role, Unit, User},
    id::TenantId,
};

use super::{
    ExecuteError, ImportFile, ImportReport, ReportedRow, Rows,
    execute::{draw_code, draw_password},
};
use crate::{
    engine::Engine,
    import::{
        BadRow, CustomerDraft, Import, ImportError, Kind, KnownPeople, Mapping, UserDraft, import_customers,
        import_users,
    },
    workers::Panicked,
};

/// How many problems a report spells out.
const PROBLEMS_SHOWN: usize = 1000;

/// Loads a file into a company's directory: all of it, or nothing and a report of its bad rows.
pub(super) async fn load(
    engine: &Arc<Engine>,
    tenant: TenantId,
    file: ImportFile,
) -> Result<ImportReport, ExecuteError> {
    let mapping = mapping(&file)?;
    let bytes = STANDARD.decode(&file.content).map_err(|_| ExecuteError::NotBase64)?;
    let users = engine.view(tenant).users()?;
    let people = KnownPeople::from_users(&users);
    match file.rows {
        Rows::Users => {
            let import = read(engine, move || import_users(&bytes, &mapping, &people)).await?;
            load_users(engine, tenant, &file, users, import).await
        }
        Rows::Customers => {
            let keys = file.users.as_deref().map(|text| STANDARD.decode(text)).transpose();
            let keys = keys.map_err(|_| ExecuteError::NotBase64)?;
            let logins: BTreeSet<String> = users.iter().map(|user| user.login.clone()).collect();
            let import = read(engine, move || {
                let people = with_keys(people, keys.as_deref(), &mapping, &logins)?;
                import_customers(&bytes, &mapping, &people)
            })
            .await?;
            load_customers(engine, tenant, &file, &users, import).await
        }
    }
}

fn mapping(file: &ImportFile) -> Result<Mapping, ExecuteError> {
    let mut mapping = match &file.mapping {
        Some(toml) => Mapping::from_toml(toml)?,
        None => Mapping::default(),
    };
    let kind = match file.rows {
        Rows::Customers => Kind::Customers,
        Rows::Users => Kind::Users,
    };
    for argument in &file.map {
        mapping.set(kind, argument)?;
    }
    for argument in &file.roles {
        mapping.set_role(argument)?;
    }
    Ok(mapping)
}

/// Reads a file beside the threads that wait for the network.
async fn read<T: Send + 'static>(
    engine: &Engine,
    read: impl FnOnce() -> Result<Import<T>, ImportError> + Send + 'static,
) -> Result<Import<T>, ExecuteError> {
    let read = engine.workers().run(read).await;
    Ok(read.map_err(|Panicked(what)| ExecuteError::Panicked(what))??)
}

/// Learns the staff numbers that a users' file gives to people who are in the directory.
fn with_keys(
    mut people: KnownPeople,
    users_file: Option<&[u8]>,
    mapping: &Mapping,
    logins: &BTreeSet<String>,
) -> Result<KnownPeople, ImportError> {
    if let Some(bytes) = users_file {
        let import = import_users(bytes, mapping, &people)?;
        people
            .absorb(import.good.iter().map(|(_, draft)| draft).filter(|draft| logins.contains(&draft.login)));
    }
    Ok(people)
}

/// The start of a report, and whether the rows are to be compared with the directory at all.
fn report<T>(file: &ImportFile, import: &Import<T>) -> (ImportReport, bool) {
    let shown = |bad: &BadRow| ReportedRow {
        row: bad.row,
        column: bad.column.clone(),
        problem: bad.problem.to_string(),
        value: bad.value.clone(),
    };
    let accepted = import.bad.is_empty() || file.skip_bad_rows;
    let report = ImportReport {
        rows: file.rows,
        loaded: accepted && !file.dry_run,
        added: 0,
        altered: 0,
        unchanged: 0,
        new_units: Vec::new(),
        problems: import.bad.len(),
        bad: import.bad.iter().take(PROBLEMS_SHOWN).map(shown).collect(),
        unmapped: import.unmapped.clone(),
        access: Vec::new(),
    };
    (report, accepted)
}

impl ImportReport {
    /// Counts a row by what the directory says of it and tells whether it has to be written.
    fn count<T: PartialEq>(&mut self, before: Option<&T>, after: &T) -> bool {
        let counter = match before {
            None => &mut self.added,
            Some(before) if before == after => &mut self.unchanged,
            Some(_) => &mut self.altered,
        };
        *counter += 1;
        before != Some(after)
    }
}

async fn load_users(
    engine: &Arc<Engine>,
    tenant: TenantId,
    file: &ImportFile,
    users: Vec<User>,
    import: Import<UserDraft>,
) -> Result<ImportReport, ExecuteError> {
    let (mut report, accepted) = report(file, &import);
    if !accepted {
        return Ok(report);
    }
    let known: BTreeMap<String, User> = users.into_iter().map(|user| (user.login.clone(), user)).collect();
    let mut ids: BTreeMap<String, _> = known.iter().map(|(login, user)| (login.clone(), user.id)).collect();
    for (_, draft) in &import.good {
        if !ids.contains_key(&draft.login) {
            ids.insert(draft.login.clone(), engine.new_user_id()?);
        }
    }
    let (units, new_units) = units(engine, tenant, &import)?;
    report.new_units = new_units.iter().map(|unit| unit.name.clone()).collect();

    let fills = |field| import.filled.contains(&field);
    let (mut changed, mut added) = (Vec::new(), Vec::new());
    for (_, draft) in &import.good {
        let Some(id) = ids.get(&draft.login) else { continue };
        let before = known.get(&draft.login);
        let user = User {
            id: *id,
            login: draft.login.clone(),
            name: draft.name.clone(),
            role: draft.role,
            unit: if fills("unit") {
                draft.unit.as_ref().and_then(|name| units.get(name).copied())
            } else {
                before.and_then(|user| user.unit)
            },
            reports_to: if fills("reports_to") {
                draft.reports_to.as_ref().and_then(|login| ids.get(login).copied())
            } else {
                before.and_then(|user| user.reports_to)
            },
            active: before.is_none_or(|user| user.active),
            posts: match &draft.posts {
                Some(posts) => posts.clone(),
                None => before.map(|user| user.posts.clone()).unwrap_or_default(),
            },
            until: before.and_then(|user| user.until),
        };
        if report.count(before, &user) {
            if before.is_none() {
                added.push(user.clone());
            }
            changed.push(user);
        }
    }
    if report.loaded {
        if !new_units.is_empty() {
            engine.put_units(tenant, None, new_units).await?;
        }
        engine.put_users(tenant, None, changed).await?;
        if file.codes {
            for user in &added {
                report.access.push(match user.role {
                    Role::Rep => draw_code(engine, tenant, user).await?,
                    _ => draw_password(engine, tenant, user).await?,
                });
            }
        }
    }
    Ok(report)
}

type UnitIds = BTreeMap<String, sync_core::id::UnitId>;

/// Finds the units that the rows name; those that are not there yet are to be added at the root.
fn units(
    engine: &Engine,
    tenant: TenantId,
    import: &Import<UserDraft>,
) -> Result<(UnitIds, Vec<Unit>), ExecuteError> {
    let mut ids = UnitIds::new();
    let mut twice = BTreeSet::new();
    for unit in engine.view(tenant).units()? {
        if ids.insert(unit.name.clone(), unit.id).is_some() {
            twice.insert(unit.name);
        }
    }
    let mut added = Vec::new();
    for name in import.good.iter().filter_map(|(_, draft)| draft.unit.as_ref()) {
        if twice.contains(name) {
            return Err(ExecuteError::AmbiguousUnit(name.clone()));
        }
        if !ids.contains_key(name) {
            let id = engine.new_unit_id()?;
            ids.insert(name.clone(), id);
            added.push(Unit { id, name: name.clone(), parent: None });
        }
    }
    Ok((ids, added))
}

async fn load_customers(
    engine: &Arc<Engine>,
    tenant: TenantId,
    file: &ImportFile,
    users: &[User],
    import: Import<CustomerDraft>,
) -> Result<ImportReport, ExecuteError> {
    let (mut report, accepted) = report(file, &import);
    if !accepted {
        return Ok(report);
    }
    let owners: BTreeMap<&str, _> = users.iter().map(|user| (user.login.as_str(), user.id)).collect();
    let customers = engine.view(tenant).customers()?;
    let known: BTreeMap<&str, &Customer> =
        customers.iter().map(|customer| (customer.number.as_str(), customer)).collect();
    let fills = |field| import.filled.contains(&field);
    let mut changed = Vec::new();
    for (_, draft) in &import.good {
        let before = known.get(draft.number.as_str()).copied();
        let kept = |field, text: &String, was: fn(&Customer) -> &String| {
            if fills(field) { text.clone() } else { before.map(|b| was(b).clone()).unwrap_or_default() }
        };
        let customer = Customer {
            id: match before {
                Some(before) => before.id,
                None => engine.new_customer_id()?,
            },
            number: draft.number.clone(),
            name: draft.name.clone(),
            address: kept("address", &draft.address, |customer| &customer.address),
            contact: kept("contact", &draft.contact, |customer| &customer.contact),
            phone: kept("phone", &draft.phone, |customer| &customer.phone),
            grade: kept("grade", &draft.grade, |customer| &customer.grade),
            owner: if fills("owner") {
                draft.owner.as_ref().and_then(|login| owners.get(login.as_str()).copied())
            } else {
                before.and_then(|customer| customer.owner)
            },
            tags: if fills("tags") {
                draft.tags.clone()
            } else {
                before.map(|customer| customer.tags.clone()).unwrap_or_default()
            },
            owners: before.map(|customer| customer.owners.clone()).unwrap_or_default(),
            grades: before.map(|customer| customer.grades.clone()).unwrap_or_default(),
        };
        if report.count(before, &customer) {
            changed.push(customer);
        }
    }
    if report.loaded {
        engine.put_customers(tenant, None, changed).await?;
    }
    Ok(report)
}
