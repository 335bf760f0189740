//! Making the index agree with the journal: catch up, or drop it and make it again.

use std::{
    io,
    path::{Path, PathBuf},
};

use sync_core::log::JournalRoot;

use super::Shared;
use crate::{
    disk::{Access, Disk, Open},
    host::Host,
    journal::{Position, empty_root, visit},
    store::{Index, IndexOpenError, Mark, OpenError, ProjectError, Projector, StoreError},
};

/// Lies in the data folder while a cleanly closed index waits to be opened.
fn clean_marker(data: &Path) -> PathBuf {
    data.join("index.clean")
}

/// Lies in the data folder when the index has to be made again.
fn rebuild_marker(data: &Path) -> PathBuf {
    data.join("index.rebuild")
}

/// Asks the next start to make the index again.
pub(super) fn demand_rebuild(disk: &dyn Disk, data: &Path) {
    let marker = rebuild_marker(data);
    if let Err(error) = put(disk, data, &marker) {
        tracing::error!(%error, path = %marker.display(), "could not ask for a new index; remove the folder `index` before the next start");
    }
}

/// Writes the index out and notes that the next start may trust it.
pub(super) fn mark_clean(shared: &Shared) {
    let close = || -> io::Result<()> {
        // The marker must not outlive what it vouches for.
        shared.index.flush().map_err(io::Error::other)?;
        put(&*shared.disk, &shared.data, &clean_marker(&shared.data))
    };
    if let Err(error) = close() {
        tracing::warn!(%error, "the index was not closed cleanly; the next start checks all of it");
    }
}

/// Puts a marker into the data folder, durably.
fn put(disk: &dyn Disk, data: &Path, marker: &Path) -> io::Result<()> {
    disk.open(marker, Open::Replace(Access::Usual))?.sync()?;
    disk.sync_folder(data)
}

/// Opens the index as it is at the root of the journal, whatever state it is found in.
pub(super) fn open_index(
    host: &Host,
    data: &Path,
    projector: &dyn Projector,
    root: JournalRoot,
) -> Result<Box<dyn Index>, OpenError> {
    let disk = &*host.disk;
    let clean = take(disk, data, &clean_marker(data))?;
    let marker = rebuild_marker(data);
    let demanded = disk.exists(&marker).map_err(OpenError::io("read", &marker))?;
    if demanded {
        tracing::info!("a new index was asked for");
    } else {
        match open_usable(host, data, projector, root, clean)? {
            Usable::Yes(index, applied) => match replay(disk, data, projector, &*index, applied, root) {
                Err(OpenError::Index(error)) => {
                    tracing::warn!(%error, "the index broke while it caught up");
                }
                Ok(()) => return Ok(index),
                Err(error) => return Err(error),
            },
            Usable::No(reason) => tracing::warn!(reason, "the index cannot be used"),
        }
    }
    host.indexes.remove(data).map_err(OpenError::io("remove the index of", data))?;
    take(disk, data, &marker)?;
    tracing::info!(records = root.size, "making the index again from the journal");
    let index = open_as_found(host, data)?.map_err(|reason| OpenError::Index(StoreError::Corrupt(reason)))?;
    replay(disk, data, projector, &*index, empty_root(), root)?;
    Ok(index)
}

enum Usable {
    /// The index, and the root up to which the journal is applied.
    Yes(Box<dyn Index>, JournalRoot),
    /// Why not.
    No(String),
}

fn open_usable(
    host: &Host,
    data: &Path,
    projector: &dyn Projector,
    root: JournalRoot,
    clean: bool,
) -> Result<Usable, OpenError> {
    let index = match open_as_found(host, data)? {
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
    if root_at(&*host.disk, data, mark.root.size, root)? != Some(mark.root) {
        return Ok(Usable::No(format!("it was made from another journal, at record {}", mark.root.size)));
    }
    Ok(Usable::Yes(index, mark.root))
}

/// The inner error is the reason why the index has to be made again.
fn open_as_found(host: &Host, data: &Path) -> Result<Result<Box<dyn Index>, String>, OpenError> {
    match host.indexes.open(data) {
        Ok(index) => Ok(Ok(index)),
        Err(IndexOpenError::Unusable(reason)) => Ok(Err(reason)),
        Err(IndexOpenError::DiskFull) => {
            let available_bytes = host.disk.available_bytes(data).unwrap_or_default();
            Err(OpenError::DiskFull { available_bytes, needed_bytes: available_bytes.saturating_add(1) })
        }
    }
}

fn root_at(
    disk: &dyn Disk,
    data: &Path,
    size: u64,
    end: JournalRoot,
) -> Result<Option<JournalRoot>, OpenError> {
    if size == end.size {
        return Ok(Some(end));
    }
    let mut found = (size == 0).then(empty_root);
    visit(disk, data, Position::new(size.max(1)), end, |position, _, root| {
        if position.get() == size {
            found = Some(root);
        }
        Ok::<_, OpenError>(false)
    })?;
    Ok(found)
}

/// Applies the records behind `applied`, one by one, because each is read from the index that the one before left.
fn replay(
    disk: &dyn Disk,
    data: &Path,
    projector: &dyn Projector,
    index: &dyn Index,
    applied: JournalRoot,
    until: JournalRoot,
) -> Result<(), OpenError> {
    let schema_version = projector.schema_version();
    visit(disk, data, Position::new(applied.size).next(), until, |position, record, root| {
        let writes = projector.project(index, position, &record).map_err(|error| match error {
            ProjectError::Index(error) => OpenError::Index(error),
            source @ ProjectError::Record(_) => OpenError::Project { position, source },
        })?;
        index.apply(vec![(position, writes)], Mark { schema_version, root }).map_err(OpenError::Index)?;
        Ok(true)
    })
}

/// Removes a marker durably and tells whether it was there.
fn take(disk: &dyn Disk, data: &Path, marker: &Path) -> Result<bool, OpenError> {
    match disk.remove_file(marker) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        other => other.map_err(OpenError::io("remove", marker))?,
    }
    disk.sync_folder(data).map_err(OpenError::io("sync", data))?;
    Ok(true)
}
