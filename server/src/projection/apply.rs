//! Applying an event: which writes it makes in the index. Live and on rebuild, this is the only way in.

use std::collections::BTreeMap;

use sync_core::{
    directory::{Customer, User},
    encoding,
    hash::Hash,
    id::{CustomerId, DeviceId, DocumentId},
    log::{Anchor, Commit, SignedReceipt, Witness, limits},
    protocol::{DeviceState, FeedItem, IssuedAnchor},
    record::{Decision, RecordEvent},
    time::Timestamp,
};

use crate::{
    event::{Event, EventKind},
    projection::{
        Credential, EnrolledDevice, RefusedEntry, Scope, View, Writes, closing, corrupt,
        entered::Entered,
        handover,
        key::room,
        ledger,
        page::{self, PageOutcome},
        readers, record,
    },
    store::StoreError,
};

/// Gives the writes of an event, given the index before it.
///
/// # Contract
/// Pure: the same index and event give the same writes, now and at every later rebuild.
pub fn apply(view: &View<'_>, event: &Event) -> Result<Writes, StoreError> {
    let mut writes = Writes::new(event.tenant);
    let keys = writes.keys();
    match &event.kind {
        EventKind::TenantFounded { name } => writes.put(keys.tenant(), name),
        EventKind::UnitsPut(units) => {
            for unit in units {
                writes.put(keys.unit(unit.id), unit);
            }
        }
        EventKind::UsersPut(users) => {
            // First all that is given up: somebody else of the batch may get it.
            for user in users {
                give_up_login(view, &mut writes, user)?;
            }
            for user in users {
                put_user(view, &mut writes, user, event.at)?;
            }
            follow_line(view, &mut writes, users)?;
        }
        EventKind::CustomersPut(customers) | EventKind::CustomersHandedOver(customers) => {
            for customer in customers {
                give_up_number(view, &mut writes, customer)?;
            }
            for customer in customers {
                put_customer(view, &mut writes, customer, event.at)?;
            }
            if matches!(event.kind, EventKind::CustomersHandedOver(_)) {
                handover::hand_over(view, &mut writes, customers, event.at)?;
            }
        }
        EventKind::CustomersRemoved(ids) => {
            for id in ids {
                remove_customer(view, &mut writes, *id)?;
            }
        }
        EventKind::PasswordSet { user, hash, one_time } => {
            let version = view.credential(*user)?.map_or(1, |old| old.version.saturating_add(1));
            let credential = Credential { hash: hash.clone(), one_time: *one_time, version };
            writes.put(keys.credential(*user), &credential);
        }
        EventKind::PackPut { toml } => {
            let pack = sync_core::rules::Pack::parse(toml)
                .map_err(|error| corrupt(format!("a journaled pack does not parse: {error}")))?;
            let key = keys.pack(&pack.id, pack.effective_from, pack.version);
            writes.put_version(view, key, toml.clone())?;
            writes.tell(Scope::Tenant, None, FeedItem::Pack { toml: toml.clone() });
        }
        EventKind::CalendarPut { year, ics } => {
            writes.put_version(view, keys.calendar(*year), (*year, ics.clone()))?;
            writes.tell(Scope::Tenant, None, FeedItem::Calendar { year: *year, ics: ics.clone() });
        }
        EventKind::EnrolmentCodeDrawn(code) => writes.put(keys.enrolment_code(code.hash), code),
        EventKind::DeviceEnrolled { device, user, name, key, code, refresh } => {
            if let Some(code) = code {
                writes.delete(keys.enrolment_code(*code));
            }
            let state = EnrolledDevice {
                sync: DeviceState::new(event.tenant, *device, *key),
                user: *user,
                name: name.clone(),
                enrolled: event.at,
                revoked: None,
                witness: Witness::new(),
                refresh: refresh.clone(),
                last_contact: event.at,
                quarantined: 0,
                revoked_by: None,
            };
            writes.put(keys.refresh_family(&state.refresh.id), device);
            writes.put(keys.device(*device), &state);
        }
        EventKind::RefreshRotated { device, refresh } => {
            change_device(view, &mut writes, *device, |state| {
                state.refresh = refresh.clone();
                state.last_contact = event.at;
            })?;
        }
        EventKind::DeviceRevoked { device } => {
            change_device(view, &mut writes, *device, |state| {
                if state.revoked.is_none() {
                    (state.revoked, state.revoked_by) = (Some(event.at), event.by);
                }
            })?;
        }
        EventKind::AnchorIssued(anchor) => issue_anchor(view, &mut writes, anchor)?,
        EventKind::AnchorsRecalled { device, anchors } => {
            open_anchors(view, &mut writes, *device, anchors)?;
            change_device(view, &mut writes, *device, |state| {
                for anchor in anchors {
                    state.sync.recall_anchor(anchor);
                }
                state.last_contact = event.at;
            })?;
        }
        EventKind::Committed { commit, receipt, time_suspect, readers } => {
            let readers = readers.as_deref().unwrap_or_default();
            let outcome = page::replay(view, commit, receipt, *time_suspect, readers)?;
            committed(view, &mut writes, commit, receipt, outcome, event.at)?;
        }
        EventKind::QuarantineReleased { device, kept, receipt, time_suspect, readers } => {
            let commit = view
                .quarantined_page(*device, *kept)?
                .ok_or_else(|| corrupt(format!("the journal releases page {kept}, which is not kept")))?;
            let readers = readers.as_deref().unwrap_or_default();
            let mut outcome = page::replay(view, &commit, receipt, *time_suspect, readers)?;
            outcome.device.quarantined = outcome.device.quarantined.saturating_sub(1);
            outcome.device.last_contact = event.at;
            writes.delete(keys.quarantined_page(*device, *kept));
            committed(view, &mut writes, &commit, receipt, outcome, event.at)?;
        }
        EventKind::Quarantined { device, commit, .. } => {
            writes.put_at(keys.quarantine(*device), commit);
            change_device(view, &mut writes, *device, |state| {
                state.quarantined = state.quarantined.saturating_add(1);
                state.last_contact = event.at;
            })?;
        }
        EventKind::Decided { document, decision } => decided(view, &mut writes, *document, decision)?,
        EventKind::DeadlinePassed(documents) => {
            for document in documents {
                record::look_again(view, &mut writes, *document, event.at, |_| ())?;
            }
        }
        EventKind::Entered { document, owner, change, readers } => {
            let document = Entered { document: *document, owner: *owner, change, readers };
            document.apply(view, &mut writes, event.at)?;
        }
        EventKind::PeriodClosed { period, note } => {
            closing::close(view, &mut writes, (event.at, event.by), *period, note)?;
        }
        EventKind::RunBegan { run } => {
            writes.put_at(keys.run(*run), run);
            writes.put_at(keys.room(room::RUN_BEGAN), run);
        }
        EventKind::Judged { at_most } => ledger::judge(view, &mut writes, event.at, *at_most as usize)?,
    }
    // The time is a part of a version: who was responsible from when on follows from it.
    let next = |before: Hash| Hash::of("fieldbook/version/1", &[before.as_bytes(), &encoding::encode(event)]);
    if makes_the_company(&event.kind) {
        writes.put(keys.directory_version(), &next(view.directory_version()?));
    }
    if makes_the_rules(&event.kind) {
        writes.put(keys.rules_version(), &next(view.rules_version()?));
    }
    look_again(view, &mut writes, event)?;
    Ok(writes)
}

