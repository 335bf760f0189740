//! Sample obligations: a month of a sales team, with long sentences, long names and hostile texts.

use jiff::civil::{Date, date};
use sync_core::{
    hash::Hash,
    id::{DocumentId, UserId},
    rules::{Every, Excepted, Modality, PassedOver, Period, Reason},
    time::Timestamp,
};

use super::samples::{HOSTILE, at, end_of, hash};
use crate::web::{ObligationFilter, Owes, RuleName, Span, view::*};

pub(super) const LONG_CUSTOMER: &str = "苏州工业园区晨光精密制造股份有限公司（华东总部）";
const PHONE_RULE: &str = "A类一级客户：责任专员每周电话联系不少于两次";
const VISIT_RULE: &str = "A类一级客户：责任专员每月上门回访经办联系人和经办负责人不少于四次";
const RECORD_RULE: &str = "业务人员须在拜访结束后两日内提交拜访记录，逾期不计入工作量";

fn rule(id: &str) -> RuleName {
    RuleName { pack: "key_account_outbound".to_owned(), rule: id.to_owned() }
}

fn days(first: Date, last: Date) -> Period {
    Period { first, last }
}

fn november() -> Period {
    days(date(2026, 11, 1), date(2026, 11, 30))
}

fn counts(numbers: [u64; 6]) -> OwedCounts {
    let mut counts = OwedCounts::default();
    OwedState::ALL.into_iter().zip(numbers).for_each(|(state, number)| counts.set(state, number));
    counts
}

fn owers(names: &[&str], others: u64) -> Owers {
    Owers { names: names.iter().map(ToString::to_string).collect(), others }
}

fn row(n: u8, id: &str, says: &str, state: OwedState) -> ObligationRow {
    ObligationRow {
        id: hash(n),
        rule: rule(id),
        says: says.to_owned(),
        about: About::Company(november()),
        owers: owers(&["王晓梅"], 0),
        due: Some(end_of(20)),
        done: (0, 1),
        state,
        is_undecided: false,
        in_share: false,
    }
}

pub(super) fn visited(at: Timestamp, customer: &str) -> FactName {
    FactName { kind: "visit", at, customer: customer.to_owned() }
}

