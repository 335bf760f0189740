//! Users, customers, packs and calendars, by a running server and without one.

use std::path::PathBuf;

use crate::program::Program;

fn northwind(file: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "tests", "data", "northwind", file].iter().collect()
}

const MAPPING: &str = r#"
[customers]
contact = "{contact} ({contact_title})"
address = "{address}, {city} {postal_code}, {country}"
[users]
login = "{last_name}"
[roles]
"Vice President, Sales" = "manager"
"Sales Manager" = "supervisor"
"*" = "rep"
"#;

/// Imports Northwind's people and customers and gives what the program said.
fn import_northwind(program: &Program) -> (String, String) {
    let mapping = program.write("mapping.toml", MAPPING);
    let (employees, customers) = (northwind("employees.csv"), northwind("customers.csv"));
    let users = program.run([
        "import".as_ref(),
        "users".as_ref(),
        employees.as_os_str(),
        "--mapping".as_ref(),
        mapping.as_os_str(),
    ]);
    let customers = program.run([
        "import".as_ref(),
        "customers".as_ref(),
        customers.as_os_str(),
        "--mapping".as_ref(),
        mapping.as_os_str(),
        "--users".as_ref(),
        employees.as_os_str(),
    ]);
    (users.good(), customers.good())
}

fn northwind_is_there(program: &Program) {
    let customers = program.run(["customer", "list"]).good();
    assert_eq!(customers.lines().count(), 1 + 91);
    assert!(customers.contains("ALFKI\tAlfreds Futterkiste\tpeacock\t"), "{customers}");
    let users = program.run(["user", "list"]).good();
    assert_eq!(users.lines().count(), 1 + 1 + 9);
    assert!(users.contains("davolio\tNancy Davolio\trep\tfuller\t-\tyes"), "{users}");
}

#[test]
fn the_quarantine_is_empty_and_a_device_that_is_not_there_has_none() {
    let program = Program::set_up();
    assert_eq!(program.run(["device", "quarantine", "list"]).good().lines().count(), 1);
    let nobody = "00112233445566778899aabbccddeeff";
    assert!(program.run(["device", "quarantine", "release", nobody]).bad().contains("no such thing"));
}

#[test]
fn northwind_is_imported_through_a_running_server() {
    let program = Program::new();
    let server = program.start();
    let (users, customers) = import_northwind(&program);
    assert!(users.contains("users: 9 added, 0 altered, 0 unchanged"), "{users}");
    assert!(customers.contains("customers: 91 added, 0 altered, 0 unchanged"), "{customers}");
    northwind_is_there(&program);
    server.stop();
    northwind_is_there(&program);
}

#[test]
fn northwind_is_imported_without_a_server_and_again_changes_nothing() {
    let program = Program::set_up();
    import_northwind(&program);
    northwind_is_there(&program);
    let (users, customers) = import_northwind(&program);
    assert!(users.contains("users: 0 added, 0 altered, 9 unchanged"), "{users}");
    assert!(customers.contains("customers: 0 added, 0 altered, 91 unchanged"), "{customers}");
}

#[test]
fn a_file_with_a_bad_row_loads_nothing_unless_bad_rows_are_skipped() {
    let program = Program::set_up();
    let file = program.write("customers.csv", "number,name,owner\n1,One,\n2,,\n3,Three,nobody\n");
    let file = file.to_str().unwrap();
    let said = program.run(["import", "customers", file]).bad();
    assert!(said.contains("row 3, name: must not be empty"), "{said}");
    assert!(said.contains("row 4, owner: nobody has this login, key or name: \"nobody\""), "{said}");
    assert_eq!(program.run(["customer", "list"]).good().lines().count(), 1);

    let said = program.run(["import", "customers", file, "--skip-bad-rows"]).good();
    assert!(said.contains("customers: 1 added"), "{said}");
    assert_eq!(program.run(["customer", "list"]).good().lines().count(), 2);
}

#[test]
fn a_dry_run_writes_nothing() {
    let program = Program::set_up();
    let file = program.write("users.csv", "login,name,role,unit\nann,Ann,rep,North\n");
    let said = program.run(["import", "users", file.to_str().unwrap(), "--dry-run"]).good();
    assert!(said.contains("users: 1 to add"), "{said}");
    assert!(!program.run(["user", "list"]).good().contains("ann"));
}

