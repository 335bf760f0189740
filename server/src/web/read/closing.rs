//! Closings, and what is different now of the days that were closed.

use std::{cmp::Reverse, collections::BTreeMap};

use jiff::civil::Date;
use sync_core::{
    directory::{Role, User},
    hash::Hash,
    id::UserId,
    time::Timestamp,
};

use super::{names::Names, owed::OwedReading};
use crate::{
    engine::{
        EngineError, line,
        restated::{self, SeenChange, Side},
    },
    projection::{
        Closing, Known, StoredFact, StoredObligation, Then, View,
        points::points,
        restated::{change, touched},
    },
    store::StoreError,
    web::{
        Span,
        view::{
            ChangeRow, ChangeSide, CloseOffer, ClosingRow, ClosingView, ClosingsView, FactRow, PointsRow,
        },
    },
};

/// How many months and how many quarters back the form offers.
const MONTHS: usize = 12;
const QUARTERS: usize = 4;

/// How many changes one page shows.
const CHANGES: usize = 50;

/// How many obligations are looked at for one page, and how many at a time.
const TOUCHED_MAX: usize = 2_000;
const READ: usize = 100;

/// Reads the closings of the reader's company.
pub(crate) fn closings(view: &View<'_>, reader: &User, today: Date) -> Result<ClosingsView, EngineError> {
    let mut names = Names::new(*view);
    let mut rows = Vec::new();
    for closing in view.closings()?.into_iter().rev() {
        rows.push(closing_row(&mut names, closing)?);
    }
    let may_close = reader.role == Role::Admin;
    Ok(ClosingsView { rows, close: may_close.then(|| CloseOffer { spans: spans(today), returned: None }) })
}

fn closing_row(names: &mut Names<'_>, closing: Closing) -> Result<ClosingRow, StoreError> {
    let by = closing.by.map(|by| names.user(by)).transpose()?.unwrap_or_default();
    Ok(ClosingRow { id: closing.id, period: closing.period, at: closing.at, by, note: closing.note })
}

/// The months and quarters that are over, the last one first.
fn spans(today: Date) -> Vec<Span> {
    let back = |span: Span| std::iter::successors(span.previous(), |span| span.previous());
    let months = back(Span::month_of(today)).take(MONTHS);
    let mut spans: Vec<Span> = months.chain(back(Span::quarter_of(today)).take(QUARTERS)).collect();
    spans.sort_by_key(|span| {
        let period = span.period();
        (Reverse(period.last), Reverse(period.first))
    });
    spans
}

/// Reads what is different now from what was known at a closing, behind one of the obligations.
///
/// # Errors
/// [`EngineError::NotFound`] for a closing that there is not.
pub(crate) fn closing(
    view: &View<'_>,
    reader: &User,
    id: Hash,
    after: Option<Hash>,
    now: Timestamp,
) -> Result<ClosingView, EngineError> {
    let closing = view.closing(id)?.ok_or(EngineError::NotFound)?;
    let then = Then::of(view, closing.clone())?;
    let (then_known, now_known) = (Known::at(*view, Some(&then)), Known::from(*view));
    let mut sides = Sides {
        then: OwedReading::new(then_known, reader)?,
        now: OwedReading::new(now_known, reader)?,
        at: now,
    };
    let (mut changes, mut last, mut looked_at) = (Vec::new(), after, 0);
    let next = loop {
        let found = touched(view, &closing, last, READ)?;
        for id in &found {
            last = Some(*id);
            looked_at += 1;
            let Some(change) = change(view, &then, *id)? else { continue };
            if let Some(seen) = restated::seen(view, &sides.now.eyes, change)? {
                changes.push(sides.row(seen)?);
            }
            if changes.len() == CHANGES {
                break;
            }
        }
        let is_end = found.len() < READ && found.last().is_none_or(|id| last == Some(*id));
        if is_end {
            break None;
        }
        if changes.len() == CHANGES || looked_at >= TOUCHED_MAX {
            break last;
        }
    };
    let points = match after {
        None => points_rows(view, reader, (then_known, now_known), &closing, now)?,
        Some(_) => Vec::new(),
    };
    Ok(ClosingView {
        closing: closing_row(&mut sides.now.names, closing)?,
        points,
        changes,
        is_continued: after.is_some(),
        next,
    })
}

/// What both sides of changes are read by.
struct Sides<'a> {
    then: OwedReading<'a>,
    now: OwedReading<'a>,
    at: Timestamp,
}

impl Sides<'_> {
    fn row(&mut self, seen: SeenChange) -> Result<ChangeRow, StoreError> {
        let SeenChange { then, now, withheld, came, went, changed, not_shown, because, .. } = seen;
        let at = self.at;
        let side = |reading: &mut OwedReading<'_>, stored: Option<StoredObligation>, of: Side| {
            Ok::<_, StoreError>(match stored {
                Some(stored) => ChangeSide::Owed(Box::new(reading.row(&stored, at)?)),
                None if withheld == Some(of) => ChangeSide::Withheld,
                None => ChangeSide::Nothing,
            })
        };
        Ok(ChangeRow {
            then: side(&mut self.then, then, Side::Then)?,
            now: side(&mut self.now, now, Side::Now)?,
            because,
            came: facts(&mut self.now, &came)?,
            went: facts(&mut self.then, &went)?,
            changed: facts(&mut self.now, &changed)?,
            not_shown: not_shown as u64,
        })
    }
}

fn facts(reading: &mut OwedReading<'_>, facts: &[StoredFact]) -> Result<Vec<FactRow>, StoreError> {
    facts.iter().map(|fact| reading.fact_row(fact)).collect()
}

/// Whose points are different, of those whom the reader may see.
fn points_rows(
    view: &View<'_>,
    reader: &User,
    (then, known): (Known<'_>, Known<'_>),
    closing: &Closing,
    now: Timestamp,
) -> Result<Vec<PointsRow>, EngineError> {
    let mut people: BTreeMap<UserId, (i64, i64)> = BTreeMap::new();
    for given in points(then, closing.period, now)? {
        people.entry(given.points.person).or_default().0 += i64::from(given.points.points);
    }
    for given in points(known, closing.period, now)? {
        people.entry(given.points.person).or_default().1 += i64::from(given.points.points);
    }
    let mut names = Names::new(*view);
    let mut rows = Vec::new();
    for (person, (then, now)) in people {
        if then != now && line::may_see(view, reader, person)? {
            rows.push(PointsRow { name: names.user(person)?, then, now });
        }
    }
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(rows)
}