pub(super) fn obligations() -> ObligationsView {
    let week = days(date(2026, 11, 9), date(2026, 11, 15));
    let rows = vec![
        ObligationRow {
            about: About::Customer(LONG_CUSTOMER.to_owned(), week),
            due: Some(end_of(15)),
            done: (1, 2),
            ..row(1, "S21-R1", PHONE_RULE, OwedState::Breached)
        },
        ObligationRow {
            about: About::Fact(Some(visited(at(16, 11, 30), "宁波海丰国际物流有限公司"))),
            owers: owers(&["李建国"], 0),
            due: Some(end_of(18)),
            ..row(2, "S21-R17", RECORD_RULE, OwedState::Breached)
        },
        ObligationRow {
            about: About::Person("欧阳若曦".to_owned(), days(date(2026, 11, 16), date(2026, 11, 22))),
            owers: owers(&["欧阳若曦"], 0),
            due: Some(end_of(15)),
            ..row(3, "S21-R9", "每周提交下周拜访计划", OwedState::Breached)
        },
        ObligationRow {
            about: About::Fact(Some(FactName {
                kind: "suggestion",
                at: at(12, 9, 0),
                customer: HOSTILE.to_owned(),
            })),
            owers: owers(&["赵磊"], 2),
            due: Some(end_of(19)),
            in_share: true,
            ..row(4, "S21-R23", "客户建议七日内答复，答复率不低于 90%", OwedState::Missed)
        },
        ObligationRow {
            about: About::Customer("甘肃祁连山矿业有限责任公司".to_owned(), november()),
            owers: owers(&[], 0),
            due: None,
            done: (0, 4),
            ..row(5, "S21-R2", VISIT_RULE, OwedState::NotEvaluable)
        },
        ObligationRow {
            about: About::Fact(Some(visited(at(17, 16, 0), "杭州西湖茶业集团 🍵"))),
            due: Some(end_of(19)),
            is_undecided: true,
            ..row(6, "S21-R17", RECORD_RULE, OwedState::Pending)
        },
        ObligationRow {
            about: About::Customer("南京紫金山生物医药".to_owned(), november()),
            owers: owers(&["赵磊"], 0),
            due: Some(end_of(30)),
            done: (3, 4),
            ..row(7, "S21-R2", VISIT_RULE, OwedState::Pending)
        },
        ObligationRow {
            about: About::Company(november()),
            owers: owers(&[], 0),
            due: Some(end_of(30)),
            done: (17, 20),
            ..row(8, "S21-R23", "客户建议七日内答复，答复率不低于 90%", OwedState::Pending)
        },
        ObligationRow {
            about: About::Customer(HOSTILE.to_owned(), week),
            due: Some(end_of(15)),
            done: (0, 2),
            ..row(11, "S21-R1", PHONE_RULE, OwedState::LetOff)
        },
        ObligationRow {
            about: About::Fact(None),
            due: Some(end_of(20)),
            ..row(9, "S21-R31", "", OwedState::Met)
        },
        ObligationRow {
            about: About::Customer("绍兴黄酒集团".to_owned(), week),
            owers: owers(&["欧阳若曦"], 0),
            due: Some(end_of(15)),
            done: (3, 2),
            ..row(10, "S21-R1", PHONE_RULE, OwedState::Met)
        },
    ];
    let person = |n: u8, name: &str, numbers| OwerRow {
        owes: Owes::Person(UserId::from_bytes([n; 16])),
        name: name.to_owned(),
        counts: counts(numbers),
    };
    ObligationsView {
        filter: ObligationFilter { page: 1, ..ObligationFilter::default() },
        span: Span::month_of(date(2026, 11, 1)),
        today: date(2026, 11, 21),
        counts: counts([9, 2, 3, 61, 4, 148]),
        people: vec![
            person(3, "王晓梅", [4, 0, 1, 20, 3, 40]),
            person(1, "李建国", [3, 0, 0, 12, 0, 31]),
            person(2, "欧阳若曦", [2, 0, 1, 18, 0, 52]),
            person(4, "赵磊", [0, 2, 0, 7, 0, 23]),
            person(5, HOSTILE, [0, 0, 0, 0, 0, 0]),
            OwerRow { owes: Owes::Anybody, name: String::new(), counts: counts([0, 0, 1, 4, 0, 2]) },
        ],
        rules: rules(),
        rows,
        total: 223,
        pages: 5,
        is_cut: true,
        waiting: vec![
            WaitingRule {
                rule: rule("S21-R18"),
                says: "拜访中的承诺和遗留事项须及时跟踪处理".to_owned(),
                missing: vec!["track_promises_within".to_owned()],
            },
            WaitingRule {
                rule: rule("S21-R19"),
                says: HOSTILE.to_owned(),
                missing: vec!["archive_within".to_owned()],
            },
        ],
    }
}

fn rules() -> Vec<RuleRow> {
    let rule_row = |id: &str, says: &str, numbers, quotas| RuleRow {
        rule: rule(id),
        says: says.to_owned(),
        counts: counts(numbers),
        quotas,
    };
    let quota = |grade: &str, at_least, per, done, asked| QuotaRow {
        of: QuotaOf::Customers(vec![grade.to_owned()]),
        at_least,
        per,
        done,
        asked,
    };
    vec![
        rule_row("S21-R1", PHONE_RULE, [5, 0, 0, 8, 4, 27], vec![quota("A1", 2, Every::Week, 71, 80)]),
        rule_row("S21-R17", RECORD_RULE, [3, 0, 0, 9, 0, 64], vec![]),
        rule_row("S21-R9", "每周提交下周拜访计划", [1, 0, 0, 4, 0, 11], vec![]),
        rule_row("S21-R2", VISIT_RULE, [0, 0, 3, 10, 0, 0], vec![quota("A1", 4, Every::Month, 23, 40)]),
        rule_row(
            "S21-R5",
            "B类二级客户：每两周电话不少于一次，每月上门回访不少于一次",
            [0, 0, 0, 22, 0, 31],
            vec![quota("B2", 1, Every::Fortnight, 40, 44), quota("B2", 1, Every::Month, 0, 9)],
        ),
        rule_row("S21-R23", "客户建议七日内答复，答复率不低于 90%", [0, 2, 0, 3, 0, 17], vec![]),
        rule_row(
            "S21-R12",
            HOSTILE,
            [0, 0, 0, 4, 0, 0],
            vec![QuotaRow {
                of: QuotaOf::Post("ka_manager".to_owned()),
                ..quota("", 2, Every::Quarter, 1, 2)
            }],
        ),
    ]
}

