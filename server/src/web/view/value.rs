//! A field's value with its ids already resolved to names.

use sync_core::time::Timestamp;

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text, of one line or many.
    Text(String),
    /// The code of a choice, such as `on_site`; shown as a word.
    Choice(String),
    /// Several codes.
    Choices(Vec<String>),
    /// The name of a customer or a user.
    Name(String),
    /// An instant; shown in the pack's zone.
    Time(Timestamp),
    /// A count.
    Count(i64),
    /// Money, in cents.
    Money(i64),
    /// Yes or no.
    Flag(bool),
}
