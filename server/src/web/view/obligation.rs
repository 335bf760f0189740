//! Obligations: who owes what by when, counted by state, person and rule; and one of them with its facts.

use jiff::civil::Date;
use sync_core::{
    hash::Hash,
    id::DocumentId,
    rules::{Every, Excepted, Modality, PassedOver, Period, Reason},
    time::Timestamp,
};

use crate::web::{
    ObligationFilter, Owes, RuleName, Span,
    view::{FieldRow, OwedCounts, OwedState},
};

/// The obligations under a filter.
#[derive(Debug, Clone)]
pub struct ObligationsView {
    /// What was asked for.
    pub filter: ObligationFilter,
    /// The days that are shown.
    pub span: Span,
    /// Today.
    pub today: Date,
    /// How many became what, under the filter but for the chosen state.
    pub counts: OwedCounts,
    /// Everybody the reader leads who owes something, most breaches first, under the filter but for the chosen person
    /// and state.
    pub people: Vec<OwerRow>,
    /// The rules that demand something, most breaches first, under the filter but for the chosen rule and state.
    pub rules: Vec<RuleRow>,
    /// This page of obligations: breaches first, then what is open by when it is due.
    pub rows: Vec<ObligationRow>,
    /// Obligations under the filter, on all pages.
    pub total: u64,
    /// Pages under the filter; at least 1.
    pub pages: u64,
    /// Whether there is more in these days than one page can count.
    pub is_cut: bool,
    /// Rules in force that demand nothing yet, because parameters have no value.
    pub waiting: Vec<WaitingRule>,
}

/// Somebody who owes something.
#[derive(Debug, Clone)]
pub struct OwerRow {
    /// Who.
    pub owes: Owes,
    /// Their name; empty for nobody in particular.
    pub name: String,
    /// What became of what they owe.
    pub counts: OwedCounts,
}

/// A rule and what became of what it demands.
#[derive(Debug, Clone)]
pub struct RuleRow {
    /// The rule.
    pub rule: RuleName,
    /// What it says; may be empty.
    pub says: String,
    /// What became of its obligations.
    pub counts: OwedCounts,
    /// Its quotas, if it has any.
    pub quotas: Vec<QuotaRow>,
}

/// A quota of a rule: plan and actual.
#[derive(Debug, Clone)]
pub struct QuotaRow {
    /// To or by whom.
    pub of: QuotaOf,
    /// How many at least, each time.
    pub at_least: u32,
    /// How often.
    pub per: Every,
    /// How much was done of what was asked for; more than enough for one makes up for no other.
    pub done: u64,
    /// How much was asked for.
    pub asked: u64,
}

/// To or by whom a quota asks for contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuotaOf {
    /// Customers of these grades or with these tags; all if there are none.
    Customers(Vec<String>),
    /// People with this post.
    Post(String),
    /// The company.
    Company,
}

/// A rule that waits for parameters.
#[derive(Debug, Clone)]
pub struct WaitingRule {
    /// The rule.
    pub rule: RuleName,
    /// What it says; may be empty.
    pub says: String,
    /// The parameters that have no value.
    pub missing: Vec<String>,
}

/// One obligation in the list.
#[derive(Debug, Clone)]
pub struct ObligationRow {
    /// The obligation.
    pub id: Hash,
    /// The rule.
    pub rule: RuleName,
    /// What the rule says; may be empty.
    pub says: String,
    /// What it is about.
    pub about: About,
    /// Who owes it.
    pub owers: Owers,
    /// The last instant in time, if there is one.
    pub due: Option<Timestamp>,
    /// How much was done and how much is asked for.
    pub done: (u32, u32),
    /// What became of it.
    pub state: OwedState,
    /// Whether its time is over and a person must decide.
    pub is_undecided: bool,
    /// Whether it only counts towards a share.
    pub in_share: bool,
}

/// What an obligation is about.
#[derive(Debug, Clone)]
pub enum About {
    /// Something that happened; `None` for what the reader may not see.
    Fact(Option<FactName>),
    /// A customer in a period; empty for one of another line.
    Customer(String, Period),
    /// A person in a period; empty for somebody outside the reader's line.
    Person(String, Period),
    /// The company in a period.
    Company(Period),
}

/// A fact in a few words.
#[derive(Debug, Clone)]
pub struct FactName {
    /// Name of its kind.
    pub kind: &'static str,
    /// When it happened.
    pub at: Timestamp,
    /// The customer's name; may be empty.
    pub customer: String,
}

