//! Seeds of the import target: tables as people have them, and files that try to unpack to everything.

use targets::imports::workbook::{deflated, from_parts};

use crate::{Seeds, reel::Reel};

const CUSTOMERS: &str =
    "客户编号,客户名称,电话,负责人\n10001,甲公司,13800138000,wang\n10002,\"乙, 公司\",,王晓梅\n,缺编号,,\n";
const USERS: &str =
    "login;name;title;reports to\nann;Ann Lee;Sales Manager;\nbob;Bob;Rep;ann\ncarl;Carl;Rep;Bob\n";
const MAPPING: &str =
    "[users]\nlogin = 'login'\nrole = '{title}'\n[roles]\n'Sales Manager' = 'manager'\n'*' = 'rep'\n";
const STRINGS: &str = "<si><t>客户编号</t></si><si><t>客户名称</t></si><si><t>电话</t></si>";
const SHEET: &str = r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c></row>
<row r="2"><c r="A2"><v>10001</v></c><c r="B2" t="inlineStr"><is><t>甲公司</t></is></c><c r="C2"><v>13800138000</v></c></row>
<row r="4"><c r="B4" t="inlineStr"><is><t>=cmd</t></is></c></row>"#;

/// Customers from a file as it is.
fn customers(file: &[u8]) -> Vec<u8> {
    Reel::of(&[0]).bytes(b"").bytes(b"").raw(file).done()
}

/// Users from a file as it is, under a mapping.
fn users(mapping: &str, file: &str) -> Vec<u8> {
    Reel::of(&[1]).bytes(mapping.as_bytes()).bytes(b"").raw(file.as_bytes()).done()
}

/// Customers from the parts of a workbook.
fn parts(strings: &str, sheet: &str) -> Vec<u8> {
    Reel::of(&[2]).bytes(b"").bytes(b"").bytes(strings.as_bytes()).raw(sheet.as_bytes()).done()
}

pub(crate) fn imports() -> Seeds {
    let header = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>number</t></is></c><c r="B1" t="inlineStr"><is><t>name</t></is></c></row>"#;
    let far = format!(r#"{header}<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#);
    let circle = "login,name,role,reports_to\na,A,rep,b\nb,B,rep,c\nc,C,rep,a\nd,D,rep,a\n";
    let entities =
        r#"<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><si><t>&b;</t></si>"#;
    let utf_16: Vec<u8> = "\u{FEFF}name\n甲".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut torn = from_parts(STRINGS, SHEET);
    torn.truncate(torn.len() - 30);
    Seeds::from([
        ("honest_customers", customers(CUSTOMERS.as_bytes())),
        ("honest_users", users(MAPPING, USERS)),
        ("honest_tabs", customers(b"number\tname\r\n1\t\"two\r\nlines\"\r\n2\tB\r\n")),
        ("honest_workbook", customers(&deflated(STRINGS, SHEET))),
        ("honest_parts", parts(STRINGS, SHEET)),
        (
            "honest_templates",
            users("[users]\nlogin = '{name}.{{x}}'\nname = '{name} {role}'\n", "name,role\nann,rep\n"),
        ),
        ("hostile_circle", users("", circle)),
        ("hostile_unclosed_template", users("[users]\nlogin = '{name'\n", "name,role\nann,rep\n")),
        ("hostile_far_corner", parts("", &far)),
        ("hostile_entities", parts(entities, SHEET)),
        ("hostile_nested", parts(STRINGS, &"<row><c><is>".repeat(300))),
        (
            "hostile_rows_going_back",
            parts(
                STRINGS,
                r#"<row r="9"><c r="A9"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>"#,
            ),
        ),
        (
            "hostile_row_beyond_numbers",
            parts(STRINGS, r#"<row r="99999999999"><c r="ZZZZZZZZZ99999999999"><v>1</v></c></row>"#),
        ),
        (
            "hostile_string_of_another_table",
            parts(STRINGS, r#"<row r="1"><c r="A1" t="s"><v>4294967295</v></c></row>"#),
        ),
        (
            "hostile_bomb_of_zeros",
            customers(&deflated(&format!("<si><t>{}</t></si>", "0".repeat(8 << 20)), SHEET)),
        ),
        ("hostile_torn_workbook", customers(&torn)),
        ("hostile_utf_16", customers(&utf_16)),
        ("hostile_gb18030", customers(b"number,name\n1,\xBC\xD7\xB9\xAB\n")),
        ("hostile_old_workbook", customers(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")),
        ("hostile_columns", customers(",".repeat(5_000).as_bytes())),
        ("hostile_quotes", customers("number,name\n\"".repeat(500).as_bytes())),
        ("hostile_nothing", customers(b"\n\n\n")),
    ])
}
