//! Tests of the whole book against a server in memory that runs the core's own checks.

mod document;
mod due;
mod durability;
mod example;
mod exception;
mod fake_server;
mod fork;
mod lost;
mod outbox;
mod owed;
mod phone;
mod refusal;
mod reminder;
mod scale;
mod status;
mod sync;
mod text;
