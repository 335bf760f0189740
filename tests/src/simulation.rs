//! The simulation: one seed replays a world of phones, crashes and liars, on one thread and without real time.
//!
//! What runs is the shipped code: the SDK on its SQLite file, the server's router, engine, store and journal. What is
//! simulated is what they stand on: clocks, randomness, the network, the server's disk, and the people.

mod chance;
mod disk;
mod handset;
mod invariants;
mod liar;
mod line;
mod machine;
pub mod model;
mod network;
mod office;
mod reached;
mod runner;
mod story;
mod trace;
mod truth;
mod world;

pub use runner::{Report, Run, play, play_lies, run};
pub use story::Story;
pub use trace::Trace;
pub use world::Failure;
