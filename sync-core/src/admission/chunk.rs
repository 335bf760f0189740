//! Chunks: a change taken apart into its header and its columns, but not expanded.

use automerge::ScalarValue;

use super::{
    Refusal,
    column::{Reader, malformed},
    operation_set::Operation,
    run::{Booleans, Deltas, Runs},
};
use crate::{document::Actor, hash::Hash};

/// A plain change chunk within the limits.
#[derive(Debug, Clone)]
pub(super) struct Chunk<'a> {
    pub(super) hash: Hash,
    pub(super) dependencies: Vec<Hash>,
    /// The actors its columns refer to; the first is its author.
    pub(super) actors: Vec<Actor>,
    pub(super) seq: u64,
    pub(super) start_op: u64,
    pub(super) operations: u64,
    pub(super) columns: Columns<'a>,
}

/// The columns of a change; one that is not there is empty.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Columns<'a> {
    pub(super) object_actor: &'a [u8],
    pub(super) object_counter: &'a [u8],
    pub(super) key_actor: &'a [u8],
    pub(super) key_counter: &'a [u8],
    pub(super) key_name: &'a [u8],
    pub(super) insert: &'a [u8],
    pub(super) action: &'a [u8],
    pub(super) value_length: &'a [u8],
    pub(super) value: &'a [u8],
    pub(super) predecessor_count: &'a [u8],
    pub(super) predecessor_actor: &'a [u8],
    pub(super) predecessor_counter: &'a [u8],
}

/// One operation of a change.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ReadOperation<'a> {
    /// The object it is about; `None` for the document itself.
    pub(super) object: Option<Operation>,
    pub(super) key: Key<'a>,
    pub(super) insert: bool,
    pub(super) action: Action,
    pub(super) value: StoredValue<'a>,
    pub(super) predecessors: Vec<Operation>,
}

/// Where in its object an operation acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key<'a> {
    Name(&'a str),
    Beginning,
    Element(Operation),
}

/// What an operation does; the rest has no place in these documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Put,
    Delete,
    Other,
}

/// A value as it is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StoredValue<'a> {
    kind: u64,
    bytes: &'a [u8],
}

impl Chunk<'_> {
    pub(super) fn actor(&self) -> Actor {
        self.actors[0]
    }

    /// The counter of its last operation.
    pub(super) fn max_op(&self) -> u64 {
        self.start_op + self.operations - 1
    }
}

/// The operations of a chunk, in order.
#[derive(Debug, Clone)]
pub(super) struct Operations<'a> {
    actors: &'a [Actor],
    left: u64,
    object_actor: Runs<'a, u64>,
    object_counter: Runs<'a, u64>,
    key_actor: Runs<'a, u64>,
    key_counter: Deltas<'a>,
    key_name: Runs<'a, &'a [u8]>,
    insert: Booleans<'a>,
    action: Runs<'a, u64>,
    value_length: Runs<'a, u64>,
    value: Reader<'a>,
    predecessor_count: Runs<'a, u64>,
    predecessor_actor: Runs<'a, u64>,
    predecessor_counter: Deltas<'a>,
}

impl<'a> Operations<'a> {
    pub(super) fn of(chunk: &'a Chunk<'a>) -> Self {
        let columns = &chunk.columns;
        let numbers = |column| Runs::new(column, Reader::unsigned);
        Self {
            actors: &chunk.actors,
            left: chunk.operations,
            object_actor: numbers(columns.object_actor),
            object_counter: numbers(columns.object_counter),
            key_actor: numbers(columns.key_actor),
            key_counter: Deltas::new(columns.key_counter),
            key_name: Runs::new(columns.key_name, Reader::prefixed),
            insert: Booleans::new(columns.insert),
            action: numbers(columns.action),
            value_length: numbers(columns.value_length),
            value: Reader(columns.value),
            predecessor_count: numbers(columns.predecessor_count),
            predecessor_actor: numbers(columns.predecessor_actor),
            predecessor_counter: Deltas::new(columns.predecessor_counter),
        }
    }

