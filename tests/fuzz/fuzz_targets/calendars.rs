//! A holiday file is a calendar that answers for each day of its year and for no other, or it is refused.
#![no_main]

libfuzzer_sys::fuzz_target!(init: fuzz::begin(), |data: &[u8]| fuzz::run(targets::calendars::run, data));
