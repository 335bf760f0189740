//! Closed periods, by a running server and without one.

use crate::program::Program;

#[test]
fn days_are_closed_listed_and_restated_with_and_without_a_server() {
    let program = Program::set_up();
    let closed = program.run(["period", "close", "2026-01-01", "2026-01-31", "--note", "pay"]).good();
    let line = closed.lines().last().unwrap();
    let columns: Vec<&str> = line.split('\t').collect();
    assert_eq!((&columns[1..3], &columns[4..]), (&["2026-01-01", "2026-01-31"][..], &["-", "pay"][..]));
    let restate = || program.run(["period", "restate", columns[0]]);
    assert!(restate().good().ends_with("nothing is said otherwise now\n"));
    let running = program.start();
    assert_eq!(program.run(["period", "list"]).good(), closed);
    assert!(restate().good().starts_with("2026-01-01 to 2026-01-31, closed at "));
    let again = program.run(["period", "close", "2026-01-01", "2026-01-31"]).good();
    assert_ne!(again.lines().last(), Some(line));
    assert_eq!(program.run(["period", "list"]).good().lines().count(), 3);
    running.stop();
}

#[test]
fn days_that_cannot_be_closed_and_closings_that_are_not_there_are_named() {
    let program = Program::set_up();
    let refused = program.run(["period", "close", "2999-01-01", "2999-01-31"]).bad();
    assert!(refused.contains("2999-01-31 is not over"), "{refused}");
    let unknown = "0".repeat(64);
    let refused = program.run(["period", "restate", &unknown]).bad();
    assert!(refused.contains("fieldbook period list"), "{refused}");
}
