//! Chooses the language of the pages and goes back.

use std::sync::Arc;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;

use crate::web::{
    Lang, Pages,
    asked::{Asked, Segment},
    pages::Trouble,
    path,
    reader::{Guest, LANGUAGE_COOKIE, answer},
    view::ProblemView,
};

#[derive(Default, Deserialize)]
pub(crate) struct Back {
    #[serde(default)]
    back: String,
}

/// Answers `GET /language/{tag}`.
pub(crate) async fn choose(
    State(pages): State<Arc<Pages>>,
    guest: Guest,
    Segment(tag): Segment,
    Asked(Back { back }): Asked<Back>,
) -> Response {
    let Some(lang) = Lang::of_tag(&tag) else {
        return answer(&guest.page, Err(Trouble(ProblemView::NotFound)));
    };
    let secure = if pages.config.is_https() { "; Secure" } else { "" };
    let tag = lang.tag();
    let cookie = format!("{LANGUAGE_COOKIE}={tag}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax{secure}");
    ([(header::SET_COOKIE, cookie)], Redirect::to(path::local(&back))).into_response()
}
