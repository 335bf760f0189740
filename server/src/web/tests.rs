//! The pages, asked for as a browser does.

mod browser;
mod deciding;
mod devices;
mod language;
mod reading;
mod signing_in;
