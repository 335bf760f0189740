//! The page for a request that got no other page.

use askama::Template;

use crate::web::{Html, Page, label, view::ProblemView};

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    p: &'a Page,
    title: String,
    next: String,
}

/// Renders what went wrong and what to do next.
pub fn render_problem(page: &Page, problem: ProblemView) -> askama::Result<Html> {
    let name = label::problem_name(problem);
    let title = page.t(&format!("problem-{name}"));
    let next = page.t(&format!("problem-{name}-next"));
    ProblemPage { p: page, title, next }.render().map(axum::response::Html)
}
