//! What is admitted applies, merges with what others wrote, saves, loads and can be written on; what is refused leaves no
//! trace.
#![no_main]

libfuzzer_sys::fuzz_target!(init: fuzz::begin(), |data: &[u8]| fuzz::run(targets::admission::run, data));
