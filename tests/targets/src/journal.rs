//! Journal recovery from files that something happened to: it opens with exactly records that were written, without
//! losing an acknowledged one, and writing goes on; or it refuses, names a place, and leaves the files as they are.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, LazyLock},
};

use server::{
    disk::{Access, Disk as _, MemoryDisk, Open},
    journal::{Damage, Journal, JournalError, JournalOptions, Position, read, verify},
};

use crate::{
    Outcome,
    memory::within_mib,
    tape::{Tape, damage},
};

const SMALL: JournalOptions = JournalOptions { segment_bytes: 400 };
/// The data folder.
const DATA: &str = "data";
/// The file of the mark that says what was acknowledged.
const MARK: &str = "acknowledged";

/// The files of a journal folder by name.
type Files = BTreeMap<String, Vec<u8>>;

/// A journal after each of its batches, and what was written.
struct Scene {
    written: Vec<Vec<u8>>,
    /// How many records were acknowledged, and the files at that moment.
    moments: Vec<(u64, Files)>,
}

static SCENE: LazyLock<Scene> = LazyLock::new(Scene::new);

impl Scene {
    fn new() -> Self {
        let disk = MemoryDisk::new();
        let payload =
            |number: u64| format!("record {number} {}", "x".repeat(number as usize * 7 % 60)).into_bytes();
        let written: Vec<Vec<u8>> = (1..=14).map(payload).collect();
        let mut journal = open(&disk).unwrap();
        let mut moments = vec![(0, load(&disk))];
        for batch in written.chunks(2) {
            let batch: Vec<&[u8]> = batch.iter().map(Vec::as_slice).collect();
            journal.append(&batch).unwrap();
            moments.push((journal.root().size, load(&disk)));
        }
        Self { written, moments }
    }
}

/// Alters the files of a journal as they were at some moment, and opens it.
pub fn run(data: &[u8]) -> Outcome {
    let mut tape = Tape::new(data);
    let (mut acknowledged, files) = SCENE.moments[tape.below(SCENE.moments.len())].clone();
    let mut files = files;
    // A crash between the records and the mark: the records are newer than the mark.
    let later = &SCENE.moments[tape.below(SCENE.moments.len())];
    if later.0 > acknowledged {
        let mark = files.remove(MARK).unwrap();
        files = later.1.clone();
        files.insert(MARK.to_owned(), mark);
    }
    let mark = files[MARK].clone();
    for _ in 0..tape.below(5) {
        alter(&mut files, &mut tape);
    }
    if files.get(MARK) != Some(&mark) {
        // Nothing says any more what was acknowledged.
        acknowledged = 0;
    }
    let disk = store(&files);
    within_mib(8, || check(&disk, &files, acknowledged))
}

fn alter(files: &mut Files, tape: &mut Tape<'_>) {
    let names: Vec<String> = files.keys().cloned().collect();
    let Some(name) = names.get(tape.below(names.len().max(1))).cloned() else { return };
    let other = names[tape.below(names.len())].clone();
    match tape.byte() % 8 {
        0 => drop(files.remove(&name)),
        1 => {
            let bytes = files[&other].clone();
            files.insert(name, bytes);
        }
        2 => {
            // The same file at another moment.
            let moment = &SCENE.moments[tape.below(SCENE.moments.len())].1;
            if let Some(bytes) = moment.get(&name) {
                files.insert(name, bytes.clone());
            }
        }
        3 => {
            let number = tape.number() as u64;
            files.insert(format!("{number:020}.seg"), files[&other].clone());
        }
        4 => {
            let new = tape.bytes();
            files.entry(name).or_default().extend(new);
        }
        5 => {
            let bytes = tape.bytes().to_vec();
            files.insert(name, bytes);
        }
        6 => {
            let bytes = files.entry(name).or_default();
            if !bytes.is_empty() {
                let at = usize::from(tape.short()) % bytes.len();
                let length = usize::from(tape.short()).min(bytes.len() - at);
                bytes[at..at + length].fill(0);
            }
        }
        _ => damage(files.entry(name).or_default(), tape),
    }
}

fn open(disk: &Arc<MemoryDisk>) -> Result<Journal, JournalError> {
    Journal::open(Arc::clone(disk) as _, Path::new(DATA), SMALL)
}

fn check(disk: &Arc<MemoryDisk>, files: &Files, acknowledged: u64) -> Outcome {
    let report = verify(&**disk, Path::new(DATA));
    let mut journal = match open(disk) {
        Ok(journal) => journal,
        Err(JournalError::Damaged(damage)) => {
            check_place(files, &damage);
            assert_eq!(load(disk), *files, "a refused journal was changed");
            assert_eq!(report.unwrap().damage, Some(damage));
            return Outcome::Refused;
        }
        Err(error) => panic!("refused without a place: {error}"),
    };
    let report = report.unwrap();
    assert_eq!((report.damage, report.root), (None, journal.root()));
    let size = journal.root().size;
    assert!(size >= acknowledged, "{acknowledged} records were acknowledged, {size} are left");
    assert_eq!(records(disk, &journal), SCENE.written[..size as usize]);
    // Writing goes on, also after the next start.
    let more: [&[u8]; 2] = [b"more", &[7; 500]];
    journal.append(&more).unwrap();
    drop(journal);
    let mut journal = open(disk).unwrap();
    journal.append(&[b"and more"]).unwrap();
    let all = records(disk, &journal);
    assert_eq!(all[..size as usize], SCENE.written[..size as usize]);
    assert_eq!(all[size as usize..], [more[0], more[1], b"and more"]);
    let report = verify(&**disk, Path::new(DATA)).unwrap();
    assert_eq!((report.damage, report.unfinished, report.root), (None, None, journal.root()));
    Outcome::Accepted
}

fn records(disk: &MemoryDisk, journal: &Journal) -> Vec<Vec<u8>> {
    let records = read(disk, Path::new(DATA), Position::FIRST, usize::MAX, journal.root()).unwrap();
    assert!(records.iter().zip(1..).all(|((position, _), number)| position.get() == number));
    records.into_iter().map(|(_, payload)| payload).collect()
}

fn check_place(files: &Files, damage: &Damage) {
    // With all segments gone it is the first that is missing.
    assert!(files.contains_key(&damage.segment) || damage.segment == "00000000000000000001.seg", "{damage}");
    let length = files.get(&damage.segment).map_or(0, Vec::len);
    assert!(damage.offset <= length as u64, "{damage}, but the file has {length} bytes");
}

/// A disk with these files in the journal's folder.
fn store(files: &Files) -> Arc<MemoryDisk> {
    let (disk, folder) = (MemoryDisk::new(), Path::new(DATA).join("journal"));
    disk.create_folder(&folder, Access::Usual).unwrap();
    for (name, bytes) in files {
        disk.open(&folder.join(name), Open::New).unwrap().write_at(bytes, 0).unwrap();
    }
    disk
}

fn load(disk: &MemoryDisk) -> Files {
    let folder = Path::new(DATA).join("journal");
    let names = disk.list(&folder).unwrap().into_iter();
    names.map(|name| (name.clone().into_string().unwrap(), disk.read(&folder.join(name)).unwrap())).collect()
}
