//! Import: customers and users from CSV or XLSX files into checked drafts, with a report of every bad row.
//!
//! A file is read, its columns are mapped to fields, each row becomes a draft or is reported, and the drafts are
//! checked against each other and against the people already known. Nothing here writes: the drafts carry the natural
//! keys (`number`, `login`) by which the caller adds or updates, so importing a file again changes nothing.

mod customers;
mod delimited;
mod field;
mod file;
mod known_people;
mod mapping;
mod plan;
mod report;
mod roles;
mod table;
mod template;
mod unpacking;
mod users;
mod words;
mod workbook;

pub use customers::{CustomerDraft, import_customers};
pub use field::{CUSTOMER_FIELDS, Field, Kind, USER_FIELDS};
pub use file::{FileError, MAX_CELL_CHARS, MAX_CELLS, MAX_COLUMNS, MAX_FILE_BYTES, MAX_ROWS};
pub use known_people::{KnownPeople, Person};
pub use mapping::{Mapping, MappingError};
pub use report::{BadRow, BadRows, Import, Problem, Refused};
pub use unpacking::MAX_INFLATED_BYTES;
pub use users::{UserDraft, import_users};

/// Why a file was not read at all.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file itself cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Its columns cannot be mapped to fields.
    #[error(transparent)]
    Mapping(#[from] MappingError),
}
