//! Obligations: who owes what by when, what became of it, and which facts say so.

use std::sync::Arc;

use axum::{Json, extract::State};
use sync_core::{directory::User, hash::Hash, id::UserId, rules::Period, time::Timestamp};

use super::{
    Api,
    bearer::Reader,
    by_person::ByPerson,
    json::{
        Id, ObligationExplained, ObligationQuery, ObligationShown, ObligationsQuery, Page, Place,
        PointsQuery, PointsShown, Query,
    },
};
use crate::{
    engine::{
        EngineError, line,
        owed::{self, Eyes},
    },
    http::Problem,
    projection::{Known, StoredObligation, Then, View, key::Listed, points},
    store::StoreError,
};

/// Lists obligations, by when they are due: of a person, of everybody below the reader, of a customer, or of a rule; as they
/// are, or as they were known when days were closed.
#[utoipa::path(get, path = "/v1/obligations", operation_id = "list_obligations", tag = "obligations",
    params(ObligationsQuery), security(("bearer" = [])),
    responses((status = 200, body = Page<ObligationShown>, description = "A page of obligations")))]
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    reader: Reader,
    Query(query): Query<ObligationsQuery>,
) -> Result<Json<Page<ObligationShown>>, Problem> {
    let workers = api.engine.workers();
    let listed = move || {
        let view = api.engine.view(reader.session.tenant);
        let then = then(&view, query.closing)?;
        page(Known::at(view, then.as_ref()), &reader.user, &query)
    };
    Ok(Json(workers.run(listed).await.map_err(EngineError::from)??))
}

/// Explains an obligation: the facts that count, and those that do not, each with why; as it is, or as it was known when days
/// were closed.
#[utoipa::path(get, path = "/v1/obligations/{obligation}", operation_id = "explain_obligation", tag = "obligations",
    params(("obligation" = super::json::words::HashText, Path, description = "The obligation"), ObligationQuery),
    security(("bearer" = [])),
    responses((status = 200, body = ObligationExplained, description = "The obligation and its facts")))]
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    reader: Reader,
    Id(id): Id<Hash>,
    Query(query): Query<ObligationQuery>,
) -> Result<Json<ObligationExplained>, Problem> {
    let view = api.engine.view(reader.session.tenant);
    let then = then(&view, query.closing)?;
    let eyes = Eyes::of(&view, &reader.user)?;
    let explained = owed::explain(Known::at(view, then.as_ref()), &eyes, id)?;
    Ok(Json(ObligationExplained::new(explained, &eyes.rulebook)))
}

/// Adds up what findings and breaches cost, each point with what it is for: of some days as things stand, or as was known
/// when days were closed.
#[utoipa::path(get, path = "/v1/points", operation_id = "list_points", tag = "obligations", params(PointsQuery),
    security(("bearer" = [])),
    responses((status = 200, body = Page<PointsShown>, description = "All points of these days")))]
pub(super) async fn points(
    State(api): State<Arc<Api>>,
    reader: Reader,
    Query(query): Query<PointsQuery>,
) -> Result<Json<Page<PointsShown>>, Problem> {
    let workers = api.engine.workers();
    let added = move || {
        let view = api.engine.view(reader.session.tenant);
        let then = then(&view, query.closing)?;
        let span = span(&query, then.as_ref().map(|then| then.closing().period))?;
        let now = api.engine.time().now;
        add_up(Known::at(view, then.as_ref()), &reader.user, query.person, span, now)
    };
    Ok(Json(workers.run(added).await.map_err(EngineError::from)??))
}

/// The closing that is asked about, if one is.
fn then(view: &View<'_>, id: Option<Hash>) -> Result<Option<Then>, EngineError> {
    let Some(id) = id else { return Ok(None) };
    let closing = view.closing(id)?.ok_or(EngineError::NotFound)?;
    Ok(Some(Then::of(view, closing)?))
}

/// The days that are asked about: those of a closing unless others among them are named.
fn span(query: &PointsQuery, closed: Option<Period>) -> Result<Period, Problem> {
    let span = match (query.from, query.days, closed) {
        (None, None, Some(closed)) => closed,
        (Some(first), Some(days), _) => {
            let last = first.checked_add(jiff::Span::new().days(i64::from(days) - 1));
            Period { first, last: last.map_err(|_| unfit("the last day is out of range"))? }
        }
        _ => return Err(unfit("from and days are given together, or a closing without them")),
    };
    match closed {
        Some(closed) if span.first < closed.first || closed.last < span.last => {
            Err(unfit("these are not all days of the closing"))
        }
        _ => Ok(span),
    }
}

