//! The Fieldbook server: takes what phones recorded, keeps it, judges it and shows it.

pub mod app;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
mod data_folder;
pub mod engine;
pub mod event;
pub mod http;
pub mod import;
pub mod journal;
pub mod listener;
pub mod projection;
pub mod store;
pub mod telemetry;
pub mod web;
