//! Sample views: a company's week, with the long names, emoji and hostile texts that pages meet.

use sync_core::{
    admission::RefusalCode,
    hash::Hash,
    id::{DeviceId, DocumentId, UserId},
    record::{Cause, Ruling, Standing},
    rules::{Basis, Flags, Measured, Outcome, Reason},
    time::Timestamp,
};

use crate::web::{RecordFilter, view::*};

pub(super) const HOSTILE: &str = "<script>alert('客户')</script>\" onmouseover=\"x";

/// The given hour (and minute) of a day in November 2026, in Shanghai.
pub(super) fn at(day: i64, hour: i64, minute: i64) -> Timestamp {
    // 2026-11-01T00:00:00+08:00
    Timestamp::from_millis(1_793_462_400_000 + ((day - 1) * 24 + hour) * 3_600_000 + minute * 60_000)
}

/// 24:00 of a day.
pub(super) fn end_of(day: i64) -> Timestamp {
    at(day + 1, 0, 0)
}

pub(super) fn hash(n: u8) -> Hash {
    Hash::of("sample", &[&[n]])
}

fn document(n: u8) -> DocumentId {
    let mut bytes = [n; 16];
    bytes[0] = 1;
    DocumentId::from_bytes(bytes)
}

fn evidence(
    from: Timestamp,
    to: Timestamp,
    deadline: Timestamp,
    outcome: Outcome,
    basis: Basis,
) -> EvidenceView {
    EvidenceView {
        not_before: from,
        anchor: Some(hash(9)),
        not_after: Some(to),
        measured: None,
        claimed: from.plus_millis(to.millis_since(from) / 3),
        deadline: Some(deadline),
        flags: Flags::empty(),
        basis,
        outcome,
        rule: "S21-R17 · key_account_visits 3".to_owned(),
    }
}

/// Away from the net for days, and measured by the phone's own timer to have submitted in time.
fn measured_in_time() -> EvidenceView {
    EvidenceView {
        measured: Some(Measured { earliest: at(18, 21, 3), latest: at(18, 21, 5) }),
        claimed: at(18, 21, 4),
        ..evidence(at(16, 8, 30), at(20, 9, 12), end_of(19), Outcome::OnTime, Basis::Measured)
    }
}

/// Restarted in between, with the wall clock set back.
fn undecided() -> EvidenceView {
    EvidenceView {
        claimed: at(10, 7, 0),
        flags: Flags::REBOOT_SINCE_ANCHOR.with(Flags::CLAIM_OUTSIDE_BOUNDS),
        ..evidence(at(17, 18, 20), at(20, 8, 3), end_of(19), Outcome::NeedsReview, Basis::None)
    }
}

fn late() -> EvidenceView {
    evidence(at(20, 10, 2), at(20, 17, 40), end_of(18), Outcome::Late, Basis::Proven)
}

fn on_time() -> EvidenceView {
    evidence(at(19, 9, 0), at(19, 18, 12), end_of(21), Outcome::OnTime, Basis::Proven)
}

