//! The overview page.

use askama::Template;

use crate::web::{
    Html, Page, label,
    stack::Stack,
    timeline::{self, Marks},
    view::{Counts, OverviewView, RecordRow, RepRow, State},
};

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage<'a> {
    p: &'a Page,
    view: &'a OverviewView,
}

/// Renders the overview.
pub fn render_overview(page: &Page, view: &OverviewView) -> askama::Result<Html> {
    OverviewPage { p: page, view }.render().map(axum::response::Html)
}

impl OverviewPage<'_> {
    fn waiting(&self) -> impl Iterator<Item = State> {
        State::ALL.into_iter().filter(|state| state.waits())
    }

    fn running(&self) -> impl Iterator<Item = State> {
        State::ALL.into_iter().filter(|state| !state.waits())
    }

    fn count(&self, state: &State) -> u64 {
        self.view.counts.get(*state)
    }

    fn reps_waiting(&self, rep: &RepRow) -> String {
        self.p.counted("reps-waiting", &rep.counts.waiting())
    }

    fn reps_total(&self, rep: &RepRow) -> String {
        self.p.counted("records-count", &rep.counts.total())
    }

    fn is_state(&self, state: &State) -> bool {
        self.view.filter.state == Some(*state)
    }

    fn is_rep(&self, rep: &sync_core::id::UserId) -> bool {
        self.view.filter.rep == Some(*rep)
    }

    fn stack(&self, counts: &Counts) -> Stack {
        Stack::of(self.p, State::ALL.map(|state| (state.name(), self.p.state(&state), counts.get(state))))
    }

    fn line(&self, row: &RecordRow) -> askama::Result<String> {
        let marks = Marks { ended: row.ended, deadline: row.deadline, evidence: row.evidence.as_ref() };
        timeline::small(self.p, marks)
    }

    fn basis(&self, row: &RecordRow) -> Option<String> {
        let evidence = row.evidence.as_ref()?;
        Some(self.p.t(&format!("basis-{}", label::basis_name(evidence.basis))))
    }

    fn previous(&self) -> Option<String> {
        let page = self.view.filter.page;
        (page > 1).then(|| self.view.filter.with_page(page - 1))
    }

    fn next(&self) -> Option<String> {
        let page = self.view.filter.page.max(1);
        (page < self.view.pages).then(|| self.view.filter.with_page(page + 1))
    }
}
