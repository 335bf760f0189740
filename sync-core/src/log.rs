//! The log: a phone's hash chain of what its rep did, and the signed statements around it.

mod anchor;
mod chain;
mod commit;
mod device_key;
mod entry;
pub mod limits;
mod page;
mod receipt;
mod signed;
mod signer;
mod witness;

#[cfg(test)]
mod tests;

pub use anchor::{Anchor, JournalRoot};
pub(crate) use chain::check_size;
pub use chain::{Chain, ChainError};
pub use commit::{Commit, Statement};
pub use device_key::{BadDeviceKey, DeviceKey, low_s};
pub use entry::{Entry, EntryKind};
pub use page::{CheckedEntry, CheckedPage, PageId};
pub use receipt::{Receipt, Refused};
pub use signed::{BadSignature, ServerKey, SignedAnchor, SignedReceipt};
pub use signer::{SignError, Signer, SoftwareKey};
pub use witness::Witness;
