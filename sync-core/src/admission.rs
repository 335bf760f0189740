//! Admission: the checks a change passes before it is merged.
//!
//! Automerge trusts its input, so bytes reach it only after [`inspect`] has bounded them, and a change is merged only
//! after every gate has passed. The gates run in the order of the modules below.

mod limits;
mod refusal;

mod chunk;
mod column;
mod inspect;
mod run;

mod canonical;

mod session;

mod header;

mod operation_set;
mod reference;
mod view;

mod admit;
mod dry_run;

pub use crate::document::Author;
pub use admit::{Admitted, admit};
pub use inspect::inspect;
pub use limits::Limits;
pub use refusal::{Refusal, RefusalCode};
