//! What is known: as things stand, or as they were known when days were closed.

use std::{ops::Bound, sync::Arc};

use sync_core::{
    hash::Hash,
    rules::{Company, FactKind, Of, Period, Rulebook},
    time::Timestamp,
};

use crate::{
    projection::{
        Closing, ClosingNumber, StoredFact, StoredObligation, Version, View,
        key::{Listed, room},
        rulebook,
    },
    store::{StoreError, after_prefix},
};

/// A closing to be looked back at.
#[derive(Debug, Clone)]
pub struct Then {
    closing: Closing,
    /// Of the present: packs that closed days were judged by do not change.
    rulebook: Arc<Rulebook>,
}

impl Then {
    /// Looks back at a closing.
    pub fn of(view: &View<'_>, closing: Closing) -> Result<Self, StoreError> {
        Ok(Self { closing, rulebook: view.rulebook()? })
    }

    /// The closing.
    pub fn closing(&self) -> &Closing {
        &self.closing
    }

    fn number(&self) -> ClosingNumber {
        self.closing.number
    }

    /// Whether an obligation fell due on the days.
    pub(super) fn holds(&self, stored: &StoredObligation) -> bool {
        self.closing.holds(&stored.obligation, &self.rulebook)
    }

    /// The instants of a span in which something may be due that the closing holds, whatever the zone of its pack.
    fn narrowed(&self, (from, before): (Timestamp, Timestamp)) -> (Timestamp, Timestamp) {
        let zones = || self.rulebook.packs().iter().map(|pack| &pack.zone);
        let Period { first, last } = self.closing.period;
        let behind = last.tomorrow().ok();
        let first = zones().filter_map(|zone| zone.start_of(first)).min();
        let last = behind.and_then(|day| zones().filter_map(|zone| zone.start_of(day)).max());
        // At 24:00 the day that ends has the last instant.
        let first = first.map_or(from, |first| from.max(first.plus_millis(1)));
        (first, last.map_or(before, |last| before.min(last.plus_millis(1))).max(first))
    }
}

/// A tenant's facts, obligations, people, customers and rules: those of the present, or those of a closing. Of a closing,
/// obligations are known that fell due on the days that were closed, and facts of all days.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    view: View<'a>,
    then: Option<&'a Then>,
}

impl<'a> From<View<'a>> for Known<'a> {
    fn from(view: View<'a>) -> Self {
        Self { view, then: None }
    }
}

impl<'a> Known<'a> {
    /// What was known at a closing, or is known now.
    pub fn at(view: View<'a>, then: Option<&'a Then>) -> Self {
        Self { view, then }
    }

