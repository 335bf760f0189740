//! Unpacking a workbook into nothing, to count: what the reader of sheets would hold is bounded before it begins.

use std::io::{Cursor, Read};

use super::file::{FileError, MAX_CELLS};

/// Most bytes all parts of a workbook may unpack to, together.
pub const MAX_INFLATED_BYTES: u64 = 256 * 1024 * 1024;

/// Most parts in a workbook; an honest one has a few dozen.
const MAX_PARTS: usize = 2_000;
/// Most elements of a sheet: a cell has up to three.
const MAX_SHEET_ELEMENTS: usize = 4 * MAX_CELLS;
/// Most elements of any other part, which the reader holds whole: a shared string has two.
const MAX_ELEMENTS: usize = MAX_CELLS;
/// Most bytes without an angle bracket: the reader holds that much in one piece. A cell has at most 32,767 characters.
const MAX_PIECE_BYTES: usize = 1024 * 1024;
/// How much of a part is looked at to tell how it is encoded.
const HEAD_BYTES: usize = 256;

/// Unpacks every part and counts: the sizes an archive states about itself can be false.
pub(super) fn bound(bytes: &[u8], limit: u64) -> Result<(), FileError> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(FileError::damaged_workbook)?;
    if archive.len() > MAX_PARTS {
        return Err(refused(format!("it has more than {MAX_PARTS} parts")));
    }
    let mut left = limit;
    let mut buffer = vec![0; 64 * 1024];
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(FileError::damaged_workbook)?;
        let name = part.name().map_err(FileError::damaged_workbook)?.into_owned();
        let mut gauge = Gauge::new(&name);
        loop {
            let count = part.read(&mut buffer).map_err(FileError::damaged_workbook)?;
            if count == 0 {
                break;
            }
            left = left.checked_sub(count as u64).ok_or(FileError::InflatesTooFar { limit })?;
            gauge.pass(&buffer[..count])?;
        }
        gauge.check_head()?;
    }
    Ok(())
}

fn refused(reason: impl Into<String>) -> FileError {
    FileError::Workbook { reason: reason.into() }
}

/// Counts what goes by in one part.
struct Gauge {
    head: Vec<u8>,
    max_elements: usize,
    elements: usize,
    piece_bytes: usize,
    last: u8,
    announcement: Announcement,
}

impl Gauge {
    fn new(name: &str) -> Self {
        let file = name.rsplit('/').next().unwrap_or(name);
        let max_elements = if file.starts_with("sheet") { MAX_SHEET_ELEMENTS } else { MAX_ELEMENTS };
        Self {
            head: Vec::new(),
            max_elements,
            elements: 0,
            piece_bytes: 0,
            last: 0,
            announcement: Announcement::default(),
        }
    }

    fn pass(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        let missing = HEAD_BYTES - self.head.len();
        self.head.extend(bytes.iter().take(missing));
        for &byte in bytes {
            // An element begins at each `<` that does not end one.
            self.elements += usize::from(self.last == b'<' && byte != b'/');
            self.piece_bytes = if matches!(byte, b'<' | b'>') { 0 } else { self.piece_bytes + 1 };
            self.last = byte;
            if self.piece_bytes > MAX_PIECE_BYTES {
                return Err(refused("it holds a piece of more than a megabyte: remove pictures"));
            }
            self.announcement.pass(byte)?;
        }
        if self.elements > self.max_elements {
            return Err(refused(format!("a part of it has more than {} elements", self.max_elements)));
        }
        Ok(())
    }

    /// Lets only UTF-8 through, which is what Excel writes: in another encoding the counting would see other bytes.
    fn check_head(&self) -> Result<(), FileError> {
        let head = self.head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&self.head);
        let is_wide = matches!(head, [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] | [0, b'<', ..] | [b'<', 0, ..]);
        let text = String::from_utf8_lossy(head).to_ascii_lowercase();
        let declaration = text.strip_prefix("<?xml").map(|text| text.split("?>").next().unwrap_or(text));
        let declared = declaration.and_then(|declaration| declaration.split_once("encoding"));
        let is_other = declared.is_some_and(|(_, value)| !value.contains("utf-8"));
        if is_wide || is_other { Err(refused("its text is not UTF-8")) } else { Ok(()) }
    }
}

