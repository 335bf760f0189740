//! The journal: verified, damaged, copied, and the index made again from it.

use std::{fs, sync::Arc};

use server::{app::Opened, clock::SystemClock, config::Config, host::Host};
use sync_core::{
    encoding,
    hash::Hash,
    id::{DeviceId, TenantId},
    log::{JournalRoot, Receipt, SignedReceipt},
    time::Timestamp,
};

use crate::program::Program;

fn segment(program: &Program) -> std::path::PathBuf {
    let mut files: Vec<_> = fs::read_dir(program.data().join("journal"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.ends_with("acknowledged"))
        .collect();
    assert_eq!(files.len(), 1);
    files.remove(0)
}

#[test]
fn a_flipped_byte_is_named_by_its_record_and_stops_the_server() {
    let program = Program::set_up();
    let said = program.run(["verify"]).good();
    assert!(said.contains("the journal is as it was written"), "{said}");

    let path = segment(&program);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    let said = program.run(["verify"]).bad();
    assert!(said.contains("the journal is damaged at segment") && said.contains(", record "), "{said}");
    let said = program.run(["serve"]).bad();
    assert!(said.contains("Restore the data folder from a backup"), "{said}");
}

#[test]
fn a_running_server_is_verified_and_backed_up() {
    let program = Program::new();
    let server = program.start();
    program.run(["user", "add", "ann"]).good();
    program.run(["verify"]).good();
    let copy = program.beside("copy");
    let said = program.run(["backup".as_ref(), copy.as_os_str()]).good();
    assert!(said.starts_with("copied "), "{said}");
    assert!(program.run(["backup".as_ref(), copy.as_os_str()]).bad().contains("is not empty"));
    let error = program.run(["rebuild"]).bad();
    assert!(error.contains("stop the server"), "{error}");
    assert!(!program.data().join("index.rebuild").exists());
    server.stop();

    let key = fs::read(program.data().join("server-key")).unwrap();
    let restored = program.on(copy);
    assert_eq!(fs::read(restored.data().join("server-key")).unwrap(), key);
    let server = restored.start();
    assert_eq!(server.said(), [""; 0]);
    assert!(restored.run(["user", "list"]).good().contains("ann\t"));
    server.stop();
}

#[test]
fn a_lost_index_heals_and_a_rebuilt_one_says_the_same() {
    let program = Program::set_up();
    program.run(["user", "add", "ann"]).good();
    let before = program.run(["--json", "user", "list"]).good();
    fs::remove_dir_all(program.data().join("index")).unwrap();
    assert_eq!(program.run(["--json", "user", "list"]).good(), before);
    let said = program.run(["rebuild"]).good();
    assert!(said.contains("the index was made again from"), "{said}");
    assert_eq!(program.run(["--json", "user", "list"]).good(), before);
}

#[test]
fn a_journal_without_its_key_does_not_get_another() {
    let program = Program::set_up();
    fs::remove_file(program.data().join("server-key")).unwrap();
    let said = program.run(["serve"]).bad();
    assert!(said.contains("server-key is missing"), "{said}");
    assert!(!program.data().join("server-key").exists());
}

/// A receipt signed with the key of the data folder, that names a root of the journal.
fn receipt(program: &Program, journal: impl FnOnce(JournalRoot) -> JournalRoot) -> (Vec<u8>, String) {
    let config = Config { data_dir: program.data().to_path_buf(), ..Config::default() };
    let opened = Opened::open(&config, &Host::system(Arc::new(SystemClock::new()))).unwrap();
    let receipt = Receipt {
        tenant: TenantId::from_bytes([1; 16]),
        device: DeviceId::from_bytes([2; 16]),
        first: 1,
        last: 9,
        head: Hash::from_bytes([3; 32]),
        received: Timestamp::from_millis(1_800_000_000_000),
        refused: Vec::new(),
        records: Vec::new(),
        journal: journal(opened.engine.root()),
    };
    let signed = SignedReceipt::sign(receipt, opened.authority.keys.signing());
    (encoding::encode(&signed), hex::encode(opened.engine.server_key()))
}

#[test]
fn a_receipt_is_proven_by_the_journal_or_by_the_key_alone() {
    let program = Program::set_up();
    let (bytes, key) = receipt(&program, |root| root);
    program.run(["user", "add", "ann"]).good();
    let file = program.beside("receipt");
    fs::write(&file, &bytes).unwrap();
    let file = file.to_str().unwrap();
    let said = program.run(["verify", "--receipt", file]).good();
    assert!(
        said.contains("the receipt is genuine") && said.contains("is the one the receipt names"),
        "{said}"
    );
    assert!(program.run(["verify"]).good().contains(&format!("server key: {key}")));

    let elsewhere = Program::new();
    let said = elsewhere.run(["verify", "--receipt", file, "--server-key", &key]).good();
    assert!(said.contains("entries: 1 to 9"), "{said}");
    let other_key = hex::encode([7; 32]);
    elsewhere.run(["verify", "--receipt", file, "--server-key", &other_key]).bad();

    let mut altered = bytes;
    let last = altered.len() - 1;
    altered[last] ^= 1;
    fs::write(program.beside("receipt"), altered).unwrap();
    let said = program.run(["verify", "--receipt", file]).bad();
    assert!(said.contains("did not issue the receipt"), "{said}");
}

#[test]
fn a_receipt_from_another_or_a_longer_journal_is_told_apart() {
    let program = Program::set_up();
    let file = program.beside("receipt");
    let show = |bytes: Vec<u8>| {
        fs::write(&file, bytes).unwrap();
        program.run(["verify".as_ref(), "--receipt".as_ref(), file.as_os_str()]).bad()
    };
    let said = show(receipt(&program, |root| JournalRoot { hash: Hash::from_bytes([9; 32]), ..root }).0);
    assert!(said.contains("not the one it was issued from"), "{said}");
    let said = show(receipt(&program, |root| JournalRoot { size: root.size + 5, ..root }).0);
    assert!(said.contains("records were lost"), "{said}");
}
