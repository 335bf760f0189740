//! Rules of every shape as packs write them, and what is said of those that are wrong.

use crate::rules::{Pack, PackError, RuleState};

const HEAD: &str = r#"
id = "p"
version = 1
document_number = "1"
effective_from = 2026-01-01
owner = "o"
zone = "Asia/Shanghai"
calendar = "cn"
"#;

fn read(rest: &str) -> Result<Pack, PackError> {
    Pack::parse(&format!("{HEAD}{rest}"))
}

fn complaint(rest: &str) -> String {
    read(rest).unwrap_err().to_string()
}

const QUOTA: &str = r#"
[[rule]]
id = "q"
kind = "contact_quota"
says = "x"
quota = { of = { customers = { grades = ["A1"] } }, counted = [{ fact = "visit", channel = "phone" }], at_least = "$n", per = "week" }
"#;

#[test]
fn a_rule_waits_for_the_parameters_that_have_no_value() {
    let pack = read(&format!("[parameters]\nn = \"?\"\n{QUOTA}")).unwrap();
    assert_eq!(pack.rules[0].state, RuleState::Waiting(vec!["n".to_owned()]));
    assert_eq!(pack.parameters, [("n".to_owned(), false)]);
    let pack = read(&format!("[parameters]\nn = 2\n{QUOTA}")).unwrap();
    assert!(matches!(&pack.rules[0].state, RuleState::Active(parts) if parts.len() == 1));
}

#[test]
fn a_parameter_that_is_not_declared_is_named_with_its_place() {
    let error = read(QUOTA).unwrap_err();
    assert!(error.message.contains("no parameter \"n\""), "{error}");
    assert_eq!(error.line, 14);
    let of_wrong_kind = complaint(&format!("[parameters]\nn = \"two\"\n{QUOTA}"));
    assert!(of_wrong_kind.contains("expected u32"), "{of_wrong_kind}");
}

#[test]
fn parameters_are_bounded_in_size_and_uses() {
    let long = complaint(&format!("[parameters]\nn = \"{}\"\n{QUOTA}", "x".repeat(600)));
    assert!(long.contains("500 bytes"), "{long}");
    let words = "\"$n\",".repeat(2_001);
    let often = complaint(&format!(
        "[parameters]\nn = \"x\"\n[[rule]]\nid = \"q\"\nkind = \"evidence_required\"\n\
         guard = {{ act = {{ fact = \"visit\" }}, needs = [{{ fields = [{words}] }}] }}\n"
    ));
    assert!(often.contains("2000 times"), "{often}");
}

#[test]
fn a_kind_of_fact_or_an_attribute_that_does_not_exist_is_an_error_that_says_what_does() {
    let wrong = |from, to| complaint(&format!("[parameters]\nn = 2\n{}", QUOTA.replace(from, to)));
    assert!(wrong("\"visit\"", "\"vist\"").contains("no kind of fact \"vist\""));
    let attribute = wrong("channel", "chanel");
    assert!(attribute.contains("a visit has no \"chanel\"; it has rep, class, channel"), "{attribute}");
    let period = wrong("\"week\"", "\"weekk\"");
    assert!(period.contains("line 16") && period.contains("no period \"weekk\"; it may be day"), "{period}");
    assert!(wrong("at_least", "atleast").contains("line "), "it says where");
}

#[test]
fn a_rule_that_demands_nothing_is_an_error_unless_it_says_why() {
    let rule = |more: &str| format!("[[rule]]\nid = \"a\"\nkind = \"evidence_required\"\n{more}\n");
    assert!(complaint(&rule("")).contains("demands nothing"));
    let state = |more: &str| read(&rule(more)).unwrap().rules.remove(0).state;
    assert_eq!(state("attestation = true"), RuleState::Attestation);
    assert_eq!(state("outside = \"taste\""), RuleState::Outside("taste".to_owned()));
    assert!(complaint(&rule("attestaton = true")).contains("unknown field"));
    assert!(complaint(&rule("kind2 = 1").replace("evidence_required", "evidence")).contains("no rule kind"));
}

#[test]
fn an_attribute_that_a_part_names_has_to_exist() {
    let guard = |needs: &str| {
        complaint(&format!(
            "[[rule]]\nid = \"g\"\nkind = \"evidence_required\"\n\
             guard = {{ act = {{ fact = \"visit\" }}, needs = [{needs}] }}\n"
        ))
    };
    assert!(guard("{ fields = [\"resullt\"] }").contains("a visit has no \"resullt\"; it has rep, class"));
    assert!(
        guard("{ number = { value = \"dishes\", must_be = \"at_most\" } }")
            .contains("a visit has no \"dishes\"")
    );
    let once = complaint(
        "[[rule]]\nid = \"a\"\nkind = \"follow_up_sla\"\nanchored = { anchor = { fact = \"complaint\" }, one_per = \
         [\"problm\"], act = { fact = \"visit\" }, within = { hours = 1 } }\n",
    );
    assert!(once.contains("line ") && once.contains("a complaint has no \"problm\""), "{once}");
}
