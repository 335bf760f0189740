//! Obligations and facts with their names, as far as their reader may know them.

use std::collections::{HashMap, hash_map::Entry};

use sync_core::{
    directory::User,
    document::FieldKind,
    hash::Hash,
    id::{CustomerId, UserId},
    rules::{Fact, Obligation, Subject, Value as FactValue},
    time::Timestamp,
};

use super::names::Names;
use crate::{
    engine::{line, owed::Eyes},
    projection::{Known, StoredFact, StoredObligation, View},
    store::StoreError,
    web::{
        RuleName,
        view::{About, FactName, FactRow, FieldRow, ObligationRow, OwedState, Owers, Value},
    },
};

/// How many characters of a text are shown.
const TEXT_CHARS: usize = 80;

/// What one page reads by: each thing is looked up once.
pub(super) struct OwedReading<'a> {
    pub(super) view: View<'a>,
    known: Known<'a>,
    pub(super) eyes: Eyes<'a>,
    pub(super) names: Names<'a>,
    seen: HashMap<UserId, bool>,
}

impl<'a> OwedReading<'a> {
    /// Facts as they are known, or were; people, customers and who may see what are of the present.
    pub(super) fn new(known: Known<'a>, reader: &'a User) -> Result<Self, StoreError> {
        let view = known.view();
        let eyes = Eyes::of(&view, reader)?;
        Ok(Self { view, known, eyes, names: Names::new(view), seen: HashMap::new() })
    }

    /// A fact, unless a rule hides it from the reader.
    fn shown(&self, id: Hash) -> Result<Option<StoredFact>, StoreError> {
        Ok(self.known.fact(id)?.and_then(|fact| self.eyes.fact(fact)))
    }

