//! Runs: reads the rows of columns that [`inspect`](super::inspect) has bounded, one by one and without copying.

use super::{
    Refusal,
    column::{Reader, malformed},
};

/// A run-length column, row by row.
#[derive(Debug, Clone)]
pub(super) struct Runs<'a, T> {
    reader: Reader<'a>,
    read: fn(&mut Reader<'a>) -> Result<T, Refusal>,
    left: u64,
    run: Run<T>,
}

#[derive(Debug, Clone)]
enum Run<T> {
    Null,
    Same(T),
    Literal,
}

impl<'a, T: Copy> Runs<'a, T> {
    pub(super) fn new(column: &'a [u8], read: fn(&mut Reader<'a>) -> Result<T, Refusal>) -> Self {
        Self { reader: Reader(column), read, left: 0, run: Run::Null }
    }

    /// The next row; `None` for a null, and for all rows behind the end of the column.
    pub(super) fn next(&mut self) -> Result<Option<T>, Refusal> {
        if self.left == 0 {
            if self.reader.is_empty() {
                return Ok(None);
            }
            self.start()?;
        }
        self.left -= 1;
        match self.run {
            Run::Null => Ok(None),
            Run::Same(value) => Ok(Some(value)),
            Run::Literal => (self.read)(&mut self.reader).map(Some),
        }
    }

    pub(super) fn is_done(&self) -> bool {
        self.left == 0 && self.reader.is_empty()
    }

    fn start(&mut self) -> Result<(), Refusal> {
        let header = self.reader.signed()?;
        (self.left, self.run) = match header {
            0 => (self.reader.unsigned()?, Run::Null),
            1.. => (header.unsigned_abs(), Run::Same((self.read)(&mut self.reader)?)),
            _ => (header.unsigned_abs(), Run::Literal),
        };
        if self.left == 0 { Err(malformed("a run of nothing")) } else { Ok(()) }
    }
}

/// A run-length column of differences, row by row, summed up.
#[derive(Debug, Clone)]
pub(super) struct Deltas<'a> {
    runs: Runs<'a, i64>,
    sum: i64,
}

impl<'a> Deltas<'a> {
    pub(super) fn new(column: &'a [u8]) -> Self {
        Self { runs: Runs::new(column, Reader::signed), sum: 0 }
    }

    /// The next row; `None` for a null, and for all rows behind the end of the column.
    pub(super) fn next(&mut self) -> Result<Option<u64>, Refusal> {
        let Some(delta) = self.runs.next()? else { return Ok(None) };
        let sum = self.sum.checked_add(delta).filter(|sum| *sum >= 0);
        self.sum = sum.ok_or_else(|| malformed("a counter out of range"))?;
        Ok(Some(self.sum.unsigned_abs()))
    }

    pub(super) fn is_done(&self) -> bool {
        self.runs.is_done()
    }
}

/// A column of booleans, row by row.
#[derive(Debug, Clone)]
pub(super) struct Booleans<'a> {
    reader: Reader<'a>,
    left: u64,
    value: bool,
}

impl<'a> Booleans<'a> {
    pub(super) fn new(column: &'a [u8]) -> Self {
        Self { reader: Reader(column), left: 0, value: true }
    }

    /// The next row; `false` for all rows behind the end of the column.
    pub(super) fn next(&mut self) -> Result<bool, Refusal> {
        while self.left == 0 {
            if self.reader.is_empty() {
                return Ok(false);
            }
            self.left = self.reader.unsigned()?;
            self.value = !self.value;
        }
        self.left -= 1;
        Ok(self.value)
    }

    pub(super) fn is_done(&self) -> bool {
        self.left == 0 && self.reader.is_empty()
    }
}
