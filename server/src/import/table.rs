//! A table as read from a file: column names and rows of text, within the limits.

use super::file::{FileError, MAX_CELL_CHARS, MAX_CELLS, MAX_COLUMNS, MAX_ROWS};

/// The columns and rows of one file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Row>,
    cells: usize,
}

/// One row below the header that is not blank.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The sheet row, or the line of a text file at which the row begins, counted from 1.
    pub(super) number: u32,
    /// Trailing empty cells are left out. A cell past the limit keeps one character more than the limit allows.
    pub(super) cells: Vec<String>,
    /// Whether there was text to the right of the last column.
    pub(super) overflows: bool,
}

impl Row {
    /// Gives the text of a cell; empty where the row is short.
    pub(super) fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

impl Table {
    /// Begins a table with its header row.
    pub(super) fn new(columns: Vec<String>) -> Result<Self, FileError> {
        let mut columns: Vec<String> = columns.into_iter().map(|name| name.trim().to_owned()).collect();
        while columns.last().is_some_and(String::is_empty) {
            columns.pop();
        }
        match columns.len() {
            0 => Err(FileError::Empty),
            1..=MAX_COLUMNS => Ok(Self { columns, rows: Vec::new(), cells: 0 }),
            _ => Err(FileError::TooManyColumns),
        }
    }

    /// Adds a row; a blank one is passed over.
    pub(super) fn push<'a>(
        &mut self,
        number: u32,
        cells: impl Iterator<Item = &'a str>,
    ) -> Result<(), FileError> {
        let mut kept: Vec<String> = Vec::new();
        let mut overflows = false;
        for (index, cell) in cells.enumerate() {
            if index < self.columns.len() {
                kept.push(cut(cell));
            } else {
                overflows |= !cell.trim().is_empty();
            }
        }
        while kept.last().is_some_and(|cell| cell.trim().is_empty() && !is_cut(cell)) {
            kept.pop();
        }
        if kept.is_empty() && !overflows {
            return Ok(());
        }
        self.cells += kept.len();
        if self.cells > MAX_CELLS {
            return Err(FileError::TooManyCells);
        }
        if self.rows.len() == MAX_ROWS {
            return Err(FileError::TooManyRows);
        }
        kept.shrink_to_fit();
        self.rows.push(Row { number, cells: kept, overflows });
        Ok(())
    }
}

/// Copies a cell's text, stopping one character after the limit so that the excess can still be seen.
pub(super) fn cut(cell: &str) -> String {
    match cell.char_indices().nth(MAX_CELL_CHARS + 1) {
        Some((end, _)) => cell[..end].to_owned(),
        None => cell.to_owned(),
    }
}

/// Whether text was left out of a cell.
pub(super) fn is_cut(cell: &str) -> bool {
    cell.chars().count() > MAX_CELL_CHARS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_rows_are_passed_over_and_keep_their_number() {
        let mut table = Table::new(vec!["number".into(), "name".into(), String::new()]).unwrap();
        table.push(2, ["1", "A", " "].into_iter()).unwrap();
        table.push(3, ["", " "].into_iter()).unwrap();
        table.push(4, ["2"].into_iter()).unwrap();
        assert_eq!(table.columns, ["number", "name"]);
        assert_eq!(table.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [2, 4]);
        assert_eq!(table.rows[1].cell(1), "");
    }

    #[test]
    fn one_row_more_than_the_limit_is_refused() {
        let mut table = Table::new(vec!["number".into()]).unwrap();
        for number in 0..MAX_ROWS {
            table.push(number as u32, ["1"].into_iter()).unwrap();
        }
        assert_eq!(table.push(0, ["1"].into_iter()), Err(FileError::TooManyRows));
    }

    #[test]
    fn a_wide_table_is_refused_before_its_rows_fill_memory() {
        assert_eq!(Table::new(vec!["x".into(); MAX_COLUMNS + 1]).unwrap_err(), FileError::TooManyColumns);
        let mut table = Table::new(vec!["x".into(); MAX_COLUMNS]).unwrap();
        let refused = (0..=MAX_CELLS / MAX_COLUMNS)
            .find_map(|number| table.push(number as u32, ["1"; MAX_COLUMNS].into_iter()).err());
        assert_eq!(refused, Some(FileError::TooManyCells));
    }
}
