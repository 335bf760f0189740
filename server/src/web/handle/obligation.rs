//! The list of obligations, and the page that explains one.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use sync_core::hash::Hash;

use crate::web::{
    ObligationFilter, Pages,
    asked::{Asked, Segment},
    pages::Trouble,
    read::{obligation, obligations},
    reader::Reader,
    render_obligation, render_obligations,
    view::ProblemView,
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
        let id: Hash = id.parse().map_err(|_| Trouble(ProblemView::NotFound))?;
        let (tenant, user, now) = (reader.tenant, reader.user.clone(), reader.page.now);
        let read =
            pages.read(move |engine| obligation::obligation(&engine.view(tenant), &user, id, now)).await?;
        Ok(render_obligation(&reader.page, &read)?)
    };
    reader.answer(shown.await)
}
