//! The shapes of the API's JSON: ids and hashes in lowercase hex, times in milliseconds since 1970 UTC, codes in
//! snake_case.

mod closing;
mod customer;
mod device;
mod document;
mod exception;
mod input;
mod obligation;
mod page;
mod record;
mod submit;
mod user;
pub(super) mod words;

pub(super) use closing::{ChangeShown, ChangesQuery, ClosingPut, ClosingShown, Side};
pub(super) use customer::{CustomerPut, CustomerShown, CustomersPut};
pub(super) use device::DeviceShown;
pub(super) use document::{DocumentEntered, DocumentPut};
pub(super) use exception::{ExceptionPut, ExceptionShown};
pub(super) use input::{Body, Id, SecretText, Text, Word};
pub(super) use obligation::{
    FactShown, ObligationExplained, ObligationQuery, ObligationShown, ObligationsQuery, PointsQuery,
    PointsShown,
};
pub(super) use page::{Page, PageQuery, Place, Query};
pub(super) use record::{RecordLineShown, RecordShown, RecordsQuery};
pub(super) use submit::{Ruling, SubmitShown};
pub(super) use user::{CodeShown, Me, PasswordShown, UserPut, UserShown, UsersPut};
