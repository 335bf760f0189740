//! Workbooks written by hand, part by part: an honest one, a bomb and damaged ones.

use std::io::Write;

use proptest::prelude::*;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;

const PACKAGE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Target="xl/workbook.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/>
</Relationships>"#;

const WORKBOOK: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="客户" sheetId="1" r:id="rId1"/></sheets></workbook>"#;

const RELATIONSHIPS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Target="worksheets/sheet1.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/>
<Relationship Id="rId2" Target="sharedStrings.xml"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/>
</Relationships>"#;

fn workbook(shared_strings: &str, sheet_data: &str) -> Vec<u8> {
    let sheet = format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{sheet_data}</sheetData></worksheet>"#
    );
    let strings = format!(
        r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{shared_strings}</sst>"#
    );
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [
        ("_rels/.rels", PACKAGE),
        ("xl/workbook.xml", WORKBOOK),
        ("xl/_rels/workbook.xml.rels", RELATIONSHIPS),
        ("xl/sharedStrings.xml", &strings),
        ("xl/worksheets/sheet1.xml", &sheet),
    ] {
        archive.start_file(name, SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn honest() -> Vec<u8> {
    workbook(
        "<si><t>客户编号</t></si><si><t>客户名称</t></si><si><t>电话</t></si>",
        r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c></row>
           <row r="2"><c r="A2"><v>10001</v></c><c r="B2" t="inlineStr"><is><t>甲公司</t></is></c>
                      <c r="C2"><v>13800138000</v></c></row>
           <row r="4"><c r="B4" t="inlineStr"><is><t>=cmd</t></is></c></row>"#,
    )
}

#[test]
fn a_sheet_gives_its_rows_with_their_sheet_numbers_and_whole_numbers_without_a_fraction() {
    let table = read(&honest()).unwrap();
    assert_eq!(table.columns, ["客户编号", "客户名称", "电话"]);
    assert_eq!(table.rows.len(), 2);
    assert_eq!(table.rows[0].number, 2);
    assert_eq!(table.rows[0].cells, ["10001", "甲公司", "13800138000"]);
    assert_eq!(table.rows[1].number, 4);
    assert_eq!(table.rows[1].cells, ["", "=cmd"]);
}

#[test]
fn a_workbook_that_unpacks_past_the_limit_is_refused_while_it_unpacks() {
    let bomb = workbook(&"<si><t>0</t></si>".repeat(100_000), "");
    assert!(bomb.len() < 20_000);
    assert_eq!(unpacking::bound(&bomb, 1_000_000), Err(FileError::InflatesTooFar { limit: 1_000_000 }));
    assert_eq!(unpacking::bound(&bomb, MAX_INFLATED_BYTES), Ok(()));
}

#[test]
fn two_far_corners_do_not_allocate_the_rectangle_between_them() {
    let far = workbook(
        "",
        r#"<row r="1"><c r="A1" t="inlineStr"><is><t>number</t></is></c></row>
           <row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#,
    );
    let table = read(&far).unwrap();
    assert_eq!(table.rows.len(), 1);
    assert_eq!(table.rows[0].number, 1_048_576);
    assert!(table.rows[0].overflows);
}

#[test]
fn one_long_shared_string_in_many_cells_is_cut_in_each() {
    let strings = format!("<si><t>name</t></si><si><t>{}</t></si>", "x".repeat(100_000));
    let rows: String =
        (2..500).map(|row| format!(r#"<row r="{row}"><c r="A{row}" t="s"><v>1</v></c></row>"#)).collect();
    let table = read(&workbook(&strings, &format!(r#"<row r="1"><c r="A1" t="s"><v>0</v></c></row>{rows}"#)))
        .unwrap();
    assert!(table.rows.iter().all(|row| row.cells[0].len() == 2_001));
}

#[test]
fn an_archive_that_is_no_workbook_is_refused() {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("hello.txt", SimpleFileOptions::default()).unwrap();
    archive.write_all(b"hello").unwrap();
    let bytes = archive.finish().unwrap().into_inner();
    assert!(matches!(read(&bytes), Err(FileError::Workbook { .. })));
}

proptest! {
    #[test]
    fn a_damaged_workbook_is_read_or_refused(
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20)
    ) {
        let mut bytes = honest();
        for (place, value) in damage {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        let _ = read(&bytes);
    }

    #[test]
    fn a_sheet_of_any_text_is_read_or_refused(
        sheet in "(<row r=\"[0-9]{1,11}\">|<c r=\"[A-Z]{0,8}[0-9]{0,11}\"( t=\"s\")?>|<v>[0-9]{0,20}</v>|</c>|</row>|<is>|[<>&a]){0,30}"
    ) {
        let _ = read(&workbook("<si><t>a</t></si>", &sheet));
    }
}
