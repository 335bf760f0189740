//! Documents: what you get by merging logged changes.

mod actor;
mod ancestry;
mod difference;
mod edit;
mod frontier;
mod genesis;
#[cfg(test)]
mod golden;
mod heads;
mod history;
mod kind;
mod read;
mod replica;
mod schema;
pub(crate) mod table;
mod value;
mod visit;

pub use actor::{Actor, Author};
pub use difference::{FieldDifference, difference};
pub use edit::{Edit, EditError};
pub use frontier::{DocumentFrontier, UnknownHeads};
pub use heads::Heads;
pub use history::{ChangeRecord, ChangeSummary};
pub use kind::{DocumentKind, UnknownKind, new_id};
pub use replica::{DamagedChange, Document, DocumentError, dependencies_of_change, hash_of_change};
pub use schema::{Field, FieldKind, Misfit, Schema, envelope};
pub use value::{FieldValue, Values};
pub use visit::{Visit, field};

pub(crate) use ancestry::{Ancestry, Past};
pub(crate) use schema::is_text_char;
