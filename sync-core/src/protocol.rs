//! The protocol: the messages between phone and server and the two state machines that speak it, without IO.

mod device_state;
mod message;
pub mod phone;
pub mod server;

#[cfg(test)]
mod tests;

pub use device_state::{DeviceState, IssuedAnchor};
pub use message::{Cursor, FeedItem, PullRequest, PullResponse};
