//! A small disk in memory, to be filled.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::{Command, Output},
};

use anyhow::{bail, ensure};
use tempfile::TempDir;

use crate::fork;

/// A mounted disk of a fixed size; gone when it is dropped.
pub struct Tmpfs {
    folder: TempDir,
}

impl Tmpfs {
    /// Mounts a disk. None where only others may mount: that is said aloud, and is an error under `CI=true`, where
    /// nothing may be left out.
    pub fn mount(mebibytes: u64) -> anyhow::Result<Option<Self>> {
        let folder = tempfile::tempdir()?;
        let options = format!("size={mebibytes}m,mode=777");
        let said = as_root("mount", &["-t", "tmpfs", "-o", &options, "tmpfs"], folder.path())?;
        if said.status.success() {
            return Ok(Some(Self { folder }));
        }
        let said = String::from_utf8_lossy(&said.stderr).into_owned();
        ensure!(
            std::env::var("CI").as_deref() != Ok("true"),
            "a tmpfs cannot be mounted, so a full disk cannot be tested: {said}"
        );
        println!("NOT TESTED: a full disk. A tmpfs cannot be mounted without root or a free `sudo`: {said}");
        Ok(None)
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    fn filler(&self) -> PathBuf {
        self.path().join("filler")
    }

    /// Fills it until so many KiB are free, rounded to pages.
    pub fn fill(&self, free_kib: u64) -> anyhow::Result<()> {
        let mut file = File::options().append(true).create(true).open(self.filler())?;
        loop {
            match file.write(&[0xAA; 64 * 1024]) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::StorageFull => break,
                Err(error) => bail!(error),
            }
        }
        let length = file.metadata()?.len();
        ensure!(length > free_kib * 1024, "the disk was too full already");
        Ok(file.set_len(length - free_kib * 1024)?)
    }

    /// Frees it again.
    pub fn free(&self) -> anyhow::Result<()> {
        Ok(fs::remove_file(self.filler())?)
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        // Lazily: a server that a failed test left may still have files open.
        if let Err(error) = as_root("umount", &["--lazy"], self.folder.path()) {
            eprintln!("{} stays mounted: {error}", self.folder.path().display());
        }
    }
}

/// Runs a command on a folder, and again with `sudo` if it fails.
fn as_root(command: &str, arguments: &[&str], folder: &Path) -> anyhow::Result<Output> {
    let run = |mut command: Command| fork::output(command.args(arguments).arg(folder));
    let direct = run(Command::new(command))?;
    if direct.status.success() {
        return Ok(direct);
    }
    let mut sudo = Command::new("sudo");
    sudo.args(["-n", command]);
    // Without `sudo` the first answer stands.
    Ok(run(sudo).unwrap_or(direct))
}
