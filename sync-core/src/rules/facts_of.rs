//! From a document to facts: what rules see of it, the same on phone and server.

mod submission;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use jiff::ToSpan;

use super::{Attribute, Evidence, Exception, Fact, FactKind, Value, Zone};
use crate::{
    document::{DocumentKind, FieldValue, Values, envelope, field},
    hash::Hash,
    id::{CustomerId, DocumentId, UserId},
    record::{Phase, RecordStatus},
    time::Timestamp,
};

/// A document, with what is known of its writing.
#[derive(Debug, Clone, Copy)]
pub struct Recorded<'a> {
    /// The document.
    pub document: DocumentId,
    /// Who first wrote it, or for whom the server entered it.
    pub owner: UserId,
    /// When its first page arrived, or it was entered.
    pub created: Timestamp,
    /// Of the first change that wrote it; `None` for visits and for what the server entered.
    pub evidence: Option<&'a Evidence>,
    /// As it stands now.
    pub values: &'a Values,
    /// As it stands in the version that holds, for a visit; as it was when it was [handed in](RecordStatus::handed_in),
    /// for a form.
    pub official: Option<&'a Values>,
    /// What was submitted, and what was said of it.
    pub status: Option<&'a RecordStatus>,
    /// Where a day begins, for what is counted in days.
    pub zone: &'a Zone,
}

/// How many days of one trip are looked at.
const TRIP_DAYS: usize = 366;

/// The id of the fact that a document is read as, so that others can be about it.
pub fn fact_of(document: DocumentId) -> Hash {
    Hash::of("fieldbook/fact/1", &[document.as_bytes()])
}

/// The facts of a document: first the one that it is read as, then those that follow from it.
pub fn facts_of(recorded: &Recorded<'_>) -> Vec<Fact> {
    match DocumentKind::of(recorded.document) {
        None => Vec::new(),
        Some(DocumentKind::Visit) => visit(recorded),
        Some(DocumentKind::Form) => form(recorded).into_iter().collect(),
        Some(DocumentKind::Trip) => trip(recorded),
        Some(DocumentKind::Exception) => vec![exception(recorded)],
        Some(kind) => vec![main(recorded, kind, recorded.values)],
    }
}

fn visit(recorded: &Recorded<'_>) -> Vec<Fact> {
    let values = recorded.official.unwrap_or(recorded.values);
    let mut visit = main(recorded, DocumentKind::Visit, values);
    visit.evidence = None;
    let pinned = recorded.status.and_then(|status| status.ended);
    let ended = pinned.or_else(|| time(values, field::ENDED));
    // A visit that begins after it ended was begun by a wrong clock.
    let started = time(values, field::STARTED).filter(|started| ended.is_none_or(|ended| *started <= ended));
    visit.at = started.or(ended).or_else(|| time(values, field::PLANNED)).unwrap_or(recorded.created);
    let levels = levels(values);
    let phase = recorded.status.map_or(Phase::Draft, |status| status.phase);
    let counts = !matches!(phase, Phase::Overdue | Phase::HeldLate);
    // Deadlines count from the end as it is pinned, whatever was written over it.
    put(&mut visit, field::ENDED, ended.map(Value::Time));
    put(&mut visit, field::LEVEL, (!levels.is_empty()).then(|| words(&levels)));
    put(&mut visit, "counts", Some(Value::Flag(counts)));
    let submits = recorded.status.map_or(&[][..], |status| &status.submits);
    let submissions: Vec<Fact> = submits.iter().map(|submit| submission::of(submit, &visit)).collect();
    std::iter::once(visit).chain(submissions).collect()
}

/// Everybody who was met: the one person, and those of the list.
fn levels(values: &Values) -> BTreeSet<String> {
    let mut levels = match values.get(field::LEVEL) {
        Some(FieldValue::Words(levels)) => levels.clone(),
        _ => BTreeSet::new(),
    };
    if let Some(FieldValue::Text(level)) = values.get(field::COUNTERPART_LEVEL) {
        levels.insert(level.clone());
    }
    levels
}

