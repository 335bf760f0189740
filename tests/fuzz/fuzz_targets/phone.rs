//! A phone takes only what the pinned server signed for this very request, and what it has got never goes back.
#![no_main]

libfuzzer_sys::fuzz_target!(init: fuzz::begin(), |data: &[u8]| fuzz::run(targets::phone::run, data));
