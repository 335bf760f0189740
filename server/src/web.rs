//! The manager's pages: handlers fill plain view structs from the engine, templates turn those into escaped HTML.
//!
//! Rendering knows no engine, no store and no clock. No page holds a script.

mod asked;
pub mod asset;
mod change_marks;
mod device_pages;
mod filter;
mod form;
mod handle;
mod label;
mod lang;
mod moment;
mod overview_page;
mod page;
mod pages;
pub mod path;
mod problem_page;
mod read;
mod reader;
mod record_page;
mod routes;
mod sign_in_pages;
mod timeline;
pub mod view;
mod words;

#[cfg(test)]
mod gallery;
#[cfg(test)]
mod tests;

pub use device_pages::{render_devices, render_revoke};
pub use filter::RecordFilter;
pub use form::DecisionForm;
pub use lang::Lang;
pub use overview_page::render_overview;
pub use page::{Html, Page, Session};
pub use pages::Pages;
pub use problem_page::render_problem;
pub use record_page::render_record;
pub use routes::{ROUTES, routes};
pub use sign_in_pages::{render_first_password, render_sign_in};
