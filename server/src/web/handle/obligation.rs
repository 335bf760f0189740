//! The list of obligations, the page that explains one, and making an exception from it.

use std::sync::Arc;

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Redirect, Response},
};
use sync_core::hash::Hash;

use crate::{
    engine::EngineError,
    web::{
        ExceptionForm, ObligationFilter, Pages,
        asked::{Asked, Segment},
        pages::Trouble,
        path,
        read::{obligation, obligations},
        reader::{Reader, check_form},
        render_obligation, render_obligations,
        view::{ExceptProblem, ObligationView, ProblemView},
    },
};

/// Answers `GET /obligations`.
pub(crate) async fn list(
    State(pages): State<Arc<Pages>>,
    reader: Reader,
    Asked(pairs): Asked<Vec<(String, String)>>,
) -> Response {
    let filter =
        ObligationFilter::read(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).take(16));
    let (tenant, user, zone) = (reader.tenant, reader.user.clone(), reader.page.zone.clone());
    let now = reader.page.now;
    let read = pages
        .read(move |engine| obligations::obligations(&engine.view(tenant), &user, filter, &zone, now))
        .await;
    reader.answer(read.and_then(|view| Ok(render_obligations(&reader.page, &view)?)))
}

/// Answers `GET /obligations/{obligation}`.
pub(crate) async fn show(State(pages): State<Arc<Pages>>, reader: Reader, Segment(id): Segment) -> Response {
    let shown = async {
        let id = parse(&id)?;
        Ok(render_obligation(&reader.page, &read(&pages, &reader, id).await?)?)
    };
    reader.answer(shown.await)
}

/// Answers `POST /obligations/{obligation}/exceptions`.
pub(crate) async fn except(
    State(pages): State<Arc<Pages>>,
    reader: Reader,
    Segment(id): Segment,
    headers: HeaderMap,
    form: Result<Form<ExceptionForm>, FormRejection>,
) -> Response {
    match try_excepting(&pages, &reader, &id, &headers, form).await {
        Ok(answer) => answer,
        Err(trouble) => reader.answer(Err(trouble)),
    }
}

async fn try_excepting(
    pages: &Arc<Pages>,
    reader: &Reader,
    id: &str,
    headers: &HeaderMap,
    form: Result<Form<ExceptionForm>, FormRejection>,
) -> Result<Response, Trouble> {
    let id = parse(id)?;
    let Form(form) = form.map_err(|_| Trouble(ProblemView::FormExpired))?;
    check_form(pages, headers, &form.form_token)?;
    let problem = match form.read(id) {
        Ok(excepting) => {
            let until = excepting.until;
            match pages.engine.except(reader.tenant, reader.user.id, excepting).await {
                Ok(_) => {
                    // The page that comes next is to show it; if this fails, it shows it a little later.
                    if let Err(error) = pages.engine.judge_tenant(reader.tenant).await {
                        tracing::warn!(%error, "obligations could not be looked at after an exception");
                    }
                    return Ok(Redirect::to(&format!("{}#exception", path::obligation(&id))).into_response());
                }
                Err(EngineError::TooLong { .. }) => ExceptProblem::NoteTooLong,
                Err(EngineError::Invalid(_)) if until.is_some() => ExceptProblem::DayWrong,
                Err(EngineError::Invalid(_)) => ExceptProblem::Unfit,
                Err(error) => return Err(error.into()),
            }
        }
        Err(problem) => problem,
    };
    let mut view = read(pages, reader, id).await?;
    // Without the right to decide there is no form that could come back.
    let excepting = view.excepting.as_mut().ok_or(Trouble(ProblemView::NotAllowed))?;
    excepting.returned = Some(form.returned(problem));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, render_obligation(&reader.page, &view)?).into_response())
}

async fn read(pages: &Arc<Pages>, reader: &Reader, id: Hash) -> Result<ObligationView, Trouble> {
    let (tenant, user, now) = (reader.tenant, reader.user.clone(), reader.page.now);
    pages.read(move |engine| obligation::obligation(&engine.view(tenant), &user, id, now)).await
}

fn parse(id: &str) -> Result<Hash, Trouble> {
    id.parse().map_err(|_| Trouble(ProblemView::NotFound))
}
