//! The API, seen from outside: through the router, with real proofs, tokens and signatures.

mod closings;
mod document;
mod enrolment;
mod exceptions;
mod phone;
mod programs;
mod rights;
mod sync;
mod teams;
mod tokens;
mod world;
