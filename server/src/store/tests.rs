//! The store keeps its contract on every host, and survives what happens to its files and its index.

mod committing;
mod memory_index;

use std::{fs, path::Path, sync::Arc};

use super::conformance::{LineProjector, append_of, conformance};
use super::*;
use crate::{clock::SystemClock, disk::SystemDisk, host::Host, journal};

conformance!(on_the_systems_disk_with_sled, crate::store::tests::on_system(crate::store::tests::system()));
conformance!(on_the_systems_disk_with_an_index_in_memory, {
    crate::store::tests::on_system(crate::store::tests::system_with(crate::store::MemoryIndexes::new()))
});
conformance!(in_memory, (crate::store::tests::open_on(&crate::store::tests::in_memory()).unwrap(), ()));
conformance!(in_memory_and_by_hand, (crate::store::tests::committing::Driven::new(), ()));

/// Where stores in memory are kept.
const DATA: &str = "/data";

fn system_with(indexes: Arc<dyn Indexes>) -> Host {
    Host { indexes, ..Host::system(Arc::new(SystemClock::new())) }
}

/// A host whose index takes little memory.
fn system() -> Host {
    system_with(Arc::new(SledIndexes { cache_bytes: 4 * 1024 * 1024 }))
}

fn in_memory() -> Host {
    Host::in_memory(Arc::new(SystemClock::new()))
}

/// Opens a new folder, which is there for as long as its guard.
fn on_system(host: Host) -> (EmbeddedStore, tempfile::TempDir) {
    let data = tempfile::tempdir().unwrap();
    let options = StoreOptions { reserve_bytes: 0, ..StoreOptions::default() };
    (EmbeddedStore::open(&host, data.path(), Arc::new(LineProjector), options).unwrap(), data)
}

/// Opens the one store of a host in memory.
fn open_on(host: &Host) -> Result<EmbeddedStore, OpenError> {
    EmbeddedStore::open(host, Path::new(DATA), Arc::new(LineProjector), StoreOptions::default())
}

fn open(data: &Path) -> Result<EmbeddedStore, OpenError> {
    open_with(data, 0)
}

fn open_with(data: &Path, reserve_bytes: u64) -> Result<EmbeddedStore, OpenError> {
    let options = StoreOptions { reserve_bytes, ..StoreOptions::default() };
    EmbeddedStore::open(&system(), data, Arc::new(LineProjector), options)
}

/// Fills a new store and gives the digest of its index.
async fn filled(data: &Path) -> sync_core::hash::Hash {
    let store = open(data).unwrap();
    for number in 0..300 {
        let text = format!("+key{}={number}\n@at={}\n-key{}", number % 40, "v".repeat(number), number % 7);
        store.append(append_of(&text)).await.unwrap();
    }
    store.index_digest().unwrap()
}

