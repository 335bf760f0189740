//! Tests of the whole book against a server in memory that runs the core's own checks.

mod documents;
mod due;
mod durability;
mod example;
mod fake_server;
mod fork;
mod lost;
mod outbox;
mod phone;
mod refusal;
mod status;
mod sync;
mod text;
