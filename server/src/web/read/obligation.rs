//! One obligation with its rule and the facts that say what became of it.

use sync_core::{
    directory::User,
    hash::Hash,
    rules::{Exception, Fulfilment, Obligation, Pack, Part, Period, Subject},
    time::Timestamp,
};

use super::owed::OwedReading;
use crate::{
    engine::{EngineError, line, owed},
    projection::{Known, StoredException, View},
    store::StoreError,
    web::view::{ExceptOffer, ExceptionRow, ObligationView},
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
    let mut reading = OwedReading::new(Known::from(*view), reader)?;
    let explained = owed::explain(Known::from(*view), &reading.eyes, id)?;
    let owed = &explained.stored.obligation;
    let rulebook = reading.eyes.rulebook.clone();
    let pack = rulebook.pack(&owed.rule);
    let mut rows =
        |facts: &[_]| facts.iter().map(|fact| reading.fact_row(fact)).collect::<Result<Vec<_>, _>>();
    let counted = rows(&explained.counted)?;
    let about = rows(explained.about.as_slice())?.pop();
    let (passed_over, why): (Vec<_>, Vec<_>) = explained.passed_over.into_iter().unzip();
    let passed_over = rows(&passed_over)?.into_iter().zip(why).collect();
    let may_decide = line::may_decide_owed(view, reader, owed)?;
    let exception = explained.exception.map(|said| exception(&mut reading, said)).transpose()?;
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
        hides_exception: owed.exception.is_some() && exception.is_none(),
        exception,
        excepting: may_decide.then(|| excepting(owed, pack)),
    })
}

fn exception(reading: &mut OwedReading<'_>, said: StoredException) -> Result<ExceptionRow, StoreError> {
    let StoredException { exception, note, .. } = said;
    let by = exception.by.map(|by| reading.names.user(by)).transpose()?;
    Ok(ExceptionRow {
        ruled: exception.ruled,
        by: by.unwrap_or_default(),
        at: exception.at,
        span: exception.from.zip(exception.until),
        reason: exception.reason,
        note,
    })
}

/// What can be ruled about an obligation by somebody who may.
fn excepting(owed: &Obligation, pack: Option<&Pack>) -> ExceptOffer {
    let part = pack.and_then(|pack| pack.rule(&owed.rule.rule)).and_then(|rule| rule.parts().get(owed.part));
    let is_quota = matches!(part, Some(Part::Quota(_)));
    let days = match owed.subject {
        Subject::Fact(_) => None,
        Subject::Customer(_, period) | Subject::Person(_, period) | Subject::Company(period) => {
            let longest = jiff::Span::new().days(Exception::MAX_DAYS);
            let last = period.first.saturating_add(longest);
            Some(Period { first: period.first, last })
        }
    };
    ExceptOffer {
        asks_for: is_quota.then_some(owed.done.1),
        days,
        can_withdraw: owed.exception.is_some(),
        returned: None,
    }
}
