//! The closings, closing more days, and what is different since a closing.

use std::sync::Arc;

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;
use sync_core::hash::Hash;

use crate::{
    engine::EngineError,
    web::{
        CloseForm, Pages,
        asked::{Asked, Segment},
        moment,
        pages::Trouble,
        path,
        read::closing,
        reader::{Reader, check_form},
        render_closing, render_closings,
        view::{CloseProblem, ClosingsView, ProblemView},
    },
};

#[derive(Default, Deserialize)]
pub(crate) struct Behind {
    #[serde(default)]
    after: String,
}

/// Answers `GET /closings`.
pub(crate) async fn list(State(pages): State<Arc<Pages>>, reader: Reader) -> Response {
    let read = read(&pages, &reader).await;
    reader.answer(read.and_then(|view| Ok(render_closings(&reader.page, &view)?)))
}

/// Answers `POST /closings`.
pub(crate) async fn close(
    State(pages): State<Arc<Pages>>,
    reader: Reader,
    headers: HeaderMap,
    form: Result<Form<CloseForm>, FormRejection>,
) -> Response {
    match try_closing(&pages, &reader, &headers, form).await {
        Ok(answer) => answer,
        Err(trouble) => reader.answer(Err(trouble)),
    }
}

async fn try_closing(
    pages: &Arc<Pages>,
    reader: &Reader,
    headers: &HeaderMap,
    form: Result<Form<CloseForm>, FormRejection>,
) -> Result<Response, Trouble> {
    let Form(form) = form.map_err(|_| Trouble(ProblemView::FormExpired))?;
    check_form(pages, headers, &form.form_token)?;
    let problem = match form.read() {
        Ok((period, note)) => {
            match pages.engine.close_period(reader.tenant, Some(reader.user.id), period, note).await {
                Ok(_) => return Ok(Redirect::to(path::CLOSINGS).into_response()),
                Err(EngineError::TooLong { .. }) => CloseProblem::NoteTooLong,
                Err(EngineError::Invalid(_)) => CloseProblem::Unfit,
                Err(error) => return Err(error.into()),
            }
        }
        Err(problem) => problem,
    };
    let mut view = read(pages, reader).await?;
    // Without the right to close there is no form that could come back.
    let close = view.close.as_mut().ok_or(Trouble(ProblemView::NotAllowed))?;
    close.returned = Some(form.returned(problem));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, render_closings(&reader.page, &view)?).into_response())
}

/// Answers `GET /closings/{closing}`.
pub(crate) async fn show(
    State(pages): State<Arc<Pages>>,
    reader: Reader,
    Segment(id): Segment,
    Asked(Behind { after }): Asked<Behind>,
) -> Response {
    let shown = async {
        let id: Hash = id.parse().map_err(|_| Trouble(ProblemView::NotFound))?;
        let (tenant, user, now) = (reader.tenant, reader.user.clone(), reader.page.now);
        let after = after.parse().ok();
        let read =
            pages.read(move |engine| closing::closing(&engine.view(tenant), &user, id, after, now)).await?;
        Ok(render_closing(&reader.page, &read)?)
    };
    reader.answer(shown.await)
}

async fn read(pages: &Arc<Pages>, reader: &Reader) -> Result<ClosingsView, Trouble> {
    let (tenant, user) = (reader.tenant, reader.user.clone());
    let today = moment::day_of(&reader.page.zone, reader.page.now);
    pages.read(move |engine| closing::closings(&engine.view(tenant), &user, today)).await
}
