//! Parameters: what the text of a regulation leaves out, and a company fills in. A rule names one as `"$name"`.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
};

use toml::{Spanned, de::DeValue};

use super::PackError;

/// The longest text a value may have, in bytes.
const MAX_VALUE_BYTES: usize = 500;
/// How often parameters may be named in one pack.
const MAX_USES: usize = 2_000;

/// The parameters of one pack; those without a value are written as `"?"`.
pub(super) struct Parameters<'a> {
    values: BTreeMap<String, Option<DeValue<'a>>>,
    uses: Cell<usize>,
}

impl<'a> Parameters<'a> {
    pub(super) fn read(text: &str, written: Option<Spanned<DeValue<'a>>>) -> Result<Self, PackError> {
        let mut values = BTreeMap::new();
        let Some(written) = written else { return Ok(Self { values, uses: Cell::new(0) }) };
        let span = written.span();
        let DeValue::Table(table) = written.into_inner() else {
            return Err(PackError::at(text, span, "write the parameters as a [parameters] table"));
        };
        for (name, value) in table {
            let span = value.span();
            if span.len() > MAX_VALUE_BYTES {
                let message = format!("a parameter's value may have {MAX_VALUE_BYTES} bytes");
                return Err(PackError::at(text, span, message));
            }
            let value = value.into_inner();
            let is_set = value.as_str() != Some("?");
            values.insert(name.into_inner().into_owned(), is_set.then_some(value));
        }
        Ok(Self { values, uses: Cell::new(0) })
    }

    /// Their names, each with whether it has a value.
    pub(super) fn names(&self) -> Vec<(String, bool)> {
        self.values.iter().map(|(name, value)| (name.clone(), value.is_some())).collect()
    }

    /// Puts the values where they are named; those that have none are added to `missing`.
    pub(super) fn fill_in(
        &self,
        text: &str,
        written: &mut Spanned<DeValue<'a>>,
        missing: &mut BTreeSet<String>,
    ) -> Result<(), PackError> {
        let span = written.span();
        match written.get_mut() {
            DeValue::Table(table) => {
                for (_, value) in table.iter_mut() {
                    self.fill_in(text, value, missing)?;
                }
            }
            DeValue::Array(values) => {
                for value in values.iter_mut() {
                    self.fill_in(text, value, missing)?;
                }
            }
            value => {
                let Some(name) = value.as_str().and_then(|word| word.strip_prefix('$')) else {
                    return Ok(());
                };
                self.uses.set(self.uses.get() + 1);
                if self.uses.get() > MAX_USES {
                    let message = format!("parameters are named more than {MAX_USES} times");
                    return Err(PackError::at(text, span, message));
                }
                match self.values.get(name) {
                    Some(Some(given)) => *value = given.clone(),
                    Some(None) => {
                        missing.insert(name.to_owned());
                    }
                    None => {
                        let message = format!("the pack has no parameter {name:?}; add it to [parameters]");
                        return Err(PackError::at(text, span, message));
                    }
                }
            }
        }
        Ok(())
    }
}
