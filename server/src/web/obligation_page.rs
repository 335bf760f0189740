//! The page that explains one obligation.

use askama::Template;
use sync_core::{
    hash::Hash,
    rules::{Modality, PassedOver},
};

use crate::web::{
    Html, Page, label,
    owed_words::{self, Progress},
    view::{FactRow, FieldRow, ObligationView, OwedState},
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
