//! The file as it was handed in: its format, its limits and what can be wrong with it as a whole.

use super::{delimited, table::Table, workbook};

/// Largest file that is looked at, in bytes.
pub const MAX_FILE_BYTES: usize = 50 * 1024 * 1024;
/// Most rows below the header.
pub const MAX_ROWS: usize = 200_000;
/// Most columns in the header.
pub const MAX_COLUMNS: usize = 100;
/// Most cells kept in memory from one file.
pub const MAX_CELLS: usize = 4_000_000;
/// Most characters of a cell that a field may use.
pub const MAX_CELL_CHARS: usize = 2_000;

/// Why a file cannot be read as a table; each message says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It is larger than [`MAX_FILE_BYTES`].
    #[error("the file has {bytes} bytes; at most {MAX_FILE_BYTES} are read: split it")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// It has no header row.
    #[error("the file is empty: its first row must name the columns")]
    Empty,
    /// It is UTF-16, which some programs call "Unicode text".
    #[error("the file is UTF-16 text: save it as \"CSV UTF-8\" or as .xlsx")]
    Utf16,
    /// It is text in some other encoding, GB18030 for example.
    #[error("line {line} is not UTF-8 text: save the file as \"CSV UTF-8\" or as .xlsx")]
    NotUtf8 {
        /// The first line that is not UTF-8, counted from 1.
        line: usize,
    },
    /// It is a workbook of Excel 97 to 2003, or one locked with a password.
    #[error("this is an old (.xls) or a password-protected workbook: save it as .xlsx without a password")]
    OldOrLockedWorkbook,
    /// The workbook is damaged.
    #[error("the workbook cannot be read: {reason}")]
    Workbook {
        /// What the reader said, cut to 200 characters.
        reason: String,
    },
    /// The workbook unpacks to more than [`MAX_INFLATED_BYTES`](super::MAX_INFLATED_BYTES).
    #[error("the workbook unpacks to more than {limit} bytes: split it")]
    InflatesTooFar {
        /// The limit, in bytes.
        limit: u64,
    },
    /// It has more rows than [`MAX_ROWS`].
    #[error("the file has more than {MAX_ROWS} rows: split it")]
    TooManyRows,
    /// Its header has more than [`MAX_COLUMNS`] columns.
    #[error("the header has more than {MAX_COLUMNS} columns: remove those that are not needed")]
    TooManyColumns,
    /// It has more cells than [`MAX_CELLS`].
    #[error("the file has more than {MAX_CELLS} cells: split it or remove columns that are not needed")]
    TooManyCells,
}

impl FileError {
    /// A workbook that its reader gave up on.
    pub(super) fn damaged_workbook(error: impl std::fmt::Display) -> Self {
        Self::Workbook { reason: error.to_string().chars().take(200).collect() }
    }
}

/// Reads the table in a file, told apart by its first bytes: XLSX, else CSV.
pub(super) fn read(bytes: &[u8]) -> Result<Table, FileError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(FileError::TooLarge { bytes: bytes.len() });
    }
    if bytes.starts_with(b"PK\x03\x04") {
        workbook::read(bytes)
    } else if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        Err(FileError::OldOrLockedWorkbook)
    } else {
        delimited::read(text(bytes)?)
    }
}

fn text(bytes: &[u8]) -> Result<&str, FileError> {
    // Without a byte-order mark, Latin letters in UTF-16 have a zero as every other byte.
    if bytes.starts_with(b"\xFF\xFE")
        || bytes.starts_with(b"\xFE\xFF")
        || bytes.iter().take(64).any(|byte| *byte == 0)
    {
        return Err(FileError::Utf16);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| FileError::NotUtf8 {
        line: 1 + bytes.iter().take(error.valid_up_to()).filter(|byte| **byte == b'\n').count(),
    })?;
    Ok(text.strip_prefix('\u{FEFF}').unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn utf_16_is_named_and_the_way_out_is_said() {
        let utf_16: Vec<u8> = "\u{FEFF}name\n甲".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let without_mark: Vec<u8> = "name\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [utf_16, without_mark] {
            let error = read(&bytes).unwrap_err();
            assert_eq!(error, FileError::Utf16);
            assert!(error.to_string().contains("CSV UTF-8"));
        }
    }

    #[test]
    fn gb18030_is_refused_at_its_first_line_that_is_not_utf_8() {
        let error = read(b"number,name\n1,\xBC\xD7\xB9\xAB\xCB\xBE\n").unwrap_err();
        assert_eq!(error, FileError::NotUtf8 { line: 2 });
    }

    #[test]
    fn a_file_past_the_size_limit_is_not_looked_at() {
        let bytes = vec![b'a'; MAX_FILE_BYTES + 1];
        assert_eq!(read(&bytes).unwrap_err(), FileError::TooLarge { bytes: MAX_FILE_BYTES + 1 });
    }

    #[test]
    fn an_old_workbook_is_told_apart_from_text() {
        assert_eq!(read(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1").unwrap_err(), FileError::OldOrLockedWorkbook);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            let _ = read(&bytes);
            let _ = read(&[b"PK\x03\x04".as_slice(), &bytes].concat());
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*|([a-c\"]*[,;\n\t]){0,40}") {
            let _ = read(text.as_bytes());
        }
    }
}
