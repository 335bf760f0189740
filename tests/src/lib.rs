//! Whole worlds for tests, the demo and the benchmarks: a server, a company, simulated phones and one clock for all.

pub mod child;
pub mod clock;
pub mod company;
pub mod fortnight;
pub mod hostile;
pub mod notes;
pub mod phone;
pub mod proof;
pub mod proxy;
pub mod world;

pub use clock::SimulatedClock;
pub use company::Company;
pub use fortnight::Fortnight;
pub use hostile::HostilePhone;
pub use phone::Phone;
pub use world::World;
