//! A journal opens with exactly records that were written, no acknowledged one missing, or refuses and names a place.
#![no_main]

libfuzzer_sys::fuzz_target!(init: fuzz::begin(), |data: &[u8]| fuzz::run(targets::journal::run, data));