/// Nothing fits, under every filter there is.
pub(super) fn no_obligations() -> ObligationsView {
    ObligationsView {
        filter: ObligationFilter {
            span: Span::read_quarter("2025-4"),
            state: Some(OwedState::Breached),
            owes: Some(Owes::Anybody),
            customer: HOSTILE.to_owned(),
            rule: Some(rule("S21-R1")),
            page: 1,
        },
        span: Span::quarter_of(date(2025, 10, 1)),
        counts: OwedCounts::default(),
        rows: vec![],
        total: 0,
        pages: 1,
        is_cut: false,
        ..obligations()
    }
}

pub(super) fn fact(n: u8, name: FactName, by: Option<&str>, details: Vec<FieldRow>) -> FactRow {
    let mut document = [n; 16];
    document[0] = 1;
    let is_visit = name.kind == "visit" && by.is_some();
    let came = name.at.plus_millis(600_000);
    FactRow {
        id: Hash::of("sample", &[b"fact", &[n]]),
        name,
        by: by.map(str::to_owned),
        details,
        bounds: None,
        came,
        record: is_visit.then(|| DocumentId::from_bytes(document)),
    }
}

fn details(pairs: &[(&str, Value)]) -> Vec<FieldRow> {
    pairs.iter().map(|(field, value)| FieldRow { field: (*field).to_owned(), value: value.clone() }).collect()
}

fn choice(code: &str) -> Value {
    Value::Choice(code.to_owned())
}

/// A quota that is one visit short, with everything that does not count.
pub(super) fn quota() -> ObligationView {
    let on_site = || {
        details(&[
            ("class", choice("scheduled_return")),
            ("channel", choice("on_site")),
            ("level", Value::Choices(vec!["handling_contact".to_owned(), "handling_lead".to_owned()])),
        ])
    };
    let visit = |n, at, by, details| fact(n, visited(at, LONG_CUSTOMER), by, details);
    let first = visit(1, at(4, 10, 0), Some("王晓梅"), on_site());
    let passed_over = vec![
        (visit(4, at(6, 9, 30), Some("王晓梅"), details(&[("channel", choice("phone"))])), PassedOver::Other),
        (visit(5, at(12, 14, 0), None, vec![]), PassedOver::ByAnother),
        (visit(6, at(18, 10, 0), Some(HOSTILE), on_site()), PassedOver::Repeated(first.id)),
    ];
    ObligationView {
        row: ObligationRow {
            about: About::Customer(LONG_CUSTOMER.to_owned(), november()),
            due: Some(end_of(30)),
            done: (3, 4),
            ..row(7, "S21-R2", VISIT_RULE, OwedState::Pending)
        },
        version: 3,
        document_number: "S21".to_owned(),
        interpreter: "大客户部".to_owned(),
        modality: Some(Modality::Must),
        opens: Some(at(1, 0, 0)),
        since: at(1, 0, 0),
        missing: vec![],
        about: None,
        counted: vec![
            first,
            visit(2, at(11, 15, 20), Some("王晓梅"), on_site()),
            visit(3, at(19, 9, 0), Some("王晓梅"), on_site()),
        ],
        passed_over,
        not_shown: 1,
        exception: Some(ExceptionRow {
            ruled: Excepted::Required(4),
            by: "刘芳".to_owned(),
            at: at(2, 8, 30),
            span: Some((at(1, 0, 0), end_of(61))),
            reason: Some(Reason::CustomerRequest),
            note: String::new(),
        }),
        hides_exception: false,
        excepting: Some(ExceptOffer {
            asks_for: Some(4),
            days: Some(days(date(2026, 11, 1), date(2027, 11, 2))),
            can_withdraw: true,
            returned: None,
        }),
    }
}

