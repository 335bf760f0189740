//! The pages before sign-in.

use askama::Template;

use crate::web::{
    Html, Page, label,
    view::{FirstPasswordView, SignInView},
};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    p: &'a Page,
    view: &'a SignInView,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "first_password.html")]
struct FirstPasswordPage<'a> {
    p: &'a Page,
    view: &'a FirstPasswordView,
    problem: Option<String>,
}

/// Renders the sign-in form.
pub fn render_sign_in(page: &Page, view: &SignInView) -> askama::Result<Html> {
    let word = |problem| page.t(&format!("sign-in-problem-{}", label::sign_in_problem_name(problem)));
    SignInPage { p: page, view, problem: view.problem.map(word) }.render().map(axum::response::Html)
}

/// Renders the form that sets a password with a one-time code.
pub fn render_first_password(page: &Page, view: &FirstPasswordView) -> askama::Result<Html> {
    let word = |problem| page.t(&format!("password-problem-{}", label::password_problem_name(problem)));
    FirstPasswordPage { p: page, view, problem: view.problem.map(word) }.render().map(axum::response::Html)
}