    /// The next operation; `None` after the last, once all columns are found to end with it.
    pub(super) fn next(&mut self) -> Result<Option<ReadOperation<'a>>, Refusal> {
        if self.left == 0 {
            return if self.is_done() { Ok(None) } else { Err(malformed("columns of different lengths")) };
        }
        self.left -= 1;
        let object = match (self.object_actor.next()?, self.object_counter.next()?) {
            (None, None) => None,
            (Some(actor), Some(counter)) => Some(self.operation(counter, actor)?),
            _ => return Err(malformed("half an object")),
        };
        let key = match (self.key_actor.next()?, self.key_counter.next()?, self.key_name.next()?) {
            (None, None, Some(name)) => Key::Name(text(name)?),
            (None, Some(0), None) => Key::Beginning,
            (Some(actor), Some(counter), None) => Key::Element(self.operation(counter, actor)?),
            _ => return Err(malformed("an operation without a proper key")),
        };
        let insert = self.insert.next()?;
        let action = match self.action.next()? {
            Some(1) => Action::Put,
            Some(3) => Action::Delete,
            Some(_) => Action::Other,
            None => return Err(malformed("an operation without an action")),
        };
        let described = self.value_length.next()?.ok_or_else(|| malformed("an operation without a value"))?;
        let value = StoredValue { kind: described & 0xf, bytes: self.value.take(described >> 4)? };
        if action == Action::Delete && value.kind != StoredValue::NULL {
            return Err(malformed("a deletion with a value"));
        }
        let count =
            self.predecessor_count.next()?.ok_or_else(|| malformed("predecessors that are not counted"))?;
        // The counts were added up and bounded before.
        let mut predecessors = Vec::new();
        for _ in 0..count {
            let (Some(actor), Some(counter)) =
                (self.predecessor_actor.next()?, self.predecessor_counter.next()?)
            else {
                return Err(malformed("half a predecessor"));
            };
            predecessors.push(self.operation(counter, actor)?);
        }
        Ok(Some(ReadOperation { object, key, insert, action, value, predecessors }))
    }

    fn operation(&self, counter: u64, actor: u64) -> Result<Operation, Refusal> {
        let actor = usize::try_from(actor).ok().and_then(|actor| self.actors.get(actor));
        Ok((counter, *actor.ok_or_else(|| malformed("an actor that is not listed"))?))
    }

    fn is_done(&self) -> bool {
        self.object_actor.is_done()
            && self.object_counter.is_done()
            && self.key_actor.is_done()
            && self.key_counter.is_done()
            && self.key_name.is_done()
            && self.insert.is_done()
            && self.action.is_done()
            && self.value_length.is_done()
            && self.value.is_empty()
            && self.predecessor_count.is_done()
            && self.predecessor_actor.is_done()
            && self.predecessor_counter.is_done()
    }
}

impl<'a> StoredValue<'a> {
    const NULL: u64 = 0;
    const FALSE: u64 = 1;
    const TRUE: u64 = 2;
    const INTEGER: u64 = 4;
    const TEXT: u64 = 6;
    const TIME: u64 = 9;

    /// The text it is; `None` if it is something else.
    pub(super) fn text(self) -> Result<Option<&'a str>, Refusal> {
        if self.kind == Self::TEXT { text(self.bytes).map(Some) } else { Ok(None) }
    }

    /// The scalar it is, as far as a field can hold it; null stands for everything else.
    pub(super) fn scalar(self) -> Result<ScalarValue, Refusal> {
        match self.kind {
            Self::TEXT => Ok(ScalarValue::Str(text(self.bytes)?.into())),
            Self::INTEGER => self.signed().map(ScalarValue::Int),
            Self::TIME => self.signed().map(ScalarValue::Timestamp),
            Self::FALSE | Self::TRUE if !self.bytes.is_empty() => Err(malformed("bytes behind a flag")),
            Self::FALSE => Ok(ScalarValue::Boolean(false)),
            Self::TRUE => Ok(ScalarValue::Boolean(true)),
            _ => Ok(ScalarValue::Null),
        }
    }

    fn signed(self) -> Result<i64, Refusal> {
        let mut reader = Reader(self.bytes);
        let number = reader.signed()?;
        if reader.is_empty() { Ok(number) } else { Err(malformed("bytes behind a number")) }
    }
}

fn text(bytes: &[u8]) -> Result<&str, Refusal> {
    std::str::from_utf8(bytes).map_err(|_| malformed("text that is not UTF-8"))
}

#[cfg(test)]
mod tests;
