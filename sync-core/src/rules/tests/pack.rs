//! Packs that are read, and what is said of those that are not.

use super::pack_with;
use crate::rules::{Count, OnBreach, Pack, PackError, StartDay, TimeMode, Within, packs};

fn error_with(from: &str, to: &str) -> PackError {
    let text = packs::KEY_ACCOUNT_VISITS;
    assert!(text.contains(from), "{from}");
    Pack::parse(&text.replace(from, to)).unwrap_err()
}

#[test]
fn the_shipped_pack_holds_the_two_day_rule() {
    let pack = Pack::parse(packs::KEY_ACCOUNT_VISITS).unwrap();
    let rule = pack.record_rule().unwrap();
    assert_eq!(rule.rule.id, "S21-R17");
    assert_eq!(pack.zone.name(), "Asia/Shanghai");
    assert_eq!(
        rule.rule.within,
        Within { amount: 2, count: Count::Calendar, start_day: StartDay::Excluded, roll_forward: false }
    );
    assert_eq!((rule.rule.time, rule.rule.on_breach), (TimeMode::Witnessed, OnBreach::Hold));
    assert_eq!(rule.rule.required, ["customer", "channel", "ended", "result"]);
    assert_eq!(rule.version().version, 1);
}

#[test]
fn windows_in_working_days_and_hours_are_read() {
    let shipped = "{ days = 2, count = \"calendar\", start_day = \"excluded\", roll_forward = false }";
    let pack = pack_with(&[(shipped, "{ hours = 48 }")]);
    let within = pack.record_rule().unwrap().rule.within;
    assert_eq!((within.amount, within.count), (48, Count::Hours));
    let pack = pack_with(&[(shipped, "{ days = 2, count = \"working\" }")]);
    let within = pack.record_rule().unwrap().rule.within;
    assert_eq!((within.amount, within.count, within.start_day), (2, Count::Working, StartDay::Excluded));
}

#[test]
fn an_unknown_field_is_named_with_its_line_and_column() {
    let error = error_with("on_breach", "on_braech");
    let line = packs::KEY_ACCOUNT_VISITS.lines().position(|line| line.starts_with("on_breach")).unwrap() + 1;
    assert_eq!((error.line, error.column), (line, 1), "{error}");
    assert!(error.message.contains("on_braech"), "{error}");
}

#[test]
fn a_wrong_value_is_shown_where_it_stands() {
    for (from, to, column, says) in [
        ("\"Asia/Shanghai\"", "\"Asia/Peking\"", 8, "Asia/Shanghai"),
        ("\"Asia/Shanghai\"", "\"asia/shanghai\"", 8, "not an IANA time zone"),
        ("\"record_within\"", "\"record_someday\"", 8, "record_within"),
        ("\"witnessed\"", "\"guessed\"", 8, "witnessed"),
        ("days = 2,", "days = 0,", 10, "from 1 to 3660"),
        ("days = 2,", "days = 2, hours = 3,", 10, "not both"),
        ("count = \"calendar\", ", "", 10, "needs `count"),
        ("days = 2, count = \"calendar\"", "hours = 48", 10, "it is exact"),
        ("id = \"S21-R17\"", "id = \"S21 R17\"", 1, "letters, digits"),
    ] {
        let error = error_with(from, to);
        assert!(error.message.contains(says), "{to}: {error}");
        assert!(error.line > 1 && error.column == column, "{to}: {error}");
    }
}

#[test]
fn the_text_that_is_not_toml_is_shown_where_it_breaks() {
    let error = Pack::parse("id = \"重点客户\"\nversion = = 1\n").unwrap_err();
    assert_eq!((error.line, error.column), (2, 11), "{error}");
}

#[test]
fn a_rule_id_that_occurs_twice_is_refused_at_the_second() {
    let rule = &packs::KEY_ACCOUNT_VISITS[packs::KEY_ACCOUNT_VISITS.find("[[rule]]").unwrap()..];
    let error = Pack::parse(&(packs::KEY_ACCOUNT_VISITS.to_owned() + rule)).unwrap_err();
    assert_eq!(error.line, packs::KEY_ACCOUNT_VISITS.lines().count() + 1, "{error}");
    assert!(error.message.contains("already a rule S21-R17"), "{error}");
}

#[test]
fn a_pack_over_its_bounds_is_refused() {
    let long = packs::KEY_ACCOUNT_VISITS.to_owned() + &"# padding\n".repeat(30_000);
    assert!(Pack::parse(&long).unwrap_err().message.contains("bytes"));
    let many = packs::KEY_ACCOUNT_VISITS.to_owned() + &"[[rule]]\nid = \"a\"\n".repeat(500);
    assert!(Pack::parse(&many).unwrap_err().message.contains("501 rules"));
}

#[test]
fn one_changed_byte_makes_another_pack() {
    assert_ne!(pack_with(&[]).hash, pack_with(&[("# The", "# the")]).hash);
}
