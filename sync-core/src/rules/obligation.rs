//! Obligations: what somebody owes, what became of it, and which facts say so.

use super::{Period, RuleVersion};
use crate::{
    hash::Hash,
    id::{CustomerId, UserId},
    time::Timestamp,
};

/// Somebody owes an act on a subject inside a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obligation {
    /// The rule.
    pub rule: RuleVersion,
    /// Which of its parts, from 0.
    pub part: usize,
    /// What it is about.
    pub subject: Subject,
    /// Who owes it; anybody if there is nobody.
    pub owed_by: Vec<UserId>,
    /// From when on it can be done; `None` if that does not matter.
    pub opens: Option<Timestamp>,
    /// The last instant in time; `None` if there is none, or if it cannot be said.
    pub due: Option<Timestamp>,
    /// What became of it.
    pub state: Fulfilment,
    /// How much of it was done and how much is asked for: contacts of a quota, cases of a share.
    pub done: (u32, u32),
    /// Whether it only counts towards a share, so that missing it is no breach by itself.
    pub in_share: bool,
    /// The facts that count.
    pub counted: Vec<Hash>,
    /// The facts that were looked at and do not count, each with why.
    pub passed_over: Vec<(Hash, PassedOver)>,
}

/// What an obligation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Something that happened.
    Fact(Hash),
    /// A customer in a period.
    Customer(CustomerId, Period),
    /// A person in a period.
    Person(UserId, Period),
    /// The company in a period.
    Company(Period),
}

/// What became of an obligation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fulfilment {
    /// It was met.
    Met,
    /// It was not, and cannot be any more.
    Breached,
    /// Neither yet; or the evidence does not decide, and a person must.
    Pending,
    /// It cannot be said, because this is missing.
    NotEvaluable(Vec<String>),
}

/// Why a fact does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PassedOver {
    /// It is not what the rule asks for.
    Other,
    /// It came before the window opened.
    TooEarly,
    /// It came after the window closed.
    TooLate,
    /// The evidence does not say whether it was in time.
    TimeUnknown,
    /// Somebody else did it than who owes it.
    ByAnother,
    /// It is let off.
    Exempt,
    /// It is the same case as an earlier one.
    Repeated(Hash),
    /// It says no.
    Refused,
}
