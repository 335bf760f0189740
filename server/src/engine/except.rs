//! Making an exception: somebody who may decide rules about obligations, and everybody concerned is told.

use std::sync::Arc;

use jiff::civil::Date;
use sync_core::{
    document::{DocumentKind, FieldValue, envelope},
    hash::Hash,
    id::{DocumentId, TenantId, UserId},
    rules::{
        Excepted, Exception, FactKind, Obligation, Of, On, Pack, Part, Period, Reason, Series, Subject,
        fact_of,
    },
    time::Timestamp,
};

use crate::{
    engine::{
        Engine, EngineError,
        decide::{NOTE_CHARS, explained},
        directory::within,
        enter::Written,
        line,
    },
    projection::{StoredObligation, View, corrupt},
};

/// The largest number that a quota can be told to ask for.
pub const REQUIRED_MAX: u32 = 1_000_000;

/// How many exceptions one part of a rule may have on one subject: each look at an obligation reads them all.
const EXCEPTIONS: usize = 1_000;

/// An exception to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excepting {
    /// One of the obligations it is about.
    pub obligation: Hash,
    /// What is ruled.
    pub ruled: Excepted,
    /// The first day on which a period may begin; the first of the obligation's own if it is not said.
    pub from: Option<Date>,
    /// The last day on which a period may begin; the last of the obligation's own if it is not said.
    pub until: Option<Date>,
    /// Why.
    pub reason: Reason,
    /// In their words; at most [`NOTE_CHARS`] characters.
    pub note: String,
}

impl Engine {
    /// Makes an exception and gives its document.
    ///
    /// Whoever may decide about all who owe it may do so; of what nobody in particular owes, administrators and managers.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] when there is no such obligation or the user may not see it,
    /// [`EngineError::NotPermitted`] when they may see it but not decide, [`EngineError::TooLong`] for the note,
    /// [`EngineError::Invalid`] for what does not fit the obligation.
    pub async fn except(
        self: &Arc<Self>,
        tenant: TenantId,
        by: UserId,
        excepting: Excepting,
    ) -> Result<DocumentId, EngineError> {
        within("note", &excepting.note, NOTE_CHARS)?;
        let _rules = self.locks.rules(tenant).read_owned().await;
        let written = {
            let view = self.view(tenant);
            let stored = view.obligation(excepting.obligation)?.ok_or(EngineError::NotFound)?;
            let user = view.user(by)?.ok_or(EngineError::UnknownUser(by))?;
            if !line::may_see_owed(&view, &user, &stored.obligation)? {
                return Err(EngineError::NotFound);
            }
            if !line::may_decide_owed(&view, &user, &stored.obligation)? {
                return Err(EngineError::NotPermitted);
            }
            explained(excepting.reason, &excepting.note)?;
            let mut readers = stored.obligation.owed_by.clone();
            let customer = stored.customer.map(|customer| view.customer(customer)).transpose()?.flatten();
            readers.extend(customer.and_then(|customer| customer.owner));
            let fields = fields(&view, &stored, excepting, self.time().now)?;
            Written { kind: DocumentKind::Exception, owner: by, fields, readers }
        };
        self.write_entered(tenant, by, written).await
    }
}

