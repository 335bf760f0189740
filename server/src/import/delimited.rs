//! Reading CSV text, with commas, semicolons or tabs between the cells.

use csv::{ReaderBuilder, StringRecord};

use super::{
    file::{FileError, MAX_COLUMNS},
    table::Table,
};

/// Reads the table in a text.
pub(super) fn read(text: &str) -> Result<Table, FileError> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    let mut table: Option<Table> = None;
    let mut lines = Lines { text: text.as_bytes(), byte: 0, line: 1 };
    // The text is UTF-8 and rows may have any length, so nothing is left that the reader could refuse.
    while reader.read_record(&mut record).unwrap_or(false) {
        let Some(table) = &mut table else {
            let columns: Vec<String> = record.iter().take(MAX_COLUMNS + 1).map(str::to_owned).collect();
            table = Some(Table::new(columns)?);
            continue;
        };
        let begin = record.position().map_or(0, csv::Position::byte);
        table.push(lines.line_at(begin), record.iter())?;
    }
    table.ok_or(FileError::Empty)
}

/// Counts lines on the way through a text; the reader's own count stops short of blank lines and of `\r\n`.
struct Lines<'a> {
    text: &'a [u8],
    byte: usize,
    line: u32,
}

impl Lines<'_> {
    /// Gives the line of the first byte at or after `begin` that is no line end; `begin` never goes back.
    fn line_at(&mut self, begin: u64) -> u32 {
        while let Some(byte) = self.text.get(self.byte) {
            let ends_line = match byte {
                b'\n' => true,
                b'\r' => self.text.get(self.byte + 1) != Some(&b'\n'),
                _ => false,
            };
            if self.byte as u64 >= begin && !matches!(byte, b'\n' | b'\r') {
                break;
            }
            self.line += u32::from(ends_line);
            self.byte += 1;
        }
        self.line
    }
}

/// Finds the separator: the one that is most frequent in the header outside quotes; the comma if none occurs.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in header.bytes() {
        if byte == b'"' {
            quoted = !quoted;
        } else if !quoted && let Some((_, count)) = counts.iter_mut().find(|(known, _)| *known == byte) {
            *count += 1;
        }
    }
    let mut best = counts[0];
    for candidate in counts {
        if candidate.1 > best.1 {
            best = candidate;
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(table: &Table) -> Vec<Vec<String>> {
        table.rows.iter().map(|row| row.cells.clone()).collect()
    }

    #[test]
    fn commas_semicolons_and_tabs_give_the_same_table() {
        let comma = read("number,\"name, full\"\n1,\"A;B\"\n").unwrap();
        assert_eq!(comma, read("number;\"name, full\"\n1;\"A;B\"\n").unwrap());
        assert_eq!(comma, read("number\t\"name, full\"\n1\tA;B\n").unwrap());
        assert_eq!(cells(&comma), [["1", "A;B"]]);
    }

    #[test]
    fn a_row_is_numbered_by_the_line_it_begins_on() {
        let table = read("a,b\r\n1,\"two\r\nlines\"\r\n\r\n2,x\r\n").unwrap();
        assert_eq!(table.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [2, 5]);
    }

    #[test]
    fn text_right_of_the_last_column_is_noticed() {
        let table = read("a,b\n1,2,,3\n1,2,,\n").unwrap();
        assert_eq!(table.rows.iter().map(|row| row.overflows).collect::<Vec<_>>(), [true, false]);
    }
}
