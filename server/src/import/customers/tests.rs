//! Customers imported whole, and what stops a row.

use super::*;
use crate::import::{BadRows, KnownPeople, MappingError, Person, import_users};

fn northwind(file: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../tests/data/northwind/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn northwind_mapping() -> Mapping {
    Mapping::from_toml(
        r#"
        [customers]
        contact = "{contact} ({contact_title})"
        address = "{address}, {city} {postal_code}, {country}"
        [users]
        login = "{last_name}"
        [roles]
        "Vice President, Sales" = "manager"
        "Sales Manager" = "supervisor"
        "*" = "rep"
        "#,
    )
    .unwrap()
}

fn people() -> KnownPeople {
    let mut people = KnownPeople::default();
    people.add("zhang.san", Person { name: "张三".into(), reports_to: None });
    people
}

fn import(text: &str) -> Import<CustomerDraft> {
    import_customers(text.as_bytes(), &Mapping::default(), &people()).unwrap()
}

#[test]
fn the_91_northwind_customers_import_whole_with_their_owners() {
    let mapping = northwind_mapping();
    let users = import_users(&northwind("employees.csv"), &mapping, &KnownPeople::default())
        .unwrap()
        .accept(BadRows::Refuse)
        .unwrap();
    let mut people = KnownPeople::default();
    people.absorb(users.iter().map(|(_, draft)| draft));
    let import = import_customers(&northwind("customers.csv"), &mapping, &people).unwrap();

    assert_eq!(import.bad, []);
    assert_eq!(import.unmapped, ["region"]);
    assert_eq!(import.good.len(), 91);
    // Two of them never ordered, so nobody is responsible for them.
    let without: Vec<_> = import
        .good
        .iter()
        .filter(|(_, customer)| customer.owner.is_none())
        .map(|(_, customer)| customer.number.as_str())
        .collect();
    assert_eq!(without, ["FISSA", "PARIS"]);
    let (row, first) = &import.good[0];
    assert_eq!(*row, 2);
    assert_eq!(
        *first,
        CustomerDraft {
            number: "ALFKI".into(),
            name: "Alfreds Futterkiste".into(),
            address: "Obere Str. 57, Berlin 12209, Germany".into(),
            contact: "Maria Anders (Sales Representative)".into(),
            phone: "030-0074321".into(),
            owner: Some("peacock".into()),
            grade: "C".into(),
            tags: Vec::new(),
        }
    );
}

#[test]
fn chinese_headers_are_recognised_and_an_owner_is_found_by_name() {
    let import = import(
        "\u{FEFF}客户编号*,客户名称,联系人,电话,地址,负责人,等级,备注\nK1,甲公司,李四,13800138000,\"广州市\n天河区\",张三,A,x\n",
    );
    assert_eq!(import.bad, []);
    assert_eq!(import.unmapped, ["备注"]);
    let draft = &import.good[0].1;
    assert_eq!(draft.owner.as_deref(), Some("zhang.san"));
    assert_eq!(draft.address, "广州市 天河区");
    assert_eq!(draft.grade, "A");
}

#[test]
fn several_tags_stand_in_one_cell_under_a_name_in_any_of_three_languages() {
    for header in ["客户标签", "標籤", "Tags"] {
        let import =
            import(&format!("number,name,{header}\n1,A,Tender、招投标;key account\n2,B,\n3,C,a+b\n"));
        let tags: Vec<&[String]> = import.good.iter().map(|(_, draft)| draft.tags.as_slice()).collect();
        let expected = ["tender", "招投标", "key_account"].map(str::to_owned);
        assert_eq!(tags, [expected.as_slice(), &[]], "{header}");
        assert_eq!(import.bad[0].problem, Problem::NotATag);
    }
    let mapping = Mapping::from_toml("[tags]\n'VIP Customer' = 'important, key_account'").unwrap();
    let import =
        import_customers("number,name,tags\n1,A,vip customer\n".as_bytes(), &mapping, &people()).unwrap();
    assert_eq!(import.good[0].1.tags, ["important", "key_account"]);
}

#[test]
fn each_bad_row_is_reported_by_row_column_and_value_and_is_not_half_loaded() {
    let long = "x".repeat(201);
    let import = import(&format!(
        "number,name,owner\n1,A,zhang.san\n2,,\n3,{long},\n4,D,wang.wu\n5,E,,extra\n6,\u{202E}F,\n"
    ));
    assert_eq!(import.good.iter().map(|(row, _)| *row).collect::<Vec<_>>(), [2]);
    let expected = [
        (3, "name", Problem::Missing),
        (4, "name", Problem::TooLong { max_chars: 200 }),
        (5, "owner", Problem::UnknownPerson),
        (6, "", Problem::ExtraCells),
        (7, "name", Problem::HiddenCharacter),
    ];
    let found: Vec<_> =
        import.bad.iter().map(|bad| (bad.row, bad.column.as_str(), bad.problem.clone())).collect();
    assert_eq!(found, expected);
    assert_eq!(import.bad[1].value.chars().count(), 80);
    assert_eq!(import.bad[2].to_string(), "row 5, owner: nobody has this login, key or name: \"wang.wu\"");
}

#[test]
fn a_cell_past_the_limit_is_bad_even_if_what_was_kept_of_it_is_blank() {
    let import = import(&format!("number,name,phone\n1,A,{}123\n", " ".repeat(3_000)));
    assert_eq!(import.good, []);
    assert_eq!(import.bad[0].problem, Problem::TooLong { max_chars: 60 });
}

#[test]
fn rows_that_share_a_number_are_all_bad() {
    let import = import("number,name\n1,A\n2,B\n1,C\n");
    assert_eq!(import.good.len(), 1);
    assert_eq!(
        import.bad.iter().map(|bad| (bad.row, bad.problem.clone())).collect::<Vec<_>>(),
        [(2, Problem::Duplicate { other_row: 4 }), (4, Problem::Duplicate { other_row: 2 })]
    );
}

#[test]
fn text_that_looks_like_a_formula_stays_text() {
    let import = import("number,name\n1,=cmd|' /C calc'!A0\n2,+49 30\n");
    assert_eq!(import.good[0].1.name, "=cmd|' /C calc'!A0");
    assert_eq!(import.good[1].1.name, "+49 30");
}

#[test]
fn a_file_with_a_bad_row_loads_nothing_unless_bad_rows_may_be_skipped() {
    let import = import("number,name\n1,A\n2,\n");
    let refused = import.clone().accept(BadRows::default()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "nothing was loaded: 1 problems, the first is in row 3, name: must not be empty"
    );
    assert_eq!(import.accept(BadRows::Skip).unwrap().len(), 1);
}

#[test]
fn a_file_without_a_column_for_the_name_is_refused_as_a_whole() {
    let error = import_customers(b"number,city\n1,A\n", &Mapping::default(), &people()).unwrap_err();
    assert!(matches!(error, ImportError::Mapping(MappingError::RequiredField { field: "name", .. })));
}
