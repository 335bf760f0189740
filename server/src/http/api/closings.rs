//! Closings: days that were closed, and what is said otherwise of them since.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use sync_core::{directory::User, hash::Hash};

use super::{
    Api,
    bearer::{Admin, Reader},
    json::{
        Body, ChangeShown, ChangesQuery, ClosingPut, ClosingShown, FactShown, Id, ObligationShown, Page,
        Place, Query, Side,
    },
};
use crate::{
    engine::{
        EngineError, line,
        owed::Eyes,
        restated::{self, SeenChange},
    },
    http::Problem,
    projection::{
        StoredFact, StoredObligation, Then, View,
        restated::{change, touched},
    },
};

/// Lists the days that were closed, the first closing first. They are no secret within the company.
#[utoipa::path(get, path = "/v1/closings", operation_id = "list_closings", tag = "obligations", security(("bearer" = [])),
    responses((status = 200, body = Page<ClosingShown>, description = "All closings")))]
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    reader: Reader,
) -> Result<Json<Page<ClosingShown>>, Problem> {
    let closings = api.engine.view(reader.session.tenant).closings()?;
    Ok(Json(Page { items: closings.into_iter().map(ClosingShown::from).collect(), next: None }))
}

/// Closes days that are over: what is known of them by now can be asked for ever after. Days may be closed again.
#[utoipa::path(post, path = "/v1/closings", operation_id = "close_days", tag = "obligations", request_body = ClosingPut,
    security(("bearer" = [])),
    responses((status = 201, body = ClosingShown, description = "The days were closed")))]
pub(super) async fn close(
    State(api): State<Arc<Api>>,
    Admin(reader): Admin,
    Body(body): Body<ClosingPut>,
) -> Result<(StatusCode, Json<ClosingShown>), Problem> {
    let (period, note) = body.into_parts();
    let closed = api.engine.close_period(reader.session.tenant, Some(reader.user.id), period, &note).await?;
    Ok((StatusCode::CREATED, Json(closed.into())))
}

/// Lists the obligations that are different now from what they were when their days were closed, each with what came since.
#[utoipa::path(get, path = "/v1/closings/{closing}/changes", operation_id = "list_changes", tag = "obligations",
    params(("closing" = super::json::words::HashText, Path, description = "The closing"), ChangesQuery),
    security(("bearer" = [])),
    responses((status = 200, body = Page<ChangeShown>, description = "A page of changes")))]
pub(super) async fn changes(
    State(api): State<Arc<Api>>,
    reader: Reader,
    Id(closing): Id<Hash>,
    Query(query): Query<ChangesQuery>,
) -> Result<Json<Page<ChangeShown>>, Problem> {
    let workers = api.engine.workers();
    let listed = move || {
        let view = api.engine.view(reader.session.tenant);
        page(&view, &reader.user, closing, &query)
    };
    Ok(Json(workers.run(listed).await.map_err(EngineError::from)??))
}

fn page(
    view: &View<'_>,
    reader: &User,
    closing: Hash,
    query: &ChangesQuery,
) -> Result<Page<ChangeShown>, Problem> {
    let closing = view.closing(closing)?.ok_or(EngineError::NotFound)?;
    if let Some(person) = query.person
        && !line::may_ask_about(view, reader, person)?
    {
        return Err(EngineError::NotFound.into());
    }
    // Whatever can be a place is one: behind the obligations whose ids are less.
    let after = query.after.as_ref().map(|place| {
        let (first, rest) = place.id_and_rest()?;
        let mut id = [0; 32];
        for (to, from) in id.iter_mut().zip(first.iter().chain(rest)) {
            *to = *from;
        }
        Ok::<_, Problem>(Hash::from_bytes(id))
    });
    let limit = query.limit.get();
    let touched = touched(view, &closing, after.transpose()?, limit)?;
    let (then, eyes) = (Then::of(view, closing)?, Eyes::of(view, reader)?);
    let is_asked_for = |stored: &StoredObligation| {
        query.person.is_none_or(|person| stored.obligation.owed_by.contains(&person))
    };
    let mut items = Vec::new();
    for id in &touched {
        let Some(change) = change(view, &then, *id)? else { continue };
        if change.then.iter().chain(&change.now).any(is_asked_for) {
            items.extend(restated::seen(view, &eyes, change)?.map(|change| shown(change, &eyes)));
        }
    }
    let next = touched.last().filter(|_| touched.len() == limit);
    Ok(Page { items, next: next.map(|id| Place::new(*id.as_bytes())) })
}

fn shown(change: SeenChange, eyes: &Eyes<'_>) -> ChangeShown {
    let side =
        |stored: Option<StoredObligation>| stored.map(|stored| ObligationShown::new(&stored, &eyes.rulebook));
    let facts = |facts: Vec<StoredFact>| facts.into_iter().map(FactShown::from).collect();
    ChangeShown {
        id: change.id,
        then: side(change.then),
        now: side(change.now),
        withheld: change.withheld.map(|side| match side {
            restated::Side::Then => Side::Then,
            restated::Side::Now => Side::Now,
        }),
        because: change.because.name(),
        not_shown: change.not_shown,
        facts_came: facts(change.came),
        facts_went: facts(change.went),
        facts_changed: facts(change.changed),
    }
}
