//! The contract of the store as functions that every implementation runs.

use std::{ops::Bound, sync::Arc};

use super::*;
use crate::journal::{MAX_RECORD_BYTES, root_after};

/// A record that says itself what it writes: lines of `+key=value`, `-key` or `@prefix=value`.
pub(crate) fn append_of(text: &str) -> Append {
    Append { record: text.as_bytes().to_vec(), writes: writes_of(text.as_bytes()).unwrap() }
}

fn writes_of(record: &[u8]) -> Result<Vec<Write>, ProjectError> {
    let text = str::from_utf8(record).map_err(|error| ProjectError::Record(error.to_string()))?;
    let write = |line: &str| {
        let (key, value) = line[1..].split_once('=').unwrap_or((&line[1..], ""));
        let (key, value) = (key.as_bytes().to_vec(), value.as_bytes().to_vec());
        match &line[..1] {
            "+" => Write::Put { key, value },
            "-" => Write::Delete { key },
            _ => Write::PutAt { prefix: key, suffix: b"!".to_vec(), value },
        }
    };
    Ok(text.lines().map(write).collect())
}

/// Reads records made by [`append_of`].
pub(crate) struct LineProjector;

impl Projector for LineProjector {
    fn project(&self, _: &dyn IndexRead, _: Position, record: &[u8]) -> Result<Vec<Write>, ProjectError> {
        writes_of(record)
    }
}

pub(crate) async fn positions_are_contiguous_and_roots_chain(store: Arc<dyn Store>) {
    let mut root = store.root();
    for number in 1..=20 {
        let append = append_of(&format!("+k{number}=v"));
        root = root_after(root, &append.record);
        let appended = store.append(append).await.unwrap();
        assert_eq!((appended.position, appended.root), (Position::new(number), root));
        assert_eq!(store.root(), root);
    }
}

pub(crate) async fn concurrent_appends_get_each_their_position_and_apply_in_that_order(
    store: Arc<dyn Store>,
) {
    let tasks: Vec<_> = (0..200)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let appended = store.append(append_of(&format!("+last={number}\n@all={number}"))).await;
                let position = appended.unwrap().position;
                let own = [b"all".as_slice(), &position.to_bytes(), b"!"].concat();
                assert_eq!(store.get(&own).unwrap(), Some(number.to_string().into_bytes()));
                (position, number.to_string().into_bytes())
            })
        })
        .collect();
    let mut appended = Vec::new();
    for task in tasks {
        appended.push(task.await.unwrap());
    }
    appended.sort();
    assert!(appended.iter().map(|(position, _)| position.get()).eq(1..=200));
    let values = store.scan_prefix(b"all", 1000, Direction::Forward).unwrap();
    assert!(values.iter().map(|(_, value)| value).eq(appended.iter().map(|(_, value)| value)));
    assert_eq!(store.get(b"last").unwrap().as_ref(), appended.last().map(|(_, value)| value));
}

pub(crate) async fn later_writes_win_and_deleted_keys_are_gone(store: Arc<dyn Store>) {
    store.append(append_of("+a=1\n+b=1\n+a=2")).await.unwrap();
    store.append(append_of("-b\n-never")).await.unwrap();
    assert_eq!(store.get(b"a").unwrap(), Some(b"2".to_vec()));
    assert_eq!(store.get(b"b").unwrap(), None);
    store.append(append_of("+b=3\n-a")).await.unwrap();
    assert_eq!((store.get(b"a").unwrap(), store.get(b"b").unwrap()), (None, Some(b"3".to_vec())));
}

pub(crate) async fn scans_keep_to_their_range_order_and_limit(store: Arc<dyn Store>) {
    store.append(append_of("+a=1\n+b=2\n+ba=3\n+c=4\n+d=5")).await.unwrap();
    let keys = |from: Bound<&[u8]>, until: &[u8], limit, direction| -> String {
        let entries = store.scan(from, until, limit, direction).unwrap();
        entries.iter().map(|(key, _)| str::from_utf8(key).unwrap()).collect::<Vec<_>>().join(" ")
    };
    use Bound::{Excluded, Included, Unbounded};
    assert_eq!(keys(Unbounded, b"z", 9, Direction::Forward), "a b ba c d");
    assert_eq!(keys(Included(b"b"), b"d", 9, Direction::Forward), "b ba c");
    assert_eq!(keys(Excluded(b"b"), b"d", 9, Direction::Backward), "c ba");
    assert_eq!(keys(Unbounded, b"d", 2, Direction::Backward), "c ba");
    assert_eq!(keys(Unbounded, b"z", 0, Direction::Forward), "");
    assert_eq!(keys(Excluded(b"b"), b"b", 9, Direction::Forward), "");
    assert_eq!(keys(Included(b"d"), b"a", 9, Direction::Forward), "");
    assert_eq!(keys(Unbounded, b"", 9, Direction::Forward), "");
    assert_eq!(store.scan_prefix(b"b", 9, Direction::Forward).unwrap().len(), 2);
}

pub(crate) async fn the_journal_reads_back_what_was_appended(store: Arc<dyn Store>) {
    for number in 1..=9 {
        store.append(append_of(&format!("+k={number}"))).await.unwrap();
    }
    let records = store.read_journal(Position::new(4), 3).unwrap();
    let expected: Vec<_> = (4..=6).map(|n| (Position::new(n), format!("+k={n}").into_bytes())).collect();
    assert_eq!(records, expected);
    assert!(store.read_journal(Position::new(10), 3).unwrap().is_empty());
}

pub(crate) async fn sizes_beyond_the_limits_are_refused_and_change_nothing(store: Arc<dyn Store>) {
    let too_large = |append| async { matches!(store.append(append).await, Err(StoreError::TooLarge { .. })) };
    assert!(too_large(Append { record: vec![0; MAX_RECORD_BYTES + 1], writes: vec![] }).await);
    let key = Write::Delete { key: vec![0; MAX_KEY_BYTES + 1] };
    assert!(too_large(Append { record: vec![], writes: vec![key] }).await);
    let value = Write::Put { key: vec![1], value: vec![0; MAX_VALUE_BYTES + 1] };
    assert!(too_large(Append { record: vec![], writes: vec![value] }).await);
    assert_eq!(store.root().size, 0);
}

/// Stamps the suite for one implementation; `$fresh` makes an empty store and what keeps its place alive.
macro_rules! conformance {
    ($module:ident, $fresh:expr) => {
        mod $module {
            use crate::store::conformance;

            $crate::store::conformance::conformance!(@ $fresh,
                positions_are_contiguous_and_roots_chain,
                concurrent_appends_get_each_their_position_and_apply_in_that_order,
                later_writes_win_and_deleted_keys_are_gone,
                scans_keep_to_their_range_order_and_limit,
                the_journal_reads_back_what_was_appended,
                sizes_beyond_the_limits_are_refused_and_change_nothing,
            );
        }
    };
    (@ $fresh:expr, $($fact:ident,)*) => {
        $(
            #[tokio::test]
            async fn $fact() {
                let (store, _place) = $fresh;
                conformance::$fact(std::sync::Arc::new(store)).await;
            }
        )*
    };
}
pub(crate) use conformance;