fn page(known: Known<'_>, reader: &User, query: &ObligationsQuery) -> Result<Page<ObligationShown>, Problem> {
    let view = known.view();
    let due = (
        query.from_ms.unwrap_or(Timestamp::from_millis(0)),
        query.until_ms.unwrap_or(Timestamp::MAX.plus_millis(1)),
    );
    let list = match (query.customer, query.person, &query.pack, &query.rule) {
        (Some(customer), ..) => Listed::Customer(customer),
        (None, None, Some(pack), Some(rule)) => Listed::Rule { pack, rule },
        (None, person, ..) => return people(known, reader, query, person, due),
    };
    if let Some(leader) = query.team
        && !line::may_ask_about(&view, reader, leader)?
    {
        return Err(EngineError::NotFound.into());
    }
    let (rulebook, limit) = (view.rulebook()?, query.limit.get());
    let found = behind(known, list, due, query.after.as_ref().map(Place::bytes), limit)?;
    let mut items = Vec::new();
    for (_, stored) in &found {
        let is_seen = line::may_see_owed(&view, reader, &stored.obligation)?;
        if is_seen && fits(query, stored) && is_of_team(&view, query.team, stored)? {
            items.push(ObligationShown::new(stored, &rulebook));
        }
    }
    let last = found.last().filter(|_| found.len() == limit);
    Ok(Page { items, next: last.map(|(rest, _)| Place::new(rest.clone())) })
}

/// What people owe: one person after the other, each by when it is due.
fn people(
    known: Known<'_>,
    reader: &User,
    query: &ObligationsQuery,
    person: Option<UserId>,
    due: (Timestamp, Timestamp),
) -> Result<Page<ObligationShown>, Problem> {
    let rulebook = known.view().rulebook()?;
    let (team, after, limit) = (query.team, query.after.as_ref(), query.limit.get());
    let by = ByPerson { person, team, after, limit };
    let (found, next) = by.read(&known.view(), reader, |person, after, limit| {
        behind(known, Listed::Person(person), due, after, limit)
    })?;
    let fitting = found.iter().filter(|stored| fits(query, stored));
    let items = fitting.map(|stored| ObligationShown::new(stored, &rulebook)).collect();
    Ok(Page { items, next })
}

fn unfit(what: &str) -> Problem {
    EngineError::Invalid(what.to_owned()).into()
}

/// The obligations of a list behind a place in it, each with its place.
fn behind(
    known: Known<'_>,
    list: Listed<'_>,
    due: (Timestamp, Timestamp),
    after: Option<&[u8]>,
    limit: usize,
) -> Result<Vec<(Vec<u8>, StoredObligation)>, StoreError> {
    let start = known.view().keys().obligations_from(list, Timestamp::from_millis(0));
    let base = &start[..start.len() - 8];
    let after = after.map(|rest| [base, rest].concat());
    let found = known.obligations(list, due, after.as_deref(), limit)?;
    Ok(found.into_iter().map(|(place, stored)| (place[base.len()..].to_vec(), stored)).collect())
}

/// Whether somebody of a team owes it.
fn is_of_team(view: &View<'_>, team: Option<UserId>, stored: &StoredObligation) -> Result<bool, StoreError> {
    let Some(leader) = team else { return Ok(true) };
    for person in &stored.obligation.owed_by {
        if line::is_in_team(view, *person, leader)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn fits(query: &ObligationsQuery, stored: &StoredObligation) -> bool {
    let owed = &stored.obligation;
    query.state.is_none_or(|state| state == (&owed.state).into())
        && query.let_off.is_none_or(|let_off| let_off == owed.let_off)
        && query.pack.as_ref().is_none_or(|pack| *pack == owed.rule.pack)
        && query.rule.as_ref().is_none_or(|rule| *rule == owed.rule.rule)
        && query.person.is_none_or(|person| owed.owed_by.contains(&person))
}

fn add_up(
    known: Known<'_>,
    reader: &User,
    person: Option<UserId>,
    span: Period,
    now: Timestamp,
) -> Result<Page<PointsShown>, Problem> {
    let view = known.view();
    if let Some(person) = person
        && !line::may_ask_about(&view, reader, person)?
    {
        return Err(EngineError::NotFound.into());
    }
    let mut items = Vec::new();
    for points in points::points(known, span, now)? {
        let is_asked_for = person.is_none_or(|person| person == points.points.person);
        if is_asked_for && line::may_see(&view, reader, points.points.person)? {
            items.push(PointsShown::from(points));
        }
    }
    Ok(Page { items, next: None })
}
