//! Stories: what happens to a visit, from the phone to the manager, through the real SDK over real HTTP.

mod amendments;
mod clocks;
mod deadlines;
mod devices;
mod exceptions;
mod hostility;
mod model;
mod offline;
mod parity;
mod refusals;
mod restore;
mod transfers;