/// Leaves word of what the rules see otherwise after an event.
fn look_again(view: &View<'_>, writes: &mut Writes, event: &Event) -> Result<(), StoreError> {
    match &event.kind {
        kind if makes_the_rules(kind) => ledger::look_at_all(view, writes, event.at),
        EventKind::UsersPut(users) => {
            for user in users {
                let said = |user: &User| (user.reports_to, user.active, user.posts.clone());
                let before = view.user(user.id)?.map_or((None, true, Vec::new()), |before| said(&before));
                if before != said(user) {
                    return ledger::look_at_all(view, writes, event.at);
                }
            }
            Ok(())
        }
        EventKind::CustomersPut(customers) | EventKind::CustomersHandedOver(customers) => {
            for customer in customers {
                let said =
                    |customer: &Customer| (customer.owner, customer.grade.clone(), customer.tags.clone());
                if view.customer(customer.id)?.as_ref().map(said) != Some(said(customer)) {
                    ledger::look_at_customer(view, writes, customer.id)?;
                }
            }
            Ok(())
        }
        EventKind::CustomersRemoved(ids) => {
            ids.iter().try_for_each(|id| ledger::look_at_customer(view, writes, *id))
        }
        _ => Ok(()),
    }
}

/// Whether a company as its rules see it can be another after an event.
fn makes_the_company(kind: &EventKind) -> bool {
    matches!(
        kind,
        EventKind::UnitsPut(_)
            | EventKind::UsersPut(_)
            | EventKind::CustomersPut(_)
            | EventKind::CustomersHandedOver(_)
            | EventKind::CustomersRemoved(_)
            | EventKind::CalendarPut { .. }
    )
}

