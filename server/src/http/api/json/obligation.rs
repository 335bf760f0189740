//! Obligations in JSON: what is owed, what became of it, and why.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use sync_core::{
    hash::Hash,
    id::{CustomerId, DocumentId, UserId},
    rules::{Fulfilment, Modality, PassedOver, Period, Rulebook, Subject},
    time::Timestamp,
};
use utoipa::{IntoParams, ToSchema};

use super::{
    ExceptionShown, Place,
    page::Limit,
    words::{
        DayText, FulfilmentWord, HashText, IdText, Millis, ModalityWord, PassedOverWord, PlaceText,
        SubjectWord,
    },
};
use crate::{
    engine::owed::Explained,
    projection::{StoredFact, StoredObligation, points::PackPoints},
};

/// Which obligations: those that fit everything that is given.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http::api) struct ObligationsQuery {
    /// Only what this user owes.
    #[param(value_type = Option<IdText>)]
    pub person: Option<UserId>,
    /// Only what a team owes: this user, and those who report to them, directly or through others.
    #[param(value_type = Option<IdText>)]
    pub team: Option<UserId>,
    /// Only what is about this customer.
    #[param(value_type = Option<IdText>)]
    pub customer: Option<CustomerId>,
    /// Only under this pack.
    pub pack: Option<String>,
    /// Only what the rule with this id demands.
    pub rule: Option<String>,
    /// Only what is due from this instant on.
    #[param(value_type = Option<Millis>)]
    pub from_ms: Option<Timestamp>,
    /// Only what is due before this instant.
    #[param(value_type = Option<Millis>)]
    pub until_ms: Option<Timestamp>,
    /// Only what became this.
    #[param(value_type = Option<FulfilmentWord>)]
    pub state: Option<State>,
    /// As was known at this closing, of what fell due on its days.
    #[param(value_type = Option<HashText>)]
    pub closing: Option<Hash>,
    /// Only what is let off, or only what is not.
    pub let_off: Option<bool>,
    /// The `next` of the page before.
    #[param(value_type = Option<PlaceText>)]
    pub after: Option<Place>,
    /// How many obligations are looked at.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Limit,
}

/// As of when an obligation is explained.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http::api) struct ObligationQuery {
    /// As was known at this closing, if it fell due on its days.
    #[param(value_type = Option<HashText>)]
    pub closing: Option<Hash>,
}

/// What became of an obligation, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::http::api) enum State {
    Met,
    Breached,
    Pending,
    NotEvaluable,
}

impl From<&Fulfilment> for State {
    fn from(fulfilment: &Fulfilment) -> Self {
        match fulfilment {
            Fulfilment::Met => Self::Met,
            Fulfilment::Breached => Self::Breached,
            Fulfilment::Pending => Self::Pending,
            Fulfilment::NotEvaluable(_) => Self::NotEvaluable,
        }
    }
}

/// What somebody owes, and what became of it.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct ObligationShown {
    /// Names it for ever.
    #[schema(value_type = HashText)]
    id: Hash,
    /// The pack.
    pack: String,
    /// Its version.
    version: u32,
    /// The rule.
    rule: String,
    /// Which of its parts, from 0.
    part: usize,
    /// What the rule says, in a sentence.
    says: String,
    /// How binding it is.
    #[schema(value_type = Option<ModalityWord>)]
    modality: Option<Modality>,
    /// What it is about.
    subject: SubjectShown,
    /// The customer, if it is about one.
    #[schema(value_type = Option<IdText>)]
    customer: Option<CustomerId>,
    /// Who owes it; anybody if there is nobody.
    #[schema(value_type = Vec<IdText>)]
    owed_by: Vec<UserId>,
    /// From when on it can be done, if that matters.
    #[schema(value_type = Option<Millis>)]
    opens_ms: Option<Timestamp>,
    /// The last instant in time, if there is one.
    #[schema(value_type = Option<Millis>)]
    due_ms: Option<Timestamp>,
    /// What became of it.
    #[schema(value_type = FulfilmentWord)]
    state: State,
    /// What is missing to say it.
    missing: Vec<String>,
    /// Since when that is said of it.
    #[schema(value_type = Millis)]
    since_ms: Timestamp,
    /// How much was done.
    done: u32,
    /// How much is asked for.
    asked: u32,
    /// Whether it only counts towards a share, so that missing it is no breach by itself.
    in_share: bool,
    /// Whether somebody let it off: its state stays what the evidence says, and nothing follows from missing it.
    let_off: bool,
}

