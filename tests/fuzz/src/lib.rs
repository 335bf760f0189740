//! What every target does around its body: panics inside a guard are the guard's business, others are crashes.

use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind, set_hook},
    process::abort,
};

use targets::Outcome;

thread_local! {
    static LAST_PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Takes back the fuzzer's own hook, which ends the process at any panic, caught or not.
///
/// The product runs libraries that panic on hostile bytes inside a guard, and goes on.
pub fn begin() {
    set_hook(Box::new(|panic| LAST_PANIC.set(panic.to_string())));
}

/// Runs a body on an input; a panic that leaves it is a crash.
pub fn run(body: fn(&[u8]) -> Outcome, data: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| body(data))).is_err() {
        LAST_PANIC.with_borrow(|panic| eprintln!("{panic}"));
        abort();
    }
}