pub(super) fn overview() -> OverviewView {
    let row = |n: u8, customer: &str, rep: &str, class: &str, ended, deadline, state, evidence| RecordRow {
        record: document(n),
        customer: customer.to_owned(),
        rep: rep.to_owned(),
        class: class.to_owned(),
        ended,
        deadline,
        state,
        evidence,
    };
    let rows = vec![
        row(
            1,
            "苏州工业园区晨光精密制造股份有限公司（华东总部）",
            "王晓梅",
            "scheduled_return",
            Some(at(17, 16, 0)),
            Some(end_of(19)),
            State::NeedsReview,
            Some(undecided()),
        ),
        row(
            2,
            "宁波海丰国际物流有限公司",
            "李建国",
            "first_after_deal",
            Some(at(16, 11, 30)),
            Some(end_of(18)),
            State::HeldLate,
            Some(late()),
        ),
        row(
            3,
            "杭州西湖茶业集团 🍵",
            "王晓梅",
            "festival",
            Some(at(12, 15, 10)),
            Some(end_of(14)),
            State::AmendmentWaiting,
            Some(EvidenceView {
                not_before: at(13, 9, 0),
                not_after: Some(at(19, 14, 5)),
                ..evidence(at(19, 9, 0), at(19, 14, 5), end_of(14), Outcome::Late, Basis::Proven)
            }),
        ),
        row(
            4,
            "上海徐汇绿城物业",
            "欧阳若曦",
            "event_return",
            Some(at(18, 10, 0)),
            Some(end_of(20)),
            State::Overdue,
            None,
        ),
        row(
            5,
            "Northwind Traders (China) Co., Ltd.",
            "李建国",
            "business_contact",
            Some(at(21, 15, 45)),
            Some(end_of(23)),
            State::Draft,
            None,
        ),
        row(6, "", "赵磊", "", None, None, State::Draft, None),
        row(
            7,
            "南京紫金山生物医药",
            "赵磊",
            "scheduled_return",
            Some(at(19, 16, 0)),
            Some(end_of(21)),
            State::OnTime,
            Some(on_time()),
        ),
        row(
            8,
            "甘肃祁连山矿业有限责任公司",
            "李建国",
            "site_survey",
            Some(at(17, 17, 20)),
            Some(end_of(19)),
            State::ArrivedLate,
            Some(measured_in_time()),
        ),
        row(
            9,
            "绍兴黄酒集团",
            "欧阳若曦",
            "scheduled_return",
            Some(at(10, 14, 0)),
            Some(end_of(12)),
            State::Sealed,
            Some(evidence(at(10, 14, 5), at(10, 20, 31), end_of(12), Outcome::OnTime, Basis::Proven)),
        ),
        row(
            10,
            HOSTILE,
            "赵磊",
            "walk",
            Some(at(11, 9, 0)),
            Some(end_of(13)),
            State::Sealed,
            Some(evidence(at(11, 9, 5), at(12, 8, 31), end_of(13), Outcome::OnTime, Basis::Proven)),
        ),
    ];
    let counts = |numbers: [u64; 8]| {
        let mut counts = Counts::default();
        State::ALL.into_iter().zip(numbers).for_each(|(state, number)| counts.set(state, number));
        counts
    };
    let rep = |n: u8, name: &str, numbers| RepRow {
        rep: UserId::from_bytes([n; 16]),
        name: name.to_owned(),
        counts: counts(numbers),
    };
    OverviewView {
        filter: RecordFilter { page: 1, ..RecordFilter::default() },
        counts: counts([3, 5, 2, 4, 21, 17, 6, 1284]),
        reps: vec![
            rep(1, "王晓梅", [2, 1, 1, 0, 6, 5, 1, 12]),
            rep(2, "李建国", [0, 3, 1, 2, 7, 4, 4, 15]),
            rep(3, "欧阳若曦", [1, 1, 0, 2, 3, 4, 0, 20]),
            rep(4, "赵磊", [0, 0, 0, 0, 5, 4, 1, 9]),
        ],
        rows,
        total: 1342,
        pages: 27,
        window_days: 92,
        is_cut: true,
        refused_total: 3,
        refused: vec![refused()],
    }
}

fn text(field: &str, value: &str) -> FieldRow {
    FieldRow { field: field.to_owned(), value: Value::Text(value.to_owned()) }
}

fn refused() -> RefusedRow {
    RefusedRow {
        record: Some(document(3)),
        code: RefusalCode::MissingDependency,
        detail: "1 of 2 dependencies is not here".to_owned(),
        by: "王晓梅".to_owned(),
        device: "小米 14".to_owned(),
        arrived: at(20, 8, 3),
    }
}