/// Watches for the number of strings that a part announces: the reader makes room for them all before the first.
#[derive(Default)]
struct Announcement {
    /// The newest bytes, as many as the name has.
    window: u128,
    state: State,
}

#[derive(Default, Clone, Copy)]
enum State {
    #[default]
    Watching,
    /// Behind the name.
    Named,
    /// Inside the value, which ends with this quote.
    Value { quote: u8, number: u64 },
}

impl Announcement {
    const NAME: &[u8; 11] = b"uniqueCount";
    const MASK: u128 = (1 << (8 * Self::NAME.len())) - 1;

    const fn packed(name: &[u8]) -> u128 {
        let (mut packed, mut at) = (0, 0);
        while at < name.len() {
            packed = packed << 8 | name[at] as u128;
            at += 1;
        }
        packed
    }

    fn pass(&mut self, byte: u8) -> Result<(), FileError> {
        const NAME: u128 = Announcement::packed(Announcement::NAME);
        self.window = (self.window << 8 | u128::from(byte)) & Self::MASK;
        if self.window == NAME {
            self.state = State::Named;
            return Ok(());
        }
        self.state = match (self.state, byte) {
            (State::Watching, _) | (State::Named, b'<' | b'>') => State::Watching,
            (State::Named, quote @ (b'"' | b'\'')) => State::Value { quote, number: 0 },
            (State::Named, _) => State::Named,
            (State::Value { quote, .. }, _) if byte == quote => State::Watching,
            (State::Value { quote, number }, b'0'..=b'9') => {
                let number = number.saturating_mul(10).saturating_add(u64::from(byte - b'0'));
                if number > MAX_CELLS as u64 {
                    return Err(refused(format!("it announces more than {MAX_CELLS} strings")));
                }
                State::Value { quote, number }
            }
            (value, _) => value,
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    fn archive(name: &str, content: &[u8]) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
        archive.finish().unwrap().into_inner()
    }

    fn strings(content: &str) -> Result<(), FileError> {
        bound(&archive("xl/sharedStrings.xml", content.as_bytes()), MAX_INFLATED_BYTES)
    }

    fn reason(result: Result<(), FileError>) -> String {
        match result {
            Err(FileError::Workbook { reason }) => reason,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_workbook_that_announces_more_strings_than_a_file_may_have_is_refused_before_room_is_made_for_them() {
        for text in [
            "<sst uniqueCount=\"100000000000\">",
            "<sst uniqueCount = '4000001'>",
            "<sst a=\"uniquuniqueCount\" uniqueCount=\"99999999999999999999999\">",
        ] {
            assert!(reason(strings(text)).contains("announces"), "{text}");
        }
        for text in ["<sst count=\"100000000000\" uniqueCount=\"4000000\">", "<sst uniqueCount=''>"] {
            assert_eq!(strings(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_megabyte_of_file_that_unpacks_to_endless_empty_strings_is_refused() {
        assert!(reason(strings(&"<si/>".repeat(MAX_ELEMENTS + 1))).contains("elements"));
        // A sheet may have more: its cells are read one by one.
        let cells = "<c/>".repeat(MAX_ELEMENTS + 1);
        assert_eq!(bound(&archive("xl/worksheets/sheet1.xml", cells.as_bytes()), MAX_INFLATED_BYTES), Ok(()));
    }

    #[test]
    fn a_part_in_one_large_piece_is_refused() {
        let text = "x".repeat(MAX_PIECE_BYTES);
        assert_eq!(strings(&format!("<t>{text}</t>")), Ok(()));
        assert!(reason(strings(&format!("<t>{text}x</t>"))).contains("megabyte"));
    }

    #[test]
    fn a_part_in_another_encoding_is_refused() {
        let wide: Vec<u8> =
            "\u{FEFF}<sst uniqueCount=\"9\">".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let declared = "<?xml version=\"1.0\" encoding=\"ISO-2022-JP\"?><sst>";
        for content in [&wide[..], &wide[2..], declared.as_bytes()] {
            let bytes = archive("xl/sharedStrings.xml", content);
            assert!(reason(bound(&bytes, MAX_INFLATED_BYTES)).contains("UTF-8"));
        }
        assert_eq!(
            strings("\u{FEFF}<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?><sst>"),
            Ok(())
        );
    }
}
