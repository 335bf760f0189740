//! The pages, asked for as a browser does.

mod browser;
mod closing;
mod deciding;
mod devices;
mod excepting;
mod language;
mod owing;
mod reading;
mod signing_in;
