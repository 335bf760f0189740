//! Reading: the values of a document now and at earlier heads.

use automerge::{Automerge, ChangeHash, ROOT, ReadDoc};

use super::{Document, DocumentKind, FieldValue, Heads, UnknownHeads, Values, replica::change_hash};

impl Document {
    /// The values as they stand at the current heads.
    pub fn values(&self) -> Values {
        read(&self.state, self.kind, None)
    }

    /// The values as they stood at the given heads, whatever came later.
    pub fn values_at(&self, heads: &Heads) -> Result<Values, UnknownHeads> {
        self.require(heads)?;
        let at: Vec<ChangeHash> = heads.as_slice().iter().map(change_hash).collect();
        Ok(read(&self.state, self.kind, Some(&at)))
    }
}

/// Goes through the document once rather than looking for each field.
fn read(state: &Automerge, kind: DocumentKind, at: Option<&[ChangeHash]>) -> Values {
    let range = match at {
        Some(heads) => state.map_range_at(ROOT, .., heads),
        None => state.map_range(ROOT, ..),
    };
    let scalars = range.filter_map(|item| {
        let field = kind.schema().field(&item.key).filter(|field| !field.is_text())?;
        let value = item.value.into_value();
        // What does not fit the schema cannot pass admission; should it turn up all the same, it is not a value.
        Some((field.name, field.read(value.as_scalar()?).ok()?))
    });
    let texts = kind.genesis().texts.iter().filter_map(|(field, object)| {
        let text = match at {
            Some(heads) => state.text_at(object, heads),
            None => state.text(object),
        };
        Some((field.name, FieldValue::Text(text.ok()?)))
    });
    scalars.chain(texts).collect()
}
