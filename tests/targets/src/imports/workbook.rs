//! Workbooks put together from their parts, so that what is inside can be anything while the archive is sound.

use std::io::{Cursor, Write as _};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

const PACKAGE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Target="xl/workbook.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/>
</Relationships>"#;

const WORKBOOK: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="1" sheetId="1" r:id="rId1"/></sheets></workbook>"#;

const RELATIONSHIPS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Target="worksheets/sheet1.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/>
<Relationship Id="rId2" Target="sharedStrings.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/>
</Relationships>"#;

/// A workbook of one sheet, from the insides of its table of strings and of its sheet.
pub fn from_parts(strings: &str, sheet: &str) -> Vec<u8> {
    archive(strings, sheet, CompressionMethod::Stored)
}

/// The same, deflated as Excel does.
pub fn deflated(strings: &str, sheet: &str) -> Vec<u8> {
    archive(strings, sheet, CompressionMethod::Deflated)
}

fn archive(strings: &str, sheet: &str, method: CompressionMethod) -> Vec<u8> {
    let sheet = whole("worksheet", sheet, &format!("<sheetData>{sheet}</sheetData>"));
    let strings = whole("sst", strings, strings);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, text) in [
        ("_rels/.rels", PACKAGE),
        ("xl/workbook.xml", WORKBOOK),
        ("xl/_rels/workbook.xml.rels", RELATIONSHIPS),
        ("xl/sharedStrings.xml", &strings),
        ("xl/worksheets/sheet1.xml", &sheet),
    ] {
        archive.start_file(name, options).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// A part with its outermost element, unless the text brings its own.
fn whole(name: &str, text: &str, inside: &str) -> String {
    if text.contains(&format!("<{name}")) {
        return text.to_owned();
    }
    format!(r#"<{name} xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{inside}</{name}>"#)
}
