//! Tokens, proofs, nonces, codes and sessions are taken only as they were made.
#![no_main]

libfuzzer_sys::fuzz_target!(init: fuzz::begin(), |data: &[u8]| fuzz::run(targets::tokens::run, data));
