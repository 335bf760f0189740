//! Restated: what is said otherwise now of days that were closed, and because of what.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use sync_core::{
    hash::Hash,
    rules::{Fulfilment, Obligation, PassedOver, Subject},
};

use crate::{
    projection::{Closing, Known, StoredFact, StoredObligation, Then, View},
    store::{StoreError, after_prefix},
};

/// An obligation that is different now from what it was when its days were closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The obligation.
    pub id: Hash,
    /// As it was; `None` if nothing was owed on those days.
    pub then: Option<StoredObligation>,
    /// As it is; `None` if nothing is owed any more.
    pub now: Option<StoredObligation>,
    /// The facts that were not looked at then.
    pub came: Vec<StoredFact>,
    /// The facts that are not looked at any more, as they were.
    pub went: Vec<StoredFact>,
    /// The facts that are different, or are taken otherwise, as they are.
    pub changed: Vec<StoredFact>,
    /// Because of what.
    pub because: Because,
}

/// Because of what an obligation changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// Facts came, went or changed.
    Facts,
    /// Nothing but time: what was open was not done.
    Time,
    /// Neither: people, customers, rules or the calendar changed, or a fact that an obligation does not name.
    Other,
}

impl Because {
    /// One of each, in their order.
    pub const EACH: [Self; 3] = [Self::Facts, Self::Time, Self::Other];

    /// Its word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Facts => "facts",
            Self::Time => "time",
            Self::Other => "other",
        }
    }
}

/// The obligations of a closing's days that changed at some time since, behind one of them and at most `limit`.
pub fn touched(
    view: &View<'_>,
    closing: &Closing,
    after: Option<Hash>,
    limit: usize,
) -> Result<Vec<Hash>, StoreError> {
    let prefix = view.keys().restated_since(closing.number);
    let last = after.map(|id| view.keys().restated(closing.number, id));
    let from = last.as_deref().map_or(Bound::Included(prefix.as_slice()), Bound::Excluded);
    let found: Vec<(Vec<u8>, Hash)> = view.page(from, &after_prefix(&prefix), limit)?;
    Ok(found.into_iter().map(|(_, id)| id).collect())
}

/// What became of an obligation since a closing; `None` if it is what it was.
pub fn change(view: &View<'_>, then: &Then, id: Hash) -> Result<Option<Change>, StoreError> {
    let (then_known, now_known) = (Known::at(*view, Some(then)), Known::from(*view));
    let (then_stored, now) = (then_known.obligation(id)?, now_known.obligation(id)?);
    // What was due elsewhere then and is now concerns other days.
    if then_stored.is_none() && now.as_ref().is_none_or(|now| !then.holds(now)) {
        return Ok(None);
    }
    let owed = |stored: &Option<StoredObligation>| stored.as_ref().map(|stored| stored.obligation.clone());
    let (owed_then, owed_now) = (owed(&then_stored), owed(&now));
    if owed_then == owed_now {
        return Ok(None);
    }
    let (before, after) = (taken(owed_then.as_ref()), taken(owed_now.as_ref()));
    let (mut came, mut went, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    let mut differ = false;
    let all: BTreeSet<&Hash> = before.keys().chain(after.keys()).collect();
    for fact in all {
        let was = then_known.fact(*fact)?;
        let is = now_known.fact(*fact)?;
        let is_same = was.as_ref().map(|was| &was.fact) == is.as_ref().map(|is| &is.fact);
        differ |= !is_same;
        match (was, is) {
            (None, Some(is)) => came.push(is),
            (Some(was), None) => went.push(was),
            (Some(was), Some(is)) => match (before.get(fact), after.get(fact)) {
                (None, Some(_)) => came.push(is),
                (Some(_), None) => went.push(was),
                (taken_then, taken_now) if taken_then != taken_now || !is_same => changed.push(is),
                _ => {}
            },
            (None, None) => {}
        }
    }
    let because = match (&owed_then, &owed_now) {
        _ if differ => Because::Facts,
        (Some(then), Some(now)) if is_time_alone(then, now) => Because::Time,
        _ => Because::Other,
    };
    Ok(Some(Change { id, then: then_stored, now, came, went, changed, because }))
}

/// How an obligation takes each fact that it rests on.
#[derive(PartialEq, Eq)]
enum Taken {
    About,
    Counted,
    PassedOver(PassedOver),
    Exception,
}

fn taken(owed: Option<&Obligation>) -> BTreeMap<Hash, Taken> {
    let Some(owed) = owed else { return BTreeMap::new() };
    let about = match owed.subject {
        Subject::Fact(fact) => Some((fact, Taken::About)),
        _ => None,
    };
    let counted = owed.counted.iter().map(|fact| (*fact, Taken::Counted));
    let passed_over = owed.passed_over.iter().map(|(fact, why)| (*fact, Taken::PassedOver(*why)));
    let exception = owed.exception.map(|fact| (fact, Taken::Exception));
    about.into_iter().chain(counted).chain(passed_over).chain(exception).collect()
}

/// Whether an open obligation is what it was but for its time being over.
fn is_time_alone(then: &Obligation, now: &Obligation) -> bool {
    let settled = Obligation { state: now.state.clone(), ..then.clone() };
    then.state == Fulfilment::Pending && settled == *now
}
