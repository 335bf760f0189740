//! One obligation with its rule and the facts that say what became of it.

use sync_core::{directory::User, hash::Hash, rules::Fulfilment, time::Timestamp};

use super::owed::OwedReading;
use crate::{
    engine::{EngineError, owed},
    projection::{Known, View},
    web::view::ObligationView,
};

/// Reads an obligation.
///
/// # Errors
/// [`EngineError::NotFound`] also for an obligation outside the reader's line.
pub(crate) fn obligation(
    view: &View<'_>,
    reader: &User,
    id: Hash,
    now: Timestamp,
) -> Result<ObligationView, EngineError> {
    let mut reading = OwedReading::new(view, reader)?;
    let explained = owed::explain(Known::from(*view), &reading.eyes, id)?;
    let owed = &explained.stored.obligation;
    let rulebook = reading.eyes.rulebook.clone();
    let pack =
        rulebook.packs().iter().find(|pack| pack.id == owed.rule.pack && pack.version == owed.rule.version);
    let mut rows =
        |facts: &[_]| facts.iter().map(|fact| reading.fact_row(fact)).collect::<Result<Vec<_>, _>>();
    let counted = rows(&explained.counted)?;
    let about = rows(explained.about.as_slice())?.pop();
    let (passed_over, why): (Vec<_>, Vec<_>) = explained.passed_over.into_iter().unzip();
    let passed_over = rows(&passed_over)?.into_iter().zip(why).collect();
    Ok(ObligationView {
        row: reading.row(&explained.stored, now)?,
        version: owed.rule.version,
        document_number: pack.map(|pack| pack.document_number.clone()).unwrap_or_default(),
        interpreter: pack.map(|pack| pack.owner.clone()).unwrap_or_default(),
        modality: rulebook.rule(&owed.rule).map(|rule| rule.modality),
        opens: owed.opens,
        since: explained.stored.since,
        missing: match &owed.state {
            Fulfilment::NotEvaluable(missing) => missing.clone(),
            _ => Vec::new(),
        },
        about,
        counted,
        passed_over,
        not_shown: explained.not_shown as u64,
    })
}