#[test]
fn a_column_the_file_does_not_have_leaves_what_is_known() {
    let program = Program::set_up();
    let file = program
        .write("users.csv", "login,name,role,unit,reports to\nann,Ann,rep,North,bo\nbo,Bo,manager,,\n");
    program.run(["import", "users", file.to_str().unwrap()]).good();
    let file = program.write("users.csv", "login,name,role\nann,Ann Lee,rep\n");
    let said = program.run(["import", "users", file.to_str().unwrap()]).good();
    assert!(said.contains("users: 0 added, 1 altered"), "{said}");
    let users = program.run(["user", "list"]).good();
    assert!(users.contains("ann\tAnn Lee\trep\tbo\tNorth\tyes"), "{users}");
}

#[test]
fn new_users_get_what_lets_them_in_only_if_asked_for() {
    let program = Program::set_up();
    let file = program.write("users.csv", "login,name,role\nann,Ann,rep\nbo,Bo,manager\n");
    let said = program.run(["import", "users", file.to_str().unwrap(), "--codes"]).good();
    assert!(said.contains("ann: enrolment code ") && said.contains("bo: one-time password "), "{said}");
    let said = program.run(["import", "users", file.to_str().unwrap(), "--codes"]).good();
    assert!(!said.contains("ann:") && !said.contains("bo:"), "{said}");
}

#[test]
fn a_user_is_added_let_in_and_shut_out() {
    let program = Program::set_up();
    let server = program.start();
    program.run(["user", "add", "Ann", "--name", "Ann Lee", "--reports-to", "admin"]).good();
    let said = program.run(["user", "add", "ann"]).bad();
    assert!(said.contains("ann is there already"), "{said}");
    assert!(program.run(["user", "set-password", "ann"]).good().contains("ann: one-time password "));
    assert!(program.run(["user", "code", "ann"]).good().contains("ann: enrolment code "));
    program.run_with_input(&["user", "set-password", "ann", "--stdin"], "a long enough one\n").good();
    let said = program.run_with_input(&["user", "set-password", "ann", "--stdin"], "short\n").bad();
    assert!(said.contains("at least 12 characters"), "{said}");
    program.run(["user", "deactivate", "ann"]).good();
    assert!(program.run(["user", "list"]).good().contains("ann\tAnn Lee\trep\tadmin\t-\tno"));
    assert!(program.run(["user", "code", "ann"]).bad().contains("ann has left"));
    program.run(["user", "activate", "ann"]).good();
    assert!(program.run(["user", "code", "nobody"]).bad().contains("nobody has the login nobody"));
    server.stop();
}

#[test]
fn a_pack_or_a_calendar_that_does_not_parse_is_refused_with_the_reason() {
    let program = Program::set_up();
    let bad = program.write("bad", "id = \n");
    let bad = bad.to_str().unwrap();
    assert!(program.run(["pack", "put", bad]).bad().contains("line 1"));
    assert!(program.run(["calendar", "put", "2027", bad]).bad().contains("2027"));
    let good = program.write("2027.ics", sync_core::calendar::CN[3].1.replace("2026", "2027").as_str());
    program.run(["calendar", "put", "2027", good.to_str().unwrap()]).good();
    let pack = program.write("pack.toml", sync_core::rules::packs::KEY_ACCOUNT_VISITS);
    program.run(["pack", "put", pack.to_str().unwrap()]).good();
    program.start().stop();
}

#[test]
fn an_answer_is_json_if_asked_for() {
    let program = Program::set_up();
    let users: serde_json::Value =
        serde_json::from_str(&program.run(["--json", "user", "list"]).good()).unwrap();
    assert_eq!(users["users"][0]["login"], "admin");
}

#[test]
fn an_unknown_device_is_not_revoked() {
    let program = Program::set_up();
    let device = "00".repeat(16);
    assert!(program.run(["device", "revoke", &device]).bad().contains("no such thing"));
    assert_eq!(program.run(["device", "list"]).good().lines().count(), 1);
    let to = program.beside("receipt");
    let said = program.run(["receipt", &device, "3", "--to", to.to_str().unwrap()]).bad();
    assert!(said.contains("no receipt") && !to.exists(), "{said}");
}