/// A record that came too late, proven by its evidence.
pub(super) fn breached() -> ObligationView {
    let submission =
        FactName { kind: "submission", ..visited(at(20, 12, 0), "宁波海丰国际物流有限公司") };
    let late = FactRow {
        bounds: Some((at(20, 10, 2), Some(at(20, 17, 40)))),
        came: at(21, 9, 5),
        ..fact(12, submission, Some("李建国"), details(&[("complete", Value::Flag(true))]))
    };
    let about = fact(
        11,
        visited(at(16, 10, 0), "宁波海丰国际物流有限公司"),
        Some("李建国"),
        details(&[
            ("place", choice(HOSTILE)),
            ("amount", Value::Money(1_234_500)),
            ("ended", Value::Time(at(16, 11, 30))),
        ]),
    );
    ObligationView {
        row: ObligationRow {
            about: About::Fact(Some(visited(at(16, 10, 0), "宁波海丰国际物流有限公司"))),
            owers: owers(&["李建国"], 0),
            due: Some(end_of(18)),
            ..row(2, "S21-R17", RECORD_RULE, OwedState::Breached)
        },
        modality: Some(Modality::Shall),
        opens: Some(at(16, 11, 30)),
        since: end_of(18),
        about: Some(about),
        counted: vec![],
        passed_over: vec![(late, PassedOver::TooLate)],
        not_shown: 0,
        exception: None,
        excepting: Some(ExceptOffer::default()),
        ..quota()
    }
}

/// One that cannot be judged, for every reason there is.
pub(super) fn not_evaluable() -> ObligationView {
    let missing = [
        "customer",
        "customer.owner",
        "supervisor",
        "actor",
        "time",
        "calendar.2027",
        "post.ka_manager",
        "route.major",
        "one of A1, A2",
        "severity",
        HOSTILE,
    ];
    ObligationView {
        row: ObligationRow {
            about: About::Customer(HOSTILE.to_owned(), november()),
            owers: owers(&[], 0),
            due: None,
            ..row(5, "S21-R2", HOSTILE, OwedState::NotEvaluable)
        },
        modality: None,
        opens: None,
        missing: missing.map(str::to_owned).to_vec(),
        counted: vec![],
        passed_over: vec![],
        not_shown: 0,
        exception: None,
        hides_exception: true,
        excepting: None,
        ..quota()
    }
}

/// One whose window opens next month.
pub(super) fn not_open() -> ObligationView {
    let december = days(date(2026, 12, 1), date(2026, 12, 31));
    ObligationView {
        row: ObligationRow {
            about: About::Customer(String::new(), december),
            due: Some(at(62, 0, 0)),
            done: (0, 4),
            ..quota().row
        },
        opens: Some(at(31, 0, 0)),
        counted: vec![],
        passed_over: vec![],
        ..quota()
    }
}

/// One whose time is over, and of which the evidence does not say whether it was in time.
pub(super) fn undecided() -> ObligationView {
    let row = ObligationRow { is_undecided: true, state: OwedState::Pending, ..breached().row };
    let passed_over = breached().passed_over.into_iter().map(|(fact, _)| (fact, PassedOver::TimeUnknown));
    ObligationView { row, passed_over: passed_over.collect(), ..breached() }
}

/// One that is let off, and a form to take that back that was not complete.
pub(super) fn let_off() -> ObligationView {
    ObligationView {
        row: ObligationRow { state: OwedState::LetOff, due: Some(end_of(15)), done: (1, 4), ..quota().row },
        exception: Some(ExceptionRow {
            ruled: Excepted::LetOff,
            by: HOSTILE.to_owned(),
            at: at(19, 17, 5),
            span: Some((at(1, 0, 0), at(31, 0, 0).plus_millis(-1))),
            reason: Some(Reason::Illness),
            note: format!("住院至月底。{HOSTILE}"),
        }),
        excepting: quota().excepting.map(|excepting| ExceptOffer {
            returned: Some(ReturnedException {
                problem: ExceptProblem::NoteMissing,
                ruled: "required".to_owned(),
                required: "2".to_owned(),
                until: "2026-12-31".to_owned(),
                reason: "other".to_owned(),
                note: HOSTILE.to_owned(),
            }),
            ..excepting
        }),
        ..quota()
    }
}
