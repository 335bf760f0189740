//! Closings: days that somebody closed, and what is known of each.

use minicbor::{Decode, Encode};
use sync_core::{
    hash::Hash,
    id::UserId,
    rules::{Obligation, Period, Rulebook},
    time::Timestamp,
};

use crate::{
    projection::{View, Writes, key::room},
    store::StoreError,
};

/// The place of a closing among those of its tenant: the journal's order, and so also of what came before it and what
/// after, however equal the times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub struct ClosingNumber(#[n(0)] u32);

impl ClosingNumber {
    /// Before the first.
    pub const NONE: Self = Self(0);

    /// Behind the last that there may be.
    pub const END: Self = Self(1 << 16);

    pub(super) fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    pub(super) fn to_bytes(self) -> [u8; 4] {
        self.0.to_be_bytes()
    }

    pub(super) fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(u32::from_be_bytes(bytes))
    }
}

/// Days that were closed: what was known of them then is kept beside the present.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Closing {
    /// Names it for ever.
    #[n(0)]
    pub id: Hash,
    /// Its place among the closings.
    #[n(1)]
    pub number: ClosingNumber,
    /// The days.
    #[n(2)]
    pub period: Period,
    /// When they were closed.
    #[n(3)]
    pub at: Timestamp,
    /// Who closed them; `None` for the operator at the console.
    #[n(4)]
    pub by: Option<UserId>,
    /// Why, in their words; may be empty.
    #[n(5)]
    pub note: String,
    /// The version of the directory then.
    #[n(6)]
    pub directory: Hash,
    /// The version of packs and calendars then.
    #[n(7)]
    pub rules: Hash,
}

impl Closing {
    /// Whether an obligation falls due on one of the days, in the zone of its pack. What is due at 24:00 belongs to the day
    /// that ends then.
    pub fn holds(&self, obligation: &Obligation, rulebook: &Rulebook) -> bool {
        let Some(pack) = rulebook.pack(&obligation.rule) else { return false };
        let day = obligation.due.and_then(|due| pack.zone.day_of(due.plus_millis(-1)));
        day.is_some_and(|day| self.period.first <= day && day <= self.period.last)
    }
}

/// Closes days as things stand.
pub(super) fn close(
    view: &View<'_>,
    writes: &mut Writes,
    (at, by): (Timestamp, Option<UserId>),
    period: Period,
    note: &str,
) -> Result<(), StoreError> {
    let number = view.last_closing()?.next();
    let said = sync_core::encoding::encode(&(number, at, period));
    let closing = Closing {
        id: Hash::of("fieldbook/closing/1", &[view.tenant().as_bytes(), &said]),
        number,
        period,
        at,
        by,
        note: note.to_owned(),
        directory: view.directory_version()?,
        rules: view.rules_version()?,
    };
    writes.put(writes.keys().closing(number), &closing);
    Ok(())
}

impl View<'_> {
    /// All closings, the first one first.
    pub fn closings(&self) -> Result<Vec<Closing>, StoreError> {
        self.room(room::CLOSING)
    }

    /// A closing.
    pub fn closing(&self, id: Hash) -> Result<Option<Closing>, StoreError> {
        Ok(self.closings()?.into_iter().find(|closing| closing.id == id))
    }

    /// The number of the last closing.
    pub fn last_closing(&self) -> Result<ClosingNumber, StoreError> {
        let last: Vec<Closing> = self.newest(&self.keys().room(room::CLOSING), 1)?;
        Ok(last.first().map_or(ClosingNumber::NONE, |closing| closing.number))
    }
}
