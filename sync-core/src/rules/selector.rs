//! Selectors: which facts a rule means, by their kind and by what their attributes hold.

use std::{collections::BTreeMap, sync::Arc};

use super::{Attribute, Company, Fact, FactKind, Value};

/// Which facts are meant.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "BTreeMap<String, Written>")]
pub struct Selector {
    /// Their kind.
    pub kind: FactKind,
    tests: Vec<(Of, Test)>,
}

/// What is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Attribute(Attribute),
    CustomerGrade,
    CustomerTag,
    ActorPost,
}

/// What must be true of it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    OneOf(Vec<Value>),
    NoneOf(Vec<Value>),
    Present(bool),
    Within { at_least: Option<i64>, at_most: Option<i64> },
    Ticked { all: Vec<Arc<str>> },
}

/// A condition as a pack writes it.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Written {
    Flag(bool),
    Number(i64),
    Word(String),
    Words(Vec<String>),
    Table(Table),
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    not: Option<Vec<String>>,
    present: Option<bool>,
    at_least: Option<i64>,
    at_most: Option<i64>,
    more_than: Option<i64>,
    less_than: Option<i64>,
    all: Option<Vec<String>>,
}

impl TryFrom<BTreeMap<String, Written>> for Selector {
    type Error = String;

    fn try_from(mut written: BTreeMap<String, Written>) -> Result<Self, String> {
        let Some(Written::Word(name)) = written.remove("fact") else {
            return Err("name the kind of fact, as in { fact = \"visit\" }".to_owned());
        };
        let kind = FactKind::named(&name).ok_or_else(|| format!("there is no kind of fact {name:?}"))?;
        let mut tests = Vec::new();
        for (name, written) in written {
            let of = match name.as_str() {
                "customer_grade" => Of::CustomerGrade,
                "customer_tag" => Of::CustomerTag,
                "actor_post" => Of::ActorPost,
                _ => Of::Attribute(attribute(kind, &name)?),
            };
            tests.push((of, Test::try_from(written)?));
        }
        Ok(Self { kind, tests })
    }
}

/// The attribute of a kind with that name, or a sentence that lists those it has.
pub(super) fn attribute(kind: FactKind, name: &str) -> Result<Attribute, String> {
    kind.attribute(name)
        .ok_or_else(|| format!("a {} has no {name:?}; it has {}", kind.name(), kind.attributes().join(", ")))
}

impl TryFrom<Written> for Test {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let words = |words: Vec<String>| words.into_iter().map(|word| Value::Text(word.into())).collect();
        Ok(match written {
            Written::Flag(flag) => Self::OneOf(vec![Value::Flag(flag)]),
            Written::Number(number) => Self::OneOf(vec![Value::Number(number)]),
            Written::Word(word) => Self::OneOf(words(vec![word])),
            Written::Words(list) => Self::OneOf(words(list)),
            Written::Table(Table { not: Some(list), .. }) => Self::NoneOf(words(list)),
            Written::Table(Table { present: Some(present), .. }) => Self::Present(present),
            Written::Table(Table { all: Some(list), .. }) => {
                Self::Ticked { all: list.into_iter().map(Into::into).collect() }
            }
            Written::Table(Table { at_least, at_most, more_than, less_than, .. }) => {
                let at_least = at_least.or(more_than.map(|bound| bound.saturating_add(1)));
                let at_most = at_most.or(less_than.map(|bound| bound.saturating_sub(1)));
                if at_least.is_none() && at_most.is_none() {
                    return Err("write a condition, as in { at_least = 1 } or { present = true }".to_owned());
                }
                Self::Within { at_least, at_most }
            }
        })
    }
}

impl Selector {
    /// Whether a fact is meant.
    pub fn takes(&self, fact: &Fact, company: &Company) -> bool {
        fact.kind == self.kind && self.tests.iter().all(|(of, test)| holds(*of, test, fact, company))
    }
}

fn holds(of: Of, test: &Test, fact: &Fact, company: &Company) -> bool {
    match of {
        Of::Attribute(attribute) => test.holds(fact.get(attribute)),
        Of::CustomerGrade => {
            let grade = fact.customer.and_then(|customer| company.grade_at(customer, fact.at));
            test.holds(grade.map(|grade| Value::Text(grade.into())).as_ref())
        }
        Of::CustomerTag => {
            let tags = fact.customer.map(|customer| company.tags(customer)).unwrap_or_default();
            test.holds_for_any(tags)
        }
        Of::ActorPost => {
            let posts = fact.actor.map(|actor| company.posts(actor)).unwrap_or_default();
            test.holds_for_any(posts)
        }
    }
}

impl Test {
    fn holds(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::OneOf(_) | Self::NoneOf(_), Some(Value::Words(ticked))) => self.holds_for_any(ticked),
            (Self::OneOf(wanted), Some(value)) => wanted.contains(value),
            (Self::NoneOf(unwanted), value) => value.is_none_or(|value| !unwanted.contains(value)),
            (Self::Present(wanted), value) => value.is_some() == *wanted,
            (Self::Within { at_least, at_most }, Some(Value::Number(number))) => {
                at_least.is_none_or(|least| *number >= least) && at_most.is_none_or(|most| *number <= most)
            }
            (Self::Ticked { all }, Some(Value::Words(ticked))) => {
                all.iter().all(|word| ticked.contains(word))
            }
            _ => false,
        }
    }

    fn holds_for_any(&self, words: &[Arc<str>]) -> bool {
        let mut values = words.iter().map(|word| Value::Text(word.clone()));
        match self {
            Self::OneOf(wanted) => values.any(|word| wanted.contains(&word)),
            Self::NoneOf(unwanted) => !values.any(|word| unwanted.contains(&word)),
            Self::Present(wanted) => values.next().is_some() == *wanted,
            Self::Within { .. } | Self::Ticked { .. } => false,
        }
    }
}