/// Whether the rules can be others after an event.
fn makes_the_rules(kind: &EventKind) -> bool {
    matches!(kind, EventKind::PackPut { .. } | EventKind::CalendarPut { .. })
}

/// Gives the writes of a page whose outcome is known already, so that it is not merged a second time.
pub fn committed(
    view: &View<'_>,
    writes: &mut Writes,
    commit: &Commit,
    receipt: &SignedReceipt,
    outcome: PageOutcome,
    at: Timestamp,
) -> Result<(), StoreError> {
    let keys = writes.keys();
    let device = commit.statement.device;
    for (key, _) in view.anchors(device)? {
        writes.delete(key);
    }
    for (hash, time) in &outcome.open_anchors {
        writes.put(keys.anchor(device, *hash), time);
    }
    writes.put(keys.receipt(device, receipt.receipt.last), receipt);
    for refused in &receipt.receipt.refused {
        let entry = RefusedEntry { refused: refused.clone(), device, arrived: receipt.receipt.received };
        writes.put_at(keys.room(room::REFUSED_ALL), &entry);
        // What somebody tried with another's document is not shown as the other's.
        if let Some(document) = refused.document
            && view.record(document)?.is_none_or(|record| record.owner == outcome.device.user)
        {
            writes.put_at(keys.refused_of(document), &entry);
        }
    }
    for touched in outcome.records {
        for scope in touched.record.scopes() {
            if !touched.accepted.is_empty() {
                let item = FeedItem::Changes {
                    document: touched.document,
                    author: device,
                    changes: touched.accepted.clone(),
                };
                writes.tell(scope, Some(device), item);
            }
            writes.tell_of_record(scope, Some(device), touched.document);
        }
        let page::Touched { document, before, record, values, facts, .. } = &touched;
        record::put(view, writes, (before.as_ref(), record), *document, values, facts, at)?;
    }
    writes.put(keys.device(device), &outcome.device);
    Ok(())
}

fn decided(
    view: &View<'_>,
    writes: &mut Writes,
    document: DocumentId,
    decision: &Decision,
) -> Result<(), StoreError> {
    record::look_again(view, writes, document, decision.at, |record| {
        record.events.push(RecordEvent::Decided(decision.clone()));
    })
}

/// Takes the login that a user had out, unless it opens somebody else by now.
fn give_up_login(view: &View<'_>, writes: &mut Writes, user: &User) -> Result<(), StoreError> {
    if let Some(before) = view.user(user.id)?
        && before.login != user.login
        && view.user_by_login(&before.login)?.is_some_and(|owner| owner.id == user.id)
    {
        writes.delete(writes.keys().login(&before.login));
    }
    Ok(())
}

/// As [`give_up_login`], for a customer's number.
fn give_up_number(view: &View<'_>, writes: &mut Writes, customer: &Customer) -> Result<(), StoreError> {
    if let Some(before) = view.customer(customer.id)?
        && before.number != customer.number
        && view.customer_by_number(&before.number)?.is_some_and(|owner| owner.id == customer.id)
    {
        writes.delete(writes.keys().customer_number(&before.number));
    }
    Ok(())
}

fn put_user(view: &View<'_>, writes: &mut Writes, user: &User, at: Timestamp) -> Result<(), StoreError> {
    let keys = writes.keys();
    let mut user = user.clone();
    let before = view.user(user.id)?;
    user.follow(before.as_ref(), at);
    writes.put_version(view, keys.user(user.id), user.clone())?;
    writes.put(keys.login(&user.login), &user.id);
    for scope in readers::of_user(before.as_ref(), &user) {
        writes.tell(scope, None, FeedItem::User(user.clone()));
    }
    Ok(())
}