/// A sealed record with an amendment that waits, and a long history.
pub(super) fn amended() -> RecordView {
    let before =
        "客户对三号产线的交付表示满意，提出年底前增订 12 台。\n现场看了新仓库，叉车通道偏窄，建议调整货架。";
    let after = "客户对三号产线的交付表示满意，提出年底前增订 15 台，其中 3 台为加急 🚚。\n现场看了新仓库，叉车通道偏窄，建议调整货架。";
    let change = |field: &str, before: Option<Value>, after: Option<Value>| FieldChange {
        field: field.to_owned(),
        before,
        after,
    };
    let history = |at, arrived, by: &str, device: &str, what| HistoryRow {
        at,
        arrived,
        by: by.to_owned(),
        device: device.to_owned(),
        what,
    };
    let wrote =
        |fields: &[&str]| Happening::Wrote { fields: fields.iter().map(|f| (*f).to_owned()).collect() };
    RecordView {
        record: document(3),
        customer: "杭州西湖茶业集团 🍵".to_owned(),
        grade: "A1".to_owned(),
        tags: ["key_account", "招投标"].map(str::to_owned).to_vec(),
        rep: "王晓梅".to_owned(),
        state: State::AmendmentWaiting,
        ended: Some(at(17, 15, 10)),
        deadline: Some(end_of(19)),
        shown_version: Some(2),
        fields: vec![
            FieldRow {
                field: "customer".to_owned(), value: Value::Name("杭州西湖茶业集团 🍵".to_owned())
            },
            FieldRow { field: "class".to_owned(), value: Value::Choice("scheduled_return".to_owned()) },
            FieldRow { field: "channel".to_owned(), value: Value::Choice("on_site".to_owned()) },
            FieldRow { field: "started".to_owned(), value: Value::Time(at(17, 13, 40)) },
            FieldRow { field: "ended".to_owned(), value: Value::Time(at(17, 15, 10)) },
            text("place", "杭州市西湖区龙井路 88 号 3 号楼会议室"),
            text("counterpart", "陈思远 副总经理"),
            FieldRow {
                field: "counterpart_level".to_owned(),
                value: Value::Choice("key_decision_maker".to_owned()),
            },
            text("content", before),
            text("result", HOSTILE),
            FieldRow { field: "satisfaction".to_owned(), value: Value::Count(4) },
        ],
        versions: vec![
            VersionRow {
                number: 2,
                at: at(20, 9, 12),
                cause: Cause::ArrivedLate,
                value: hash(2),
                submits: 2,
            },
            VersionRow { number: 1, at: end_of(19), cause: Cause::InTime, value: hash(1), submits: 1 },
        ],
        submits: vec![
            SubmitRow {
                submit: hash(13),
                by: "王晓梅".to_owned(),
                device: "华为 Mate 60 Pro".to_owned(),
                standing: Standing::Amendment,
                reason: Some(Reason::Correction),
                evidence: evidence(at(20, 9, 12), at(20, 14, 5), end_of(19), Outcome::Late, Basis::Proven),
            },
            SubmitRow {
                submit: hash(11),
                by: "王晓梅".to_owned(),
                device: "华为 Mate 60 Pro".to_owned(),
                standing: Standing::Rejected,
                reason: Some(Reason::Correction),
                evidence: evidence(at(20, 9, 12), at(20, 10, 40), end_of(19), Outcome::Late, Basis::Proven),
            },
            SubmitRow {
                submit: hash(12),
                by: "王晓梅".to_owned(),
                device: "荣耀平板 9".to_owned(),
                standing: Standing::Official,
                reason: None,
                evidence: measured_in_time(),
            },
        ],
        amendments: vec![Amendment {
            submit: hash(13),
            version: 2,
            changes: vec![
                change("content", Some(Value::Text(before.to_owned())), Some(Value::Text(after.to_owned()))),
                change("next_visit", None, Some(Value::Time(at(28, 10, 0)))),
                change(
                    "attendees",
                    Some(Value::Text("陈思远、周雨桐".to_owned())),
                    Some(Value::Text("陈思远、周雨桐、许文强".to_owned())),
                ),
                change("satisfaction", Some(Value::Count(4)), Some(Value::Count(5))),
                change("consensus", Some(Value::Text("下周寄样。".to_owned())), None),
            ],
        }],
        refused: vec![refused()],
        history: vec![
            history(at(20, 14, 3), Some(at(20, 14, 5)), "王晓梅", "华为 Mate 60 Pro", Happening::Submitted),
            history(
                at(20, 14, 1),
                Some(at(20, 14, 5)),
                "王晓梅",
                "华为 Mate 60 Pro",
                wrote(&["content", "next_visit", "attendees", "satisfaction"]),
            ),
            history(at(20, 11, 30), None, "刘芳", "", Happening::Decided { ruling: Ruling::Reject }),
            history(at(20, 9, 12), None, "", "", Happening::Sealed { version: 2 }),
            history(at(18, 21, 4), Some(at(20, 9, 12)), "王晓梅", "荣耀平板 9", Happening::Submitted),
            history(end_of(19), None, "", "", Happening::Sealed { version: 1 }),
            history(
                at(17, 15, 12),
                Some(at(17, 18, 20)),
                "王晓梅",
                "华为 Mate 60 Pro",
                Happening::CheckedOut,
            ),
            history(at(17, 13, 40), Some(at(17, 18, 20)), "王晓梅", "华为 Mate 60 Pro", Happening::CheckedIn),
        ],
        decisions: vec![DecisionRow {
            at: at(20, 11, 30),
            by: "刘芳".to_owned(),
            submit: hash(11),
            ruling: Ruling::Reject,
            reason: Reason::Other,
            note: "数量与合同不符，请核对后重新补正。".to_owned(),
        }],
        may_decide: true,
        returned: None,
    }
}

