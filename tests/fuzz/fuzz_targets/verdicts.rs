//! Judging is total and always says the same; "proven" is said exactly when the bounds say so.
#![no_main]

libfuzzer_sys::fuzz_target!(init: fuzz::begin(), |data: &[u8]| fuzz::run(targets::verdicts::run, data));
