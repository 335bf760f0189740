//! A disk that loses power: what was synced is on it, and of the rest whatever chance left.
//!
//! The model is harsher than any file system one would use. A file's bytes are durable once a sync of the file that began
//! after they were written has ended, and a name once its folder was synced likewise. Of everything else each single
//! write, cut and change of a name may survive or not, whatever came before or after it, and the last write of a file
//! that survives is torn into sectors.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
};

use anyhow::{Context as _, bail};
use rand::{Rng as _, rngs::StdRng};

use super::Note;

/// What a disk writes as a whole or not at all.
const SECTOR_BYTES: u64 = 512;

/// The files below one folder, with what is durable of them.
#[derive(Debug)]
pub struct Disk {
    nodes: Vec<Node>,
    inodes: HashMap<u64, usize>,
    syncs: HashMap<u64, Sync>,
}

#[derive(Debug)]
struct Node {
    mode: u32,
    durable: Content,
    /// What was done since and is not durable, in order.
    pending: Vec<Act>,
    /// How many acts became durable before the pending ones.
    retired: usize,
}

/// A sync under way.
#[derive(Debug)]
struct Sync {
    node: usize,
    /// The acts before this one will be durable.
    until: usize,
}

#[derive(Debug)]
enum Content {
    File(Vec<u8>),
    Folder(BTreeMap<String, usize>),
}

#[derive(Debug)]
enum Act {
    Write { offset: u64, bytes: Vec<u8> },
    Cut { length: u64 },
    Link { name: String, node: usize },
    Unlink { name: String },
    Rename { from: String, to: String, node: usize },
}

/// The root is the first node.
const ROOT: usize = 0;

impl Disk {
    /// Takes a folder as it is for durable.
    pub fn read(root: &Path) -> anyhow::Result<Self> {
        let mut disk = Self { nodes: Vec::new(), inodes: HashMap::new(), syncs: HashMap::new() };
        disk.take(root)?;
        Ok(disk)
    }

    fn take(&mut self, path: &Path) -> anyhow::Result<usize> {
        let about = fs::metadata(path)?;
        let node = self.add(about.ino(), about.mode());
        if about.is_dir() {
            let mut names = BTreeMap::new();
            for entry in fs::read_dir(path)? {
                let entry = entry?;
                // Sockets do not outlive their program.
                if entry.file_type()?.is_dir() || entry.file_type()?.is_file() {
                    let name = entry.file_name().into_string().ok().context("a name is not UTF-8")?;
                    names.insert(name, self.take(&entry.path())?);
                }
            }
            self.nodes[node].durable = Content::Folder(names);
        } else {
            self.nodes[node].durable = Content::File(fs::read(path)?);
        }
        Ok(node)
    }

