//! What the journal keeps, what it cuts and what it refuses.

use std::{
    fs::{self, OpenOptions},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::*;
use crate::disk::SystemDisk;

const SMALL: JournalOptions = JournalOptions { segment_bytes: 400 };

fn open(data: &Path) -> Result<Journal, JournalError> {
    Journal::open(Arc::new(SystemDisk), data, SMALL)
}

fn payload(number: u64) -> Vec<u8> {
    format!("record {number} {}", "x".repeat(number as usize % 50)).into_bytes()
}

/// A journal of several segments; three records to a batch.
fn filled(data: &Path, records: u64) -> sync_core::log::JournalRoot {
    let mut journal = open(data).unwrap();
    for batch in (1..=records).collect::<Vec<_>>().chunks(3) {
        let payloads: Vec<_> = batch.iter().map(|number| payload(*number)).collect();
        journal.append(&payloads.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
    }
    journal.root()
}

fn segments(data: &Path) -> Vec<PathBuf> {
    segment::SegmentFile::list(&SystemDisk, &folder(data))
        .unwrap()
        .into_iter()
        .map(|segment| segment.path)
        .collect()
}

fn append_raw(path: &Path, bytes: &[u8]) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.write_all_at(bytes, file.metadata().unwrap().len()).unwrap();
}

fn flip(path: &Path, offset: u64) {
    let file = OpenOptions::new().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, offset).unwrap();
    file.write_all_at(&[byte[0] ^ 0x10], offset).unwrap();
}

fn copy_journal(from: &Path, to: &Path) {
    fs::create_dir_all(folder(to)).unwrap();
    for entry in fs::read_dir(folder(from)).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder(to).join(entry.file_name())).unwrap();
    }
}

#[test]
fn records_survive_reopening_across_segments() {
    let data = tempfile::tempdir().unwrap();
    let root = filled(data.path(), 40);
    assert!(segments(data.path()).len() > 3);
    let journal = open(data.path()).unwrap();
    assert_eq!(journal.root(), root);
    let all = read(&SystemDisk, data.path(), Position::FIRST, usize::MAX, root).unwrap();
    assert_eq!(all, (1..=40).map(|n| (Position::new(n), payload(n))).collect::<Vec<_>>());
    let some = read(&SystemDisk, data.path(), Position::new(17), 5, root).unwrap();
    assert_eq!(some, (17..=21).map(|n| (Position::new(n), payload(n))).collect::<Vec<_>>());
    assert!(read(&SystemDisk, data.path(), Position::new(41), 5, root).unwrap().is_empty());
}

#[test]
fn a_torn_tail_is_cut_and_writing_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let root = filled(data.path(), 7);
    let mut torn = Vec::new();
    record::encode(b"never acknowledged", record::root_after(root, b"never acknowledged"), &mut torn);
    let last = segments(data.path()).pop().unwrap();
    let good_len = fs::metadata(&last).unwrap().len();
    for cut in 1..torn.len() {
        append_raw(&last, &torn[..cut]);
        assert!(verify(&SystemDisk, data.path()).unwrap().unfinished.is_some());
        assert_eq!(open(data.path()).unwrap().root(), root);
        assert_eq!(fs::metadata(&last).unwrap().len(), good_len);
    }
    open(data.path()).unwrap().append(&[b"next"]).unwrap();
    assert_eq!(verify(&SystemDisk, data.path()).unwrap().root.size, 8);
}

#[test]
fn a_segment_that_a_crash_left_without_its_header_is_removed() {
    let data = tempfile::tempdir().unwrap();
    let root = filled(data.path(), 7);
    fs::write(segment::SegmentFile::new(&folder(data.path()), Position::new(8)).path, b"FBJ").unwrap();
    let mut journal = open(data.path()).unwrap();
    assert_eq!(journal.root(), root);
    for number in 8..20 {
        journal.append(&[&payload(number)]).unwrap();
    }
    assert_eq!(verify(&SystemDisk, data.path()).unwrap().root, journal.root());
}

