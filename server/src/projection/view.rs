//! The view: one tenant's part of the index, read with types.

use std::{ops::Bound, sync::Arc};

use minicbor::{Decode, Encode};
use sync_core::{
    directory::{Customer, Unit, User},
    encoding,
    hash::Hash,
    id::{CustomerId, DeviceId, DocumentId, RunId, TenantId, UnitId, UserId},
    log::{Commit, SignedReceipt},
    rules::{Company, Fact, FactKind, Of, Rulebook},
    time::Timestamp,
};

use crate::{
    auth::enrolment_code::EnrolmentCode,
    projection::{
        Changed, Credential, EnrolledDevice, FeedEntry, FeedPlace, Keys, LedgerState, RecordLine,
        RefusedEntry, Scope, StoredFact, StoredObligation, StoredRecord, Version, company, corrupt,
        key::{Listed, room},
        record::is_visit,
        rulebook,
    },
    store::{Direction, IndexRead, MAX_SCAN, StoreError, after_prefix},
};

/// Things, each with its place.
pub(super) type Placed<T> = Vec<(Vec<u8>, T)>;

/// One tenant's part of the index. There is no other way to read it, so no code can reach another tenant by mistake.
#[derive(Clone, Copy)]
pub struct View<'a> {
    index: &'a dyn IndexRead,
    tenant: TenantId,
}

impl<'a> View<'a> {
    /// Looks at a tenant's part of an index.
    pub fn new(index: &'a dyn IndexRead, tenant: TenantId) -> Self {
        Self { index, tenant }
    }

    /// The tenant this is the view of.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The keys of this tenant.
    pub fn keys(&self) -> Keys {
        Keys::new(self.tenant)
    }

    /// The tenant's name, if it was founded.
    pub fn name(&self) -> Result<Option<String>, StoreError> {
        self.value(&self.keys().tenant())
    }

