//! Of anchors, receipts and signed heads, only the bytes that were signed verify, and only under the right key.
#![no_main]

libfuzzer_sys::fuzz_target!(init: fuzz::begin(), |data: &[u8]| fuzz::run(targets::statements::run, data));
