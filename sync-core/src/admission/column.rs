//! Columns: counts the rows of an encoded column from its run lengths, without expanding a single run.

use super::{Refusal, RefusalCode};

/// A cursor over bytes that were written by someone else.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

pub(super) fn malformed(detail: impl Into<String>) -> Refusal {
    Refusal::new(RefusalCode::MalformedChange, detail)
}

pub(super) fn over_limit(what: &str, found: u64, limit: u64) -> Refusal {
    Refusal::new(RefusalCode::OverLimit, format!("{what}: {found}, at most {limit}"))
}

impl<'a> Reader<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn take(&mut self, length: u64) -> Result<&'a [u8], Refusal> {
        let length = usize::try_from(length).map_err(|_| malformed("a length beyond memory"))?;
        let (taken, rest) =
            self.0.split_at_checked(length).ok_or_else(|| malformed("the bytes end early"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Refusal> {
        Ok(self.take(1)?[0])
    }

    /// Reads an unsigned LEB128 number.
    pub(super) fn unsigned(&mut self) -> Result<u64, Refusal> {
        // Most numbers are one byte long.
        if let Some((&byte @ ..0x80, rest)) = self.0.split_first() {
            self.0 = rest;
            return Ok(u64::from(byte));
        }
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                if byte == 0 && shift > 0 {
                    return Err(malformed("a number longer than it needs to be"));
                }
                return Ok(value);
            }
        }
        Err(malformed("a number longer than 64 bits"))
    }

    /// Reads a signed LEB128 number.
    pub(super) fn signed(&mut self) -> Result<i64, Refusal> {
        if let Some((&byte @ ..0x80, rest)) = self.0.split_first() {
            self.0 = rest;
            return Ok(i64::from(byte & 0x3f) - i64::from(byte & 0x40));
        }
        let mut value = 0i64;
        let mut before = 0u8;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            if shift == 63 && byte != 0 && byte != 0x7f {
                break;
            }
            value |= i64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                // A last byte that only repeats the sign of the byte before it says nothing.
                let sign = if before & 0x40 == 0 { 0 } else { 0x7f };
                if byte == sign && shift > 0 {
                    return Err(malformed("a number longer than it needs to be"));
                }
                let unused = 64 - (shift + 7).min(64);
                return Ok(value << unused >> unused);
            }
            before = byte;
        }
        Err(malformed("a number longer than 64 bits"))
    }

    /// Reads bytes behind their length.
    pub(super) fn prefixed(&mut self) -> Result<&'a [u8], Refusal> {
        let length = self.unsigned()?;
        self.take(length)
    }
}

/// What a run of a column repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    Unsigned,
    Signed,
    Text,
}

/// The rows of a column, and the sum and maximum of what they hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) rows: u64,
    pub(super) sum: u64,
    pub(super) max: u64,
}

/// Counts a run-length column; `weigh` says what an unsigned cell adds to the sum.
pub(super) fn tally_runs(
    column: &[u8],
    cell: Cell,
    limit: u64,
    weigh: fn(u64) -> u64,
) -> Result<Tally, Refusal> {
    let mut reader = Reader(column);
    let mut tally = Tally::default();
    while !reader.is_empty() {
        let header = reader.signed()?;
        let (rows, cells) = match header {
            0 => (reader.unsigned()?, 0),
            1.. => (header.unsigned_abs(), 1),
            _ => (header.unsigned_abs(), header.unsigned_abs()),
        };
        tally.rows = tally.rows.saturating_add(rows);
        // Checked before the cells are read, so that no count in the bytes decides how long this takes.
        if tally.rows > limit {
            return Err(over_limit("rows of a column", tally.rows, limit));
        }
        let repeats = if cells == 1 { rows } else { 1 };
        for _ in 0..cells {
            let value = match cell {
                Cell::Unsigned => reader.unsigned()?,
                Cell::Signed => reader.signed().map(|_| 0)?,
                Cell::Text => reader.prefixed().map(|_| 0)?,
            };
            tally.max = tally.max.max(value);
            tally.sum = tally.sum.saturating_add(weigh(value).saturating_mul(repeats));
        }
    }
    Ok(tally)
}

/// Counts a column of booleans: the lengths of alternating runs.
pub(super) fn tally_booleans(column: &[u8], limit: u64) -> Result<Tally, Refusal> {
    let mut reader = Reader(column);
    let mut rows = 0u64;
    while !reader.is_empty() {
        rows = rows.saturating_add(reader.unsigned()?);
        if rows > limit {
            return Err(over_limit("rows of a column", rows, limit));
        }
    }
    Ok(Tally { rows, ..Tally::default() })
}
