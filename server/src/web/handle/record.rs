//! The overview, one record's page, and deciding about its submits.

use std::sync::Arc;

use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use sync_core::id::DocumentId;

use crate::{
    engine::EngineError,
    web::{
        DecisionForm, Pages, RecordFilter,
        asked::{Asked, Segment},
        pages::Trouble,
        path,
        read::{overview, record},
        reader::{Reader, check_form},
        render_overview, render_record,
        view::{DecideProblem, ProblemView, ReturnedForm},
    },
};

#[derive(Default, Deserialize)]
pub(crate) struct Shown {
    #[serde(default)]
    version: String,
}

/// Answers `GET /`.
pub(crate) async fn overview(
    State(pages): State<Arc<Pages>>,
    reader: Reader,
    Asked(pairs): Asked<Vec<(String, String)>>,
) -> Response {
    let filter =
        RecordFilter::read(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).take(16));
    let (tenant, user, now) = (reader.tenant, reader.user.clone(), reader.page.now);
    let read = pages.read(move |engine| overview::overview(&engine.view(tenant), &user, filter, now)).await;
    reader.answer(read.and_then(|view| Ok(render_overview(&reader.page, &view)?)))
}

/// Answers `GET /records/{record}`.
pub(crate) async fn show(
    State(pages): State<Arc<Pages>>,
    reader: Reader,
    Segment(document): Segment,
    Asked(Shown { version }): Asked<Shown>,
) -> Response {
    let shown = async {
        let document = parse(&document)?;
        let (tenant, user) = (reader.tenant, reader.user.clone());
        let version = version.parse().ok();
        let read = move |engine: &crate::engine::Engine| {
            record::record(&engine.view(tenant), &user, document, version)
        };
        Ok(render_record(&reader.page, &pages.read(read).await?)?)
    };
    reader.answer(shown.await)
}

/// Answers `POST /records/{record}/decisions`.
pub(crate) async fn decide(
    State(pages): State<Arc<Pages>>,
    reader: Reader,
    Segment(document): Segment,
    headers: HeaderMap,
    form: Result<Form<DecisionForm>, FormRejection>,
) -> Response {
    match try_deciding(&pages, &reader, &document, &headers, form).await {
        Ok(answer) => answer,
        Err(trouble) => reader.answer(Err(trouble)),
    }
}

async fn try_deciding(
    pages: &Arc<Pages>,
    reader: &Reader,
    document: &str,
    headers: &HeaderMap,
    form: Result<Form<DecisionForm>, FormRejection>,
) -> Result<Response, Trouble> {
    let document = parse(document)?;
    let Form(form) = form.map_err(|_| Trouble(ProblemView::FormExpired))?;
    check_form(pages, headers, &form.form_token)?;
    let problem = match form.read(document) {
        Ok(ruled) => {
            let anchor = reader.page.submit_anchor(&ruled.submit);
            match pages.engine.decide(reader.tenant, reader.user.id, ruled).await {
                Ok(()) => {
                    let place = format!("{}#{anchor}", path::record(&document));
                    return Ok(Redirect::to(&place).into_response());
                }
                Err(EngineError::NothingToDecide) => DecideProblem::Moved,
                Err(EngineError::TooLong { .. }) => DecideProblem::NoteTooLong,
                Err(error) => return Err(error.into()),
            }
        }
        Err(problem) => problem,
    };
    let returned = form.returned(problem).ok_or(Trouble(ProblemView::FormExpired))?;
    returned_form(pages, reader, document, returned).await
}

/// The record's page with the form as it was filled in, and what is wrong with it.
async fn returned_form(
    pages: &Arc<Pages>,
    reader: &Reader,
    document: DocumentId,
    returned: ReturnedForm,
) -> Result<Response, Trouble> {
    let (tenant, user) = (reader.tenant, reader.user.clone());
    let read = pages.read(move |engine| record::record(&engine.view(tenant), &user, document, None));
    let mut view = read.await?;
    if !view.may_decide {
        return Err(Trouble(ProblemView::NotAllowed));
    }
    view.returned = Some(returned);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, render_record(&reader.page, &view)?).into_response())
}

fn parse(document: &str) -> Result<DocumentId, Trouble> {
    document.parse().map_err(|_| Trouble(ProblemView::NotFound))
}
