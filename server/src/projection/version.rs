//! Versions: since when a value stands, and those before it that stood when days were closed.
//!
//! A version that is replaced or goes is kept if something was closed while it stood, under its key and the number of the
//! last closing that it stood at. So there is at most one copy of a thing for each closing, written when it changes, and
//! none for what never changes. Reading and writing go by the order of the journal; time plays no part.

use std::{collections::BTreeMap, ops::Bound};

use minicbor::{Decode, Encode};

use sync_core::hash::Hash;

use crate::{
    projection::{ClosingNumber, View, Writes, corrupt},
    store::StoreError,
};

/// A value, and behind which closing it was written.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Version<T> {
    /// The value.
    #[n(0)]
    pub value: T,
    /// The last closing before it was written.
    #[n(1)]
    pub behind: ClosingNumber,
}

impl<T> Version<T> {
    /// Whether it was there at a closing before which it did not go.
    pub(super) fn was_there(&self, then: ClosingNumber) -> bool {
        self.behind < then
    }
}

impl Writes {
    /// Keeps a version that goes, and where it was found, unless nothing was closed while it stood.
    pub(super) fn keep<T: Encode<()>>(
        &mut self,
        going: &Version<T>,
        last: ClosingNumber,
        key: &[u8],
        places: impl IntoIterator<Item = (Vec<u8>, Hash)>,
    ) {
        if !going.was_there(last) {
            return;
        }
        let keys = self.keys();
        self.put(keys.kept(key, last), going);
        for (place, id) in places {
            self.put(keys.kept(&place, last), &Version { value: id, behind: going.behind });
        }
    }

    /// Puts a value in the place of another, which is kept if something was closed while it stood.
    pub(super) fn put_version<T>(&mut self, view: &View<'_>, key: Vec<u8>, value: T) -> Result<(), StoreError>
    where
        T: for<'b> Decode<'b, ()> + Encode<()> + PartialEq,
    {
        let mut behind = view.last_closing()?;
        if let Some(before) = view.version::<T>(&key)? {
            if before.value == value {
                behind = before.behind;
            } else {
                self.keep(&before, behind, &key, []);
            }
        }
        self.put(key, &Version { value, behind });
        Ok(())
    }

    /// Takes a value out; it is kept if something was closed while it stood.
    pub(super) fn delete_version<T>(&mut self, view: &View<'_>, key: Vec<u8>) -> Result<(), StoreError>
    where
        T: for<'b> Decode<'b, ()> + Encode<()>,
    {
        if let Some(before) = view.version::<T>(&key)? {
            self.keep(&before, view.last_closing()?, &key, []);
        }
        self.delete(key);
        Ok(())
    }
}

impl View<'_> {
    /// What stands at a key.
    pub(super) fn version<T>(&self, key: &[u8]) -> Result<Option<Version<T>>, StoreError>
    where
        T: for<'b> Decode<'b, ()> + Encode<()>,
    {
        self.value(key)
    }

    /// What stood at a key when something was closed: the first version that went after it, or the one that stands.
    pub(super) fn value_then<T>(&self, key: &[u8], then: ClosingNumber) -> Result<Option<T>, StoreError>
    where
        T: for<'b> Decode<'b, ()> + Encode<()>,
    {
        let (from, until) = (self.keys().kept(key, then), self.keys().kept(key, ClosingNumber::END));
        let kept: Vec<(Vec<u8>, Version<T>)> = self.page(Bound::Included(&from), &until, 1)?;
        let version = match kept.into_iter().next() {
            Some((_, kept)) => Some(kept),
            None => self.version(key)?,
        };
        Ok(version.filter(|version| version.was_there(then)).map(|version| version.value))
    }

    /// What stands between two keys, by key.
    pub(super) fn versions<T>(&self, from: &[u8], until: &[u8]) -> Result<Vec<T>, StoreError>
    where
        T: for<'b> Decode<'b, ()> + Encode<()>,
    {
        let found: Vec<(Vec<u8>, Version<T>)> = self.range(from, until)?;
        Ok(found.into_iter().map(|(_, version)| version.value).collect())
    }

    /// What stood between two keys when something was closed, by key.
    pub(super) fn values_then<T>(
        &self,
        from: &[u8],
        until: &[u8],
        then: ClosingNumber,
    ) -> Result<BTreeMap<Vec<u8>, T>, StoreError>
    where
        T: for<'b> Decode<'b, ()> + Encode<()>,
    {
        let standing: Vec<(Vec<u8>, Version<T>)> = self.range(from, until)?;
        let there = standing.into_iter().filter(|(_, version)| version.was_there(then));
        let mut all: BTreeMap<Vec<u8>, T> = there.map(|(key, version)| (key, version.value)).collect();
        for (key, version) in self.kept(from, until, then)? {
            all.insert(key, version);
        }
        Ok(all)
    }

    /// What stood between two keys when something was closed and went since, by key.
    pub(super) fn kept<T>(
        &self,
        from: &[u8],
        until: &[u8],
        then: ClosingNumber,
    ) -> Result<Vec<(Vec<u8>, T)>, StoreError>
    where
        T: for<'b> Decode<'b, ()> + Encode<()>,
    {
        let keys = self.keys();
        let found: Vec<(Vec<u8>, Version<T>)> = self.range(&keys.kept_from(from), &keys.kept_from(until))?;
        let mut kept = Vec::new();
        for (key, version) in found {
            let (key, last) = keys.of_kept(&key).ok_or_else(|| corrupt("a kept version has no end"))?;
            if then <= last && version.was_there(then) {
                kept.push((key, version.value));
            }
        }
        Ok(kept)
    }
}