    /// A user.
    pub fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.standing(&self.keys().user(id))
    }

    /// A user by login.
    pub fn user_by_login(&self, login: &str) -> Result<Option<User>, StoreError> {
        match self.value(&self.keys().login(login))? {
            Some(id) => self.user(id),
            None => Ok(None),
        }
    }

    /// All users, by id.
    pub fn users(&self) -> Result<Vec<User>, StoreError> {
        self.versions_of(room::USER)
    }

    /// Users by id, behind `after` and at most `limit`.
    pub fn users_after(&self, after: Option<UserId>, limit: usize) -> Result<Vec<User>, StoreError> {
        Ok(values(self.room_after(room::USER, after.as_ref().map(UserId::as_bytes), limit)?))
    }

    /// All units, by id.
    pub fn units(&self) -> Result<Vec<Unit>, StoreError> {
        self.room(room::UNIT)
    }

    /// A unit.
    pub fn unit(&self, id: UnitId) -> Result<Option<Unit>, StoreError> {
        self.value(&self.keys().unit(id))
    }

    /// A user's password.
    pub fn credential(&self, user: UserId) -> Result<Option<Credential>, StoreError> {
        self.value(&self.keys().credential(user))
    }

    /// A customer.
    pub fn customer(&self, id: CustomerId) -> Result<Option<Customer>, StoreError> {
        self.standing(&self.keys().customer(id))
    }

    /// A customer by the tenant's own number.
    pub fn customer_by_number(&self, number: &str) -> Result<Option<Customer>, StoreError> {
        match self.value(&self.keys().customer_number(number))? {
            Some(id) => self.customer(id),
            None => Ok(None),
        }
    }

    /// All customers, by id.
    pub fn customers(&self) -> Result<Vec<Customer>, StoreError> {
        self.versions_of(room::CUSTOMER)
    }

    /// The holiday files of the tenant, by year.
    pub fn calendars(&self) -> Result<Vec<(i16, String)>, StoreError> {
        self.versions_of(room::CALENDAR)
    }

    /// Customers by id, behind `after` and at most `limit`.
    pub fn customers_after(
        &self,
        after: Option<CustomerId>,
        limit: usize,
    ) -> Result<Vec<Customer>, StoreError> {
        Ok(values(self.room_after(room::CUSTOMER, after.as_ref().map(CustomerId::as_bytes), limit)?))
    }

    /// The packs and calendars of the tenant.
    pub fn rulebook(&self) -> Result<Arc<Rulebook>, StoreError> {
        let version = self.rules_version()?;
        rulebook::shared(version, || {
            let texts = (self.versions_of(room::PACK)?, self.calendars()?);
            Ok((texts, self.rules_version()? == version))
        })
    }

    /// The version of the packs and calendars: another one after each that is put in.
    pub(super) fn rules_version(&self) -> Result<Hash, StoreError> {
        Ok(self.value(&self.keys().rules_version())?.unwrap_or(Hash::ZERO))
    }

    /// The version of the directory and the calendars: another one after each change of them, and the same one whenever
    /// the same changes were made at the same times.
    pub fn directory_version(&self) -> Result<Hash, StoreError> {
        Ok(self.value(&self.keys().directory_version())?.unwrap_or(Hash::ZERO))
    }

    /// The people, customers and festivals of the tenant as rules see them.
    pub fn company(&self) -> Result<Arc<Company>, StoreError> {
        company::shared(self)
    }

    /// An enrolment code that was not used yet.
    pub fn enrolment_code(&self, code: Hash) -> Result<Option<EnrolmentCode>, StoreError> {
        self.value(&self.keys().enrolment_code(code))
    }

    /// The device a family of refresh tokens belongs to.
    pub fn refresh_family(&self, family: &[u8; 16]) -> Result<Option<DeviceId>, StoreError> {
        self.value(&self.keys().refresh_family(family))
    }

    /// A device.
    pub fn device(&self, id: DeviceId) -> Result<Option<EnrolledDevice>, StoreError> {
        self.value(&self.keys().device(id))
    }

    /// All devices, by id.
    pub fn devices(&self) -> Result<Vec<EnrolledDevice>, StoreError> {
        self.room(room::DEVICE)
    }

    /// Devices by id, behind `after` and at most `limit`.
    pub fn devices_after(
        &self,
        after: Option<DeviceId>,
        limit: usize,
    ) -> Result<Vec<EnrolledDevice>, StoreError> {
        self.room_after(room::DEVICE, after.as_ref().map(DeviceId::as_bytes), limit)
    }

    /// The time of an anchor that was given to a device and is not answered yet.
    pub fn anchor_time(&self, device: DeviceId, anchor: Hash) -> Result<Option<Timestamp>, StoreError> {
        self.value(&self.keys().anchor(device, anchor))
    }

    /// The keys of a device's unanswered anchors with their times.
    pub fn anchors(&self, device: DeviceId) -> Result<Vec<(Vec<u8>, Timestamp)>, StoreError> {
        self.all(&self.keys().anchors(device))
    }

    /// The receipt of the page of a device's log that ends at `last`.
    pub fn receipt(&self, device: DeviceId, last: u64) -> Result<Option<SignedReceipt>, StoreError> {
        self.value(&self.keys().receipt(device, last))
    }

    /// The pages of a revoked device that are kept apart, each with where the journal says so; oldest first.
    pub fn quarantined(&self, device: DeviceId) -> Result<Vec<(u64, Commit)>, StoreError> {
        let prefix = self.keys().quarantine(device);
        let kept = self.all(&prefix)?.into_iter().map(|(key, commit)| {
            let position = key.get(prefix.len()..prefix.len() + 8).and_then(|bytes| bytes.try_into().ok());
            let position = position.ok_or_else(|| corrupt("a quarantined page has no place"))?;
            Ok((u64::from_be_bytes(position), commit))
        });
        kept.collect()
    }

    /// One page that is kept apart.
    pub fn quarantined_page(&self, device: DeviceId, kept: u64) -> Result<Option<Commit>, StoreError> {
        self.value(&self.keys().quarantined_page(device, kept))
    }

    /// Entries that were refused about a document, newest first, at most `limit`.
    pub fn refused_of(&self, document: DocumentId, limit: usize) -> Result<Vec<RefusedEntry>, StoreError> {
        self.newest(&self.keys().refused_of(document), limit)
    }

    /// All refused entries of the tenant, newest first, at most `limit`.
    pub fn refused(&self, limit: usize) -> Result<Vec<RefusedEntry>, StoreError> {
        self.newest(&self.keys().room(room::REFUSED_ALL), limit)
    }

    /// A record.
    pub fn record(&self, document: DocumentId) -> Result<Option<StoredRecord>, StoreError> {
        self.value(&self.keys().record(document))
    }

    /// The record of a visit; `None` also for a document of another kind, which no page or list of visits shows.
    pub fn visit(&self, document: DocumentId) -> Result<Option<StoredRecord>, StoreError> {
        if is_visit(document) { self.record(document) } else { Ok(None) }
    }

    /// A user's records in one line each, latest first, behind `after` and at most `limit`.
    pub fn lines_of(
        &self,
        owner: UserId,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, RecordLine)>, StoreError> {
        let prefix = self.keys().rows_of(owner);
        let from = match after {
            Some(key) if key.starts_with(&prefix) => Bound::Excluded(key),
            _ => Bound::Included(prefix.as_slice()),
        };
        self.page(from, &after_prefix(&prefix), limit)
    }

    /// Records whose time to be looked at again has come, at most `limit`.
    pub fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<DocumentId>, StoreError> {
        let prefix = self.keys().room(room::DUE);
        let found: Vec<(Vec<u8>, DocumentId)> =
            self.page(Bound::Included(&prefix), &self.keys().due_until(now), limit)?;
        Ok(found.into_iter().map(|(_, document)| document).collect())
    }

    /// A fact.
    pub fn fact(&self, id: Hash) -> Result<Option<Fact>, StoreError> {
        Ok(self.stored_fact(id)?.map(|stored| stored.fact))
    }

    /// A fact with the document that tells it.
    pub fn stored_fact(&self, id: Hash) -> Result<Option<StoredFact>, StoreError> {
        self.standing(&self.keys().fact(id))
    }

    /// A fact with since when it stands.
    pub(super) fn fact_version(&self, id: Hash) -> Result<Option<Version<StoredFact>>, StoreError> {
        self.version(&self.keys().fact(id))
    }

    /// Facts of a kind from one instant until before another, by time.
    pub fn facts_between(
        &self,
        of: Of,
        kind: FactKind,
        from: Timestamp,
        before: Timestamp,
    ) -> Result<Vec<Hash>, StoreError> {
        let until = self.keys().facts_from(of, kind, before.max(from));
        let found = self.range(&self.keys().facts_from(of, kind, from), &until)?;
        Ok(found.into_iter().map(|(_, id)| id).collect())
    }

    /// Facts that changed and were not looked at by the rules yet, oldest first, at most `limit`.
    pub fn changed(&self, limit: usize) -> Result<Vec<(Vec<u8>, Changed)>, StoreError> {
        let prefix = self.keys().room(room::CHANGED);
        self.page(Bound::Included(&prefix), &after_prefix(&prefix), limit)
    }

    /// How far the ledger is.
    pub fn ledger(&self) -> Result<LedgerState, StoreError> {
        Ok(self.value(&self.keys().ledger())?.unwrap_or_default())
    }

    /// An obligation.
    pub fn obligation(&self, id: Hash) -> Result<Option<StoredObligation>, StoreError> {
        self.standing(&self.keys().obligation(id))
    }

    /// An obligation with since when it stands.
    pub(super) fn obligation_version(
        &self,
        id: Hash,
    ) -> Result<Option<Version<StoredObligation>>, StoreError> {
        self.version(&self.keys().obligation(id))
    }

    /// All obligations, in no order that means anything.
    pub fn all_obligations(&self) -> Result<Vec<StoredObligation>, StoreError> {
        self.versions_of(room::OBLIGATION)
    }

    /// Obligations whose time to be looked at again has come, at most `limit`.
    pub fn again(&self, now: Timestamp, limit: usize) -> Result<Vec<Hash>, StoreError> {
        let prefix = self.keys().room(room::AGAIN);
        let found: Vec<(Vec<u8>, Hash)> =
            self.page(Bound::Included(&prefix), &self.keys().again_until(now), limit)?;
        Ok(found.into_iter().map(|(_, id)| id).collect())
    }

    /// The obligations of a list that are due from one instant until before another, behind `after` and at most
    /// `limit`, each with its place.
    pub fn obligations(
        &self,
        of: Listed<'_>,
        due: (Timestamp, Timestamp),
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Placed<StoredObligation>, StoreError> {
        let found = self.obligation_versions(of, due, after, limit)?;
        Ok(found.into_iter().map(|(place, version)| (place, version.value)).collect())
    }

    /// The same with since when each stands.
    pub(super) fn obligation_versions(
        &self,
        of: Listed<'_>,
        (from, before): (Timestamp, Timestamp),
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Placed<Version<StoredObligation>>, StoreError> {
        let (first, until) =
            (self.keys().obligations_from(of, from), self.keys().obligations_from(of, before));
        let from = match after {
            Some(place) if place > first.as_slice() => Bound::Excluded(place),
            _ => Bound::Included(first.as_slice()),
        };
        let found: Vec<(Vec<u8>, Hash)> = self.page(from, &until, limit)?;
        let versions = found.into_iter().map(|(place, id)| {
            let version = self.obligation_version(id)?;
            Ok((place, version.ok_or_else(|| corrupt(format!("obligation {id} is listed and not there")))?))
        });
        versions.collect()
    }

    /// The newest run of the server and where it began, in the view of [`TenantId::SERVER`].
    pub fn run(&self) -> Result<Option<(u64, RunId)>, StoreError> {
        let (from, until) =
            (self.keys().room(room::RUN_BEGAN), after_prefix(&self.keys().room(room::RUN_BEGAN)));
        let newest = self.index.scan(Bound::Included(&from), &until, 1, Direction::Backward)?;
        let Some((key, value)) = newest.first() else { return Ok(None) };
        let began = key.get(17..).and_then(<[u8]>::first_chunk).map(|at| u64::from_be_bytes(*at));
        Ok(Some((began.ok_or_else(|| corrupt("a run has no place"))?, decode(value)?)))
    }

    /// Whether a run of the server wrote, or found written, what stands at a position, in the view of
    /// [`TenantId::SERVER`].
    pub fn is_of_run(&self, run: RunId, position: u64) -> Result<bool, StoreError> {
        let of_run = self.keys().run(run);
        let began =
            self.index.scan(Bound::Included(&of_run), &after_prefix(&of_run), 1, Direction::Forward)?;
        let Some(began) = began.first().and_then(|(key, _)| key.get(of_run.len()..)?.first_chunk()) else {
            return Ok(false);
        };
        let from = self.keys().runs_after(u64::from_be_bytes(*began));
        let until = after_prefix(&self.keys().room(room::RUN_BEGAN));
        let next = self.index.scan(Bound::Included(&from), &until, 1, Direction::Forward)?;
        let ended =
            next.first().and_then(|(key, _)| key.get(17..)?.first_chunk()).map(|at| u64::from_be_bytes(*at));
        Ok(ended.is_none_or(|ended| position < ended))
    }

    /// What happened in a scope behind a place, oldest first, at most `limit` items, each with its stored size.
    pub fn feed(
        &self,
        scope: Scope,
        after: FeedPlace,
        limit: usize,
    ) -> Result<Vec<(FeedPlace, FeedEntry, usize)>, StoreError> {
        let until = after_prefix(&self.keys().feed(scope));
        let from = self.keys().feed_after(scope, after);
        let found = self.index.scan(Bound::Included(&from), &until, limit, Direction::Forward)?;
        found
            .into_iter()
            .map(|(key, value)| {
                let place = self.keys().feed_place(&key);
                let place = place.ok_or_else(|| corrupt("a feed key has no place"))?;
                Ok((place, decode(&value)?, value.len()))
            })
            .collect()
    }

    /// What stands at a key of which versions are kept.
    fn standing<T>(&self, key: &[u8]) -> Result<Option<T>, StoreError>
    where
        T: for<'b> Decode<'b, ()> + Encode<()>,
    {
        Ok(self.version(key)?.map(|version| version.value))
    }

    /// What stands in a room of which versions are kept, by key.
    fn versions_of<T>(&self, room: u8) -> Result<Vec<T>, StoreError>
    where
        T: for<'b> Decode<'b, ()> + Encode<()>,
    {
        let prefix = self.keys().room(room);
        self.versions(&prefix, &after_prefix(&prefix))
    }

    pub(super) fn value<T>(&self, key: &[u8]) -> Result<Option<T>, StoreError>
    where
        T: for<'b> Decode<'b, ()> + Encode<()>,
    {
        self.index.get(key)?.map(|bytes| decode(&bytes)).transpose()
    }

    pub(super) fn room<T>(&self, room: u8) -> Result<Vec<T>, StoreError>
    where
        T: for<'b> Decode<'b, ()> + Encode<()>,
    {
        Ok(self.all(&self.keys().room(room))?.into_iter().map(|(_, value)| value).collect())
    }

    fn room_after<T>(&self, room: u8, after: Option<&[u8; 16]>, limit: usize) -> Result<Vec<T>, StoreError>
    where
        T: for<'b> Decode<'b, ()> + Encode<()>,
    {
        let prefix = self.keys().room(room);
        let last = after.map(|id| [prefix.as_slice(), id].concat());
        let from = match &last {
            Some(last) => Bound::Excluded(last.as_slice()),
            None => Bound::Included(prefix.as_slice()),
        };
        let found = self.page(from, &after_prefix(&prefix), limit)?;
        Ok(found.into_iter().map(|(_, value)| value).collect())
    }

    fn all<T>(&self, prefix: &[u8]) -> Result<Vec<(Vec<u8>, T)>, StoreError>
    where
        T: for<'b> Decode<'b, ()> + Encode<()>,
    {
        self.range(prefix, &after_prefix(prefix))
    }

    pub(super) fn range<T>(&self, from: &[u8], until: &[u8]) -> Result<Vec<(Vec<u8>, T)>, StoreError>
    where
        T: for<'b> Decode<'b, ()> + Encode<()>,
    {
        let mut found: Vec<(Vec<u8>, T)> = self.page(Bound::Included(from), until, MAX_SCAN)?;
        let mut read = found.len();
        while read == MAX_SCAN {
            let Some((last, _)) = found.last() else { break };
            let more = self.page(Bound::Excluded(&last.clone()), until, MAX_SCAN)?;
            read = more.len();
            found.extend(more);
        }
        Ok(found)
    }

    pub(super) fn newest<T>(&self, prefix: &[u8], limit: usize) -> Result<Vec<T>, StoreError>
    where
        T: for<'b> Decode<'b, ()> + Encode<()>,
    {
        let found = self.index.scan_prefix(prefix, limit, Direction::Backward)?;
        found.iter().map(|(_, value)| decode(value)).collect()
    }

    pub(super) fn page<T>(
        &self,
        from: Bound<&[u8]>,
        until: &[u8],
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, T)>, StoreError>
    where
        T: for<'b> Decode<'b, ()> + Encode<()>,
    {
        self.index
            .scan(from, until, limit, Direction::Forward)?
            .into_iter()
            .map(|(key, value)| Ok((key, decode(&value)?)))
            .collect()
    }
}

fn values<T>(versions: Vec<Version<T>>) -> Vec<T> {
    versions.into_iter().map(|version| version.value).collect()
}

/// All tenants of an index.
pub fn tenants(index: &dyn IndexRead) -> Result<Vec<TenantId>, StoreError> {
    let mut found = Vec::new();
    let mut from = Vec::new();
    loop {
        let next = index.scan(Bound::Included(&from), &[u8::MAX; 17], 1, Direction::Forward)?;
        let Some(bytes) = next.first().and_then(|(key, _)| key.get(..16)).and_then(|key| key.try_into().ok())
        else {
            return Ok(found);
        };
        let tenant = TenantId::from_bytes(bytes);
        if tenant != TenantId::SERVER {
            found.push(tenant);
        }
        from = after_prefix(tenant.as_bytes());
        if from.is_empty() {
            return Ok(found);
        }
    }
}

fn decode<T>(bytes: &[u8]) -> Result<T, StoreError>
where
    T: for<'b> Decode<'b, ()> + Encode<()>,
{
    minicbor::decode(bytes).map_err(|error| {
        corrupt(format!("the index holds a {} that does not decode: {error}", std::any::type_name::<T>()))
    })
}

/// Encodes a value for the index.
pub(crate) fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    encoding::encode(value)
}
