//! The manager's pages: handlers fill plain view structs from the engine, templates turn those into escaped HTML.
//!
//! Rendering knows no engine, no store and no clock. No page holds a script.

mod asked;
pub mod asset;
mod change_marks;
mod close_form;
mod closing_pages;
mod device_pages;
mod exception_form;
mod filter;
mod form;
mod handle;
mod label;
mod lang;
mod moment;
mod obligation_filter;
mod obligation_page;
mod obligations_page;
mod overview_page;
mod owed_words;
mod page;
mod pages;
pub mod path;
mod problem_page;
mod read;
mod reader;
mod record_page;
mod routes;
mod sign_in_pages;
mod span;
mod stack;
mod timeline;
pub mod view;
mod window_line;
mod words;

#[cfg(test)]
mod gallery;
#[cfg(test)]
mod tests;

pub use close_form::CloseForm;
pub use closing_pages::{render_closing, render_closings};
pub use device_pages::{render_devices, render_revoke};
pub use exception_form::ExceptionForm;
pub use filter::RecordFilter;
pub use form::DecisionForm;
pub use lang::Lang;
pub use obligation_filter::{ObligationFilter, Owes, RuleName};
pub use obligation_page::render_obligation;
pub use obligations_page::render_obligations;
pub use overview_page::render_overview;
pub use page::{Html, Page, Session};
pub use pages::Pages;
pub use problem_page::render_problem;
pub use record_page::render_record;
pub use routes::{ROUTES, routes};
pub use sign_in_pages::{render_first_password, render_sign_in};
pub use span::Span;
