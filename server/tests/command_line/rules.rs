//! Rule packs, read without a server.

use crate::program::Program;

#[test]
fn the_shipped_packs_are_listed_with_what_waits_for_a_parameter() {
    let program = Program::new();
    let all = program.run(["rules", "list"]).good();
    assert!(all.contains("key_account_outbound"), "{all}");
    let one = program.run(["rules", "list", "key_account_outbound"]).good();
    assert!(one.contains("S21-R17") && one.contains("waits for"), "{one}");
    assert!(!program.data().exists(), "nothing is set up for that");
}

#[test]
fn a_shipped_pack_is_printed_altered_and_checked() {
    let program = Program::new();
    let text = program.run(["rules", "print", "key_account_outbound"]).good();
    let file = program.write("own.toml", &text);
    let said = program.run(["rules".as_ref(), "check".as_ref(), file.as_os_str()]).good();
    assert!(said.contains("= \"?\"  # S21-R18"), "{said}");
    let file = program.write("broken.toml", &text.replace("per = \"week\"", "per = \"weekk\""));
    let said = program.run(["rules".as_ref(), "check".as_ref(), file.as_os_str()]).bad();
    assert!(said.contains("broken.toml:line ") && said.contains("column"), "{said}");
}

#[test]
fn an_unknown_pack_is_named() {
    let said = Program::new().run(["rules", "list", "nobody"]).bad();
    assert!(said.contains("nobody") && said.contains("rules list"), "{said}");
}

#[test]
fn a_pack_is_compared_with_the_past_with_and_without_a_server() {
    let program = Program::set_up();
    let text = program.run(["rules", "print", "key_account_outbound"]).good();
    let file = program.write("own.toml", &text);
    let ask = || program.run(["rules".as_ref(), "diff".as_ref(), file.as_os_str()]);
    let said = ask().good();
    assert!(said.starts_with("key_account_outbound version 1"), "{said}");
    let server = program.start();
    let said = ask().good();
    assert!(said.starts_with("key_account_outbound version 1"), "{said}");
    server.stop();
    let file = program.write("broken.toml", &text.replace("per = \"week\"", "per = \"weekk\""));
    let said = program.run(["rules".as_ref(), "diff".as_ref(), file.as_os_str()]).bad();
    assert!(said.contains("broken.toml:line ") && said.contains("column"), "{said}");
}

#[test]
fn an_obligation_that_is_not_there_is_named() {
    let program = Program::set_up();
    let id = "5".repeat(64);
    let said = program.run(["rules", "explain", &id]).bad();
    assert!(said.contains(&format!("there is no obligation {id}")), "{said}");
}

#[test]
fn the_schema_of_packs_is_printed() {
    let said = Program::new().run(["rules", "schema"]).good();
    assert!(said.contains("https://json-schema.org/draft/2020-12/schema"), "{said}");
}
