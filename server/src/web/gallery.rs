//! Every page with realistic samples in every language, written to `target/gallery` to be looked at, and checked.

mod checks;
mod closing_samples;
mod owed_samples;
mod samples;
