//! What is owed: who may see an obligation, and the facts that say what became of it.

use std::sync::Arc;

use sync_core::{
    directory::User,
    hash::Hash,
    rules::{Company, PassedOver, Rulebook, Subject, engine},
};

use crate::{
    engine::{EngineError, line},
    projection::{Known, StoredException, StoredFact, StoredObligation, View},
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
    /// The exception that holds for it, unless the reader may not see why.
    pub exception: Option<StoredException>,
    /// How many more facts there are than are shown.
    pub not_shown: usize,
}

/// A reader, and the rules of the present by which they see facts.
#[derive(Debug, Clone)]
pub struct Eyes<'a> {
    /// Who reads.
    pub reader: &'a User,
    /// The packs and calendars.
    pub rulebook: Arc<Rulebook>,
    /// The people and customers.
    pub company: Arc<Company>,
}

impl<'a> Eyes<'a> {
    /// The eyes of a reader.
    pub fn of(view: &View<'_>, reader: &'a User) -> Result<Self, StoreError> {
        Ok(Self { reader, rulebook: view.rulebook()?, company: view.company()? })
    }

    /// A fact, unless a rule hides it from the reader.
    pub fn fact(&self, stored: StoredFact) -> Option<StoredFact> {
        let mut packs = self.rulebook.packs().iter();
        let sees = packs.all(|pack| engine::may_see(pack, &stored.fact, self.reader.id, &self.company));
        sees.then_some(stored)
    }
}

/// Reads an obligation with its facts, as they stand or as they were known when days were closed.
///
/// # Errors
/// [`EngineError::NotFound`] also for an obligation outside the reader's line.
pub fn explain(known: Known<'_>, eyes: &Eyes<'_>, id: Hash) -> Result<Explained, EngineError> {
    let stored = known.obligation(id)?.ok_or(EngineError::NotFound)?;
    if !line::may_see_owed(&known.view(), eyes.reader, &stored.obligation)? {
        return Err(EngineError::NotFound);
    }
    let obligation = &stored.obligation;
    let shown = |id: Hash| -> Result<_, StoreError> { Ok(known.fact(id)?.and_then(|fact| eyes.fact(fact))) };
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
    // Who does not get to see the fact sees that there is an exception, and not why.
    let exception = match obligation.exception {
        Some(id) => shown(id)?.map(|fact| StoredException::read(&known.view(), &fact)).transpose()?.flatten(),
        None => None,
    };
    Ok(Explained { about, counted, passed_over, exception, not_shown, stored })
}
