//! The index in memory as a simulation uses it: looked at, put back to an earlier moment, and broken.

use std::sync::Arc;

use super::{in_memory, open_on};
use crate::{
    host::Host,
    store::{IndexRead as _, MemoryIndexes, Store as _, conformance::append_of},
};

#[tokio::test]
async fn an_index_put_back_to_an_earlier_moment_catches_up() {
    let indexes = MemoryIndexes::new();
    let host = Host { indexes: Arc::clone(&indexes) as _, ..in_memory() };
    let store = open_on(&host).unwrap();
    store.append(append_of("+a=1")).await.unwrap();
    let earlier = indexes.snapshot();
    assert_eq!(earlier.mark().unwrap().root, store.root());
    assert_eq!(earlier.digest(), store.index_digest().unwrap());
    store.append(append_of("+a=2\n@b=1")).await.unwrap();
    let latest = indexes.snapshot();
    assert_ne!(earlier.digest(), latest.digest());

    indexes.restore(earlier.clone());
    store.append(append_of("-a")).await.unwrap();
    assert_eq!(indexes.snapshot(), earlier, "the store of before writes into the void");
    drop(store);
    let again = open_on(&host).unwrap();
    assert_eq!((again.root().size, again.get(b"a").unwrap()), (3, None));
    assert_eq!(indexes.snapshot().mark().unwrap().root, again.root());
}

#[tokio::test]
async fn an_index_that_does_not_open_is_made_again() {
    let indexes = MemoryIndexes::new();
    let host = Host { indexes: Arc::clone(&indexes) as _, ..in_memory() };
    let store = open_on(&host).unwrap();
    store.append(append_of("+a=1\n@b=1")).await.unwrap();
    drop(store);
    let before = indexes.snapshot();
    indexes.break_with("a page is missing");
    let store = open_on(&host).unwrap();
    assert_eq!(indexes.snapshot(), before);
    assert_eq!(store.get(b"a").unwrap(), Some(b"1".to_vec()));
}
