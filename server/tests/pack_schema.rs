//! The schema of packs, which editors complete and check by, says what the parser says.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sync_core::rules::{FactKind, Pack, RuleKind, packs};

const SCHEMA: &str = include_str!("../../docs/pack.schema.json");
const PACK: &str = include_str!("../../sync-core/src/rules/pack.rs");
const PART: &str = include_str!("../../sync-core/src/rules/part.rs");
const RECORD: &str = include_str!("../../sync-core/src/rules/record_within.rs");
const SELECTOR: &str = include_str!("../../sync-core/src/rules/selector.rs");
const PERIOD: &str = include_str!("../../sync-core/src/rules/period.rs");
const WITHIN: &str = include_str!("../../sync-core/src/rules/within.rs");

/// A pack in which much can be made wrong; it is good as it stands.
const GOOD: &str = r#"
id = "own"
version = 1
document_number = "N1"
effective_from = 2026-01-01
owner = "Sales"
zone = "Asia/Shanghai"
calendar = "cn"
precedence = 1

[parameters]
answer_within = { days = 7, count = "calendar" }

[[rule]]
id = "R1"
kind = "record_within"
anchor = "visit.ended"
act = "submit"
within = { days = 2, count = "working" }
time = "claimed"
on_breach = "hold"
required = ["result"]

[[rule]]
id = "R2"
kind = "follow_up_sla"
says = "Complaints are answered"
modality = "shall"
anchored = { anchor = { fact = "complaint", urgent = true }, act = { fact = "answer" }, linked = "about", by = { route = { of = "severity", to = { major = "manager" } } }, within = "$answer_within", coverage = { percent = 50, per = "month" } }

[[rule]]
id = "R3"
kind = "contact_quota"
quota = { of = { customers = { grades = ["A"] } }, counted = [{ fact = "visit", channel = { not = ["sms"] } }], by = "owner", at_least = 3, per = { from = [12, 1], until = [12, 31] } }

[[rule]]
id = "R4"
kind = "recurring_form"
recurring = { act = { fact = "form", copies = { at_least = 2 } }, every = "week", post = "specialist", due = { from_last = 5 } }

[[rule]]
id = "R5"
kind = "plan_before"
guard = { act = { fact = "visit" }, needs = [{ earlier = { what = { fact = "plan_line" }, linked = "topic", lead = { hours = 24 } } }, { hours = { from = [8, 30], until = [18, 0] } }, { number = { value = "satisfaction", percent = 90, must_be = "at_least" } }] }

[[rule]]
id = "R6"
kind = "plan_vs_actual"
difference = { planned = { fact = "plan_line" }, done = { fact = "visit" }, minutes = 30, same = ["place"] }

[[rule]]
id = "R7"
kind = "grading"
band = { figures = { fact = "assessment" }, grade = "A" }
score = { breaches = ["R2"], points = -1, per = "quarter" }
access = { what = { fact = "file" }, only = ["manager"] }
"#;

/// What makes the good pack wrong in one place, each with what it takes the place of.
const WRONG: &[(&str, &str)] = &[
    ("version = 1", "version = 0"),
    ("id = \"own\"", "id = \"an own one\""),
    ("owner = \"Sales\"\n", ""),
    ("effective_from = 2026-01-01", "effective_from = 20260101"),
    ("precedence = 1", "precedense = 1"),
    ("precedence = 1", "precedence = -1"),
    ("kind = \"grading\"", "kind = \"greyding\""),
    ("kind = \"grading\"\n", ""),
    ("modality = \"shall\"", "modality = \"should\""),
    ("says = \"Complaints are answered\"", "sais = \"Complaints are answered\""),
    ("anchor = \"visit.ended\"", "anchor = \"visit.begun\""),
    ("on_breach = \"hold\"", "on_breach = \"held\""),
    ("required = [\"result\"]", "modality = \"must\""),
    ("days = 2, count = \"working\"", "days = 2"),
    ("days = 2, count = \"working\"", "days = 4000, count = \"working\""),
    ("days = 2, count = \"working\"", "days = 2, hours = 3, count = \"working\""),
    ("days = 2, count = \"working\"", "days = 2, count = \"working\", roll_forward = true"),
    ("{ hours = 24 }", "{ hours = 24, start_day = \"included\" }"),
    ("fact = \"complaint\"", "fact = \"complain\""),
    ("urgent = true", "urgency = true"),
    ("anchor = { fact = \"complaint\", urgent = true }, ", ""),
    ("linked = \"about\"", "linked = \"above\""),
    ("within = \"$answer_within\", ", ""),
    ("within = \"$answer_within\"", "within = \"$answer_within\", earlier = true"),
    ("within = \"$answer_within\"", "earlier = false"),
    ("percent = 50", "percent = 101"),
    ("per = \"month\"", "per = \"monthly\""),
    ("of = \"severity\", to", "of = \"severity\", two = 2, to"),
    ("grades = [\"A\"]", "grade = [\"A\"]"),
    ("{ not = [\"sms\"] }", "{ nott = [\"sms\"] }"),
    ("{ at_least = 2 }", "{}"),
    ("at_least = 3, ", ""),
    ("until = [12, 31]", "until = [12, 32]"),
    ("{ from_last = 5 }", "{ from_middle = 5 }"),
    ("linked = \"topic\"", "linkt = \"topic\""),
    ("from = [8, 30]", "from = [8, 60]"),
    ("from = [8, 30]", "from = [8, 30], to = [9, 0]"),
    ("must_be = \"at_least\"", "must_be = \"more\""),
    ("minutes = 30", "minutes = -30"),
    ("grade = \"A\" }", "grade = 1 }"),
    ("points = -1, per", "per"),
    ("only = [\"manager\"]", "only = \"manager\""),
];

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

