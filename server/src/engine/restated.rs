//! What of a change since a closing its reader may see.

use sync_core::hash::Hash;

use crate::{
    engine::{EngineError, line, owed::Eyes},
    projection::{
        StoredFact, StoredObligation, View,
        restated::{Because, Change},
    },
};

/// How many facts are shown of one change.
const FACTS: usize = 500;

/// A change as a reader sees it.
#[derive(Debug, Clone)]
pub struct SeenChange {
    /// The obligation.
    pub id: Hash,
    /// As it was; `None` if nothing was owed, or what was is withheld.
    pub then: Option<StoredObligation>,
    /// As it is; `None` if nothing is owed, or what is is withheld.
    pub now: Option<StoredObligation>,
    /// The side that the reader may not see.
    pub withheld: Option<Side>,
    /// The facts that were not looked at then.
    pub came: Vec<StoredFact>,
    /// The facts that are not looked at any more, as they were.
    pub went: Vec<StoredFact>,
    /// The facts that are different, or are taken otherwise, as they are.
    pub changed: Vec<StoredFact>,
    /// How many more facts there are.
    pub not_shown: usize,
    /// Because of what.
    pub because: Because,
}

/// A side of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What was known when the days were closed.
    Then,
    /// What is known now.
    Now,
}

/// A change as a reader sees it; `None` if they may see neither side of it.
///
/// # Errors
/// Those of the store.
pub fn seen(view: &View<'_>, eyes: &Eyes<'_>, change: Change) -> Result<Option<SeenChange>, EngineError> {
    let side = |stored: Option<StoredObligation>| -> Result<(Option<StoredObligation>, bool), EngineError> {
        let Some(stored) = stored else { return Ok((None, false)) };
        let may = line::may_see_owed(view, eyes.reader, &stored.obligation)?;
        Ok((may.then_some(stored), !may))
    };
    let ((then, then_withheld), (now, now_withheld)) = (side(change.then)?, side(change.now)?);
    if then.is_none() && now.is_none() {
        return Ok(None);
    }
    let all = change.came.len() + change.went.len() + change.changed.len();
    let mut left = FACTS;
    let mut facts = |facts: Vec<StoredFact>| -> Vec<StoredFact> {
        let found: Vec<_> = facts.into_iter().filter_map(|fact| eyes.fact(fact)).take(left).collect();
        left -= found.len();
        found
    };
    // What a side rests on is for whoever may see that side.
    let came = if now_withheld { Vec::new() } else { facts(change.came) };
    let went = if then_withheld { Vec::new() } else { facts(change.went) };
    let changed = if then_withheld || now_withheld { Vec::new() } else { facts(change.changed) };
    Ok(Some(SeenChange {
        id: change.id,
        then,
        now,
        withheld: match (then_withheld, now_withheld) {
            (true, _) => Some(Side::Then),
            (false, true) => Some(Side::Now),
            (false, false) => None,
        },
        not_shown: all - came.len() - went.len() - changed.len(),
        came,
        went,
        changed,
        because: change.because,
    }))
}
