//! The shadow: a library loaded into a program, which notes what the program does to its files and lets calls fail.

mod disk;
mod notes;

use std::{
    ffi::OsString,
    fmt, fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;

use crate::fork;

pub use disk::Disk;
pub use notes::{Note, read_notes};

const SOURCE: &str = include_str!("../crash/shadow.c");

/// The compiled library.
pub struct Shadow {
    folder: TempDir,
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// With EIO, once.
    Once,
    /// With EIO, and so does every call after it.
    Broken,
    /// With ENOSPC, and so does every call after it that writes.
    Full,
    /// A transfer moves half of its bytes; any other call fails with EIO.
    Short,
    /// With EINTR, once.
    Interrupted,
}

/// What a shadow is told for one run of a program.
#[derive(Debug, Clone)]
pub struct Watch {
    library: PathBuf,
    root: PathBuf,
    log: PathBuf,
    fail: Option<(u32, How)>,
}

impl How {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Once, Self::Broken, Self::Full, Self::Short, Self::Interrupted];

    fn word(self) -> &'static str {
        match self {
            Self::Once => "eio",
            Self::Broken => "broken",
            Self::Full => "full",
            Self::Short => "short",
            Self::Interrupted => "eintr",
        }
    }
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Shadow {
    /// Compiles the library with the system's C compiler, without which nothing is shown.
    pub fn build() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut compiler = Command::new("cc");
        compiler
            .args(["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-x", "c", "-"])
            .arg("-o")
            .arg(folder.path().join("shadow.so"))
            .args(["-ldl", "-lpthread"])
            .stdin(Stdio::piped());
        let mut compiler = fork::spawn(&mut compiler)
            .context("the C compiler `cc` is missing: power cuts and failing calls cannot be tested")?;
        compiler.stdin.take().context("no input")?.write_all(SOURCE.as_bytes())?;
        ensure!(compiler.wait()?.success(), "the shadow does not compile");
        Ok(Self { folder })
    }

    /// Watches a folder; the notes go to a file outside of it.
    pub fn watch(&self, root: &Path, log: &Path) -> anyhow::Result<Watch> {
        match fs::remove_file(log) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        let library = self.folder.path().join("shadow.so");
        Ok(Watch { library, root: root.canonicalize()?, log: log.to_owned(), fail: None })
    }
}

impl Watch {
    /// Lets a call fail, counted from 1.
    #[must_use]
    pub fn failing(self, call: u32, how: How) -> Self {
        Self { fail: Some((call, how)), ..self }
    }

    /// What was noted.
    pub fn notes(&self) -> anyhow::Result<Vec<Note>> {
        read_notes(&self.log)
    }

    pub(crate) fn variables(&self) -> Vec<(&'static str, OsString)> {
        let mut variables = vec![
            ("LD_PRELOAD", self.library.clone().into()),
            ("SHADOW_ROOT", self.root.clone().into()),
            ("SHADOW_LOG", self.log.clone().into()),
        ];
        variables.extend(self.fail.map(|(call, how)| ("SHADOW_FAIL", format!("{call}:{how}").into())));
        variables
    }
}
