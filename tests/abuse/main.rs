//! Abuse of the API and of the pages, over real sockets: every answer to it is the right refusal.

mod batches;
mod canary;
mod draft;
mod dripping;
mod hand_made;
mod rights;
mod site;
