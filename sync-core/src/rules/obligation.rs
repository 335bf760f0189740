//! Obligations: what somebody owes, what became of it, and which facts say so.

use minicbor::{Decode, Encode};

use super::{FactSource, Period, RuleVersion};
use crate::{
    hash::Hash,
    id::{CustomerId, UserId},
    time::Timestamp,
};

/// Somebody owes an act on a subject inside a window.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Obligation {
    /// The rule.
    #[n(0)]
    pub rule: RuleVersion,
    /// Which of its parts, from 0.
    #[n(1)]
    pub part: usize,
    /// What it is about.
    #[n(2)]
    pub subject: Subject,
    /// Who owes it; anybody if there is nobody.
    #[n(3)]
    pub owed_by: Vec<UserId>,
    /// From when on it can be done; `None` if that does not matter.
    #[n(4)]
    pub opens: Option<Timestamp>,
    /// The last instant in time; `None` if there is none, or if it cannot be said.
    #[n(5)]
    pub due: Option<Timestamp>,
    /// What became of it.
    #[n(6)]
    pub state: Fulfilment,
    /// How much of it was done and how much is asked for: contacts of a quota, cases of a share.
    #[n(7)]
    pub done: (u32, u32),
    /// Whether it only counts towards a share, so that missing it is no breach by itself.
    #[n(8)]
    pub in_share: bool,
    /// The facts that count.
    #[n(9)]
    pub counted: Vec<Hash>,
    /// The facts that were looked at and do not count, each with why.
    #[n(10)]
    pub passed_over: Vec<(Hash, PassedOver)>,
    /// The exception that holds for it, if somebody made one.
    #[n(11)]
    pub exception: Option<Hash>,
    /// Whether that lets it off: its state stays what the evidence says, and nothing follows from missing it.
    #[n(12)]
    pub let_off: bool,
}

/// What an obligation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub enum Subject {
    /// Something that happened.
    #[n(0)]
    Fact(#[n(0)] Hash),
    /// A customer in a period.
    #[n(1)]
    Customer(#[n(0)] CustomerId, #[n(1)] Period),
    /// A person in a period.
    #[n(2)]
    Person(#[n(0)] UserId, #[n(1)] Period),
    /// The company in a period.
    #[n(3)]
    Company(#[n(0)] Period),
}

impl Subject {
    /// The customer it is about, if it is about one.
    pub fn customer(self, facts: &dyn FactSource) -> Option<CustomerId> {
        match self {
            Self::Customer(customer, _) => Some(customer),
            Self::Fact(fact) => facts.get(fact)?.customer,
            Self::Person(..) | Self::Company(_) => None,
        }
    }
}

/// What became of an obligation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Fulfilment {
    /// It was met.
    #[n(0)]
    Met,
    /// It was not, and cannot be any more.
    #[n(1)]
    Breached,
    /// Neither yet; or the evidence does not decide, and a person must.
    #[n(2)]
    Pending,
    /// It cannot be said, because this is missing.
    #[n(3)]
    NotEvaluable(#[n(0)] Vec<String>),
}

/// Why a fact does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum PassedOver {
    /// It is not what the rule asks for.
    #[n(0)]
    Other,
    /// It came before the window opened.
    #[n(1)]
    TooEarly,
    /// It came after the window closed.
    #[n(2)]
    TooLate,
    /// The evidence does not say whether it was in time.
    #[n(3)]
    TimeUnknown,
    /// Somebody else did it than who owes it.
    #[n(4)]
    ByAnother,
    /// It is let off.
    #[n(5)]
    Exempt,
    /// It is the same case as an earlier one.
    #[n(6)]
    Repeated(#[n(0)] Hash),
    /// It says no.
    #[n(7)]
    Refused,
    /// Something is missing in it, and whether it will do is for a person to decide.
    #[n(8)]
    Incomplete,
}

impl PassedOver {
    /// One of each, in their order.
    pub const EACH: [Self; 9] = [
        Self::Other,
        Self::TooEarly,
        Self::TooLate,
        Self::TimeUnknown,
        Self::ByAnother,
        Self::Exempt,
        Self::Repeated(Hash::ZERO),
        Self::Refused,
        Self::Incomplete,
    ];

    /// Whether it may yet come to count.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::TimeUnknown | Self::Incomplete)
    }
}

/// Names one obligation for ever, across rulings and versions of its pack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(map)]
pub struct ObligationName {
    /// The pack's id.
    #[n(0)]
    pub pack: String,
    /// The rule's id.
    #[n(1)]
    pub rule: String,
    /// Which of its parts, from 0.
    #[n(2)]
    pub part: usize,
    /// What it is about.
    #[n(3)]
    pub subject: Subject,
}

impl ObligationName {
    /// The hash that stands for it in addresses and keys.
    pub fn hash(&self) -> Hash {
        Hash::of("fieldbook/obligation/1", &[&crate::encoding::encode(self)])
    }
}

impl Obligation {
    /// Its name.
    pub fn name(&self) -> ObligationName {
        ObligationName {
            pack: self.rule.pack.clone(),
            rule: self.rule.rule.clone(),
            part: self.part,
            subject: self.subject,
        }
    }
}
