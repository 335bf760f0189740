//! The page that explains one obligation.

use askama::Template;
use sync_core::{
    hash::Hash,
    rules::{Excepted, Modality, PassedOver, Period, Reason},
};

use crate::web::{
    Html, Page, label, moment,
    owed_words::{self, Progress},
    path,
    view::{ExceptOffer, ExceptProblem, ExceptionRow, FactRow, FieldRow, ObligationView, OwedState},
    window_line,
};

#[derive(Template)]
#[template(path = "obligation.html")]
struct ObligationPage<'a> {
    p: &'a Page,
    view: &'a ObligationView,
}

/// Renders an obligation.
pub fn render_obligation(page: &Page, view: &ObligationView) -> askama::Result<Html> {
    ObligationPage { p: page, view }.render().map(axum::response::Html)
}

impl ObligationPage<'_> {
    fn says(&self) -> String {
        owed_words::says(&self.view.row.says, &self.view.row.rule)
    }

    fn about(&self) -> (String, String) {
        owed_words::about(self.p, &self.view.row.about)
    }

    fn owers(&self) -> String {
        owed_words::owers(self.p, &self.view.row.owers)
    }

    fn line(&self) -> askama::Result<String> {
        window_line::draw(self.p, self.view)
    }

    fn progress(&self) -> Progress {
        let (done, asked) = self.view.row.done;
        Progress::of(done.into(), asked.into())
    }

    /// Whether how much was done says more than what became of it.
    fn has_progress(&self) -> bool {
        self.view.row.done.1 > 1 && self.view.row.state != OwedState::NotEvaluable
    }

    fn modality(&self, modality: &Modality) -> String {
        self.p.t(&format!("modality-{}", label::modality_name(*modality)))
    }

    /// What became of it, in a sentence.
    fn outcome(&self) -> String {
        let row = &self.view.row;
        let id = match row.state {
            OwedState::Pending if row.is_undecided => "owed-undecided-means".to_owned(),
            OwedState::Pending if self.view.opens.is_some_and(|opens| opens > self.p.now) => {
                "owed-not-open-means".to_owned()
            }
            state => format!("owed-{}-means", state.name()),
        };
        self.p.t(&id)
    }

    /// What is missing, and what to do about it.
    fn missing(&self) -> Vec<(String, String)> {
        self.view.missing.iter().map(|what| self.missing_words(what)).collect()
    }

    fn missing_words(&self, what: &str) -> (String, String) {
        let both = |id: &str, name: &str| {
            (self.p.named(&format!("missing-{id}"), name), self.p.named(&format!("missing-{id}-next"), name))
        };
        match (what, what.split_once('.')) {
            ("customer", _) => both("customer", ""),
            ("customer.owner", _) => both("owner", ""),
            ("supervisor", _) => both("supervisor", ""),
            ("actor", _) => both("actor", ""),
            ("time", _) => both("time", ""),
            (_, Some(("calendar", year))) => both("calendar", year),
            (_, Some(("post", post))) => both("post", &self.p.coded("post", post)),
            (_, Some(("route", word))) => both("route", &self.p.coded("choice", word)),
            _ if what.starts_with("one of ") => both("grade", what.trim_start_matches("one of ")),
            _ => both("field", &self.p.coded("field", what)),
        }
    }

    /// What an exception rules, in a sentence.
    fn ruled(&self, exception: &ExceptionRow) -> String {
        match exception.ruled {
            Excepted::Required(number) => self.p.version("exception-required", &number),
            Excepted::LetOff | Excepted::Withdrawn => self.p.t("exception-let-off"),
        }
    }

    fn reason(&self, reason: &Reason) -> String {
        self.p.t(&format!("reason-{}", reason.name()))
    }

    /// On which days periods begin that an exception is about.
    fn exception_days(&self, exception: &ExceptionRow) -> Option<String> {
        let (from, until) = exception.span?;
        let day = |at| moment::day_of(&self.p.zone, at);
        Some(self.p.named("exception-days", &self.p.period(&Period { first: day(from), last: day(until) })))
    }

    fn exceptions_path(&self) -> String {
        path::exceptions(&self.view.row.id)
    }

    /// What can be ruled: its name, the word for it and what it means.
    fn rulings(&self, excepting: &ExceptOffer) -> Vec<(&'static str, String, String)> {
        let is_offered = |name: &&str| match *name {
            label::REQUIRED => excepting.asks_for.is_some(),
            label::WITHDRAWN => excepting.can_withdraw,
            _ => true,
        };
        let words = |name: &'static str| {
            (name, self.p.t(&format!("except-{name}")), self.p.t(&format!("except-{name}-means")))
        };
        label::EXCEPTED.into_iter().filter(is_offered).map(words).collect()
    }

    fn reasons(&self) -> Vec<(&'static str, String)> {
        Reason::ALL.into_iter().map(|reason| (reason.name(), self.reason(&reason))).collect()
    }

    fn is_ruled(&self, excepting: &ExceptOffer, name: &str) -> bool {
        excepting.returned.as_ref().is_some_and(|form| form.ruled == name)
    }

    fn is_reason(&self, excepting: &ExceptOffer, name: &str) -> bool {
        excepting.returned.as_ref().is_some_and(|form| form.reason == name)
    }

    fn except_problem(&self, problem: &ExceptProblem) -> String {
        self.p.t(&format!("except-problem-{}", label::except_problem_name(*problem)))
    }

    /// When a fact came to be known, if that was not on its day.
    fn came(&self, fact: &FactRow) -> Option<String> {
        owed_words::came(self.p, fact)
    }

    fn kind(&self, fact: &FactRow) -> String {
        self.p.coded("kind", fact.name.kind)
    }

    fn by(&self, fact: &FactRow) -> Option<String> {
        match &fact.by {
            None => Some(self.p.t("outside-line")),
            Some(name) => (!name.is_empty()).then(|| name.clone()),
        }
    }

    fn detail(&self, row: &FieldRow) -> (String, String) {
        (self.p.coded("field", &row.field), self.p.value(&row.value))
    }

    fn why(&self, why: &PassedOver) -> String {
        self.p.t(&format!("passed-over-{}", label::passed_over_name(*why)))
    }

    /// The address inside the page of the fact that another one repeats, if it is there.
    fn repeats(&self, why: &PassedOver) -> Option<String> {
        let PassedOver::Repeated(first) = why else { return None };
        let passed_over = self.view.passed_over.iter().map(|(fact, _)| fact);
        let mut all = self.view.counted.iter().chain(passed_over);
        all.any(|fact| fact.id == *first).then(|| self.fact_anchor(first))
    }

    fn fact_anchor(&self, fact: &Hash) -> String {
        format!("fact-{}", self.p.short(fact))
    }

    fn how_many(&self, facts: &usize) -> String {
        self.p.counted("facts-count", &(*facts as u64))
    }
}