impl ObligationShown {
    /// Shows an obligation with the sentence of its rule.
    pub(in crate::http::api) fn new(stored: &StoredObligation, rulebook: &Rulebook) -> Self {
        let obligation = &stored.obligation;
        let rule = rulebook.rule(&obligation.rule);
        Self {
            id: obligation.name().hash(),
            pack: obligation.rule.pack.clone(),
            version: obligation.rule.version,
            rule: obligation.rule.rule.clone(),
            part: obligation.part,
            says: rule.map(|rule| rule.says.clone()).unwrap_or_default(),
            modality: rule.map(|rule| rule.modality),
            subject: obligation.subject.into(),
            customer: stored.customer,
            owed_by: obligation.owed_by.clone(),
            opens_ms: obligation.opens,
            due_ms: obligation.due,
            state: (&obligation.state).into(),
            missing: match &obligation.state {
                Fulfilment::NotEvaluable(missing) => missing.clone(),
                _ => Vec::new(),
            },
            since_ms: stored.since,
            done: obligation.done.0,
            asked: obligation.done.1,
            in_share: obligation.in_share,
            let_off: obligation.let_off,
        }
    }
}

/// What an obligation is about.
#[derive(Serialize, ToSchema)]
struct SubjectShown {
    /// What sort of thing it is.
    #[schema(value_type = SubjectWord)]
    kind: &'static str,
    /// The fact.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<HashText>)]
    fact: Option<Hash>,
    /// The person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<IdText>)]
    person: Option<UserId>,
    /// The customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<IdText>)]
    customer: Option<CustomerId>,
    /// The first and the last day of the period.
    #[serde(skip_serializing_if = "Option::is_none")]
    period: Option<PeriodShown>,
}

/// A period.
#[derive(Serialize, ToSchema)]
struct PeriodShown {
    /// Its first day, as in `2026-03-31`.
    first: String,
    /// Its last day.
    last: String,
}

impl From<Period> for PeriodShown {
    fn from(period: Period) -> Self {
        Self { first: period.first.to_string(), last: period.last.to_string() }
    }
}

impl From<Subject> for SubjectShown {
    fn from(subject: Subject) -> Self {
        let none = Self { kind: "company", fact: None, person: None, customer: None, period: None };
        match subject {
            Subject::Fact(fact) => Self { kind: "fact", fact: Some(fact), ..none },
            Subject::Customer(customer, period) => {
                Self { kind: "customer", customer: Some(customer), period: Some(period.into()), ..none }
            }
            Subject::Person(person, period) => {
                Self { kind: "person", person: Some(person), period: Some(period.into()), ..none }
            }
            Subject::Company(period) => Self { period: Some(period.into()), ..none },
        }
    }
}

/// An obligation with the facts that say what became of it.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct ObligationExplained {
    /// The obligation.
    #[serde(flatten)]
    obligation: ObligationShown,
    /// The fact it is about, if it is about one.
    about: Option<FactShown>,
    /// The exception that holds for it, if somebody made one.
    exception: Option<ExceptionShown>,
    /// The facts that count.
    counted: Vec<FactShown>,
    /// The facts that were looked at and do not count.
    passed_over: Vec<PassedOverShown>,
    /// How many more facts there are than are shown.
    not_shown: usize,
}

impl ObligationExplained {
    /// Shows an obligation with its facts and the sentence of its rule.
    pub(in crate::http::api) fn new(explained: Explained, rulebook: &Rulebook) -> Self {
        let passed_over = explained.passed_over.into_iter().map(|(fact, because)| {
            let (why, repeats) = why(because);
            PassedOverShown { fact: fact.into(), why, repeats }
        });
        Self {
            obligation: ObligationShown::new(&explained.stored, rulebook),
            about: explained.about.map(FactShown::from),
            exception: explained.exception.map(ExceptionShown::from),
            counted: explained.counted.into_iter().map(FactShown::from).collect(),
            passed_over: passed_over.collect(),
            not_shown: explained.not_shown,
        }
    }
}

/// A fact that does not count, and why.
#[derive(Serialize, ToSchema)]
struct PassedOverShown {
    /// The fact.
    #[serde(flatten)]
    fact: FactShown,
    /// Why it does not count.
    #[schema(value_type = PassedOverWord)]
    why: &'static str,
    /// The earlier one that it is the same case as.
    #[schema(value_type = Option<HashText>)]
    repeats: Option<Hash>,
}

