//! Starting, stopping and settings.

use std::{
    io::{Read as _, Write as _},
    os::unix::{fs::PermissionsExt as _, net::UnixStream},
};

use crate::program::Program;

fn passwords(said: &[String]) -> usize {
    said.iter().filter(|line| line.starts_with("one-time password: ")).count()
}

#[test]
fn the_first_start_shows_a_password_and_no_later_one_does() {
    let program = Program::new();
    let first = program.start();
    assert_eq!(passwords(first.said()), 1, "{:?}", first.said());
    assert_eq!(first.get("/healthz"), "HTTP/1.1 200 OK");
    assert_eq!(first.get("/readyz"), "HTTP/1.1 200 OK");
    let socket = std::fs::metadata(program.data().join("admin.sock")).unwrap();
    assert_eq!(socket.permissions().mode() & 0o777, 0o600);
    first.stop();
    assert!(program.data().join("index.clean").exists(), "the store was not closed cleanly");

    let second = program.start();
    assert_eq!(second.said(), [""; 0]);
    second.stop();
}

#[test]
fn an_interrupt_stops_the_server_cleanly() {
    let program = Program::new();
    let server = program.start();
    server.signal("INT");
    assert_eq!(server.end(), Some(0));
}

#[test]
fn a_killed_server_starts_again_and_takes_commands() {
    let program = Program::new();
    let server = program.start();
    server.signal("KILL");
    assert_eq!(server.end(), None);
    let server = program.start();
    assert_eq!(passwords(server.said()), 0);
    assert!(program.run(["user", "list"]).good().contains("admin\t"));
    server.stop();
}

#[test]
fn a_second_server_on_the_same_folder_is_refused() {
    let program = Program::new();
    let server = program.start();
    let error = program.run(["serve"]).bad();
    assert!(error.contains("another process uses"), "{error}");
    server.stop();
}

#[test]
fn a_wrong_setting_is_named_by_its_key() {
    let program = Program::new();
    let error = program.run(["serve", "--set", "limits.body_bytes=plenty"]).bad();
    assert!(error.contains("limits.body_bytes") && error.contains("--set"), "{error}");
    assert!(!program.data().exists());
}

#[test]
fn the_settings_in_force_are_settings_again() {
    let program = Program::new();
    let shown = program.run(["config", "--set", "company=Northwind", "--set", "limits.drain_ms=7"]).good();
    assert!(shown.contains("company = \"Northwind\""), "{shown}");
    let file = program.write("fieldbook.toml", &shown);
    let again = program.run(["config".as_ref(), "--config".as_ref(), file.as_os_str()]).good();
    assert_eq!(again, shown);
}

#[test]
fn a_folder_without_a_journal_is_not_made_into_one_by_a_command() {
    let program = Program::new();
    for arguments in [&["user", "list"][..], &["verify"], &["rebuild"], &["backup", "copy"]] {
        let error = program.run(arguments).bad();
        assert!(error.contains("holds no journal"), "{error}");
    }
    assert!(!program.data().exists());
}

#[test]
fn a_server_that_can_write_no_more_ends_with_an_error_and_heals_at_the_next_start() {
    let program = Program::set_up();
    let address = "a".repeat(380);
    let rows: Vec<String> =
        (0..60_000).map(|number| format!("{number},Customer {number},{address}")).collect();
    let file = program.write("customers.csv", &format!("number,name,address\n{}\n", rows.join("\n")));
    let server = program.start_with_small_files();
    program.run(["import", "customers", file.to_str().unwrap()]).bad();
    assert_eq!(server.end(), Some(1));

    let server = program.start();
    let said = program.run(["import", "customers", file.to_str().unwrap()]).good();
    assert!(said.contains(" unchanged") && !said.contains(" 60000 added"), "{said}");
    server.stop();
}

#[test]
fn the_operators_page_explains_every_setting() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operating.md")).unwrap();
    let shown: toml::Table = Program::new().run(["config"]).good().parse().unwrap();
    for (key, value) in &shown {
        let keys = match value.as_table() {
            Some(table) => table.keys().map(|inner| format!("{key}.{inner}")).collect(),
            None => vec![key.clone()],
        };
        for key in keys {
            assert!(page.contains(&format!("| `{key}` |")), "docs/operating.md does not explain {key}");
        }
    }
}

#[test]
fn what_is_no_command_is_answered_and_the_console_goes_on() {
    let program = Program::new();
    let server = program.start();
    for bytes in [[7_u32.to_be_bytes().as_slice(), b"garbage"].concat(), u32::MAX.to_be_bytes().to_vec()] {
        let mut stream = UnixStream::connect(program.data().join("admin.sock")).unwrap();
        stream.write_all(&bytes).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.contains("\"answer\":\"failed\""), "{answer}");
    }
    // One that says nothing keeps neither the others nor the stop waiting.
    let _silent = UnixStream::connect(program.data().join("admin.sock")).unwrap();
    program.run(["user", "list"]).good();
    server.stop();
}