    /// The present.
    pub fn view(&self) -> View<'a> {
        self.view
    }

    /// The packs and calendars.
    pub fn rulebook(&self) -> Result<Arc<Rulebook>, StoreError> {
        match self.then {
            None => self.view.rulebook(),
            Some(then) => rulebook::shared(then.closing.rules, || {
                Ok(((self.all_then(room::PACK)?, self.all_then(room::CALENDAR)?), true))
            }),
        }
    }

    /// The people, customers and festivals as rules see them.
    pub fn company(&self) -> Result<Arc<Company>, StoreError> {
        match self.then {
            Some(then) if then.closing.directory != self.view.directory_version()? => {
                let (users, customers) = (self.all_then(room::USER)?, self.all_then(room::CUSTOMER)?);
                Ok(Arc::new(Company::of(&users, &customers, self.rulebook()?.calendar())))
            }
            _ => self.view.company(),
        }
    }

    /// A fact with the document that tells it.
    pub fn fact(&self, id: Hash) -> Result<Option<StoredFact>, StoreError> {
        match self.then {
            None => self.view.stored_fact(id),
            Some(then) => self.view.value_then(&self.view.keys().fact(id), then.number()),
        }
    }

    /// Facts of a kind from one instant until before another, by time.
    pub fn facts_between(
        &self,
        of: Of,
        kind: FactKind,
        from: Timestamp,
        before: Timestamp,
    ) -> Result<Vec<Hash>, StoreError> {
        let (keys, before) = (self.view.keys(), before.max(from));
        let Some(then) = self.then else { return self.view.facts_between(of, kind, from, before) };
        let (from, until) = (keys.facts_from(of, kind, from), keys.facts_from(of, kind, before));
        let mut found: Vec<(Vec<u8>, Hash)> = self.view.kept(&from, &until, then.number())?;
        for (place, id) in self.view.range::<Hash>(&from, &until)? {
            if self.view.fact_version(id)?.is_some_and(|fact| fact.was_there(then.number())) {
                found.push((place, id));
            }
        }
        found.sort_unstable();
        Ok(found.into_iter().map(|(_, id)| id).collect())
    }

    /// An obligation.
    pub fn obligation(&self, id: Hash) -> Result<Option<StoredObligation>, StoreError> {
        let Some(then) = self.then else { return self.view.obligation(id) };
        let stored = self.view.value_then(&self.view.keys().obligation(id), then.number())?;
        Ok(stored.filter(|stored| then.holds(stored)))
    }

    /// The obligations of a list that are due from one instant until before another, behind `after` and at most
    /// `limit`, each with its place.
    pub fn obligations(
        &self,
        of: Listed<'_>,
        due: (Timestamp, Timestamp),
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, StoredObligation)>, StoreError> {
        let Some(then) = self.then else { return self.view.obligations(of, due, after, limit) };
        let due = then.narrowed(due);
        let mut found = self.unchanged(then, of, due, after, limit)?;
        found.extend(self.changed(then, of, due, after, limit)?);
        found.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        found.truncate(limit);
        Ok(found)
    }

    /// Of the obligations of a list, those that were the same at a closing.
    fn unchanged(
        &self,
        then: &Then,
        of: Listed<'_>,
        due: (Timestamp, Timestamp),
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, StoredObligation)>, StoreError> {
        let (mut found, mut after) = (Vec::new(), after.map(<[u8]>::to_vec));
        while found.len() < limit {
            let page = self.view.obligation_versions(of, due, after.as_deref(), limit)?;
            let is_last = page.len() < limit;
            after = page.last().map(|(place, _)| place.clone());
            let there = page.into_iter().filter(|(_, version)| version.was_there(then.number()));
            found.extend(
                there.map(|(place, version)| (place, version.value)).filter(|(_, stored)| then.holds(stored)),
            );
            if is_last {
                break;
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    /// Of the obligations of a list at a closing, those that changed or went since.
    fn changed(
        &self,
        then: &Then,
        of: Listed<'_>,
        (from, before): (Timestamp, Timestamp),
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, StoredObligation)>, StoreError> {
        let keys = self.view.keys();
        let first = keys.obligations_from(of, from);
        let until = keys.kept_from(&keys.obligations_from(of, before));
        let mut next = match after {
            Some(place) if place > first.as_slice() => after_prefix(&keys.kept_from(place)),
            _ => keys.kept_from(&first),
        };
        let mut found = Vec::new();
        while found.len() < limit {
            let page: Vec<(Vec<u8>, Version<Hash>)> =
                self.view.page(Bound::Included(&next), &until, limit)?;
            for (key, version) in &page {
                let Some((place, last)) = keys.of_kept(key) else { continue };
                if then.number() > last || !version.was_there(then.number()) {
                    continue;
                }
                let kept = self.view.value_then(&keys.obligation(version.value), then.number())?;
                found.extend(kept.filter(|stored| then.holds(stored)).map(|stored| (place, stored)));
            }
            match page.last() {
                Some((key, _)) if page.len() == limit => next = after_prefix(key),
                _ => break,
            }
        }
        found.truncate(limit);
        Ok(found)
    }

    fn all_then<T>(&self, room: u8) -> Result<Vec<T>, StoreError>
    where
        T: for<'b> minicbor::Decode<'b, ()> + minicbor::Encode<()>,
    {
        let prefix = self.view.keys().room(room);
        let until = after_prefix(&prefix);
        match self.then {
            None => self.view.versions(&prefix, &until),
            Some(then) => Ok(self.view.values_then(&prefix, &until, then.number())?.into_values().collect()),
        }
    }
}
