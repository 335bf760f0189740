//! Differences: what changed between two states of a document, field by field, for people to read.

use std::collections::BTreeSet;

use super::{FieldValue, Values};

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldDifference {
    /// The field's name.
    pub field: &'static str,
    /// What it held before; `None` if it was not set.
    pub before: Option<FieldValue>,
    /// What it holds now; `None` if it is not set.
    pub after: Option<FieldValue>,
}

/// Lists the fields that differ, by name.
pub fn difference(from: &Values, to: &Values) -> Vec<FieldDifference> {
    let names: BTreeSet<&'static str> = from.iter().chain(to.iter()).map(|(name, _)| *name).collect();
    names
        .into_iter()
        .filter(|name| from.get(name) != to.get(name))
        .map(|field| FieldDifference {
            field,
            before: from.get(field).cloned(),
            after: to.get(field).cloned(),
        })
        .collect()
}
