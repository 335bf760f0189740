//! Obligations: who owes what by when, what became of it, and which facts say so.

use std::sync::Arc;

use axum::{Json, extract::State};
use sync_core::{
    directory::{Role, User},
    hash::Hash,
    id::UserId,
    rules::{Obligation, Part, Period, Rulebook, engine},
    time::Timestamp,
};

use super::{
    Api,
    bearer::Reader,
    json::{
        Id, ObligationExplained, ObligationShown, ObligationsQuery, Page, Place, PointsQuery, PointsShown,
        Query, malformed,
    },
};
use crate::{
    engine::{EngineError, line, owed},
    http::Problem,
    projection::{IndexedFacts, StoredObligation, View, key::Listed},
};

/// How many people one page looks at.
const PEOPLE: usize = 200;

/// How many obligations of one rule are looked at for points.
const BREACHES: usize = 10_000;

/// Lists obligations, by when they are due: of a person, of everybody below the reader, of a customer, or of a rule.
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
        page(&view, &reader.user, &query)
    };
    Ok(Json(workers.run(listed).await.map_err(EngineError::from)??))
}

/// Explains an obligation: the facts that count, and those that do not, each with why.
#[utoipa::path(get, path = "/v1/obligations/{obligation}", operation_id = "explain_obligation", tag = "obligations",
    params(("obligation" = super::json::words::HashText, Path, description = "The obligation")), security(("bearer" = [])),
    responses((status = 200, body = ObligationExplained, description = "The obligation and its facts")))]
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    reader: Reader,
    Id(id): Id<Hash>,
) -> Result<Json<ObligationExplained>, Problem> {
    let view = api.engine.view(reader.session.tenant);
    let (rulebook, company) = (view.rulebook()?, view.company()?);
    let explained = owed::explain(&view, &reader.user, id, &rulebook, &company)?;
    Ok(Json(ObligationExplained::new(explained, &rulebook)))
}

/// Adds up what findings and breaches cost, each point with what it is for.
#[utoipa::path(get, path = "/v1/points", operation_id = "list_points", tag = "obligations", params(PointsQuery),
    security(("bearer" = [])),
    responses((status = 200, body = Page<PointsShown>, description = "All points of these days")))]
pub(super) async fn points(
    State(api): State<Arc<Api>>,
    reader: Reader,
    Query(query): Query<PointsQuery>,
) -> Result<Json<Page<PointsShown>>, Problem> {
    let last = query.from.checked_add(jiff::Span::new().days(i64::from(query.days) - 1));
    let span =
        Period { first: query.from, last: last.map_err(|_| malformed("the last day is out of range"))? };
    let workers = api.engine.workers();
    let added = move || {
        let view = api.engine.view(reader.session.tenant);
        let now = api.engine.time().now;
        add_up(&view, &reader.user, query.person, span, now)
    };
    Ok(Json(workers.run(added).await.map_err(EngineError::from)??))
}

fn page(view: &View<'_>, reader: &User, query: &ObligationsQuery) -> Result<Page<ObligationShown>, Problem> {
    let due = (
        query.from_ms.unwrap_or(Timestamp::from_millis(0)),
        query.until_ms.unwrap_or(Timestamp::MAX.plus_millis(1)),
    );
    let rulebook = view.rulebook()?;
    let list = match (query.customer, query.person, &query.pack, &query.rule) {
        (Some(customer), ..) => Listed::Customer(customer),
        (None, None, Some(pack), Some(rule)) => Listed::Rule { pack, rule },
        (None, person, ..) => return people(view, reader, query, person, due, &rulebook),
    };
    let start = view.keys().obligations_from(list, Timestamp::from_millis(0));
    let base = &start[..start.len() - 8];
    let after = query.after.as_ref().map(Place::bytes).map(|rest| [base, rest].concat());
    let found = view.obligations(list, due, after.as_deref(), query.limit.get())?;
    let mut items = Vec::new();
    for (_, stored) in &found {
        if owed::may_see(view, reader, stored)? && fits(query, stored) {
            items.push(ObligationShown::new(stored, &rulebook));
        }
    }
    let last = found.last().filter(|_| found.len() == query.limit.get());
    let next = last.and_then(|(place, _)| place.get(base.len()..)).map(Place::new);
    Ok(Page { items, next })
}

