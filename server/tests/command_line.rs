//! The program `fieldbook`, run as an operator runs it.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

#[path = "command_line/program.rs"]
mod program;

#[path = "command_line/directory.rs"]
mod directory;
#[path = "command_line/journal.rs"]
mod journal;
#[path = "command_line/period.rs"]
mod period;
#[path = "command_line/rules.rs"]
mod rules;
#[path = "command_line/serving.rs"]
mod serving;