/// A form counts from the moment it is handed in, as it was handed in.
fn form(recorded: &Recorded<'_>) -> Option<Fact> {
    let status = recorded.status?;
    let handed_in = status.handed_in()?;
    let evidence = handed_in.verdict.evidence.as_ref();
    let values = recorded.official.unwrap_or(recorded.values);
    let mut form = main(&Recorded { evidence, ..*recorded }, DocumentKind::Form, values);
    if time(values, envelope::AT).is_none() {
        form.at = evidence.map_or(handed_in.arrived, Evidence::best);
    }
    Some(form)
}

fn trip(recorded: &Recorded<'_>) -> Vec<Fact> {
    let trip = main(recorded, DocumentKind::Trip, recorded.values);
    let until = time(recorded.values, "until").unwrap_or(trip.at);
    let mut days = Vec::new();
    let mut day = recorded.zone.day_of(trip.at);
    while let Some(date) = day.filter(|_| days.len() < TRIP_DAYS) {
        let Some(begins) = recorded.zone.start_of(date).filter(|begins| *begins <= until) else { break };
        days.push(Fact {
            id: Hash::of(
                "fieldbook/fact/1",
                &[recorded.document.as_bytes(), &(days.len() as u64).to_be_bytes()],
            ),
            kind: FactKind::TRIP_DAY,
            at: begins.max(trip.at),
            about: Some(trip.id),
            attributes: Box::default(),
            ..trip.clone()
        });
        day = date.checked_add(1.day()).ok();
    }
    std::iter::once(trip).chain(days).collect()
}

/// An exception is found by the series of obligations that it rules on.
fn exception(recorded: &Recorded<'_>) -> Fact {
    let mut exception = main(recorded, DocumentKind::Exception, recorded.values);
    let on = recorded.values.get(envelope::ABOUT).map(read);
    put(&mut exception, "on", on);
    exception.about = Exception::read(&exception).map(|exception| exception.series.hash());
    exception
}

/// The fact that a document is read as.
fn main(recorded: &Recorded<'_>, document: DocumentKind, values: &Values) -> Fact {
    let kind = FactKind::of(document);
    let id = |name| match values.get(name) {
        Some(FieldValue::Id(id)) => Some(*id),
        _ => None,
    };
    let mut attributes: Vec<(Attribute, Value)> =
        values.iter().filter_map(|(name, value)| Some((kind.attribute(name)?, read(value)))).collect();
    attributes.sort_unstable_by_key(|(attribute, _)| *attribute);
    Fact {
        id: fact_of(recorded.document),
        kind,
        at: time(values, envelope::AT).unwrap_or(recorded.created),
        evidence: recorded.evidence.cloned().map(Box::new),
        customer: id(envelope::CUSTOMER).map(CustomerId::from_bytes),
        actor: Some(recorded.owner),
        about: id(envelope::ABOUT).map(|about| fact_of(DocumentId::from_bytes(about))),
        attributes: attributes.into_boxed_slice(),
    }
}

fn time(values: &Values, name: &str) -> Option<Timestamp> {
    match values.get(name) {
        Some(FieldValue::Time(time)) => Some(*time),
        _ => None,
    }
}

fn read(value: &FieldValue) -> Value {
    match value {
        FieldValue::Text(text) => Value::Text(text.as_str().into()),
        FieldValue::Id(id) => Value::Id(*id),
        FieldValue::Time(time) => Value::Time(*time),
        FieldValue::Count(count) => Value::Number(*count),
        FieldValue::Flag(flag) => Value::Flag(*flag),
        FieldValue::Words(set) => words(set),
    }
}

fn words(set: &BTreeSet<String>) -> Value {
    Value::Words(set.iter().map(|word| word.as_str().into()).collect())
}

/// Gives a fact an attribute, or takes it away.
fn put(fact: &mut Fact, name: &str, value: Option<Value>) {
    let Some(attribute) = fact.kind.attribute(name) else { return };
    let mut attributes = std::mem::take(&mut fact.attributes).into_vec();
    attributes.retain(|(known, _)| *known != attribute);
    attributes.extend(value.map(|value| (attribute, value)));
    attributes.sort_unstable_by_key(|(known, _)| *known);
    fact.attributes = attributes.into_boxed_slice();
}