/// The word for why a fact does not count, and the fact it repeats.
fn why(passed_over: PassedOver) -> (&'static str, Option<Hash>) {
    match passed_over {
        PassedOver::Other => ("other", None),
        PassedOver::TooEarly => ("too_early", None),
        PassedOver::TooLate => ("too_late", None),
        PassedOver::TimeUnknown => ("time_unknown", None),
        PassedOver::ByAnother => ("by_another", None),
        PassedOver::Exempt => ("exempt", None),
        PassedOver::Repeated(first) => ("repeated", Some(first)),
        PassedOver::Refused => ("refused", None),
        PassedOver::Incomplete => ("incomplete", None),
    }
}

/// Something that happened.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct FactShown {
    /// Names it for ever.
    #[schema(value_type = HashText)]
    fact: Hash,
    /// What sort of thing it is.
    kind: &'static str,
    /// When it happened, as far as is known.
    #[schema(value_type = Millis)]
    at_ms: Timestamp,
    /// When the server first knew of it.
    #[schema(value_type = Millis)]
    came_ms: Timestamp,
    /// The document that tells it.
    #[schema(value_type = IdText)]
    document: DocumentId,
    /// The customer it is about.
    #[schema(value_type = Option<IdText>)]
    customer: Option<CustomerId>,
    /// Who did it.
    #[schema(value_type = Option<IdText>)]
    actor: Option<UserId>,
    /// The fact it is about.
    #[schema(value_type = Option<HashText>)]
    about: Option<Hash>,
}

impl From<StoredFact> for FactShown {
    fn from(StoredFact { fact, document, came }: StoredFact) -> Self {
        Self {
            fact: fact.id,
            kind: fact.kind.name(),
            at_ms: fact.at,
            came_ms: came,
            document,
            customer: fact.customer,
            actor: fact.actor,
            about: fact.about,
        }
    }
}

/// Whose points, and of which days.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http::api) struct PointsQuery {
    /// Only this user's.
    #[param(value_type = Option<IdText>)]
    pub person: Option<UserId>,
    /// The first day, as in `2026-01-01`; with a closing, one of its days, or its first if this is left out.
    #[serde(default, deserialize_with = "optional_day")]
    #[param(value_type = Option<DayText>)]
    pub from: Option<Date>,
    /// How many days; left out with `from`.
    #[serde(default, deserialize_with = "days")]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 366)]
    pub days: Option<u16>,
    /// As was known at this closing.
    #[param(value_type = Option<HashText>)]
    pub closing: Option<Hash>,
}

/// Reads a day.
pub(in crate::http::api) fn day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    day_of(&String::deserialize(deserializer)?)
}

/// Reads a day that may be left out.
pub(super) fn optional_day<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    Option::<String>::deserialize(deserializer)?.as_deref().map(day_of).transpose()
}

fn day_of<E: serde::de::Error>(text: &str) -> Result<Date, E> {
    text.parse().map_err(|_| E::custom("a day is written as in 2026-01-31"))
}

fn days<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u16>, D::Error> {
    match u16::deserialize(deserializer)? {
        days @ 1..=366 => Ok(Some(days)),
        _ => Err(D::Error::custom("days are from 1 to 366")),
    }
}

/// Points that somebody was given or lost, and for what.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct PointsShown {
    /// The pack.
    pack: String,
    /// The rule that gives or takes them.
    rule: String,
    /// Who gets or loses them.
    #[schema(value_type = IdText)]
    person: UserId,
    /// In which period they count.
    period: PeriodShown,
    /// How many; negative if they are lost.
    points: i32,
    /// The finding, if they are for one.
    #[schema(value_type = Option<HashText>)]
    finding: Option<Hash>,
    /// The obligation that was breached, if they are for one.
    #[schema(value_type = Option<HashText>)]
    breach: Option<Hash>,
}

impl From<PackPoints> for PointsShown {
    fn from(PackPoints { pack, points, breach }: PackPoints) -> Self {
        Self {
            pack,
            rule: points.rule,
            person: points.person,
            period: points.period.into(),
            points: points.points,
            finding: points.finding,
            breach,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn every_reason_not_to_count_is_shown_by_its_documented_word() {
        let all = PassedOver::EACH;
        assert_eq!(PassedOverWord::WORDS, all.map(|passed_over| why(passed_over).0));
    }

    #[test]
    fn every_subject_is_shown_by_its_documented_word() {
        let period = Period { first: date(2026, 1, 1), last: date(2026, 1, 31) };
        let all = [
            Subject::Fact(Hash::ZERO),
            Subject::Customer(CustomerId::from_bytes([0; 16]), period),
            Subject::Person(UserId::from_bytes([0; 16]), period),
            Subject::Company(period),
        ];
        assert_eq!(SubjectWord::WORDS, all.map(|subject| SubjectShown::from(subject).kind));
    }
}
