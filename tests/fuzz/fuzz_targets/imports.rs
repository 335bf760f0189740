//! A spreadsheet becomes drafts that keep the directory's rules and a report of the rest, in bounded memory.
#![no_main]

libfuzzer_sys::fuzz_target!(init: fuzz::begin(), |data: &[u8]| fuzz::run(targets::imports::run, data));
