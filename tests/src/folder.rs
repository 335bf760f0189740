//! Data folders as files: copied, listed and damaged.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, ensure};
use rand::{Rng as _, rngs::StdRng};

/// Copies a folder, with the permissions of its files; sockets are left behind.
pub fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()))?;
        } else if kind.is_file() {
            fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// Lists the files of a folder and all below it, with their sizes, in the order of their paths.
pub fn files(folder: &Path) -> anyhow::Result<Vec<(PathBuf, u64)>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next)? {
            let entry = entry?;
            match entry.metadata()? {
                about if about.is_dir() => folders.push(entry.path()),
                about if about.is_file() => files.push((entry.path(), about.len())),
                _ => {}
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Reads all files of a folder and all below it.
pub fn contents(folder: &Path) -> anyhow::Result<BTreeMap<PathBuf, Vec<u8>>> {
    files(folder)?.into_iter().map(|(path, _)| Ok((path.clone(), fs::read(path)?))).collect()
}

/// The largest file of a folder.
pub fn largest_file(folder: &Path) -> anyhow::Result<PathBuf> {
    let files = files(folder)?;
    Ok(files.into_iter().max_by_key(|(_, bytes)| *bytes).context("no file to damage")?.0)
}

/// Flips one bit somewhere in a file.
pub fn flip_a_bit(file: &Path, random: &mut StdRng) -> anyhow::Result<()> {
    let mut bytes = fs::read(file)?;
    ensure!(!bytes.is_empty(), "{} is empty", file.display());
    let at = random.random_range(0..bytes.len());
    bytes[at] ^= 1 << random.random_range(0..8);
    Ok(fs::write(file, bytes)?)
}