/// The fields of the document that says it.
fn fields(
    view: &View<'_>,
    stored: &StoredObligation,
    excepting: Excepting,
    now: Timestamp,
) -> Result<Vec<(String, FieldValue)>, EngineError> {
    let owed = &stored.obligation;
    let rulebook = view.rulebook()?;
    let pack = rulebook.pack(&owed.rule).ok_or_else(|| corrupt("an obligation without its pack"))?;
    let part = pack.rule(&owed.rule.rule).and_then(|rule| rule.parts().get(owed.part));
    if matches!(excepting.ruled, Excepted::Required(_)) && !matches!(part, Some(Part::Quota(_))) {
        return Err(EngineError::Invalid("only a quota can ask for another number".to_owned()));
    }
    let (on, about) = on(view, owed)?;
    let series = Series { pack: pack.id.clone(), rule: owed.rule.rule.clone(), part: owed.part, on };
    let mut fields = vec![
        (envelope::AT, FieldValue::Time(after_those_before(view, &series, now)?)),
        ("pack", FieldValue::Text(series.pack)),
        ("rule", FieldValue::Text(series.rule)),
        ("part", FieldValue::Count(i64::try_from(owed.part).unwrap_or(i64::MAX))),
        ("reason", FieldValue::Text(excepting.reason.name().to_owned())),
    ];
    match on {
        On::Fact(_) => {}
        On::Customer(customer) => fields.push((envelope::CUSTOMER, FieldValue::Id(*customer.as_bytes()))),
        On::Person(person) => fields.push(("person", FieldValue::Id(*person.as_bytes()))),
        On::Company => {}
    }
    fields.extend(about.map(|document| (envelope::ABOUT, FieldValue::Id(*document.as_bytes()))));
    if let Some((from, until)) = span(view, pack, owed, &excepting)? {
        fields.push(("from", FieldValue::Time(from)));
        fields.push(("until", FieldValue::Time(until)));
    }
    match excepting.ruled {
        Excepted::LetOff => {}
        Excepted::Required(number) => fields.push(("required", FieldValue::Count(i64::from(number)))),
        Excepted::Withdrawn => fields.push(("withdrawn", FieldValue::Flag(true))),
    }
    if !excepting.note.is_empty() {
        fields.push((envelope::NOTE, FieldValue::Text(excepting.note)));
    }
    Ok(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// What the obligation's series is about, and the document if it is about one.
fn on(view: &View<'_>, owed: &Obligation) -> Result<(On, Option<DocumentId>), EngineError> {
    Ok(match owed.subject {
        Subject::Fact(fact) => {
            let document = view.stored_fact(fact)?.ok_or(EngineError::NotFound)?.document;
            (On::Fact(fact_of(document)), Some(document))
        }
        Subject::Customer(customer, _) => (On::Customer(customer), None),
        Subject::Person(person, _) => (On::Person(person), None),
        Subject::Company(_) => (On::Company, None),
    })
}

/// The instants between which a period has to begin; nothing for what a document itself tells.
fn span(
    view: &View<'_>,
    pack: &Pack,
    owed: &Obligation,
    excepting: &Excepting,
) -> Result<Option<(Timestamp, Timestamp)>, EngineError> {
    let invalid = |what: &str| Err(EngineError::Invalid(what.to_owned()));
    let own = match owed.subject {
        Subject::Customer(_, period) | Subject::Person(_, period) | Subject::Company(period) => period,
        Subject::Fact(_) if excepting.from.is_some() || excepting.until.is_some() => {
            return invalid("what happened once has no days to choose");
        }
        Subject::Fact(id) => {
            let stored = view.stored_fact(id)?.ok_or(EngineError::NotFound)?;
            if fact_of(stored.document) == id {
                return Ok(None);
            }
            // One of several facts that follow from a document is told by its day.
            let Some(day) = pack.zone.day_of(stored.fact.at) else { return Ok(None) };
            Period { first: day, last: day }
        }
    };
    let (first, last) = (excepting.from.unwrap_or(own.first), excepting.until.unwrap_or(own.last));
    if first > own.first || last < own.first {
        return invalid("these days leave out the period of the obligation itself");
    }
    if last.since((jiff::Unit::Day, first)).map_or(i64::MAX, |span| i64::from(span.get_days()))
        > Exception::MAX_DAYS
    {
        return invalid("an exception holds for a year at most; make another one next year");
    }
    let end = last.tomorrow().ok().and_then(|day| pack.zone.start_of(day));
    match pack.zone.start_of(first).zip(end) {
        Some((from, end)) => Ok(Some((from, end.plus_millis(-1)))),
        None => invalid("these days are out of range"),
    }
}

/// The present, or the instant behind the newest exception of a series: the newest holds, also where a clock stands still.
fn after_those_before(view: &View<'_>, series: &Series, now: Timestamp) -> Result<Timestamp, EngineError> {
    let ever = (Timestamp::from_millis(i64::MIN), Timestamp::from_millis(i64::MAX));
    let before = view.facts_between(Of::About(series.hash()), FactKind::EXCEPTION, ever.0, ever.1)?;
    if before.len() >= EXCEPTIONS {
        let what = format!("there are {EXCEPTIONS} exceptions from this already, one after the other");
        return Err(EngineError::Invalid(what));
    }
    let newest = before.last().map(|id| view.fact(*id)).transpose()?.flatten();
    Ok(newest.map_or(now, |newest| now.max(newest.at.plus_millis(1))))
}