    fn add(&mut self, inode: u64, mode: u32) -> usize {
        const TYPE: u32 = 0o170_000;
        const FOLDER: u32 = 0o040_000;
        let durable =
            if mode & TYPE == FOLDER { Content::Folder(BTreeMap::new()) } else { Content::File(Vec::new()) };
        self.nodes.push(Node { mode: mode & 0o777, durable, pending: Vec::new(), retired: 0 });
        // The system gives the inode of a removed file to a new one.
        self.inodes.insert(inode, self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    /// Does again what was noted.
    pub fn play(&mut self, notes: Vec<Note>) -> anyhow::Result<()> {
        for note in notes {
            match note {
                Note::Created { folder, name, file, mode } => {
                    let node = self.add(file, mode);
                    self.act(folder, Act::Link { name, node })?;
                }
                Note::Wrote { file, offset, bytes } => self.act(file, Act::Write { offset, bytes })?,
                Note::Cut { file, length } => self.act(file, Act::Cut { length })?,
                Note::Renamed { folder, from, to } => {
                    let node = self.named(folder, &from)?;
                    self.act(folder, Act::Rename { from, to, node })?;
                }
                Note::Removed { folder, name } => self.act(folder, Act::Unlink { name })?,
                Note::SyncBegun { file, ticket } => {
                    let node = self.node(file)?;
                    let until = self.nodes[node].retired + self.nodes[node].pending.len();
                    self.syncs.insert(ticket, Sync { node, until });
                }
                Note::Synced { ticket, .. } => {
                    let Sync { node, until } = self.syncs.remove(&ticket).context("a sync did not begin")?;
                    let node = &mut self.nodes[node];
                    let durable = until.saturating_sub(node.retired);
                    for act in node.pending.drain(..durable) {
                        node.durable.apply(act)?;
                    }
                    node.retired += durable;
                }
                Note::Failed { .. } | Note::Counted { .. } => {}
            }
        }
        Ok(())
    }

    fn node(&self, inode: u64) -> anyhow::Result<usize> {
        self.inodes.get(&inode).copied().context("a note about a file that was never seen")
    }

    fn act(&mut self, inode: u64, act: Act) -> anyhow::Result<()> {
        let node = self.node(inode)?;
        self.nodes[node].pending.push(act);
        Ok(())
    }

    /// What a name in a folder stands for, durable or not.
    fn named(&self, folder: u64, name: &str) -> anyhow::Result<usize> {
        let folder = &self.nodes[self.node(folder)?];
        let Content::Folder(durable) = &folder.durable else { bail!("a name in what is no folder") };
        let mut found = durable.get(name).copied();
        for act in &folder.pending {
            match act {
                Act::Link { name: linked, node } if linked == name => found = Some(*node),
                Act::Rename { to, node, .. } if to == name => found = Some(*node),
                Act::Unlink { name: gone } | Act::Rename { from: gone, .. } if gone == name => found = None,
                _ => {}
            }
        }
        found.with_context(|| format!("nothing is called {name}"))
    }

    /// Cuts the power: chance says what survives of everything that is not durable.
    pub fn cut_power(&mut self, random: &mut StdRng) -> anyhow::Result<()> {
        // Nothing and everything are the two cases that chance alone would hardly ever give.
        let survives = [0.0, 0.5, 0.9, 1.0][random.random_range(0..4)];
        for node in &mut self.nodes {
            let mut acts: Vec<_> = node.pending.drain(..).filter(|_| random.random_bool(survives)).collect();
            let torn = match acts.last() {
                Some(Act::Write { .. }) => acts.pop(),
                _ => None,
            };
            for act in acts {
                node.durable.apply(act)?;
            }
            if let Some(Act::Write { offset, bytes }) = torn {
                for (offset, bytes) in sectors(offset, &bytes) {
                    if random.random_bool(0.5) {
                        node.durable.apply(Act::Write { offset, bytes: bytes.to_vec() })?;
                    }
                }
            }
        }
        self.syncs.clear();
        Ok(())
    }

    /// Writes what is durable into a folder that is empty or not there yet.
    pub fn write(&self, root: &Path) -> anyhow::Result<()> {
        self.give(ROOT, root)
    }

    fn give(&self, node: usize, path: &Path) -> anyhow::Result<()> {
        let Node { mode, durable, .. } = &self.nodes[node];
        match durable {
            Content::File(bytes) => fs::write(path, bytes)?,
            Content::Folder(names) => {
                fs::create_dir_all(path)?;
                for (name, node) in names {
                    self.give(*node, &path.join(name))?;
                }
            }
        }
        Ok(fs::set_permissions(path, fs::Permissions::from_mode(*mode))?)
    }
}

impl Content {
    fn apply(&mut self, act: Act) -> anyhow::Result<()> {
        match (self, act) {
            (Self::File(content), Act::Write { offset, bytes }) => {
                let (from, to) = (offset as usize, offset as usize + bytes.len());
                // What was not written before reads as zeros.
                content.resize(content.len().max(to), 0);
                content[from..to].copy_from_slice(&bytes);
            }
            (Self::File(content), Act::Cut { length }) => content.resize(length as usize, 0),
            (Self::Folder(names), Act::Link { name, node }) => {
                names.insert(name, node);
            }
            (Self::Folder(names), Act::Unlink { name }) => {
                names.remove(&name);
            }
            (Self::Folder(names), Act::Rename { from, to, node }) => {
                names.remove(&from);
                names.insert(to, node);
            }
            (content, act) => bail!("{act:?} was done to {content:?}"),
        }
        Ok(())
    }
}

/// Splits a write where sectors end.
fn sectors(mut offset: u64, mut bytes: &[u8]) -> Vec<(u64, &[u8])> {
    let mut pieces = Vec::new();
    while !bytes.is_empty() {
        let room = SECTOR_BYTES - offset % SECTOR_BYTES;
        let (piece, rest) = bytes.split_at(bytes.len().min(room as usize));
        pieces.push((offset, piece));
        offset += piece.len() as u64;
        bytes = rest;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;

    /// A folder with one file of old bytes, and the notes of a run on it.
    fn left(notes: impl Fn(u64, u64) -> Vec<Note>, seed: u64) -> BTreeMap<String, Vec<u8>> {
        let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let old = folder.path().join("old");
        fs::write(&old, [1; 2048]).unwrap();
        let inode = |path| fs::metadata(path).unwrap().ino();
        let mut disk = Disk::read(folder.path()).unwrap();
        disk.play(notes(inode(folder.path()), inode(&old))).unwrap();
        disk.cut_power(&mut StdRng::seed_from_u64(seed)).unwrap();
        disk.write(to.path()).unwrap();
        let entries = fs::read_dir(to.path()).unwrap().map(Result::unwrap);
        entries.map(|e| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap())).collect()
    }

    fn new_file(folder: u64) -> Note {
        Note::Created { folder, name: "new".to_owned(), file: 7, mode: 0o100_644 }
    }

    fn synced(file: u64, ticket: u64) -> [Note; 2] {
        [Note::SyncBegun { file, ticket }, Note::Synced { file, ticket }]
    }

    #[test]
    fn what_was_synced_survives_every_cut() {
        for seed in 0..50 {
            let files = left(
                |folder, _| {
                    let wrote = Note::Wrote { file: 7, offset: 0, bytes: vec![2; 9] };
                    [vec![new_file(folder), wrote], synced(7, 1).into(), synced(folder, 2).into()].concat()
                },
                seed,
            );
            assert_eq!(files["new"], [2; 9]);
            assert_eq!(files["old"], [1; 2048]);
        }
    }

    #[test]
    fn a_file_whose_folder_was_not_synced_may_be_gone() {
        let notes = |folder, _| [vec![new_file(folder)], synced(7, 1).into()].concat();
        let gone = (0..50).filter(|seed| !left(notes, *seed).contains_key("new")).count();
        assert!((1..50).contains(&gone), "gone in {gone} of 50");
    }

    #[test]
    fn an_unsynced_write_survives_torn_into_sectors_or_not_at_all() {
        let notes = |_, old| vec![Note::Wrote { file: old, offset: 100, bytes: vec![2; 1500] }];
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..50 {
            let file = left(notes, seed).remove("old").unwrap();
            for (offset, piece) in sectors(100, &[0; 1500]) {
                let piece = &file[offset as usize..][..piece.len()];
                assert!(piece.iter().all(|byte| *byte == piece[0]), "torn inside a sector");
            }
            seen.insert(file);
        }
        assert!(seen.len() > 4, "{} outcomes", seen.len());
    }

    #[test]
    fn what_is_written_while_a_sync_runs_is_not_made_durable_by_it() {
        let notes = |_, old| {
            let [begun, ended] = synced(old, 1);
            let wrote = |byte| Note::Wrote { file: old, offset: 0, bytes: vec![byte] };
            vec![wrote(2), begun, wrote(3), ended]
        };
        let first: std::collections::BTreeSet<_> = (0..50).map(|seed| left(notes, seed)["old"][0]).collect();
        assert_eq!(first, [2, 3].into());
    }
}
