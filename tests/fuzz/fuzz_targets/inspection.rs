//! Looking at the bytes of a change takes bounded memory, and what passes can be read by the library within bounds.
#![no_main]

libfuzzer_sys::fuzz_target!(init: fuzz::begin(), |data: &[u8]| fuzz::run(targets::inspection::run, data));