#[test]
fn a_file_that_only_looks_like_a_segment_is_no_part_of_the_journal() {
    let data = tempfile::tempdir().unwrap();
    let root = filled(data.path(), 7);
    for name in ["00000000000000000000.seg", "8.seg", "+0000000000000000008.seg"] {
        fs::write(folder(data.path()).join(name), b"not ours").unwrap();
        assert_eq!(open(data.path()).unwrap().root(), root, "{name}");
        assert_eq!(verify(&SystemDisk, data.path()).unwrap().damage, None);
    }
}

#[test]
fn a_broken_segment_where_no_crash_can_have_left_one_refuses_to_open() {
    let data = tempfile::tempdir().unwrap();
    filled(data.path(), 2);
    let mark = folder(data.path()).join("acknowledged");
    let early = fs::read(&mark).unwrap();
    filled(data.path(), 4);
    // The records are newer than their mark, as after a crash, and all stand in the first segment.
    fs::write(&mark, early).unwrap();
    let stray = segment::SegmentFile::new(&folder(data.path()), Position::new(3));
    fs::write(&stray.path, b"not a segment").unwrap();
    let Err(JournalError::Damaged(damage)) = open(data.path()) else { panic!("opened") };
    assert_eq!((damage.segment, damage.flaw), (stray.name(), Flaw::Short));
}

#[test]
fn a_torn_segment_with_another_behind_it_refuses_to_open() {
    let data = tempfile::tempdir().unwrap();
    filled(data.path(), 2);
    let first = segments(data.path()).pop().unwrap();
    append_raw(&first, b"torn");
    let behind = segment::SegmentFile::new(&folder(data.path()), Position::new(2));
    fs::copy(&first, &behind.path).unwrap();
    let Err(JournalError::Damaged(damage)) = open(data.path()) else { panic!("opened") };
    assert_eq!(damage.segment, first.file_name().unwrap().to_str().unwrap());
    assert_eq!((damage.position, damage.flaw), (Position::new(3), Flaw::Short));
}

#[test]
fn a_whole_record_written_but_not_acknowledged_is_kept() {
    let data = tempfile::tempdir().unwrap();
    let root = filled(data.path(), 7);
    let mut whole = Vec::new();
    record::encode(b"durable", record::root_after(root, b"durable"), &mut whole);
    append_raw(segments(data.path()).last().unwrap(), &whole);
    assert_eq!(open(data.path()).unwrap().root(), record::root_after(root, b"durable"));
}

#[test]
fn any_flipped_byte_of_an_acknowledged_record_refuses_to_open_and_is_named() {
    let original = tempfile::tempdir().unwrap();
    filled(original.path(), 12);
    for name in segments(original.path()) {
        for offset in 0..fs::metadata(&name).unwrap().len() {
            let data = tempfile::tempdir().unwrap();
            copy_journal(original.path(), data.path());
            let segment = folder(data.path()).join(name.file_name().unwrap());
            let before = fs::read(&segment).unwrap();
            flip(&segment, offset);
            let error = open(data.path()).unwrap_err();
            let JournalError::Damaged(damage) = &error else { panic!("{error} at {offset}") };
            assert_eq!(damage.segment, name.file_name().unwrap().to_str().unwrap());
            assert!(damage.offset <= offset);
            assert!(error.to_string().contains(&format!("record {}", damage.position)));
            assert_eq!(fs::read(&segment).unwrap().len(), before.len(), "nothing is cut");
            assert_eq!(verify(&SystemDisk, data.path()).unwrap().damage.as_ref(), Some(damage));
        }
    }
}

#[test]
fn an_acknowledged_end_that_is_missing_refuses_to_open() {
    let original = tempfile::tempdir().unwrap();
    filled(original.path(), 12);
    let last = segments(original.path()).pop().unwrap();
    for keep in 0..fs::metadata(&last).unwrap().len() {
        let data = tempfile::tempdir().unwrap();
        copy_journal(original.path(), data.path());
        let copy = folder(data.path()).join(last.file_name().unwrap());
        OpenOptions::new().write(true).open(copy).unwrap().set_len(keep).unwrap();
        assert!(matches!(open(data.path()), Err(JournalError::Damaged(_))), "cut to {keep}");
    }
    for name in segments(original.path()) {
        let data = tempfile::tempdir().unwrap();
        copy_journal(original.path(), data.path());
        fs::remove_file(folder(data.path()).join(name.file_name().unwrap())).unwrap();
        assert!(matches!(open(data.path()), Err(JournalError::Damaged(_))), "without {}", name.display());
    }
}

