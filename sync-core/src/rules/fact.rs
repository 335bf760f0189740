//! Facts: what rules look at. Something happened at a time, to a customer, by somebody, with attributes of its kind.

use std::sync::Arc;

use super::Evidence;
use crate::{
    hash::Hash,
    id::{CustomerId, UserId},
    time::Timestamp,
};

/// One thing that happened, as the rules see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Names it for ever: the hash of what it was read from.
    pub id: Hash,
    /// What sort of thing it is.
    pub kind: FactKind,
    /// When it happened.
    pub at: Timestamp,
    /// How well that time is known; `None` for what the server itself recorded.
    pub evidence: Option<Box<Evidence>>,
    /// The customer it is about.
    pub customer: Option<CustomerId>,
    /// Who did it.
    pub actor: Option<UserId>,
    /// The fact it answers: the complaint of a return visit, the visit of a submission.
    pub about: Option<Hash>,
    /// Further attributes, by ascending number; those of its kind only.
    pub attributes: Box<[(Attribute, Value)]>,
}

/// A sort of fact, from [`FactKind::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactKind(u8);

/// The number of an attribute among those of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attribute(u8);

/// What an attribute holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// A whole number: a count, or money in cents.
    Number(i64),
    /// An instant.
    Time(Timestamp),
    /// A user, a customer or a document.
    Id([u8; 16]),
    /// A word or a text.
    Text(Arc<str>),
    /// Several words, as the items of a checklist that are ticked.
    Words(Box<[Arc<str>]>),
}

macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $constant:ident $name:literal: $($attribute:literal)*;)*) => {
        /// Each kind's name and the names of its attributes.
        static KINDS: &[(&str, &[&str])] = &[$(($name, &[$($attribute),*])),*];

        #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "numbers the constants below")]
        enum Number { $($constant),* }

        impl FactKind {
            $($(#[doc = $doc])* pub const $constant: Self = Self(Number::$constant as u8);)*
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$constant),*];
        }
    };
}

kinds! {
    /// A visit, a call or a message to a customer. It happened when it began.
    VISIT "visit": "class" "channel" "level" "planned" "started" "ended" "place" "stops" "hours_of_stay" "theme" "purpose"
        "content" "expected_effect" "result" "summary" "consensus" "next_step" "problems" "with" "confirmed" "signature"
        "label" "checklist" "change_reason" "change_reported" "gift" "entertainment" "recorded" "asked_convenient"
        "round" "severity" "settled" "next_visit";
    /// A visit's record was handed in; about the visit.
    SUBMISSION "submission": "complete";
    /// A line of a plan: one visit that is meant to be made.
    PLAN_LINE "plan_line": "form" "planned" "place" "staff" "level" "purpose" "content" "expected_effect" "interests"
        "attendees" "resources" "profile" "reviewed" "hours_of_stay" "change" "theme";
    /// A form was handed in for a period, or about something.
    FORM "form": "name" "from" "until" "copies" "fields" "to";
    /// Somebody read, compared, signed, forwarded or checked something; about it.
    REVIEW "review": "act" "comment" "to" "form";
    /// Somebody agreed to something or did not; about the request.
    APPROVAL "approval": "post" "agreed";
    /// Somebody asks for leave to do something.
    REQUEST "request": "for" "amount" "executed";
    /// Somebody was told something beforehand; about what is going to happen.
    NOTICE "notice": "to" "by" "artefact" "copies" "channel" "fields" "customers";
    /// A complaint; it happened when it was handled.
    COMPLAINT "complaint": "severity" "class" "anonymous" "complainant" "problem" "received" "closed" "reply_letter"
        "attachment" "urgent" "on_visit";
    /// A repair; it happened when it was finished.
    REPAIR "repair": "area" "order";
    /// A cultural or sports activity; it happened when it ended.
    ACTIVITY "activity": "name" "participants";
    /// A suggestion or an opinion.
    SUGGESTION "suggestion": "source" "department";
    /// A customer moves in.
    MOVE_IN "move_in": "flowers" "lift";
    /// An emergency was dealt with.
    EMERGENCY "emergency": "name";
    /// A question or problem of a customer.
    PROBLEM "problem": "urgent" "department" "on_visit" "complaint";
    /// An answer or a solution was given; about the problem or complaint.
    ANSWER "answer": "channel" "result";
    /// Something promised, left open or passed on, with whom it lies.
    ITEM "item": "type" "department" "due" "closed" "recorded" "handled" "fed_back";
    /// A customer is received at our place; it happens when they arrive.
    RECEPTION "reception": "type" "starts" "ends" "left" "important" "level" "guests" "hosts" "purpose" "dishes" "bill"
        "drinks" "stages" "president" "booked" "checklist" "fields" "photo" "photo_consent" "amount" "spent";
    /// A part of a reception: a tour, a meal.
    PROGRAMME "programme": "type" "fixed" "place";
    /// A visitor signs in at the desk.
    VISITOR "visitor": "booked" "identity" "name" "company" "contact" "purpose" "badge" "signed" "left" "logged" "class"
        "trained" "escorted" "arrived_as" "served_as";
    /// A step of a process was reached; about the process.
    STAGE "stage": "name" "with" "fields" "process";
    /// Something was delivered or posted to a customer.
    DELIVERY "delivery": "item" "way" "archived";
    /// Somebody was checked by phone or by an unannounced visit.
    SPOT_CHECK "spot_check": "method" "checked";
    /// A meeting, training, survey or report took place.
    EVENT "event": "name" "covers";
    /// A customer's file as it stands after a change.
    FILE "file": "fields" "owners" "contacts" "important" "new";
    /// A customer's figures of a year, for grading.
    ASSESSMENT "assessment": "usage" "share" "years" "frequency" "scale" "payment" "potential" "profit" "type" "quality" "credit"
        "company_sales" "region" "willingness";
    /// Something was found that costs points.
    FINDING "finding": "name";
    /// Who belongs to a team or department.
    TEAM "team": "functions" "managers" "deputies" "name";
    /// A business trip; it happens on departure.
    TRIP "trip": "region" "until";
    /// A day of a business trip, from its beginning or from departure; about the trip.
    TRIP_DAY "trip_day":;
}

impl FactKind {
    /// The kind with that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// Its name, as packs write it.
    pub fn name(self) -> &'static str {
        KINDS[usize::from(self.0)].0
    }

    /// The names of its attributes.
    pub fn attributes(self) -> &'static [&'static str] {
        KINDS[usize::from(self.0)].1
    }

    /// The attribute with that name.
    pub fn attribute(self, name: &str) -> Option<Attribute> {
        let at = self.attributes().iter().position(|known| *known == name)?;
        u8::try_from(at).ok().map(Attribute)
    }
}

impl Fact {
    /// What an attribute holds, if it is set.
    pub fn get(&self, attribute: Attribute) -> Option<&Value> {
        let at = self.attributes.binary_search_by_key(&attribute, |(known, _)| *known).ok()?;
        Some(&self.attributes[at].1)
    }
}