/// Tells of the customers of those who report to somebody else now.
fn follow_line(view: &View<'_>, writes: &mut Writes, users: &[User]) -> Result<(), StoreError> {
    let mut moved = BTreeMap::new();
    for user in users {
        let before = view.user(user.id)?.and_then(|before| before.reports_to);
        if before != user.reports_to {
            moved.insert(user.id, (before, user.reports_to));
        }
    }
    if moved.is_empty() {
        return Ok(());
    }
    for customer in view.customers()? {
        let Some(owner) = customer.owner else { continue };
        let Some((before, now)) = moved.get(&owner) else { continue };
        if let Some(before) = before {
            writes.tell(Scope::User(*before), None, FeedItem::CustomerGone { id: customer.id });
        }
        if let Some(now) = now {
            writes.tell(Scope::User(*now), None, FeedItem::Customer(customer));
        }
    }
    Ok(())
}

fn put_customer(
    view: &View<'_>,
    writes: &mut Writes,
    customer: &Customer,
    at: Timestamp,
) -> Result<(), StoreError> {
    let keys = writes.keys();
    let before = view.customer(customer.id)?;
    let told = before.as_ref().map(|before| line_of(view, before)).transpose()?.unwrap_or_default();
    let mut customer = customer.clone();
    customer.follow(before.as_ref(), at);
    writes.put_version(view, keys.customer(customer.id), customer.clone())?;
    writes.put(keys.customer_number(&customer.number), &customer.id);
    let now = line_of(view, &customer)?;
    for scope in told.iter().filter(|scope| !now.contains(scope)) {
        writes.tell(*scope, None, FeedItem::CustomerGone { id: customer.id });
    }
    for scope in now {
        writes.tell(scope, None, FeedItem::Customer(customer.clone()));
    }
    Ok(())
}

fn remove_customer(view: &View<'_>, writes: &mut Writes, id: CustomerId) -> Result<(), StoreError> {
    let keys = writes.keys();
    if let Some(customer) = view.customer(id)? {
        writes.delete_version::<Customer>(view, keys.customer(id))?;
        writes.delete(keys.customer_number(&customer.number));
        for scope in line_of(view, &customer)? {
            writes.tell(scope, None, FeedItem::CustomerGone { id });
        }
    }
    Ok(())
}

/// Who is told of a customer, as things stand.
fn line_of(view: &View<'_>, customer: &Customer) -> Result<Vec<Scope>, StoreError> {
    let owner = customer.owner.map(|owner| view.user(owner)).transpose()?.flatten();
    Ok(readers::of_customer(customer.owner, owner.and_then(|owner| owner.reports_to)))
}

fn issue_anchor(view: &View<'_>, writes: &mut Writes, anchor: &Anchor) -> Result<(), StoreError> {
    let hash = anchor.hash();
    open_anchors(view, writes, anchor.device, std::slice::from_ref(anchor))?;
    change_device(view, writes, anchor.device, |state| {
        state.sync.issued = Some(IssuedAnchor { hash, sequence: anchor.sequence, time: anchor.time });
        state.sync.unanswered = state.sync.unanswered.saturating_add(1);
        state.last_contact = anchor.time;
    })
}

/// Opens anchors; the oldest of those that were open before close when they are too many.
fn open_anchors(
    view: &View<'_>,
    writes: &mut Writes,
    device: DeviceId,
    anchors: &[Anchor],
) -> Result<(), StoreError> {
    let mut before = view.anchors(device)?;
    before.sort_by_key(|(_, time)| *time);
    let too_many = (before.len() + anchors.len()).saturating_sub(limits::OPEN_ANCHORS);
    for (key, _) in before.into_iter().take(too_many) {
        writes.delete(key);
    }
    for anchor in anchors {
        writes.put(writes.keys().anchor(device, anchor.hash()), &anchor.time);
    }
    Ok(())
}

fn change_device(
    view: &View<'_>,
    writes: &mut Writes,
    device: DeviceId,
    change: impl FnOnce(&mut EnrolledDevice),
) -> Result<(), StoreError> {
    let mut state = view
        .device(device)?
        .ok_or_else(|| corrupt(format!("the journal speaks of device {device}, never enrolled")))?;
    change(&mut state);
    writes.put(writes.keys().device(device), &state);
    Ok(())
}