/// What people owe: one person after the other, each by when it is due.
fn people(
    view: &View<'_>,
    reader: &User,
    query: &ObligationsQuery,
    person: Option<UserId>,
    due: (Timestamp, Timestamp),
    rulebook: &Rulebook,
) -> Result<Page<ObligationShown>, Problem> {
    if let Some(person) = person
        && !line::may_ask_about(view, reader, person)?
    {
        return Err(EngineError::NotFound.into());
    }
    let from = query.after.as_ref().map(Place::id_and_rest).transpose()?;
    let from = from.map(|(person, rest)| (UserId::from_bytes(person), rest));
    let only = person.or((reader.role == Role::Rep).then_some(reader.id));
    let (people, more_people) = match (only, from) {
        (Some(only), _) => (vec![only], false),
        (None, from) => {
            let behind = view.users_after(from.map(|(person, _)| person), PEOPLE)?;
            let more = behind.len() == PEOPLE;
            let begun = from.filter(|(_, rest)| !rest.is_empty()).map(|(person, _)| person);
            (begun.into_iter().chain(behind.into_iter().map(|user| user.id)).collect(), more)
        }
    };
    let limit = query.limit.get();
    let (mut items, mut read) = (Vec::new(), 0);
    for person in &people {
        if !line::may_see(view, reader, *person)? {
            continue;
        }
        let start = view.keys().obligations_from(Listed::Person(*person), due.0);
        let base = &start[..start.len() - 8];
        let after = from.filter(|(begun, _)| begun == person).map(|(_, rest)| [base, rest].concat());
        let found = view.obligations(Listed::Person(*person), due, after.as_deref(), limit - read)?;
        read += found.len();
        let last = found.last().and_then(|(place, _)| place.get(base.len()..)).map(<[u8]>::to_vec);
        let fitting = found.iter().map(|(_, stored)| stored).filter(|stored| fits(query, stored));
        items.extend(fitting.map(|stored| ObligationShown::new(stored, rulebook)));
        if let Some(rest) = last.filter(|_| read == limit) {
            let next = Some(Place::new([person.as_bytes().as_slice(), &rest].concat()));
            return Ok(Page { items, next });
        }
    }
    let next = people.last().filter(|_| more_people).map(|person| Place::new(*person.as_bytes()));
    Ok(Page { items, next })
}

fn fits(query: &ObligationsQuery, stored: &StoredObligation) -> bool {
    let owed = &stored.obligation;
    query.state.is_none_or(|state| state == (&owed.state).into())
        && query.pack.as_ref().is_none_or(|pack| *pack == owed.rule.pack)
        && query.rule.as_ref().is_none_or(|rule| *rule == owed.rule.rule)
        && query.person.is_none_or(|person| owed.owed_by.contains(&person))
}

fn add_up(
    view: &View<'_>,
    reader: &User,
    person: Option<UserId>,
    span: Period,
    now: Timestamp,
) -> Result<Page<PointsShown>, EngineError> {
    if let Some(person) = person
        && !line::may_ask_about(view, reader, person)?
    {
        return Err(EngineError::NotFound);
    }
    let (rulebook, company, facts) = (view.rulebook()?, view.company()?, IndexedFacts::new(*view));
    let world = engine::World { facts: &facts, company: &company, calendar: rulebook.calendar(), now };
    let mut items = Vec::new();
    for pack in rulebook.packs() {
        let scores = pack.rules.iter().flat_map(|rule| rule.parts()).filter_map(|part| match part {
            Part::Score(score) => Some(score),
            _ => None,
        });
        let breached: std::collections::BTreeSet<&String> =
            scores.flat_map(|score| &score.breaches).collect();
        let (Some(from), Some(before)) = (
            pack.zone.start_of(span.first),
            span.last.tomorrow().ok().and_then(|day| pack.zone.start_of(day)),
        ) else {
            continue;
        };
        let mut obligations: Vec<Obligation> = Vec::new();
        for rule in breached {
            let list = Listed::Rule { pack: &pack.id, rule };
            let found = view.obligations(list, (from, before), None, BREACHES)?;
            let mine = found.into_iter().map(|(_, stored)| stored.obligation);
            obligations.extend(mine.filter(|owed| owed.rule.version == pack.version));
        }
        for points in engine::points(world, pack, span, &obligations) {
            if person.is_some_and(|person| person != points.person)
                || !line::may_see(view, reader, points.person)?
            {
                continue;
            }
            let breach = points.breach.as_ref().and_then(|(rule, subject)| {
                let owed =
                    obligations.iter().find(|owed| owed.rule.rule == *rule && owed.subject == *subject);
                owed.map(|owed| owed.name().hash())
            });
            items.push(PointsShown::new(&pack.id, points, breach));
        }
    }
    facts.check()?;
    Ok(Page { items, next: None })
}