#[test]
fn a_journal_whose_segments_are_all_gone_names_the_first_of_them() {
    let data = tempfile::tempdir().unwrap();
    filled(data.path(), 2);
    let only = segments(data.path()).pop().unwrap();
    fs::remove_file(&only).unwrap();
    let Err(JournalError::Damaged(damage)) = open(data.path()) else { panic!("opened") };
    assert_eq!(damage.segment, only.file_name().unwrap().to_str().unwrap());
    assert_eq!(damage.flaw, Flaw::Missing(Position::new(2)));
}

#[test]
fn a_broken_mark_cuts_nothing() {
    for slot in [10, 4096 + 10] {
        let data = tempfile::tempdir().unwrap();
        let root = filled(data.path(), 12);
        flip(&folder(data.path()).join("acknowledged"), slot);
        let last = segments(data.path()).pop().unwrap();
        append_raw(&last, b"torn");
        assert!(matches!(open(data.path()), Err(JournalError::Damaged(_))));
        let file = OpenOptions::new().write(true).open(&last).unwrap();
        file.set_len(fs::metadata(&last).unwrap().len() - 4).unwrap();
        assert_eq!(open(data.path()).unwrap().root(), root);
    }
}

#[test]
fn a_journal_swapped_for_another_of_the_same_length_refuses_to_open() {
    let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    open(data.path()).unwrap().append(&[b"mine"]).unwrap();
    open(other.path()).unwrap().append(&[b"ours"]).unwrap();
    fs::copy(&segments(other.path())[0], &segments(data.path())[0]).unwrap();
    let Err(JournalError::Damaged(damage)) = open(data.path()) else { panic!("opened") };
    assert_eq!(damage.flaw, Flaw::Replaced);
}

#[test]
fn after_a_failed_write_the_journal_takes_nothing_more() {
    let data = tempfile::tempdir().unwrap();
    let mut journal = open(data.path()).unwrap();
    journal.append(&[b"one"]).unwrap();
    journal.break_writes();
    assert!(matches!(journal.append(&[b"two"]), Err(JournalError::Io { .. })));
    assert!(matches!(journal.append(&[b"three"]), Err(JournalError::Closed)));
    assert_eq!(journal.root().size, 1);
}

#[test]
fn a_record_beyond_the_limit_is_refused_and_harms_nothing() {
    let data = tempfile::tempdir().unwrap();
    let mut journal = open(data.path()).unwrap();
    let large = vec![0; MAX_RECORD_BYTES + 1];
    assert!(matches!(journal.append(&[b"small", &large]), Err(JournalError::TooLarge { .. })));
    journal.append(&[&large[1..]]).unwrap();
    assert_eq!(verify(&SystemDisk, data.path()).unwrap().root, journal.root());
}

#[test]
fn a_backup_taken_while_records_arrive_is_a_prefix_and_verifies() {
    let data = tempfile::tempdir().unwrap();
    filled(data.path(), 10);
    let mut journal = open(data.path()).unwrap();
    let writer = std::thread::spawn(move || {
        for number in 11..400 {
            journal.append(&[&payload(number)]).unwrap();
        }
        journal.root()
    });
    for _ in 0..5 {
        let to = tempfile::tempdir().unwrap();
        let report = backup(&SystemDisk, data.path(), to.path()).unwrap();
        assert!(report.root.size >= 10 && report.damage.is_none() && report.unfinished.is_none());
        let copied = read(&SystemDisk, to.path(), Position::FIRST, usize::MAX, report.root).unwrap();
        assert!(copied.iter().all(|(position, record)| *record == payload(position.get())));
        assert!(matches!(backup(&SystemDisk, data.path(), to.path()), Err(JournalError::NotEmpty(_))));
    }
    let root = writer.join().unwrap();
    assert_eq!(verify(&SystemDisk, data.path()).unwrap().root, root);
}
