//! A text is a rule pack that always says the same and judges without fail, or it is refused with a place in it.
#![no_main]

libfuzzer_sys::fuzz_target!(init: fuzz::begin(), |data: &[u8]| fuzz::run(targets::packs::run, data));
