//! Exceptions in the engine: which of them holds for an obligation, and which obligations one touches.

use super::{
    super::{
        Every, Excepted, Exception, Fact, FactKind, Obligation, Of, On, Period, Series, Subject, rule::Part,
    },
    Asked,
};
use crate::{hash::Hash, time::Timestamp};

/// What follows from a document and has no name of its own: exceptions name the document and a span of time.
const DERIVED: [FactKind; 2] = [FactKind::SUBMISSION, FactKind::TRIP_DAY];

impl Asked<'_> {
    /// The exception that holds for an obligation: the newest, unless that one withdraws.
    ///
    /// Nobody makes an exception for what they owe themselves, and only a quota can ask for another number.
    pub(super) fn exception(self, part: &Part, owed: &Obligation) -> Option<Exception> {
        let quota = matches!(part, Part::Quota(_));
        self.newest(owed, |ruled| quota || !matches!(ruled, Excepted::Required(_)))
    }

    /// Whether a case of a share is let off.
    pub(super) fn is_let_off(self, case: &Obligation) -> bool {
        self.newest(case, |ruled| !matches!(ruled, Excepted::Required(_))).is_some()
    }

    fn newest(self, owed: &Obligation, may_be: impl Fn(Excepted) -> bool) -> Option<Exception> {
        let (on, at) = self.place(owed.subject)?;
        let series = self.series(on);
        let found = self.world.facts.all(Of::About(series.hash()), FactKind::EXCEPTION);
        let holds = |exception: &Exception| {
            exception.series == series
                && may_be(exception.ruled)
                && at.is_none_or(|at| exception.covers(at))
                && exception.by.is_none_or(|by| !owed.owed_by.contains(&by))
        };
        let newest = found
            .filter_map(Exception::read)
            .filter(holds)
            .max_by_key(|exception| (exception.at, exception.fact))?;
        (newest.ruled != Excepted::Withdrawn).then_some(newest)
    }

    /// The subjects of a part that an exception may let off or change.
    pub(super) fn excepted(self, part: &Part, fact: &Fact) -> Vec<Subject> {
        let exception = Exception::read(fact).filter(|found| found.series == self.series(found.series.on));
        let Some(exception) = exception else { return Vec::new() };
        let every = match part {
            Part::Quota(quota) => Some(&quota.per),
            Part::Recurring(recurring) => Some(&recurring.every),
            Part::Anchored(anchored) => anchored.coverage.as_ref().map(|coverage| &coverage.per),
            _ => None,
        };
        let periods = || every.map(|every| self.periods(every, &exception)).unwrap_or_default().into_iter();
        match exception.series.on {
            On::Fact(id) => self.excepted_facts(id, every, &exception),
            On::Customer(customer) => periods().map(|period| Subject::Customer(customer, period)).collect(),
            On::Person(person) => periods().map(|period| Subject::Person(person, period)).collect(),
            On::Company => periods().map(Subject::Company).collect(),
        }
    }

    /// A fact, those that follow from the same document, and the periods in whose share they are.
    fn excepted_facts(self, id: Hash, every: Option<&Every>, exception: &Exception) -> Vec<Subject> {
        let facts = self.world.facts;
        let derived = DERIVED.into_iter().flat_map(|kind| facts.all(Of::About(id), kind));
        let derived = derived.filter(|fact| exception.covers(fact.at));
        let all: Vec<&Fact> = facts.get(id).into_iter().chain(derived).collect();
        let periods = every.into_iter().flat_map(|every| {
            all.iter().filter_map(|fact| self.period(every, fact.at)).map(Subject::Company)
        });
        let subjects = all.iter().map(|fact| Subject::Fact(fact.id));
        subjects.chain(periods).collect()
    }

    /// The periods that an exception covers.
    fn periods(self, every: &Every, exception: &Exception) -> Vec<Period> {
        let days = exception.from.zip(exception.until);
        let days = days.and_then(|(from, until)| Some((self.day(from)?, self.day(until)?)));
        let Some((first, last)) = days else { return Vec::new() };
        let periods = every.between(first, last, self.world.company).into_iter();
        let begins = |period: &Period| self.pack.zone.start_of(period.first);
        periods.filter(|period| begins(period).is_some_and(|at| exception.covers(at))).collect()
    }

    /// Under what exceptions of a subject are found, and what they have to cover, if that matters.
    fn place(self, subject: Subject) -> Option<(On, Option<Timestamp>)> {
        let begins = |period: Period| self.pack.zone.start_of(period.first).map(Some);
        Some(match subject {
            Subject::Fact(id) => {
                let fact = self.world.facts.get(id)?;
                match fact.about.filter(|_| DERIVED.contains(&fact.kind)) {
                    Some(about) => (On::Fact(about), Some(fact.at)),
                    None => (On::Fact(id), None),
                }
            }
            Subject::Customer(customer, period) => (On::Customer(customer), begins(period)?),
            Subject::Person(person, period) => (On::Person(person), begins(period)?),
            Subject::Company(period) => (On::Company, begins(period)?),
        })
    }

    fn series(self, on: On) -> Series {
        Series { pack: self.pack.id.clone(), rule: self.rule.id.clone(), part: self.number, on }
    }
}
