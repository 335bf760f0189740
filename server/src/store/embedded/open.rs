//! Opening a data folder: the lock, the journal, then an index that agrees with it.

use std::{
    path::Path,
    sync::{Arc, Mutex, RwLock},
};

use tokio::sync::{mpsc, watch};

use super::{EmbeddedStore, Shared, StoreOptions, Writer, healing};
use crate::{
    disk::{Access, Disk, DiskLock},
    host::Host,
    journal::Journal,
    store::{
        Committing, OpenError, Projector,
        committer::{Committer, MAX_WAITING},
    },
};

/// What an index needs to open its files even if nothing is written.
const INDEX_OPEN_BYTES: u64 = 8 * 1024 * 1024;

pub(super) fn open(
    host: &Host,
    data: &Path,
    projector: &dyn Projector,
    options: StoreOptions,
    rebuild: bool,
) -> Result<EmbeddedStore, OpenError> {
    let disk = &*host.disk;
    disk.create_folder(data, Access::Usual).map_err(OpenError::io("create", data))?;
    let lock = lock(disk, data)?;
    let available_bytes = disk.available_bytes(data).map_err(OpenError::io("measure", data))?;
    if available_bytes < INDEX_OPEN_BYTES {
        return Err(OpenError::DiskFull { available_bytes, needed_bytes: INDEX_OPEN_BYTES });
    }
    let journal = Journal::open(Arc::clone(&host.disk), data, options.journal)?;
    if rebuild {
        healing::demand_rebuild(disk, data);
    }
    let root = journal.root();
    let index = healing::open_index(host, data, projector, root)?;
    tracing::info!(records = root.size, root = %root.hash, "the store is open");
    let (requests, waiting) = mpsc::channel(MAX_WAITING);
    let (failure, _) = watch::channel(None);
    let shared = Arc::new(Shared {
        disk: Arc::clone(&host.disk),
        data: data.to_path_buf(),
        lock,
        index,
        root: RwLock::new(root),
        failure,
    });
    let committer = Committer {
        shared: Arc::clone(&shared),
        journal,
        schema_version: projector.schema_version(),
        reserve_bytes: options.reserve_bytes,
        requests: waiting,
    };
    let writer = match host.committing {
        Committing::Thread => {
            let thread = std::thread::Builder::new()
                .name("committer".to_owned())
                .spawn(move || committer.run())
                .map_err(OpenError::io("start the committer of", data))?;
            Writer::Thread(Some(thread))
        }
        Committing::ByHand => Writer::ByHand(Mutex::new(Some(Box::new(committer)))),
    };
    Ok(EmbeddedStore { shared, requests: Some(requests), writer })
}

fn lock(disk: &dyn Disk, data: &Path) -> Result<Box<dyn DiskLock>, OpenError> {
    let path = data.join("lock");
    let held = disk.lock(&path).map_err(OpenError::io("lock", path))?;
    held.ok_or_else(|| OpenError::Locked(data.to_path_buf()))
}
