//! Sample closings: months that were closed, and what came of one of them since.

use jiff::civil::date;
use sync_core::rules::Period;

use super::{
    owed_samples::{LONG_CUSTOMER, breached, fact, quota, visited},
    samples::{HOSTILE, at, hash},
};
use crate::{
    projection::restated::Because,
    web::{Span, view::*},
};

fn closing(n: u8, period: Period, by: &str, note: &str) -> ClosingRow {
    ClosingRow { id: hash(n), period, at: at(4, 9, 12), by: by.to_owned(), note: note.to_owned() }
}

fn october() -> Period {
    Period { first: date(2026, 10, 1), last: date(2026, 10, 31) }
}

pub(super) fn closings() -> ClosingsView {
    let spans = [Span::month_of(date(2026, 10, 1)), Span::quarter_of(date(2026, 7, 1))];
    ClosingsView {
        rows: vec![
            closing(1, october(), "系统管理员", "十月工资，补录后重结"),
            closing(2, october(), "", HOSTILE),
            closing(3, Period { first: date(2026, 7, 1), last: date(2026, 9, 30) }, "系统管理员", ""),
        ],
        close: Some(CloseOffer {
            spans: spans.to_vec(),
            returned: Some(ReturnedClosing {
                problem: CloseProblem::Unfit,
                span: spans[1].query(),
                note: HOSTILE.to_owned(),
            }),
        }),
    }
}

pub(super) fn no_closings() -> ClosingsView {
    ClosingsView { rows: vec![], close: None }
}

/// Evidence that came later, somebody else's side, and something that is owed no more.
pub(super) fn closing_page() -> ClosingView {
    let owed = |state, done| ChangeSide::Owed(Box::new(ObligationRow { state, done, ..quota().row }));
    let late = FactRow {
        came: at(21, 9, 5),
        ..fact(21, visited(at(4, 10, 0), LONG_CUSTOMER), Some("王晓梅"), vec![])
    };
    let hidden = fact(22, visited(at(5, 9, 0), ""), None, vec![]);
    let change = |then, now, because| ChangeRow {
        then,
        now,
        because,
        came: vec![],
        went: vec![],
        changed: vec![],
        not_shown: 0,
    };
    ClosingView {
        closing: closing(1, october(), "系统管理员", "十月工资"),
        points: vec![
            PointsRow { name: "王晓梅".to_owned(), then: -4, now: -2 },
            PointsRow { name: HOSTILE.to_owned(), then: 0, now: -10 },
        ],
        changes: vec![
            ChangeRow {
                came: vec![late.clone()],
                went: vec![hidden],
                changed: vec![late],
                not_shown: 2,
                ..change(owed(OwedState::Breached, (3, 4)), owed(OwedState::Met, (4, 4)), Because::Facts)
            },
            change(owed(OwedState::Pending, (0, 4)), owed(OwedState::Breached, (0, 4)), Because::Time),
            change(ChangeSide::Withheld, owed(OwedState::NotEvaluable, (0, 4)), Because::Other),
            change(ChangeSide::Owed(Box::new(breached().row)), ChangeSide::Nothing, Because::Other),
        ],
        is_continued: false,
        next: Some(hash(9)),
    }
}

/// Nothing is different.
pub(super) fn unchanged() -> ClosingView {
    ClosingView { points: vec![], changes: vec![], is_continued: false, next: None, ..closing_page() }
}
