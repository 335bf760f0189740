//! What is owed: who may see an obligation, and the facts that say what became of it.

use sync_core::{
    directory::{Role, User},
    hash::Hash,
    rules::{Company, PassedOver, Rulebook, Subject, engine},
};

use crate::{
    engine::{EngineError, line},
    projection::{StoredFact, StoredObligation, View},
    store::StoreError,
};

/// How many facts of each sort are shown of one obligation.
const FACTS: usize = 500;

/// An obligation with the facts that its reader may see.
#[derive(Debug, Clone)]
pub struct Explained {
    /// The obligation.
    pub stored: StoredObligation,
    /// The fact it is about, if it is about one.
    pub about: Option<StoredFact>,
    /// The facts that count.
    pub counted: Vec<StoredFact>,
    /// The facts that were looked at and do not count, each with why.
    pub passed_over: Vec<(StoredFact, PassedOver)>,
    /// How many more facts there are than are shown.
    pub not_shown: usize,
}

/// Reads an obligation with its facts.
///
/// # Errors
/// [`EngineError::NotFound`] also for an obligation outside the reader's line.
pub fn explain(
    view: &View<'_>,
    reader: &User,
    id: Hash,
    rulebook: &Rulebook,
    company: &Company,
) -> Result<Explained, EngineError> {
    let stored = view.obligation(id)?.ok_or(EngineError::NotFound)?;
    if !may_see(view, reader, &stored)? {
        return Err(EngineError::NotFound);
    }
    let obligation = &stored.obligation;
    let shown = |id: Hash| shown(view, reader, id, rulebook, company);
    let (mut counted, mut passed_over) = (Vec::new(), Vec::new());
    for id in obligation.counted.iter().take(FACTS) {
        counted.extend(shown(*id)?);
    }
    for (id, why) in obligation.passed_over.iter().take(FACTS) {
        passed_over.extend(shown(*id)?.map(|fact| (fact, *why)));
    }
    let all = obligation.counted.len() + obligation.passed_over.len();
    let not_shown = all - counted.len() - passed_over.len();
    let about = match obligation.subject {
        Subject::Fact(fact) => shown(fact)?,
        _ => None,
    };
    Ok(Explained { about, counted, passed_over, not_shown, stored })
}

/// A fact, unless a rule hides it from the reader.
pub fn shown(
    view: &View<'_>,
    reader: &User,
    id: Hash,
    rulebook: &Rulebook,
    company: &Company,
) -> Result<Option<StoredFact>, StoreError> {
    let seen = |stored: &StoredFact| {
        rulebook.packs().iter().all(|pack| engine::may_see(pack, &stored.fact, reader.id, company))
    };
    Ok(view.stored_fact(id)?.filter(seen))
}

/// Whether a user may see an obligation: that of somebody they may see, or, if nobody in particular owes it, as one who
/// leads others.
pub fn may_see(view: &View<'_>, user: &User, stored: &StoredObligation) -> Result<bool, StoreError> {
    if stored.obligation.owed_by.is_empty() {
        return Ok(user.role != Role::Rep);
    }
    for person in &stored.obligation.owed_by {
        if line::may_see(view, user, *person)? {
            return Ok(true);
        }
    }
    Ok(false)
}
