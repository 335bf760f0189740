//! Opening a data folder: the lock, the journal, then an index that agrees with it.

use std::{
    fs::{self, File, TryLockError},
    path::Path,
    sync::{Arc, RwLock},
};

use tokio::sync::{mpsc, watch};

use super::{EmbeddedStore, Shared, StoreOptions, healing};
use crate::{
    journal::Journal,
    store::{
        OpenError, Projector,
        committer::{Committer, MAX_WAITING},
    },
};

/// What sled needs to open its files even if nothing is written.
const INDEX_OPEN_BYTES: u64 = 8 * 1024 * 1024;

pub(super) fn open(
    data: &Path,
    projector: &dyn Projector,
    options: StoreOptions,
    rebuild: bool,
) -> Result<EmbeddedStore, OpenError> {
    fs::create_dir_all(data).map_err(OpenError::io("create", data))?;
    let lock = lock(data)?;
    let available_bytes = fs4::available_space(data).map_err(OpenError::io("measure", data))?;
    if available_bytes < INDEX_OPEN_BYTES {
        return Err(OpenError::DiskFull { available_bytes, needed_bytes: INDEX_OPEN_BYTES });
    }
    let journal = Journal::open(data, options.journal)?;
    if rebuild {
        healing::demand_rebuild(data);
    }
    let root = journal.root();
    let index = healing::open_index(data, projector, root, options.cache_bytes)?;
    tracing::info!(records = root.size, root = %root.hash, "the store is open");
    let (requests, waiting) = mpsc::channel(MAX_WAITING);
    let (failure, _) = watch::channel(None);
    let shared = Arc::new(Shared { data: data.to_path_buf(), lock, index, root: RwLock::new(root), failure });
    let committer = Committer {
        shared: Arc::clone(&shared),
        journal,
        schema_version: projector.schema_version(),
        reserve_bytes: options.reserve_bytes,
        requests: waiting,
    };
    let committer = std::thread::Builder::new()
        .name("committer".to_owned())
        .spawn(move || committer.run())
        .map_err(OpenError::io("start the committer of", data))?;
    Ok(EmbeddedStore { shared, requests: Some(requests), committer: Some(committer) })
}

fn lock(data: &Path) -> Result<File, OpenError> {
    let path = data.join("lock");
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(OpenError::io("open", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked(data.to_path_buf())),
        Err(TryLockError::Error(error)) => Err(OpenError::io("lock", path)(error)),
    }
}
