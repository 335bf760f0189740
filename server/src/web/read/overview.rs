//! The overview: the records of a reader's line of the last months, counted and sorted by what waits longest.

use std::{cmp::Reverse, collections::HashSet};

use sync_core::{
    directory::{Role, User},
    id::{DocumentId, UserId},
    record::{RecordStatus, Standing, SubmitStatus},
    time::Timestamp,
};

use super::{names::Names, refused};
use crate::{
    engine::{EngineError, line},
    projection::{RecordLine, View},
    store::StoreError,
    web::{
        RecordFilter,
        view::{Counts, EvidenceView, OverviewView, RecordRow, RepRow, State},
    },
};

/// How far back the overview reaches.
const WINDOW_DAYS: u64 = 92;

/// No overview looks at more records than this.
const LINES_MAX: usize = 20_000;

/// No overview lists more people than this.
const REPS_MAX: usize = 500;

/// How many lines are read at a time.
const READ_LINES: usize = 500;

/// Records on one page.
const ROWS: usize = 50;

const DAY_MS: i64 = 86_400_000;

/// A line with the state it is sorted under.
struct Found {
    line: RecordLine,
    state: State,
}

/// Reads the overview under a filter.
pub(crate) fn overview(
    view: &View<'_>,
    reader: &User,
    filter: RecordFilter,
    now: Timestamp,
) -> Result<OverviewView, EngineError> {
    let since = now.plus_millis(-(WINDOW_DAYS as i64) * DAY_MS);
    let seen = line::seen_by(view, reader)?;
    let mut names = Names::new(*view);
    let (mut reps, mut counts, mut found, mut is_cut) = (Vec::new(), Counts::default(), Vec::new(), false);
    let ids: HashSet<UserId> = seen.iter().map(|user| user.id).collect();
    let mut left = LINES_MAX;
    for (user, behind) in seen.into_iter().zip((1..=ids.len()).rev()) {
        // What one person leaves of their share goes to those behind; a chosen rep has a whole bound to themselves.
        let most = if filter.rep == Some(user.id) { LINES_MAX } else { left / behind };
        let (lines, more) = lines_since(view, user.id, since, most)?;
        is_cut |= more;
        left = left.saturating_sub(lines.len());
        let mut own = Counts::default();
        for line in lines {
            let state = State::of(&line.status);
            own.add(state);
            if filter.rep.is_some_and(|rep| rep != user.id) || !names_customer(&mut names, &filter, &line)? {
                continue;
            }
            counts.add(state);
            if filter.state.is_none_or(|wanted| wanted == state) {
                found.push(Found { line, state });
            }
        }
        if own.total() > 0 || (user.active && user.role == Role::Rep) {
            reps.push(RepRow { rep: user.id, name: user.name, counts: own });
        }
    }
    is_cut |= reps.len() > REPS_MAX;
    reps.truncate(REPS_MAX);
    found.sort_by_key(|found| order(found.state, &found.line.status));
    let total = found.len() as u64;
    let pages = total.div_ceil(ROWS as u64).max(1);
    let filter = RecordFilter { page: filter.page.clamp(1, pages), ..filter };
    let skipped = usize::try_from(filter.page - 1).unwrap_or(usize::MAX).saturating_mul(ROWS);
    let mut rows = Vec::with_capacity(ROWS);
    for found in found.into_iter().skip(skipped).take(ROWS) {
        rows.push(row(&mut names, found)?);
    }
    let (refused_total, refused) = refused::latest(view, &mut names, since, |user| ids.contains(&user))?;
    Ok(OverviewView {
        filter,
        counts,
        reps,
        rows,
        total,
        pages,
        window_days: WINDOW_DAYS,
        is_cut,
        refused_total,
        refused,
    })
}

/// A user's lines since an instant, latest first, and whether there are more than `most`.
fn lines_since(
    view: &View<'_>,
    owner: UserId,
    since: Timestamp,
    most: usize,
) -> Result<(Vec<RecordLine>, bool), StoreError> {
    let end = view.keys().row(owner, since, DocumentId::from_bytes([u8::MAX; 16]));
    let mut lines = Vec::new();
    let mut after: Option<Vec<u8>> = None;
    loop {
        let page = view.lines_of(owner, after.as_deref(), READ_LINES)?;
        let is_last = page.len() < READ_LINES;
        after = page.last().map(|(key, _)| key.clone());
        for (key, line) in page {
            if key > end {
                return Ok((lines, false));
            }
            if lines.len() >= most {
                return Ok((lines, true));
            }
            lines.push(line);
        }
        if is_last {
            return Ok((lines, false));
        }
    }
}

fn names_customer(
    names: &mut Names<'_>,
    filter: &RecordFilter,
    line: &RecordLine,
) -> Result<bool, StoreError> {
    if filter.customer.is_empty() {
        return Ok(true);
    }
    let Some(customer) = line.customer else { return Ok(false) };
    names.customer_has(customer, &filter.customer)
}

/// What waits for the reader comes first, longest overdue on top; behind it the newest visit first.
fn order(
    state: State,
    status: &RecordStatus,
) -> (bool, Option<Timestamp>, Reverse<Option<Timestamp>>, DocumentId) {
    let waits = state.waits();
    (!waits, status.deadline.filter(|_| waits), Reverse(status.ended), status.document)
}

fn row(names: &mut Names<'_>, found: Found) -> Result<RecordRow, StoreError> {
    let Found { line, state } = found;
    let customer = match line.customer {
        Some(id) => names.customer(id)?.map(|customer| customer.name.clone()).unwrap_or_default(),
        None => String::new(),
    };
    Ok(RecordRow {
        record: line.status.document,
        customer,
        rep: names.user(line.owner)?,
        class: line.class.unwrap_or_default(),
        ended: line.status.ended,
        deadline: line.status.deadline,
        state,
        evidence: telling(&line.status).and_then(|submit| EvidenceView::of(&submit.verdict)),
    })
}

/// The submit that led to the state: the newest that waits, else the newest that counts or will.
fn telling(status: &RecordStatus) -> Option<&SubmitStatus> {
    let newest =
        |wanted: fn(Standing) -> bool| status.submits.iter().rev().find(|submit| wanted(submit.standing));
    newest(Standing::waits)
        .or_else(|| newest(|standing| standing.counts() || standing == Standing::Candidate))
        .or(status.submits.last())
}