/// Who owes something: those whom the reader may see by name. Anybody, if there is nobody.
#[derive(Debug, Clone, Default)]
pub struct Owers {
    /// Their names.
    pub names: Vec<String>,
    /// How many others there are.
    pub others: u64,
}

/// One obligation with what is known of it.
#[derive(Debug, Clone)]
pub struct ObligationView {
    /// As the list shows it.
    pub row: ObligationRow,
    /// The pack's version.
    pub version: u32,
    /// The number of the regulation; empty if the pack is gone.
    pub document_number: String,
    /// Who interprets the regulation; may be empty.
    pub interpreter: String,
    /// How binding the rule is.
    pub modality: Option<Modality>,
    /// From when on it can be done, if that matters.
    pub opens: Option<Timestamp>,
    /// Since when its state is said of it.
    pub since: Timestamp,
    /// What is missing to say what became of it.
    pub missing: Vec<String>,
    /// The fact it is about, if it is about one that the reader may see.
    pub about: Option<FactRow>,
    /// The facts that count.
    pub counted: Vec<FactRow>,
    /// The facts that were looked at and do not count, each with why.
    pub passed_over: Vec<(FactRow, PassedOver)>,
    /// How many more facts there are than are shown.
    pub not_shown: u64,
    /// The exception that holds for it.
    pub exception: Option<ExceptionRow>,
    /// Whether an exception holds for it that the reader may not see.
    pub hides_exception: bool,
    /// What the reader may rule about it; `None` if nothing.
    pub excepting: Option<ExceptOffer>,
}

/// An exception: what somebody ruled, and why.
#[derive(Debug, Clone)]
pub struct ExceptionRow {
    /// What.
    pub ruled: Excepted,
    /// Who; empty if nobody is known.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The instants between which periods begin that it is about, if it is about periods.
    pub span: Option<(Timestamp, Timestamp)>,
    /// Why, if it is said in a known word.
    pub reason: Option<Reason>,
    /// In their words; may be empty.
    pub note: String,
}

/// What the form of an exception offers.
#[derive(Debug, Clone, Default)]
pub struct ExceptOffer {
    /// How many it asks for, if it can be told to ask for another number.
    pub asks_for: Option<u32>,
    /// The first and the last day that can be chosen as the last one of the exception, if it can be about several
    /// periods.
    pub days: Option<Period>,
    /// Whether there is an exception to take back.
    pub can_withdraw: bool,
    /// A form that came back.
    pub returned: Option<ReturnedException>,
}

/// The form of an exception that came back, with what was typed, so that nothing has to be typed twice.
#[derive(Debug, Clone)]
pub struct ReturnedException {
    /// What was wrong.
    pub problem: ExceptProblem,
    /// Name of what was chosen; may be empty.
    pub ruled: String,
    /// The number typed.
    pub required: String,
    /// The last day typed.
    pub until: String,
    /// Name of the chosen reason; may be empty.
    pub reason: String,
    /// The words typed.
    pub note: String,
}

/// What was wrong with the form of an exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExceptProblem {
    /// Nothing was chosen.
    RulingMissing,
    /// Another number is to be asked for, and there is none, or none that can be.
    NumberMissing,
    /// The last day is no day, or none that can be chosen.
    DayWrong,
    /// No reason was chosen.
    ReasonMissing,
    /// The reason is "other" and there are no words.
    NoteMissing,
    /// More than 500 characters.
    NoteTooLong,
    /// It does not fit this obligation, or there are too many exceptions.
    Unfit,
}

/// One fact.
#[derive(Debug, Clone)]
pub struct FactRow {
    /// The fact.
    pub id: Hash,
    /// It in a few words.
    pub name: FactName,
    /// Who did it: empty if nobody is known, `None` for somebody outside the reader's line.
    pub by: Option<String>,
    /// What else is known of it; nothing of what somebody outside the reader's line did.
    pub details: Vec<FieldRow>,
    /// The proven bounds of its time, for what a phone wrote: not before, and not after if it has arrived.
    pub bounds: Option<(Timestamp, Option<Timestamp>)>,
    /// When it came to be known.
    pub came: Timestamp,
    /// The record that tells it, if it can be opened.
    pub record: Option<DocumentId>,
}
