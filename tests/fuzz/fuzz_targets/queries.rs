//! Any query gets an answer of bounded size that shows only what its reader may see and leads nowhere else.
#![no_main]

libfuzzer_sys::fuzz_target!(init: fuzz::begin(), |data: &[u8]| fuzz::run(targets::queries::run, data));