    /// Whether the reader may see what somebody does.
    fn sees(&mut self, person: UserId) -> Result<bool, StoreError> {
        Ok(match self.seen.entry(person) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(vacant) => *vacant.insert(line::may_see(&self.view, self.eyes.reader, person)?),
        })
    }

    /// An obligation as lists show it.
    pub(super) fn row(
        &mut self,
        stored: &StoredObligation,
        now: Timestamp,
    ) -> Result<ObligationRow, StoreError> {
        let owed = &stored.obligation;
        let says = self.eyes.rulebook.rule(&owed.rule).map(|rule| rule.says.clone()).unwrap_or_default();
        let state = OwedState::of(owed);
        Ok(ObligationRow {
            id: owed.name().hash(),
            rule: rule_name(owed),
            says,
            about: self.about(owed)?,
            owers: self.owers(&owed.owed_by)?,
            due: owed.due,
            done: owed.done,
            state,
            is_undecided: state == OwedState::Pending && owed.due.is_some_and(|due| due < now),
            in_share: owed.in_share,
        })
    }

    fn about(&mut self, owed: &Obligation) -> Result<About, StoreError> {
        Ok(match owed.subject {
            Subject::Fact(id) => {
                let shown = self.shown(id)?;
                About::Fact(match shown {
                    Some(StoredFact { fact, .. }) => {
                        // Who has to do something about it has to know whom it is about, whoever did it.
                        let is_named =
                            self.sees_actor(&fact)? || !self.owers(&owed.owed_by)?.names.is_empty();
                        Some(self.fact_name(&fact, is_named)?)
                    }
                    None => None,
                })
            }
            Subject::Customer(customer, period) => {
                let is_named = self.is_in_line(owed)? || self.sees_customer(customer)?;
                About::Customer(if is_named { self.customer(customer)? } else { String::new() }, period)
            }
            Subject::Person(person, period) => {
                let name = if self.sees(person)? { self.names.user(person)? } else { String::new() };
                About::Person(name, period)
            }
            Subject::Company(period) => About::Company(period),
        })
    }

    /// Whether somebody owes it whom the reader may see; who has to do something has to know for whom.
    fn is_in_line(&mut self, owed: &Obligation) -> Result<bool, StoreError> {
        for person in &owed.owed_by {
            if self.sees(*person)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn sees_customer(&mut self, customer: CustomerId) -> Result<bool, StoreError> {
        match self.names.customer(customer)? {
            Some(known) => line::may_see_customer(&self.view, self.eyes.reader, known),
            None => Ok(true),
        }
    }

    /// Whether the customer of an obligation is one that the reader is told, and has a name or number with this text.
    pub(super) fn customer_has(&mut self, stored: &StoredObligation, text: &str) -> Result<bool, StoreError> {
        let (owed, Some(customer)) = (&stored.obligation, stored.customer) else { return Ok(false) };
        if !self.names.customer_has(customer, text)? {
            return Ok(false);
        }
        Ok(self.is_in_line(owed)?
            || match owed.subject {
                Subject::Fact(id) => {
                    let shown = self.shown(id)?;
                    shown.map_or(Ok(false), |shown| self.sees_actor(&shown.fact))?
                }
                _ => self.sees_customer(customer)?,
            })
    }

    fn owers(&mut self, people: &[UserId]) -> Result<Owers, StoreError> {
        let mut owers = Owers::default();
        for person in people {
            if self.sees(*person)? {
                owers.names.push(self.names.user(*person)?);
            } else {
                owers.others += 1;
            }
        }
        Ok(owers)
    }

    fn customer(&mut self, id: CustomerId) -> Result<String, StoreError> {
        Ok(self.names.customer(id)?.map_or_else(|| id.to_string(), |customer| customer.name.clone()))
    }

    /// Whether the reader may see what the one who did something does; what nobody did, everybody may.
    fn sees_actor(&mut self, fact: &Fact) -> Result<bool, StoreError> {
        fact.actor.map_or(Ok(true), |actor| self.sees(actor))
    }

    fn fact_name(&mut self, fact: &Fact, is_named: bool) -> Result<FactName, StoreError> {
        let customer = fact.customer.filter(|_| is_named).map(|customer| self.customer(customer));
        Ok(FactName {
            kind: fact.kind.name(),
            at: fact.at,
            customer: customer.transpose()?.unwrap_or_default(),
        })
    }

    /// A fact that the reader may see; of what somebody outside their line did only that it happened.
    pub(super) fn fact_row(&mut self, stored: &StoredFact) -> Result<FactRow, StoreError> {
        let StoredFact { fact, document, came } = stored;
        let is_seen = self.sees_actor(fact)?;
        let by = match fact.actor {
            Some(actor) if is_seen => Some(self.names.user(actor)?),
            Some(_) => None,
            None => Some(String::new()),
        };
        let record = match self.view.visit(*document)? {
            Some(record) if self.sees(record.owner)? => Some(*document),
            _ => None,
        };
        Ok(FactRow {
            id: fact.id,
            name: self.fact_name(fact, is_seen)?,
            by,
            details: if is_seen { self.details(fact)? } else { Vec::new() },
            bounds: fact.evidence.as_ref().map(|evidence| (evidence.not_before, evidence.not_after)),
            came: *came,
            record,
        })
    }

    /// The attributes of a fact that are set, in their order.
    fn details(&mut self, fact: &Fact) -> Result<Vec<FieldRow>, StoreError> {
        let mut details = Vec::new();
        for name in fact.kind.attributes() {
            let Some(value) = fact.named(name) else { continue };
            let kind =
                fact.kind.document().and_then(|kind| kind.schema().field(name)).map(|field| field.kind);
            let value = match value {
                FactValue::Flag(flag) => Value::Flag(*flag),
                FactValue::Number(cents) if kind == Some(FieldKind::MONEY) => Value::Money(*cents),
                FactValue::Number(number) => Value::Count(*number),
                FactValue::Time(at) => Value::Time(*at),
                FactValue::Id(id) if self.sees(UserId::from_bytes(*id))? => {
                    Value::Name(self.names.user(UserId::from_bytes(*id))?)
                }
                FactValue::Id(_) => continue,
                FactValue::Text(text) if matches!(kind, Some(FieldKind::Text { .. })) => {
                    Value::Text(beginning(text))
                }
                FactValue::Text(text) => Value::Choice(text.to_string()),
                FactValue::Words(words) => Value::Choices(words.iter().map(ToString::to_string).collect()),
            };
            details.push(FieldRow { field: (*name).to_owned(), value });
        }
        Ok(details)
    }
}

/// A text as far as a line of facts has room; the record's page has the rest.
fn beginning(text: &str) -> String {
    let mut begin: String = text.chars().take(TEXT_CHARS).collect();
    if begin.len() < text.len() {
        begin.push('…');
    }
    begin
}

/// The rule of an obligation, whatever its version.
pub(super) fn rule_name(owed: &Obligation) -> RuleName {
    RuleName { pack: owed.rule.pack.clone(), rule: owed.rule.rule.clone() }
}