fn index_files(data: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(data.join("index")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

#[tokio::test]
async fn reopening_keeps_journal_and_index() {
    let data = tempfile::tempdir().unwrap();
    let digest = filled(data.path()).await;
    let store = open(data.path()).unwrap();
    assert_eq!(store.index_digest().unwrap(), digest);
    assert_eq!(store.root().size, 300);
    let appended = store.append(append_of("+more=1")).await.unwrap();
    assert_eq!(appended.position, Position::new(301));
}

#[tokio::test]
async fn a_deleted_or_dropped_index_is_made_again_as_it_was() {
    let data = tempfile::tempdir().unwrap();
    let digest = filled(data.path()).await;
    fs::remove_dir_all(data.path().join("index")).unwrap();
    assert_eq!(open(data.path()).unwrap().index_digest().unwrap(), digest);
    let rebuilt =
        EmbeddedStore::rebuild(&system(), data.path(), Arc::new(LineProjector), StoreOptions::default())
            .unwrap();
    assert_eq!(rebuilt.index_digest().unwrap(), digest);
}

#[tokio::test]
async fn a_damaged_index_is_healed_after_an_unclean_end() {
    let data = tempfile::tempdir().unwrap();
    let digest = filled(data.path()).await;
    let files = index_files(data.path());
    let whole: Vec<_> = files.iter().map(|path| fs::read(path).unwrap()).collect();
    for (path, bytes) in files.iter().zip(&whole) {
        let written = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(0) + 1;
        for offset in (0..written).step_by(written / 8 + 1) {
            fs::remove_dir_all(data.path().join("index")).unwrap();
            fs::create_dir(data.path().join("index")).unwrap();
            for (path, bytes) in files.iter().zip(&whole) {
                fs::write(path, bytes).unwrap();
            }
            let mut damaged = bytes.clone();
            damaged[offset] ^= 0x55;
            fs::write(path, damaged).unwrap();
            fs::remove_file(data.path().join("index.clean")).unwrap();
            let healed = open(data.path()).unwrap();
            assert_eq!(healed.index_digest().unwrap(), digest, "{} at {offset}", path.display());
        }
    }
}

#[tokio::test]
async fn an_index_behind_the_journal_catches_up() {
    let data = tempfile::tempdir().unwrap();
    let digest = filled(data.path()).await;
    let mut journal =
        journal::Journal::open(Arc::new(SystemDisk), data.path(), journal::JournalOptions::default())
            .unwrap();
    journal.append(&[b"+behind=1", b"@at=2"]).unwrap();
    drop(journal);
    let store = open(data.path()).unwrap();
    assert_ne!(store.index_digest().unwrap(), digest);
    assert_eq!(store.get(b"behind").unwrap(), Some(b"1".to_vec()));
}

#[tokio::test]
async fn an_index_of_another_journal_or_ahead_of_it_is_made_again() {
    let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    filled(data.path()).await;
    let store = open(other.path()).unwrap();
    store.append(append_of("+only=1")).await.unwrap();
    let digest = store.index_digest().unwrap();
    drop(store);
    fs::remove_dir_all(other.path().join("index")).unwrap();
    fs::rename(data.path().join("index"), other.path().join("index")).unwrap();
    assert_eq!(open(other.path()).unwrap().index_digest().unwrap(), digest);
}

struct NewLayout;

impl Projector for NewLayout {
    fn project(&self, _: &dyn IndexRead, at: Position, _: &[u8]) -> Result<Vec<Write>, ProjectError> {
        Ok(vec![Write::Put { key: at.to_bytes().to_vec(), value: vec![] }])
    }

    fn schema_version(&self) -> u32 {
        2
    }
}

#[tokio::test]
async fn an_index_of_another_layout_is_made_again() {
    let data = tempfile::tempdir().unwrap();
    filled(data.path()).await;
    let store =
        EmbeddedStore::open(&system(), data.path(), Arc::new(NewLayout), StoreOptions::default()).unwrap();
    assert_eq!(store.scan_prefix(&[0], 1000, Direction::Forward).unwrap().len(), 300);
    assert_eq!(store.get(b"key9").unwrap(), None);
}

#[tokio::test]
async fn a_disk_nearly_full_refuses_writes_and_serves_reads() {
    let data = tempfile::tempdir().unwrap();
    let digest = filled(data.path()).await;
    let store = open_with(data.path(), u64::MAX).unwrap();
    assert!(matches!(store.append(append_of("+a=1")).await, Err(StoreError::Full { .. })));
    assert_eq!(store.index_digest().unwrap(), digest);
    assert_eq!(store.get(b"key9").unwrap(), Some(b"289".to_vec()));
    assert_eq!(store.root().size, 300);
    drop(store);
    let store = open(data.path()).unwrap();
    assert_eq!(store.append(append_of("+a=1")).await.unwrap().position, Position::new(301));
}

#[tokio::test]
async fn a_data_folder_serves_one_store_at_a_time() {
    let data = tempfile::tempdir().unwrap();
    let store = open(data.path()).unwrap();
    assert!(matches!(open(data.path()), Err(OpenError::Locked(_))));
    drop(store);
    open(data.path()).unwrap();
}

#[tokio::test]
async fn a_failed_write_closes_the_store_and_says_so() {
    let data = tempfile::tempdir().unwrap();
    // The second segment cannot be created where a folder lies in its place.
    let journal = journal::JournalOptions { segment_bytes: 60 };
    let options = StoreOptions { reserve_bytes: 0, journal };
    let store = EmbeddedStore::open(&system(), data.path(), Arc::new(LineProjector), options).unwrap();
    store.append(append_of("+a=1")).await.unwrap();
    fs::create_dir(data.path().join("journal/00000000000000000002.seg")).unwrap();
    assert!(matches!(store.append(append_of("+b=1")).await, Err(StoreError::Closed(_))));
    assert!(
        matches!(store.append(append_of("+b=1")).await, Err(StoreError::Closed(_))),
        "nothing is tried again"
    );
    assert!(matches!(store.failed().await, Failure::Journal(_)));
    assert_eq!((store.get(b"a").unwrap(), store.get(b"b").unwrap()), (Some(b"1".to_vec()), None));
}

#[tokio::test]
async fn a_backup_opens_as_a_store_with_the_same_index() {
    let (data, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let digest = filled(data.path()).await;
    let _running = open(data.path()).unwrap();
    let report = journal::backup(&SystemDisk, data.path(), to.path()).unwrap();
    let copy = open(to.path()).unwrap();
    assert_eq!((copy.root(), copy.index_digest().unwrap()), (report.root, digest));
}
