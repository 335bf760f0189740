//! Starting other programs from a process that opens data folders itself.
//!
//! Between its fork and its exec a child has every file of its parent open, the lock of a data folder among them, so that
//! a folder another test has just closed would still look used. Hence programs are started one at a time, and whoever
//! has closed a folder waits until none is about to start.

use std::{
    io,
    process::{Child, Command, Output, Stdio},
    sync::{Mutex, PoisonError},
};

static FORKING: Mutex<()> = Mutex::new(());

/// Starts a program; it has let go of this process's files when this returns.
pub fn spawn(command: &mut Command) -> io::Result<Child> {
    let _forking = FORKING.lock().unwrap_or_else(PoisonError::into_inner);
    command.spawn()
}

/// Runs a program to its end and gives what it said.
pub fn output(command: &mut Command) -> io::Result<Output> {
    spawn(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?.wait_with_output()
}

/// Waits until no child has files open that this process has closed.
pub fn let_go() {
    drop(FORKING.lock().unwrap_or_else(PoisonError::into_inner));
}
