//! Keys: where each thing stands in a tenant's part of the index.

use sync_core::{
    hash::Hash,
    id::{CustomerId, DeviceId, DocumentId, RunId, TenantId, UnitId, UserId},
    protocol::Cursor,
    rules::{FactKind, Of},
    time::Timestamp,
};

use crate::projection::ClosingNumber;

/// How many bytes of a key are the tenant's.
const TENANT_BYTES: usize = 16;

/// Makes the keys of one tenant; every key begins with the tenant's sixteen bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keys(TenantId);

/// Who sees an item of the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every device of the tenant.
    Tenant,
    /// The devices of one user.
    User(UserId),
}

impl Scope {
    fn bytes(self) -> [u8; 16] {
        match self {
            Self::Tenant => [0; 16],
            Self::User(user) => *user.as_bytes(),
        }
    }
}

/// A list of obligations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed<'a> {
    /// What somebody owes.
    Person(UserId),
    /// What is about a customer.
    Customer(CustomerId),
    /// What a rule demands.
    Rule {
        /// The pack's id.
        pack: &'a str,
        /// The rule's id.
        rule: &'a str,
    },
    /// What nobody in particular owes.
    Anybody,
}

macro_rules! rooms {
    ($($(#[$doc:meta])* $name:ident = $tag:literal;)*) => {
        $($(#[$doc])* pub const $name: u8 = $tag;)*
    };
}

/// The first byte behind the tenant: which kind of thing a key leads to.
pub mod room {
    rooms! {
        /// The tenant itself.
        TENANT = b'T';
        /// Users by id.
        USER = b'u';
        /// User ids by login.
        LOGIN = b'l';
        /// Passwords by user.
        CREDENTIAL = b'p';
        /// Units by id.
        UNIT = b'n';
        /// The version of the directory.
        DIRECTORY_VERSION = b'v';
        /// Customers by id.
        CUSTOMER = b'c';
        /// Customer ids by the tenant's own number.
        CUSTOMER_NUMBER = b'm';
        /// Rule packs by effective date and version.
        PACK = b'k';
        /// Holiday calendars by year.
        CALENDAR = b'y';
        /// The version of the packs and calendars.
        RULES_VERSION = b'V';
        /// Enrolment codes by hash.
        ENROLMENT_CODE = b'e';
        /// Devices by id.
        DEVICE = b'd';
        /// Device ids by family of refresh tokens.
        REFRESH_FAMILY = b'g';
        /// Times of unanswered anchors by device and hash.
        ANCHOR = b'a';
        /// Receipts by device and last index.
        RECEIPT = b'r';
        /// Refused entries by document and position.
        REFUSED = b'x';
        /// Refused entries by position.
        REFUSED_ALL = b'X';
        /// Pages kept apart, by device and position.
        QUARANTINE = b'q';
        /// The server's runs, by id and position.
        RUN = b'U';
        /// The same by position.
        RUN_BEGAN = b'B';
        /// Documents with their official state, by id.
        RECORD = b'o';
        /// One line per record, by owner and time, latest first.
        ROW = b'w';
        /// Documents by the instant at which they have to be looked at again.
        DUE = b't';
        /// The feed, by scope and position.
        FEED = b'f';
        /// Facts by id.
        FACT = b'F';
        /// Ids of facts by what they are found under, kind and time.
        FACT_PLACE = b'P';
        /// Facts and customers that changed and were not looked at by the rules yet, by position.
        CHANGED = b'C';
        /// How far the ledger of obligations is.
        LEDGER = b'L';
        /// Obligations by the hash of their name.
        OBLIGATION = b'O';
        /// The same by person, customer or rule, and by when they are due.
        OBLIGATION_OF = b'W';
        /// The same by the instant at which they have to be looked at again.
        AGAIN = b'A';
        /// Closings by number.
        CLOSING = b'S';
        /// Versions that stood when something was closed and went since, by their key and the last closing they stood at.
        KEPT = b'K';
        /// Ids of obligations that changed since, by closing.
        RESTATED = b'R';
    }
}

impl Keys {
    /// Keys of this tenant.
    pub fn new(tenant: TenantId) -> Self {
        Self(tenant)
    }

    fn key(self, room: u8, parts: &[&[u8]]) -> Vec<u8> {
        let mut key = Vec::with_capacity(17 + parts.iter().map(|part| part.len()).sum::<usize>());
        key.extend_from_slice(self.0.as_bytes());
        key.push(room);
        for part in parts {
            key.extend_from_slice(part);
        }
        key
    }

    /// What every key of a room begins with.
    pub fn room(self, room: u8) -> Vec<u8> {
        self.key(room, &[])
    }

    /// The tenant itself.
    pub fn tenant(self) -> Vec<u8> {
        self.key(room::TENANT, &[])
    }

    /// The version of the directory and the calendars.
    pub fn directory_version(self) -> Vec<u8> {
        self.key(room::DIRECTORY_VERSION, &[])
    }

    /// A user.
    pub fn user(self, id: UserId) -> Vec<u8> {
        self.key(room::USER, &[id.as_bytes()])
    }

    /// A user id by login.
    pub fn login(self, login: &str) -> Vec<u8> {
        self.key(room::LOGIN, &[login.as_bytes()])
    }

    /// A user's password.
    pub fn credential(self, user: UserId) -> Vec<u8> {
        self.key(room::CREDENTIAL, &[user.as_bytes()])
    }

    /// A unit.
    pub fn unit(self, id: UnitId) -> Vec<u8> {
        self.key(room::UNIT, &[id.as_bytes()])
    }

    /// The version of the packs and the calendars.
    pub fn rules_version(self) -> Vec<u8> {
        self.key(room::RULES_VERSION, &[])
    }

    /// A customer.
    pub fn customer(self, id: CustomerId) -> Vec<u8> {
        self.key(room::CUSTOMER, &[id.as_bytes()])
    }

    /// A customer id by the tenant's number.
    pub fn customer_number(self, number: &str) -> Vec<u8> {
        self.key(room::CUSTOMER_NUMBER, &[number.as_bytes()])
    }

    /// A pack, sorted by the day from which it is in force, then by version.
    pub fn pack(self, id: &str, effective_from: jiff::civil::Date, version: u32) -> Vec<u8> {
        let day = effective_from.to_string();
        self.key(room::PACK, &[day.as_bytes(), &version.to_be_bytes(), id.as_bytes()])
    }

    /// A year's calendar.
    pub fn calendar(self, year: i16) -> Vec<u8> {
        self.key(room::CALENDAR, &[&(year as u16 ^ 0x8000).to_be_bytes()])
    }

    /// An enrolment code.
    pub fn enrolment_code(self, code: Hash) -> Vec<u8> {
        self.key(room::ENROLMENT_CODE, &[code.as_bytes()])
    }

    /// The device a family of refresh tokens belongs to.
    pub fn refresh_family(self, family: &[u8; 16]) -> Vec<u8> {
        self.key(room::REFRESH_FAMILY, &[family])
    }

    /// A device.
    pub fn device(self, id: DeviceId) -> Vec<u8> {
        self.key(room::DEVICE, &[id.as_bytes()])
    }

    /// All unanswered anchors of a device.
    pub fn anchors(self, device: DeviceId) -> Vec<u8> {
        self.key(room::ANCHOR, &[device.as_bytes()])
    }

    /// One anchor.
    pub fn anchor(self, device: DeviceId, anchor: Hash) -> Vec<u8> {
        self.key(room::ANCHOR, &[device.as_bytes(), anchor.as_bytes()])
    }

    /// The receipt of the page that ends at `last`.
    pub fn receipt(self, device: DeviceId, last: u64) -> Vec<u8> {
        self.key(room::RECEIPT, &[device.as_bytes(), &last.to_be_bytes()])
    }

    /// The refused entries about a document; the position follows.
    pub fn refused_of(self, document: DocumentId) -> Vec<u8> {
        self.key(room::REFUSED, &[document.as_bytes()])
    }

    /// The pages of a device that are kept apart; the position follows.
    pub fn quarantine(self, device: DeviceId) -> Vec<u8> {
        self.key(room::QUARANTINE, &[device.as_bytes()])
    }

    /// One page that is kept apart, by where the journal says so.
    pub fn quarantined_page(self, device: DeviceId, kept: u64) -> Vec<u8> {
        [self.quarantine(device).as_slice(), &kept.to_be_bytes(), &0u32.to_be_bytes()].concat()
    }

    /// Where a run of the server began; the position follows.
    pub fn run(self, run: RunId) -> Vec<u8> {
        self.key(room::RUN, &[run.as_bytes()])
    }

    /// Where the runs that began behind a position stand.
    pub fn runs_after(self, position: u64) -> Vec<u8> {
        self.key(room::RUN_BEGAN, &[&position.saturating_add(1).to_be_bytes()])
    }

    /// A record.
    pub fn record(self, document: DocumentId) -> Vec<u8> {
        self.key(room::RECORD, &[document.as_bytes()])
    }

    /// All lines of a user's records.
    pub fn rows_of(self, owner: UserId) -> Vec<u8> {
        self.key(room::ROW, &[owner.as_bytes()])
    }

    /// A record's line; later times sort first.
    pub fn row(self, owner: UserId, time: Timestamp, document: DocumentId) -> Vec<u8> {
        let descending = !sortable(time);
        self.key(room::ROW, &[owner.as_bytes(), &descending.to_be_bytes(), document.as_bytes()])
    }

    /// A record that has to be looked at again once this instant has passed.
    pub fn due(self, time: Timestamp, document: DocumentId) -> Vec<u8> {
        self.key(room::DUE, &[&sortable(time).to_be_bytes(), document.as_bytes()])
    }

    /// Where the dues after this instant begin.
    pub fn due_until(self, time: Timestamp) -> Vec<u8> {
        self.key(room::DUE, &[&sortable(time.plus_millis(1)).to_be_bytes()])
    }

    /// A scope's feed; the position follows.
    pub fn feed(self, scope: Scope) -> Vec<u8> {
        self.key(room::FEED, &[&scope.bytes()])
    }

    /// Where a scope's feed goes on behind an item.
    pub fn feed_after(self, scope: Scope, after: FeedPlace) -> Vec<u8> {
        let next = FeedPlace { position: after.position, item: after.item.saturating_add(1) };
        self.key(room::FEED, &[&scope.bytes(), &next.position.to_be_bytes(), &next.item.to_be_bytes()])
    }

    /// A fact.
    pub fn fact(self, id: Hash) -> Vec<u8> {
        self.key(room::FACT, &[id.as_bytes()])
    }

    /// Where a fact is found under something.
    pub fn fact_place(self, of: Of, kind: FactKind, at: Timestamp, id: Hash) -> Vec<u8> {
        [self.facts_from(of, kind, at).as_slice(), id.as_bytes()].concat()
    }

    /// Where the facts of a kind from an instant on begin.
    pub fn facts_from(self, of: Of, kind: FactKind, at: Timestamp) -> Vec<u8> {
        let kind = sync_core::encoding::encode(&kind);
        let at = sortable(at).to_be_bytes();
        let (tag, id): (u8, &[u8]) = match &of {
            Of::Any => (0, &[]),
            Of::Customer(customer) => (1, customer.as_bytes()),
            Of::Actor(actor) => (2, actor.as_bytes()),
            Of::About(fact) => (3, fact.as_bytes()),
        };
        self.key(room::FACT_PLACE, &[&[tag], id, &kind, &at])
    }

    /// How far the ledger is.
    pub fn ledger(self) -> Vec<u8> {
        self.room(room::LEDGER)
    }

    /// An obligation.
    pub fn obligation(self, id: Hash) -> Vec<u8> {
        self.key(room::OBLIGATION, &[id.as_bytes()])
    }

    /// Where an obligation stands in a list.
    pub fn obligation_of(self, of: Listed<'_>, due: Timestamp, id: Hash) -> Vec<u8> {
        [self.obligations_from(of, due).as_slice(), id.as_bytes()].concat()
    }

    /// Where the obligations of a list that are due from an instant on begin.
    pub fn obligations_from(self, of: Listed<'_>, due: Timestamp) -> Vec<u8> {
        let due = sortable(due).to_be_bytes();
        match of {
            Listed::Person(person) => self.key(room::OBLIGATION_OF, &[&[0], person.as_bytes(), &due]),
            Listed::Customer(customer) => self.key(room::OBLIGATION_OF, &[&[1], customer.as_bytes(), &due]),
            Listed::Anybody => self.key(room::OBLIGATION_OF, &[&[3], &due]),
            Listed::Rule { pack, rule } => {
                let name = Hash::of("fieldbook/rule/1", &[pack.as_bytes(), &[0], rule.as_bytes()]);
                self.key(room::OBLIGATION_OF, &[&[2], name.as_bytes(), &due])
            }
        }
    }

    /// An obligation that has to be looked at again once this instant has come.
    pub fn again(self, at: Timestamp, id: Hash) -> Vec<u8> {
        self.key(room::AGAIN, &[&sortable(at).to_be_bytes(), id.as_bytes()])
    }

    /// Where what has to be looked at again after this instant begins.
    pub fn again_until(self, at: Timestamp) -> Vec<u8> {
        self.key(room::AGAIN, &[&sortable(at.plus_millis(1)).to_be_bytes()])
    }

    /// A closing.
    pub fn closing(self, number: ClosingNumber) -> Vec<u8> {
        self.key(room::CLOSING, &[&number.to_bytes()])
    }

    /// Where the versions of what stands from a key on are kept.
    pub fn kept_from(self, key: &[u8]) -> Vec<u8> {
        self.key(room::KEPT, &[key.get(TENANT_BYTES..).unwrap_or_default()])
    }

    /// Where the version that stood at a key until after a closing is kept.
    pub fn kept(self, key: &[u8], last: ClosingNumber) -> Vec<u8> {
        [self.kept_from(key).as_slice(), &last.to_bytes()].concat()
    }

    /// The key at which a kept version stood, and the last closing it stood at.
    pub fn of_kept(self, kept: &[u8]) -> Option<(Vec<u8>, ClosingNumber)> {
        let (key, last) = kept.get(TENANT_BYTES + 1..)?.split_last_chunk()?;
        Some(([self.0.as_bytes(), key].concat(), ClosingNumber::from_bytes(*last)))
    }

    /// The obligations that changed since a closing.
    pub fn restated_since(self, closing: ClosingNumber) -> Vec<u8> {
        self.key(room::RESTATED, &[&closing.to_bytes()])
    }

    /// An obligation that changed since a closing.
    pub fn restated(self, closing: ClosingNumber, id: Hash) -> Vec<u8> {
        self.key(room::RESTATED, &[&closing.to_bytes(), id.as_bytes()])
    }

    /// The place of an item of a scope's feed, from its key.
    pub fn feed_place(self, key: &[u8]) -> Option<FeedPlace> {
        let place = key.get(33..45)?;
        let (position, item) = place.split_first_chunk()?;
        Some(FeedPlace {
            position: u64::from_be_bytes(*position),
            item: u32::from_be_bytes(item.try_into().ok()?),
        })
    }
}

/// Where an item stands in the feed: the journal position of its event, and its number among that event's items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct FeedPlace {
    /// The event.
    pub position: u64,
    /// The item, below [`FeedPlace::ITEMS`].
    pub item: u32,
}

impl FeedPlace {
    /// How many items an event may have; a cursor has as much room for them.
    pub const ITEMS: u32 = 1 << Self::BITS;
    const BITS: u32 = 24;
}

impl From<Cursor> for FeedPlace {
    fn from(cursor: Cursor) -> Self {
        Self {
            position: cursor.0 >> Self::BITS,
            item: u32::try_from(cursor.0 % u64::from(Self::ITEMS)).unwrap_or_default(),
        }
    }
}

impl From<FeedPlace> for Cursor {
    fn from(place: FeedPlace) -> Self {
        Self(place.position << FeedPlace::BITS | u64::from(place.item))
    }
}

fn sortable(time: Timestamp) -> u64 {
    (time.as_millis() as u64) ^ (1 << 63)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_rows_sort_before_earlier_ones_and_dues_the_other_way_round() {
        let keys = Keys::new(TenantId::from_bytes([1; 16]));
        let (owner, document) = (UserId::from_bytes([2; 16]), DocumentId::from_bytes([3; 16]));
        let [early, late] = [-5, 7].map(Timestamp::from_millis);
        assert!(keys.row(owner, late, document) < keys.row(owner, early, document));
        assert!(keys.due(early, document) < keys.due(late, document));
        assert!(keys.due(late, document) < keys.due_until(late));
    }
}
