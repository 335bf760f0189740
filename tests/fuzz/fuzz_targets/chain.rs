//! A page that is accepted continues the log without a gap, is linked, signed and complete; again, it is a repetition.
#![no_main]

libfuzzer_sys::fuzz_target!(init: fuzz::begin(), |data: &[u8]| fuzz::run(targets::chain::run, data));
