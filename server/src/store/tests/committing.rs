//! Who writes the journal, when, and what happens when writing panics.

use std::{
    future::poll_fn,
    io,
    ops::Bound,
    path::Path,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use sync_core::{hash::Hash, log::JournalRoot};

use super::{in_memory, open_on};
use crate::{
    host::Host,
    journal::Position,
    store::{
        Append, Appended, BoxFuture, Committing, Direction, EmbeddedStore, Failure, Index, IndexEntry,
        IndexOpenError, IndexRead, Indexes, Mark, Store, StoreError, Write, conformance::append_of,
    },
};

fn by_hand() -> EmbeddedStore {
    open_on(&Host { committing: Committing::ByHand, ..in_memory() }).unwrap()
}

/// A store whose committer is driven by whoever appends.
#[derive(Debug)]
pub(crate) struct Driven(EmbeddedStore);

impl Driven {
    pub(crate) fn new() -> Self {
        Self(by_hand())
    }
}

impl IndexRead for Driven {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.get(key)
    }

    fn scan(
        &self,
        from: Bound<&[u8]>,
        until: &[u8],
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<IndexEntry>, StoreError> {
        self.0.scan(from, until, limit, direction)
    }
}

impl Store for Driven {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, StoreError>> {
        Box::pin(async move {
            let mut appending = self.0.append(append);
            poll_fn(|context| {
                let first = appending.as_mut().poll(context);
                if first.is_ready() {
                    return first;
                }
                self.0.commit_waiting();
                appending.as_mut().poll(context)
            })
            .await
        })
    }

    fn root(&self) -> JournalRoot {
        self.0.root()
    }

    fn read_journal(&self, from: Position, limit: usize) -> Result<Vec<(Position, Vec<u8>)>, StoreError> {
        self.0.read_journal(from, limit)
    }
}

#[test]
fn by_hand_nothing_is_written_until_somebody_writes_it() {
    let store = by_hand();
    let mut context = Context::from_waker(Waker::noop());
    let (mut first, mut second) =
        (pin!(store.append(append_of("+a=1"))), pin!(store.append(append_of("+b=1"))));
    assert!(first.as_mut().poll(&mut context).is_pending());
    assert!(second.as_mut().poll(&mut context).is_pending());
    assert_eq!((store.root().size, store.get(b"a").unwrap()), (0, None));
    assert_eq!(store.commit_waiting(), 2, "both with one sync");
    assert_eq!((store.root().size, store.get(b"a").unwrap()), (2, Some(b"1".to_vec())));
    let Poll::Ready(Ok(appended)) = second.as_mut().poll(&mut context) else { panic!("no answer") };
    assert_eq!(appended.position, Position::new(2));
    assert_eq!(store.commit_waiting(), 0);
}

#[test]
fn what_waits_by_hand_when_the_store_is_dropped_is_not_written() {
    let host = Host { committing: Committing::ByHand, ..in_memory() };
    let store = open_on(&host).unwrap();
    let mut waiting = store.append(append_of("+a=1"));
    assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(waiting);
    drop(store);
    assert_eq!(open_on(&host).unwrap().root().size, 0);
}

/// An index that panics while it is written, as a bug would.
#[derive(Debug)]
struct Panicking(Box<dyn Index>);

#[derive(Debug)]
struct PanickingIndexes(Arc<dyn Indexes>);

impl Indexes for PanickingIndexes {
    fn open(&self, data: &Path) -> Result<Box<dyn Index>, IndexOpenError> {
        Ok(Box::new(Panicking(self.0.open(data)?)))
    }

    fn remove(&self, data: &Path) -> io::Result<()> {
        self.0.remove(data)
    }
}

impl Index for Panicking {
    fn mark(&self) -> Result<Option<Mark>, StoreError> {
        self.0.mark()
    }

    fn apply(&self, _: Vec<(Position, Vec<Write>)>, _: Mark) -> Result<(), StoreError> {
        panic!("off by one")
    }

    fn digest(&self) -> Result<Hash, StoreError> {
        self.0.digest()
    }

    fn is_empty(&self) -> Result<bool, StoreError> {
        self.0.is_empty()
    }

    fn flush(&self) -> Result<(), StoreError> {
        self.0.flush()
    }
}

impl IndexRead for Panicking {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.get(key)
    }

    fn scan(
        &self,
        from: Bound<&[u8]>,
        until: &[u8],
        limit: usize,
        direction: Direction,
    ) -> Result<Vec<IndexEntry>, StoreError> {
        self.0.scan(from, until, limit, direction)
    }
}

async fn a_panic_fails(store: &dyn Store, embedded: &EmbeddedStore) {
    let closed = store.append(append_of("+a=1")).await;
    assert!(
        matches!(&closed, Err(StoreError::Closed(reason)) if reason.contains("off by one")),
        "{closed:?}"
    );
    assert_eq!(embedded.failed().await, Failure::Panicked("off by one".to_owned()));
    assert!(matches!(store.append(append_of("+b=1")).await, Err(StoreError::Closed(_))));
}

#[tokio::test]
async fn a_committer_that_panics_fails_the_store_and_the_next_start_heals_it() {
    for committing in [Committing::Thread, Committing::ByHand] {
        let host = Host { committing, ..in_memory() };
        let broken = Host { indexes: Arc::new(PanickingIndexes(Arc::clone(&host.indexes))), ..host.clone() };
        let store = Driven(open_on(&broken).unwrap());
        a_panic_fails(&store, &store.0).await;
        drop(store);
        assert!(!host.disk.exists(&Path::new(super::DATA).join("index.clean")).unwrap());
        let healed = open_on(&host).unwrap();
        assert_eq!((healed.root().size, healed.get(b"a").unwrap()), (1, Some(b"1".to_vec())));
    }
}
