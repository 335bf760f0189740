//! Backup: the journal and the server key, which together are everything that cannot be made again.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use super::{CliError, door::require_data};
use crate::{
    auth::keys::KEY_FILE,
    disk::{Access, Disk as _, SystemDisk},
    journal::{self, Report},
};

/// Copies a data folder, while a server may be writing to it, to a folder that is new or empty.
///
/// The key goes first: a copy that was cut off has no journal yet, and no server can start on it by mistake.
pub(super) fn backup(data_dir: &Path, to: &Path) -> Result<Report, CliError> {
    require_data(data_dir)?;
    SystemDisk.create_folder(to, Access::Owner).map_err(CliError::io("make", to))?;
    let mut entries = fs::read_dir(to).map_err(CliError::io("read", to))?;
    if entries.next().is_some() {
        return Err(CliError::TargetNotEmpty(to.to_path_buf()));
    }
    let (key, copy) = (data_dir.join(KEY_FILE), to.join(KEY_FILE));
    let mut bytes = zeroize::Zeroizing::new(fs::read(&key).map_err(CliError::io("read", &key))?);
    write_private(&copy, &mut bytes).map_err(CliError::io("write", &copy))?;
    Ok(journal::backup(&SystemDisk, data_dir, to)?)
}

fn write_private(path: &Path, bytes: &mut [u8]) -> io::Result<()> {
    let mut file = File::options().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
