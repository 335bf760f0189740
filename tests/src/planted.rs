//! Planted bugs: the list of bugs that the simulation has to find, and a copy of the sources with all of them in it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;

/// What switches a bug on, in the texts of the list.
const SWITCH: &str = "planted!()";

/// The module that knows which bug is switched on.
const MODULE: &str = r#"//! Which planted bug is switched on.
use std::sync::OnceLock;
/// Whether the bug of this name is the one that is switched on.
pub fn on(name: &str) -> bool {
    static PLANTED: OnceLock<Option<String>> = OnceLock::new();
    PLANTED.get_or_init(|| std::env::var("PLANTED").ok()).as_deref() == Some(name)
}
"#;

/// A bug that somebody could make.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bug {
    /// Names it.
    pub name: String,
    /// What goes wrong.
    pub sentence: String,
    /// Where it is made.
    pub change: Vec<Change>,
}

/// One place where a bug is made.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The file, from the root of the workspace.
    pub file: String,
    /// What is there; occurs once.
    pub old: String,
    /// What is there while the bug can be switched on.
    pub new: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    bug: Vec<Bug>,
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The list of all planted bugs.
pub fn bugs() -> anyhow::Result<Vec<Bug>> {
    let list: List =
        toml::from_str(include_str!("../planted/bugs.toml")).context("the list does not parse")?;
    Ok(list.bug)
}

/// The text of every file that a bug is in, with all of them in it, each behind its switch.
pub fn planted(root: &Path, bugs: &[Bug]) -> anyhow::Result<BTreeMap<String, String>> {
    let mut places: BTreeMap<&str, Vec<(usize, usize, String)>> = BTreeMap::new();
    for bug in bugs {
        ensure!(!bug.change.is_empty(), "{} changes nothing", bug.name);
        for change in &bug.change {
            let text = fs::read_to_string(root.join(&change.file)).context(change.file.clone())?;
            let mut found = text.match_indices(&change.old);
            let at = match (found.next(), found.next()) {
                (Some((at, _)), None) => at,
                (None, _) => {
                    bail!("{} has to be planted in {} where {:?} is not", bug.name, change.file, change.old)
                }
                _ => bail!("{}: {:?} is in {} more than once", bug.name, change.old, change.file),
            };
            ensure!(change.new.contains(SWITCH), "{} cannot be switched off in {}", bug.name, change.file);
            let home = if change.file.starts_with("sync-core/") { "crate" } else { "sync_core" };
            let switch = format!("{home}::planted::on({:?})", bug.name);
            let new = change.new.replace(SWITCH, &switch);
            places.entry(&change.file).or_default().push((at, at + change.old.len(), new));
        }
    }
    let mut files = BTreeMap::new();
    for (file, mut places) in places {
        let text = fs::read_to_string(root.join(file)).context(file.to_owned())?;
        places.sort();
        let (mut all, mut end) = (String::with_capacity(text.len()), 0);
        for (from, to, new) in places {
            ensure!(from >= end, "two bugs are planted in one place of {file}");
            all.push_str(&text[end..from]);
            all.push_str(&new);
            end = to;
        }
        all.push_str(&text[end..]);
        files.insert(file.to_owned(), all);
    }
    Ok(files)
}

/// Copies all files that the repository knows to a folder, with all bugs planted; what is the same there stays as it
/// is, so that it is not built again.
pub fn copy(root: &Path, to: &Path, bugs: &[Bug]) -> anyhow::Result<()> {
    let listed = Command::new("git").args(["ls-files", "-z", "--cached"]).current_dir(root).output()?;
    ensure!(listed.status.success(), "the files of the repository cannot be listed");
    let mut planted = planted(root, bugs)?;
    planted.insert("sync-core/src/planted.rs".to_owned(), MODULE.to_owned());
    let library = fs::read_to_string(root.join("sync-core/src/lib.rs"))?;
    planted.insert("sync-core/src/lib.rs".to_owned(), format!("{library}\npub mod planted;\n"));
    for name in listed.stdout.split(|byte| *byte == 0) {
        let name = std::str::from_utf8(name)?;
        if !name.is_empty() && !planted.contains_key(name) && root.join(name).is_file() {
            put(&to.join(name), &fs::read(root.join(name))?)?;
        }
    }
    for (name, text) in planted {
        put(&to.join(name), text.as_bytes())?;
    }
    Ok(())
}

fn put(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(path, bytes)?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_planted_bug_still_fits_the_product() {
        let bugs = bugs().unwrap();
        assert!(bugs.len() >= 34, "{} bugs", bugs.len());
        assert_eq!(bugs.iter().map(|bug| &bug.name).collect::<BTreeSet<_>>().len(), bugs.len());
        for text in planted(&root(), &bugs).unwrap().values() {
            assert!(!text.contains(SWITCH));
        }
    }
}
