//! Exceptions: what somebody who may decide rules about obligations, which alters no evidence.

use minicbor::Encode;

use super::{Fact, FactKind, Reason, Value, fact_of};
use crate::{
    hash::Hash,
    id::{CustomerId, DocumentId, UserId},
    time::Timestamp,
};

/// An exception, as its fact tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The fact that tells it.
    pub fact: Hash,
    /// Who made it.
    pub by: Option<UserId>,
    /// When it was made.
    pub at: Timestamp,
    /// Which obligations it is about.
    pub series: Series,
    /// It is about periods that begin at this instant or later.
    pub from: Option<Timestamp>,
    /// It is about periods that begin at this instant or earlier.
    pub until: Option<Timestamp>,
    /// What is ruled.
    pub ruled: Excepted,
    /// Why, if it says so in a word that this program knows.
    pub reason: Option<Reason>,
}

/// What an exception rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excepted {
    /// Nothing follows from missing it.
    LetOff,
    /// A quota asks for this number, which is not 0.
    Required(u32),
    /// The exceptions before it hold no more.
    Withdrawn,
}

/// The obligations of one part of a rule on one thing, customer or person, period after period.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
#[cbor(map)]
pub struct Series {
    /// The pack's id.
    #[n(0)]
    pub pack: String,
    /// The rule's id.
    #[n(1)]
    pub rule: String,
    /// Which of its parts, from 0.
    #[n(2)]
    pub part: usize,
    /// What they are about.
    #[n(3)]
    pub on: On,
}

/// What a series of obligations is about: a subject without its period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode)]
pub enum On {
    /// What a document tells: the fact that it is read as, and those that follow from it.
    #[n(0)]
    Fact(#[n(0)] Hash),
    /// A customer.
    #[n(1)]
    Customer(#[n(0)] CustomerId),
    /// A person.
    #[n(2)]
    Person(#[n(0)] UserId),
    /// The company.
    #[n(3)]
    Company,
}

impl Series {
    /// The hash that stands for it: exceptions are about it.
    pub fn hash(&self) -> Hash {
        Hash::of("fieldbook/series/1", &[&crate::encoding::encode(self)])
    }
}

impl Exception {
    /// The longest time that one exception may hold for, in days: a year, and a day more if it leaps.
    pub const MAX_DAYS: i64 = 366;

    /// Reads the exception that a fact tells; `None` if it tells none.
    ///
    /// About periods it has to say from when and until when, and not too long: that bounds how many it touches.
    pub fn read(fact: &Fact) -> Option<Self> {
        if fact.kind != FactKind::EXCEPTION {
            return None;
        }
        let text = |name| match fact.named(name) {
            Some(Value::Text(text)) => Some(text.to_string()),
            _ => None,
        };
        let id = |name| match fact.named(name) {
            Some(Value::Id(id)) => Some(*id),
            _ => None,
        };
        let number = |name| match fact.named(name) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        };
        let time = |name| match fact.named(name) {
            Some(Value::Time(time)) => Some(*time),
            _ => None,
        };
        let on = match (id("on"), fact.customer, id("person")) {
            (Some(document), ..) => On::Fact(fact_of(DocumentId::from_bytes(document))),
            (None, Some(customer), _) => On::Customer(customer),
            (None, None, Some(person)) => On::Person(UserId::from_bytes(person)),
            (None, None, None) => On::Company,
        };
        let part = usize::try_from(number("part")?).ok()?;
        let required = number("required").map(u32::try_from).transpose().ok()?;
        let ruled = match required {
            _ if fact.named("withdrawn") == Some(&Value::Flag(true)) => Excepted::Withdrawn,
            None | Some(0) => Excepted::LetOff,
            Some(number) => Excepted::Required(number),
        };
        let (from, until) = (time("from"), time("until"));
        if !matches!(on, On::Fact(_)) && until?.millis_since(from?) > (Self::MAX_DAYS + 1) * DAY_MS {
            return None;
        }
        let series = Series { pack: text("pack")?, rule: text("rule")?, part, on };
        let reason = text("reason").and_then(|word| Reason::named(&word));
        Some(Self { fact: fact.id, by: fact.actor, at: fact.at, series, from, until, ruled, reason })
    }

    /// Whether it is about what begins or happens at an instant.
    pub fn covers(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at <= until)
    }
}

const DAY_MS: i64 = 86_400_000;
