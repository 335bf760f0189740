//! Admitting: runs all gates over the changes of one document, cheaply when they are honest.

use super::{
    Author, Limits, Refusal, RefusalCode,
    canonical::{Decoded, decode},
    dry_run::{Proven, dry_run},
    header,
    session::Session,
};
use crate::{
    document::{Actor, Document, Heads, Values},
    hash::Hash,
};

#[cfg(test)]
mod tests;

/// What came of some changes to one document.
#[derive(Debug)]
pub struct Admitted {
    /// The document with every accepted change merged.
    pub document: Document,
    /// The saved form of that document.
    pub saved: Vec<u8>,
    /// Its values.
    pub values: Values,
    /// For each change, in the order given: its hash if it was accepted, else why not.
    pub results: Vec<Result<Hash, Refusal>>,
    /// How many dry runs that took.
    pub dry_runs: usize,
}

/// Judges changes of one author to one document and merges those that pass; a bad one never takes a good one along
/// that came before it.
///
/// Changes are judged in the order given, so each must come after those it builds on. A change the document already
/// has is accepted again without effect. Whether the author may write this document is for the caller to check first.
///
/// Honest changes take one dry run. If that fails, the ones to blame are looked for, by their form and then by halving;
/// once [`Limits::dry_runs`] are used up, the changes not judged yet are refused as over the limit.
pub fn admit(document: &Document, author: &Author, changes: &[&[u8]], limits: &Limits) -> Admitted {
    let mut decoded: Vec<Result<Decoded<'_>, Refusal>> =
        changes.iter().map(|bytes| decode(bytes, limits)).collect();
    let mut admission = Admission::new(document, author.actor(document.id()), limits);
    if let Err(refusal) = admission.admit_together(&decoded) {
        if refuse_other_forms(&mut decoded) {
            admission.admit_all(&decoded);
        } else {
            admission.admit_halves(&decoded, refusal);
        }
    }
    admission.finish()
}

/// Refuses every change that is not in canonical form; says whether there was one.
fn refuse_other_forms(decoded: &mut [Result<Decoded<'_>, Refusal>]) -> bool {
    let mut found = false;
    for change in decoded {
        if let Err(refusal) = change.as_ref().map_or(Ok(()), Decoded::check_form) {
            *change = Err(refusal);
            found = true;
        }
    }
    found
}

/// What came of one change: its hash if it was accepted, else why not.
type Judged = Result<Hash, Refusal>;

/// The changes judged so far, what came of them, and how much work may still be done.
struct Admission<'a> {
    before: &'a Document,
    actor: Actor,
    limits: &'a Limits,
    /// The document with what was accepted so far; `None` while that is nothing.
    proven: Option<Proven>,
    results: Vec<Judged>,
    dry_runs_left: usize,
}

impl<'a> Admission<'a> {
    fn new(before: &'a Document, actor: Actor, limits: &'a Limits) -> Self {
        Self { before, actor, limits, proven: None, results: Vec::new(), dry_runs_left: limits.dry_runs }
    }

    /// Judges the next changes, in halves if together they do not come through.
    fn admit_all(&mut self, decoded: &[Result<Decoded<'_>, Refusal>]) {
        if self.dry_runs_left == 0 {
            self.refuse_unjudged(decoded);
        } else if let Err(refusal) = self.admit_together(decoded) {
            self.admit_halves(decoded, refusal);
        }
    }

    /// Judges the next changes half by half, after they were refused together.
    ///
    /// The first half is done with before the second begins, so a change is judged on top of all accepted before it.
    /// The recursion is as deep as the number of changes can be halved.
    fn admit_halves(&mut self, decoded: &[Result<Decoded<'_>, Refusal>], refusal: Refusal) {
        if decoded.len() <= 1 {
            self.results.extend(decoded.iter().map(|_| Err(refusal.clone())));
        } else {
            let (first, second) = decoded.split_at(decoded.len() / 2);
            self.admit_all(first);
            self.admit_all(second);
        }
    }

    /// One merge and one dry run for the next changes. An error says that some change is to blame; none was judged.
    fn admit_together(&mut self, decoded: &[Result<Decoded<'_>, Refusal>]) -> Result<(), Refusal> {
        let tried = together(self.document(), self.actor, decoded, self.limits);
        // Where nothing was left to merge there was no dry run; a merge that failed counts as one.
        if !matches!(tried, Ok((None, _))) {
            self.dry_runs_left = self.dry_runs_left.saturating_sub(1);
        }
        let (proven, results) = tried?;
        self.proven = proven.or_else(|| self.proven.take());
        self.results.extend(results);
        Ok(())
    }

    /// Refuses the next changes unjudged, except those the document already has.
    fn refuse_unjudged(&mut self, decoded: &[Result<Decoded<'_>, Refusal>]) {
        let used_up = format!("not judged: those before it took all {} dry runs", self.limits.dry_runs);
        for change in decoded {
            let result = change.as_ref().map_err(Refusal::clone).and_then(|change| {
                header::check_actor(change, &self.actor)?;
                if self.document().knows(&Heads::new([change.hash()])) {
                    return Ok(change.hash());
                }
                Err(Refusal::new(RefusalCode::OverLimit, used_up.clone()))
            });
            self.results.push(result);
        }
    }

    fn document(&self) -> &Document {
        self.proven.as_ref().map_or(self.before, |proven| &proven.document)
    }

    fn finish(self) -> Admitted {
        let Self { before, proven, results, limits, dry_runs_left, .. } = self;
        let dry_runs = limits.dry_runs - dry_runs_left;
        let Proven { document, saved, values } = proven.unwrap_or_else(|| Proven {
            document: before.clone(),
            saved: before.save(),
            values: before.values(),
        });
        Admitted { document, saved, values, results, dry_runs }
    }
}

/// Merges what passes the gates before the dry run and runs that once; no document if there was nothing to merge.
fn together(
    document: &Document,
    actor: Actor,
    decoded: &[Result<Decoded<'_>, Refusal>],
    limits: &Limits,
) -> Result<(Option<Proven>, Vec<Judged>), Refusal> {
    let mut session = Session::new(document, actor);
    let mut results = Vec::with_capacity(decoded.len());
    for change in decoded {
        results.push(match change {
            Ok(change) => session.judge(change, limits)?.map(|()| change.hash()),
            Err(refusal) => Err(refusal.clone()),
        });
    }
    session.merge()?;
    let proven = session.finish().map(|merged| dry_run(&merged, limits)).transpose()?;
    Ok((proven, results))
}
