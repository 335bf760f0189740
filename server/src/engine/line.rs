//! The line: who reports to whom, and therefore who may see and decide what.

use sync_core::{
    directory::{Customer, Role, User},
    document::DocumentKind,
    id::UserId,
    rules::Obligation,
};

use crate::{projection::View, store::StoreError};

/// How many levels a reporting line may have.
pub const LEVELS_MAX: usize = 32;

/// Whether `user` reports to `boss`, directly or through others.
pub fn reports_to(view: &View<'_>, user: UserId, boss: UserId) -> Result<bool, StoreError> {
    let mut next = view.user(user)?.and_then(|user| user.reports_to);
    for _ in 0..LEVELS_MAX {
        match next {
            Some(above) if above == boss => return Ok(true),
            Some(above) => next = view.user(above)?.and_then(|user| user.reports_to),
            None => break,
        }
    }
    Ok(false)
}

/// Whether somebody is of a team: whoever leads it, and who reports to them.
pub fn is_in_team(view: &View<'_>, user: UserId, leader: UserId) -> Result<bool, StoreError> {
    Ok(user == leader || reports_to(view, user, leader)?)
}

/// Whether a user may see another's records: their own, their line's, or all as administrator or auditor.
pub fn may_see(view: &View<'_>, user: &User, owner: UserId) -> Result<bool, StoreError> {
    match user.role {
        Role::Admin | Role::Auditor => Ok(true),
        Role::Rep => Ok(user.id == owner),
        Role::Supervisor | Role::Manager => Ok(user.id == owner || reports_to(view, owner, user.id)?),
    }
}

/// Whether a user may see a customer: one of those whom they may see, or one that belongs to nobody.
pub fn may_see_customer(view: &View<'_>, user: &User, customer: &Customer) -> Result<bool, StoreError> {
    customer.owner.map_or(Ok(true), |owner| may_see(view, user, owner))
}

/// Whether a user may ask about somebody: one of this company whom they may see.
///
/// An administrator may see everybody, but nobody whom this company does not have.
pub fn may_ask_about(view: &View<'_>, user: &User, person: UserId) -> Result<bool, StoreError> {
    Ok(view.user(person)?.is_some() && may_see(view, user, person)?)
}

/// Whether a user may decide about another's records: those of their line, or all as administrator; never their own.
pub fn may_decide(view: &View<'_>, user: &User, owner: UserId) -> Result<bool, StoreError> {
    if user.id == owner {
        return Ok(false);
    }
    match user.role {
        Role::Admin => Ok(true),
        Role::Rep | Role::Auditor => Ok(false),
        Role::Supervisor | Role::Manager => reports_to(view, owner, user.id),
    }
}

/// Whether a user may see an obligation: that of somebody they may see, or, if nobody in particular owes it, as one who
/// leads others.
pub fn may_see_owed(view: &View<'_>, user: &User, owed: &Obligation) -> Result<bool, StoreError> {
    if owed.owed_by.is_empty() {
        return Ok(user.role != Role::Rep);
    }
    for person in &owed.owed_by {
        if may_see(view, user, *person)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a user may make an exception from an obligation: who may decide about all who owe it, or, if nobody in
/// particular does, as administrator or manager.
pub fn may_decide_owed(view: &View<'_>, user: &User, owed: &Obligation) -> Result<bool, StoreError> {
    if owed.owed_by.is_empty() {
        return Ok(matches!(user.role, Role::Admin | Role::Manager));
    }
    for person in &owed.owed_by {
        if !may_decide(view, user, *person)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a role writes documents of a kind. What is said of reps those say who lead them, or run the tenant;
/// what is ruled at the server no phone writes.
pub fn may_write(role: Role, kind: DocumentKind) -> bool {
    match role {
        _ if kind.is_ruled_at_the_server() => false,
        Role::Rep => !kind.needs_supervisor(),
        Role::Supervisor | Role::Manager => true,
        Role::Admin => kind.needs_supervisor(),
        Role::Auditor => false,
    }
}

/// Whether a role enters documents of a kind at the server: what it may write, and administrators all.
pub fn may_enter(role: Role, kind: DocumentKind) -> bool {
    role == Role::Admin || may_write(role, kind)
}

/// The users whose records a user may see, by name.
pub fn seen_by(view: &View<'_>, user: &User) -> Result<Vec<User>, StoreError> {
    let mut seen = Vec::new();
    for other in view.users()? {
        if may_see(view, user, other.id)? {
            seen.push(other);
        }
    }
    seen.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
    Ok(seen)
}
