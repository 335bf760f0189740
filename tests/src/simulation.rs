//! Simulation: whole worlds compared with a model that is too simple to be wrong in the same way.

pub mod model;
