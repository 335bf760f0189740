//! Reading the first sheet of an XLSX workbook, after bounding what it unpacks to.

use std::{
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
};

use calamine::{DataRef, Reader, Xlsx, XlsxError};

use super::{
    file::{FileError, MAX_COLUMNS},
    table::{Table, cut},
    unpacking::{self, MAX_INFLATED_BYTES},
};

/// Reads the table in the first sheet of a workbook.
pub(super) fn read(bytes: &[u8]) -> Result<Table, FileError> {
    // The readers of archives and sheets trust offsets and row numbers in places; a panic is a damaged file.
    catch_unwind(AssertUnwindSafe(|| {
        unpacking::bound(bytes, MAX_INFLATED_BYTES)?;
        read_first_sheet(bytes)
    }))
    .unwrap_or_else(|_| Err(FileError::Workbook { reason: "its structure is damaged".into() }))
}

/// Reads cell by cell: asking for the whole range would allocate the rectangle that two far corners span.
fn read_first_sheet(bytes: &[u8]) -> Result<Table, FileError> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let sheet = workbook.sheet_names().into_iter().next().ok_or(FileError::Empty)?;
    let mut reader = workbook.worksheet_cells_reader(&sheet).map_err(unreadable)?;

    let mut table: Option<Table> = None;
    let mut row: Option<(u32, Vec<String>)> = None;
    while let Some(cell) = reader.next_cell().map_err(unreadable)? {
        let (row_index, column) = cell.get_position();
        let number = row_index.saturating_add(1);
        let text = text_of(cell.get_value());
        if text.is_empty() {
            continue;
        }
        if let Some((begun, cells)) = row.take_if(|(begun, _)| *begun != number) {
            if number < begun {
                return Err(FileError::Workbook { reason: format!("row {number} follows row {begun}") });
            }
            finish(&mut table, begun, cells)?;
        }
        let (_, cells) = row.get_or_insert_with(|| (number, Vec::new()));
        // One place past the last column is kept, so that text out there is noticed.
        let place = (column as usize).min(MAX_COLUMNS);
        if cells.len() <= place {
            cells.resize(place + 1, String::new());
        }
        cells[place] = text;
    }
    if let Some((number, cells)) = row {
        finish(&mut table, number, cells)?;
    }
    table.ok_or(FileError::Empty)
}

fn finish(table: &mut Option<Table>, number: u32, cells: Vec<String>) -> Result<(), FileError> {
    match table {
        None => *table = Some(Table::new(cells)?),
        Some(table) => table.push(number, cells.iter().map(String::as_str))?,
    }
    Ok(())
}

/// Writes a cell's value as its owner would type it: whole numbers without a fraction, dates as ISO 8601.
fn text_of(value: &DataRef<'_>) -> String {
    match value {
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => cut(text),
        DataRef::SharedString(text) => cut(text),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::DateTime(date) => date.to_string(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

fn unreadable(error: XlsxError) -> FileError {
    match error {
        XlsxError::Password => FileError::OldOrLockedWorkbook,
        other => FileError::damaged_workbook(other),
    }
}

#[cfg(test)]
mod tests;
