//! Facts about a sync: both sides run against each other, and each against a liar.

mod answers;
mod commits;
mod sync;
mod world;