/// A record whose evidence does not decide, with a form that came back.
pub(super) fn undecided_record() -> RecordView {
    let mut fields = amended().fields;
    fields[0].value = Value::Name("苏州工业园区晨光精密制造股份有限公司（华东总部）".to_owned());
    RecordView {
        fields,
        history: amended().history.split_off(6),
        record: document(1),
        customer: "苏州工业园区晨光精密制造股份有限公司（华东总部）".to_owned(),
        state: State::NeedsReview,
        versions: vec![],
        decisions: vec![],
        amendments: vec![],
        refused: vec![],
        shown_version: None,
        submits: vec![SubmitRow {
            submit: hash(21),
            by: "王晓梅".to_owned(),
            device: "小米 14".to_owned(),
            standing: Standing::NeedsReview,
            reason: Some(Reason::NoCoverage),
            evidence: undecided(),
        }],
        returned: Some(ReturnedForm {
            submit: hash(21),
            problem: DecideProblem::ReasonMissing,
            ruling: "excuse".to_owned(),
            reason: String::new(),
            note: "客户地下车库无信号，已电话核实。".to_owned(),
        }),
        ..amended()
    }
}

/// A record with nothing submitted.
pub(super) fn draft_record() -> RecordView {
    RecordView {
        state: State::Draft,
        ended: Some(at(21, 15, 45)),
        deadline: Some(end_of(23)),
        submits: vec![],
        returned: None,
        ..undecided_record()
    }
}

pub(super) fn devices() -> DevicesView {
    let row = |n: u8, user: &str, name: &str, last_contact, revoked| DeviceRow {
        device: DeviceId::from_bytes([n; 16]),
        user: user.to_owned(),
        name: name.to_owned(),
        enrolled: at(2, 9, 30),
        last_contact,
        quarantined: u32::from(n == 5) * 3,
        revoked,
    };
    DevicesView {
        rows: vec![
            row(1, "王晓梅", "华为 Mate 60 Pro", Some(at(21, 17, 58)), None),
            row(2, "王晓梅", "荣耀平板 9", Some(at(20, 9, 12)), None),
            row(3, "李建国", "小米 14（备用机，客户现场专用，型号很长很长）", Some(at(16, 8, 30)), None),
            row(4, "欧阳若曦", "iPhone 17", None, None),
            row(
                5,
                "赵磊",
                "OPPO Find X8",
                Some(at(14, 12, 0)),
                Some(Revoked { at: at(14, 13, 20), by: "刘芳".to_owned() }),
            ),
        ],
        just_revoked: Some("OPPO Find X8".to_owned()),
        may_revoke: true,
    }
}
