//! Bytes that decode as a message encode to exactly the same bytes; all others are refused.
#![no_main]

libfuzzer_sys::fuzz_target!(init: fuzz::begin(), |data: &[u8]| fuzz::run(targets::messages::run, data));