/// A pack as editors hand it to a schema: days are texts.
fn as_json(value: toml::Value) -> Value {
    match value {
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, as_json(value))).collect(),
        toml::Value::Array(values) => values.into_iter().map(as_json).collect(),
        toml::Value::Datetime(day) => json!(day.to_string()),
        plain => serde_json::to_value(plain).unwrap(),
    }
}

fn parsed(text: &str) -> Value {
    as_json(text.parse::<toml::Table>().map(toml::Value::Table).unwrap())
}

#[test]
fn every_shipped_pack_is_valid_against_the_schema() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    let own = packs::ALL.iter().copied().chain([("first", packs::KEY_ACCOUNT_VISITS), ("good", GOOD)]);
    for (name, text) in own {
        let wrong: Vec<String> = validator
            .iter_errors(&parsed(text))
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{name}: {wrong:#?}");
    }
}

#[test]
fn what_the_parser_refuses_the_schema_refuses() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    Pack::parse(GOOD).unwrap();
    for (good, wrong) in WRONG {
        assert_eq!(GOOD.matches(good).count(), 1, "{good} stands once in the good pack");
        let text = GOOD.replace(good, wrong);
        assert!(Pack::parse(&text).is_err(), "the parser takes {wrong:?} for {good:?}");
        assert!(!validator.is_valid(&parsed(&text)), "the schema takes {wrong:?} for {good:?}");
    }
}

/// The names between the braces of a declaration, as packs write them: fields of a struct or variants of an enum.
fn declared(source: &str, declaration: &str) -> BTreeSet<String> {
    let (_, body) = source.split_once(&format!("{declaration} {{\n")).expect("it is declared there");
    let (body, _) = body.split_once("\n}").unwrap();
    let top = body.lines().filter_map(|line| line.strip_prefix("    "));
    let names = top.filter(|line| line.starts_with(|first: char| first.is_alphabetic())).map(|line| {
        let name: String = line
            .trim_start_matches("pub ")
            .chars()
            .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
            .collect();
        snake_case(&name)
    });
    names.collect()
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// The keys and the words that a definition of the schema itself knows, each with what describes it.
fn known(schema: &Value, of: &str) -> BTreeSet<String> {
    fn collect(schema: &Value, into: &mut BTreeSet<String>) {
        for (keyword, value) in schema.as_object().into_iter().flatten() {
            match keyword.as_str() {
                "properties" => into.extend(value.as_object().unwrap().keys().cloned()),
                "enum" => into
                    .extend(value.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned())),
                "anyOf" => value.as_array().unwrap().iter().for_each(|one| collect(one, into)),
                _ => {}
            }
        }
    }
    let mut names = BTreeSet::new();
    collect(schema.pointer(of).expect("the schema has it"), &mut names);
    names
}

fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    words.into_iter().map(str::to_owned).collect()
}

