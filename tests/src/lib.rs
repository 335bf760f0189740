//! Whole worlds for tests, the demo and the benchmarks: a server, a company, simulated phones and one clock for all.

pub mod child;
pub mod clock;
pub mod company;
pub mod crew;
pub mod folder;
pub mod fork;
pub mod fortnight;
pub mod hostile;
pub mod notes;
pub mod older;
pub mod owed;
pub mod phone;
pub mod planted;
pub mod platform;
pub mod proof;
pub mod proxy;
pub mod shadow;
pub mod simulation;
pub mod template;
pub mod tmpfs;
pub mod world;

pub use clock::SimulatedClock;
pub use company::Company;
pub use crew::Crew;
pub use fortnight::Fortnight;
pub use hostile::HostilePhone;
pub use phone::Phone;
pub use template::Template;
pub use world::World;
