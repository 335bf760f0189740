//! Making the index agree with the journal: catch up, or drop it and make it again.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use sync_core::log::JournalRoot;

use super::Shared;
use crate::{
    journal::{Position, empty_root, sync_folder, visit},
    store::{
        OpenError, ProjectError, Projector, StoreError,
        sled_index::{Mark, SledIndex, SledOpenError},
    },
};

fn folder(data: &Path) -> PathBuf {
    data.join("index")
}

/// Lies in the data folder while a cleanly closed index waits to be opened.
fn clean_marker(data: &Path) -> PathBuf {
    data.join("index.clean")
}

/// Lies in the data folder when the index has to be made again.
fn rebuild_marker(data: &Path) -> PathBuf {
    data.join("index.rebuild")
}

/// Asks the next start to make the index again.
pub(super) fn demand_rebuild(data: &Path) {
    let marker = rebuild_marker(data);
    let made = File::create(&marker).and_then(|file| file.sync_all()).and_then(|()| sync_folder(data));
    if let Err(error) = made {
        tracing::error!(%error, path = %marker.display(), "could not ask for a new index; remove the folder `index` before the next start");
    }
}

/// Writes the index out and notes that the next start may trust it.
pub(super) fn mark_clean(shared: &Shared) {
    let close = || -> io::Result<()> {
        shared.index.flush().map_err(io::Error::other)?;
        // sled's flush does not reach the disk for sure; the marker must not outlive what it vouches for.
        sync_files(&folder(&shared.data))?;
        File::create(clean_marker(&shared.data))?.sync_all()?;
        sync_folder(&shared.data)
    };
    if let Err(error) = close() {
        tracing::warn!(%error, "the index was not closed cleanly; the next start checks all of it");
    }
}

fn sync_files(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sync_files(&path)?;
        } else {
            File::open(&path)?.sync_all()?;
        }
    }
    sync_folder(folder)
}

/// Opens the index as it is at the root of the journal, whatever state it is found in.
pub(super) fn open_index(
    data: &Path,
    projector: &dyn Projector,
    root: JournalRoot,
    cache_bytes: u64,
) -> Result<SledIndex, OpenError> {
    let clean = take(&clean_marker(data))?;
    let demanded = rebuild_marker(data).exists();
    if demanded {
        tracing::info!("a new index was asked for");
    } else {
        match open_usable(data, projector, root, cache_bytes, clean)? {
            Usable::Yes(index, applied) => match replay(data, projector, &index, applied, root) {
                Err(OpenError::Index(error)) => {
                    tracing::warn!(%error, "the index broke while it caught up");
                }
                Ok(()) => return Ok(index),
                Err(error) => return Err(error),
            },
            Usable::No(reason) => tracing::warn!(reason, "the index cannot be used"),
        }
    }
    remove_folder(&folder(data))?;
    take(&rebuild_marker(data))?;
    tracing::info!(records = root.size, "making the index again from the journal");
    let index =
        open_sled(data, cache_bytes)?.map_err(|reason| OpenError::Index(StoreError::Corrupt(reason)))?;
    replay(data, projector, &index, empty_root(), root)?;
    Ok(index)
}

enum Usable {
    /// The index, and the root up to which the journal is applied.
    Yes(SledIndex, JournalRoot),
    /// Why not.
    No(String),
}

fn open_usable(
    data: &Path,
    projector: &dyn Projector,
    root: JournalRoot,
    cache_bytes: u64,
    clean: bool,
) -> Result<Usable, OpenError> {
    let index = match open_sled(data, cache_bytes)? {
        Ok(index) => index,
        Err(reason) => return Ok(Usable::No(reason)),
    };
    let mark = match index.mark() {
        Ok(mark) => mark,
        Err(error) => return Ok(Usable::No(error.to_string())),
    };
    if !clean && let Err(error) = index.digest() {
        return Ok(Usable::No(error.to_string()));
    }
    let Some(mark) = mark else {
        // Without a mark there must be nothing at all, or a part of the index is lost.
        let empty = index.is_empty().unwrap_or(false);
        return Ok(if empty {
            Usable::Yes(index, empty_root())
        } else {
            Usable::No("its mark is lost".to_owned())
        });
    };
    if mark.schema_version != projector.schema_version() {
        return Ok(Usable::No(format!("its layout is {}", mark.schema_version)));
    }
    if root_at(data, mark.root.size, root)? != Some(mark.root) {
        return Ok(Usable::No(format!("it was made from another journal, at record {}", mark.root.size)));
    }
    Ok(Usable::Yes(index, mark.root))
}

/// The inner error is the reason why the index has to be made again.
fn open_sled(data: &Path, cache_bytes: u64) -> Result<Result<SledIndex, String>, OpenError> {
    match SledIndex::open(&folder(data), cache_bytes) {
        Ok(index) => Ok(Ok(index)),
        Err(SledOpenError::Unusable(reason)) => Ok(Err(reason)),
        Err(SledOpenError::DiskFull) => {
            let available_bytes = fs4::available_space(data).unwrap_or_default();
            Err(OpenError::DiskFull { available_bytes, needed_bytes: available_bytes.saturating_add(1) })
        }
    }
}

fn root_at(data: &Path, size: u64, end: JournalRoot) -> Result<Option<JournalRoot>, OpenError> {
    if size == end.size {
        return Ok(Some(end));
    }
    let mut found = (size == 0).then(empty_root);
    visit(data, Position::new(size.max(1)), end, |position, _, root| {
        if position.get() == size {
            found = Some(root);
        }
        Ok::<_, OpenError>(false)
    })?;
    Ok(found)
}

/// Applies the records behind `applied`, one by one, because each is read from the index that the one before left.
fn replay(
    data: &Path,
    projector: &dyn Projector,
    index: &SledIndex,
    applied: JournalRoot,
    until: JournalRoot,
) -> Result<(), OpenError> {
    let schema_version = projector.schema_version();
    visit(data, Position::new(applied.size).next(), until, |position, record, root| {
        let writes = projector.project(index, position, &record).map_err(|error| match error {
            ProjectError::Index(error) => OpenError::Index(error),
            source @ ProjectError::Record(_) => OpenError::Project { position, source },
        })?;
        index.apply([(position, writes)], Mark { schema_version, root }).map_err(OpenError::Index)?;
        Ok(true)
    })
}

/// Removes a marker durably and tells whether it was there.
fn take(marker: &Path) -> Result<bool, OpenError> {
    match fs::remove_file(marker) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        other => other.map_err(OpenError::io("remove", marker))?,
    }
    if let Some(folder) = marker.parent() {
        sync_folder(folder).map_err(OpenError::io("sync", folder))?;
    }
    Ok(true)
}

fn remove_folder(folder: &Path) -> Result<(), OpenError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(OpenError::io("remove", folder)(error)),
        _ => Ok(()),
    }
}