#[test]
fn every_key_of_the_parser_is_in_the_schema_and_no_other() {
    let schema = schema();
    let check = |of: &str, declared: BTreeSet<String>| {
        assert!(!declared.is_empty(), "{of}");
        assert_eq!(known(&schema, of), declared, "{of}");
    };
    let all = |sets: &[BTreeSet<String>]| -> BTreeSet<String> { sets.iter().flatten().cloned().collect() };

    check("", all(&[declared(PACK, "struct Header"), words(["rule", "parameters"])]));
    let parts = words(
        PACK.split("const PARTS")
            .nth(1)
            .unwrap()
            .split("];\n")
            .next()
            .unwrap()
            .lines()
            .filter_map(|line| line.trim().strip_prefix("(\"")?.split('"').next()),
    );
    check("/$defs/rule_of_parts", all(&[declared(PACK, "struct Head"), words(["kind"]), parts]));
    check(
        "/$defs/record_within",
        all(&[declared(RECORD, "pub struct RecordWithin"), words(["kind", "says"])]),
    );
    let mut anchored = all(&[declared(PART, "pub struct Anchored"), declared(PART, "pub enum Window")]);
    assert!(anchored.remove("window"), "it is flattened");
    check("/$defs/anchored", anchored);
    for (of, declaration) in [
        ("coverage", "pub struct Coverage"),
        ("recurring", "pub struct Recurring"),
        ("due_day", "pub enum DueDay"),
        ("quota", "pub struct Quota"),
        ("population", "pub enum Population"),
        ("segment", "pub struct Segment"),
        ("guard", "pub struct Guard"),
        ("need", "pub enum Need"),
        ("bound", "pub struct Bound"),
        ("difference", "pub struct Difference"),
        ("band", "pub struct Band"),
        ("score", "pub struct Score"),
        ("access", "pub struct Access"),
        ("by", "pub enum By"),
    ] {
        check(&format!("/$defs/{of}"), declared(PART, declaration));
    }
    for (of, variant) in [("earlier", "Earlier"), ("hours", "Hours"), ("route", "Route")] {
        let fields =
            PART.split_once(&format!("    {variant} {{\n")).unwrap().1.split_once("\n    }").unwrap().0;
        let fields =
            fields.lines().map(str::trim).filter(|line| line.ends_with(',') && !line.starts_with("/"));
        check(&format!("/$defs/{of}"), words(fields.map(|line| line.split(':').next().unwrap())));
    }
    check("/$defs/condition_table", declared(SELECTOR, "struct Table"));
    check("/$defs/period_table", declared(PERIOD, "struct Table"));
    for window in ["/$defs/window", "/$defs/exact_window"] {
        check(window, declared(WITHIN, "struct Written"));
    }
    let periods = declared(PERIOD, "pub enum Every");
    let periods = periods.into_iter().filter(|name| !["festivals", "yearly"].contains(&&**name));
    check("/$defs/period", periods.collect());
    for (property, source, declaration) in [
        ("anchored/properties/linked", PART, "pub enum Link"),
        ("earlier/properties/linked", PART, "pub enum Link"),
        ("bound/properties/must_be", PART, "pub enum Side"),
        ("record_within/properties/time", RECORD, "pub enum TimeMode"),
        ("record_within/properties/on_breach", RECORD, "pub enum OnBreach"),
    ] {
        check(&format!("/$defs/{property}"), declared(source, declaration));
    }
}

#[test]
fn every_kind_of_rule_and_of_fact_is_in_the_schema_with_its_attributes() {
    let schema = schema();
    let kinds = schema["$defs"]["rule_of_parts"]["properties"]["kind"]["anyOf"].as_array().unwrap();
    let kinds = words(kinds.iter().map(|kind| kind["const"].as_str().unwrap()));
    assert_eq!(kinds, words(RuleKind::ALL.iter().map(|kind| kind.name())));

    let selectors = schema["$defs"]["selector"]["anyOf"].as_array().unwrap();
    let selectors = words(selectors.iter().map(|one| one["$ref"].as_str().unwrap()));
    let facts: Vec<String> =
        FactKind::ALL.iter().map(|kind| format!("#/$defs/fact_{}", kind.name())).collect();
    assert_eq!(selectors, words(facts.iter().map(String::as_str)));
    for kind in FactKind::ALL {
        let of = format!("/$defs/fact_{}", kind.name());
        let asked = ["fact", "customer_grade", "customer_tag", "actor_post"];
        assert_eq!(known(&schema, &of), words(kind.attributes().iter().copied().chain(asked)), "{of}");
        assert_eq!(schema.pointer(&of).unwrap()["properties"]["fact"]["const"], kind.name());
    }
}

#[test]
fn every_key_of_the_schema_is_described() {
    fn look(schema: &Value, at: &str) {
        for (keyword, value) in schema.as_object().into_iter().flatten() {
            for (name, property) in value.as_object().into_iter().flatten() {
                let at = format!("{at}/{keyword}/{name}");
                let is_key = keyword == "properties" && !at.contains("rule_of_parts/anyOf");
                assert!(!is_key || property["description"].is_string(), "{at} is not described");
                look(property, &at);
            }
            for (number, one) in value.as_array().into_iter().flatten().enumerate() {
                look(one, &format!("{at}/{keyword}/{number}"));
            }
        }
    }
    look(&schema(), "");
}
