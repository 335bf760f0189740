//! The pages of closings: all of them, and what is different since one.

use askama::Template;

use crate::web::{
    Html, Page, Span, label, owed_words, path,
    view::{
        ChangeRow, ChangeSide, CloseOffer, CloseProblem, ClosingRow, ClosingView, ClosingsView, FactRow,
        ObligationRow, OwedState,
    },
};

#[derive(Template)]
#[template(path = "closings.html")]
struct ClosingsPage<'a> {
    p: &'a Page,
    view: &'a ClosingsView,
}

/// Renders the closings.
pub fn render_closings(page: &Page, view: &ClosingsView) -> askama::Result<Html> {
    ClosingsPage { p: page, view }.render().map(axum::response::Html)
}

impl ClosingsPage<'_> {
    fn by(&self, row: &ClosingRow) -> String {
        by(self.p, row)
    }

    fn span(&self, span: &Span) -> (String, String) {
        (span.query(), self.p.period(&span.period()))
    }

    fn is_chosen(&self, close: &CloseOffer, query: &str) -> bool {
        close.returned.as_ref().is_some_and(|form| form.span == query)
    }

    fn problem(&self, problem: &CloseProblem) -> String {
        self.p.t(&format!("close-problem-{}", label::close_problem_name(*problem)))
    }
}

#[derive(Template)]
#[template(path = "closing.html")]
struct ClosingPage<'a> {
    p: &'a Page,
    view: &'a ClosingView,
}

/// Renders what is different since a closing.
pub fn render_closing(page: &Page, view: &ClosingView) -> askama::Result<Html> {
    ClosingPage { p: page, view }.render().map(axum::response::Html)
}

/// The facts of a change that came, went or changed.
struct Group<'a> {
    word: String,
    facts: &'a [FactRow],
}

impl ClosingPage<'_> {
    fn title(&self) -> String {
        self.p.named("closing-title", &self.p.period(&self.view.closing.period))
    }

    fn by(&self) -> String {
        by(self.p, &self.view.closing)
    }

    fn says(&self, row: &ObligationRow) -> String {
        owed_words::says(&row.says, &row.rule)
    }

    fn about(&self, row: &ObligationRow) -> (String, String) {
        owed_words::about(self.p, &row.about)
    }

    fn owers(&self, row: &ObligationRow) -> String {
        owed_words::owers(self.p, &row.owers)
    }

    /// Whether there is a page that explains it as it is now.
    fn has_page(&self, change: &ChangeRow) -> bool {
        matches!(change.now, ChangeSide::Owed(_))
    }

    /// How far it was or is, if that says more than what became of it.
    fn progress(&self, row: &ObligationRow) -> Option<String> {
        let (done, asked) = row.done;
        (asked > 1 && row.state != OwedState::NotEvaluable).then(|| format!("{done} / {asked}"))
    }

    fn because(&self, change: &ChangeRow) -> String {
        self.p.t(&format!("because-{}", change.because.name()))
    }

    fn groups<'b>(&self, change: &'b ChangeRow) -> Vec<Group<'b>> {
        let group = |id, facts: &'b Vec<FactRow>| Group { word: self.p.t(id), facts };
        let all = [
            group("facts-came", &change.came),
            group("facts-went", &change.went),
            group("facts-changed", &change.changed),
        ];
        all.into_iter().filter(|group| !group.facts.is_empty()).collect()
    }

    fn kind(&self, fact: &FactRow) -> String {
        self.p.coded("kind", fact.name.kind)
    }

    fn who(&self, fact: &FactRow) -> String {
        match &fact.by {
            None => self.p.t("outside-line"),
            Some(name) if name.is_empty() => self.p.t("history-server"),
            Some(name) => name.clone(),
        }
    }

    fn is_late(&self, fact: &FactRow) -> bool {
        owed_words::came(self.p, fact).is_some()
    }

    fn next(&self) -> Option<String> {
        let after = self.view.next?;
        Some(format!("{}?after={after}", path::closing(&self.view.closing.id)))
    }

    fn restart(&self) -> String {
        path::closing(&self.view.closing.id)
    }
}

/// Who closed days.
fn by(page: &Page, row: &ClosingRow) -> String {
    if row.by.is_empty() { page.t("history-server") } else { row.by.clone() }
}
