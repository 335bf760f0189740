//! Records: read and decided on by those above their owners.

use std::sync::Arc;

use axum::{Json, extract::State};
use sync_core::{
    directory::User,
    document::Document,
    id::{DocumentId, TenantId},
};

use super::{
    Api,
    bearer::Reader,
    by_person::ByPerson,
    json::{Body, Id, Page, Query, RecordLineShown, RecordShown, RecordsQuery, Ruling},
};
use crate::{
    engine::{EngineError, Ruled, line},
    http::Problem,
    projection::{RecordLine, View, corrupt},
};

/// How many refused entries are shown of one record.
const REFUSED: usize = 200;

/// Lists records of the reader and of those below: by owner, then the latest first.
#[utoipa::path(get, path = "/v1/records", operation_id = "list_records", tag = "records", params(RecordsQuery), security(("bearer" = [])),
    responses((status = 200, body = Page<RecordLineShown>, description = "A page of records")))]
pub(super) async fn list(
    State(api): State<Arc<Api>>,
    reader: Reader,
    Query(query): Query<RecordsQuery>,
) -> Result<Json<Page<RecordLineShown>>, Problem> {
    let view = api.engine.view(reader.session.tenant);
    Ok(Json(page(&view, &reader.user, &query)?))
}

/// Shows a record: what it says, its versions, its submits with their evidence, and what was refused about it.
#[utoipa::path(get, path = "/v1/records/{document}", operation_id = "show_record", tag = "records", security(("bearer" = [])),
    params(("document" = super::json::words::IdText, Path, description = "The record")),
    responses((status = 200, body = RecordShown, description = "The record")))]
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    reader: Reader,
    Id(document): Id<DocumentId>,
) -> Result<Json<RecordShown>, Problem> {
    let workers = api.engine.workers();
    let shown = move || api.record_shown(reader.session.tenant, &reader.user, document);
    Ok(Json(workers.run(shown).await.map_err(EngineError::from)??))
}

/// Rules on a submit that waits for it.
#[utoipa::path(post, path = "/v1/records/{document}/decisions", operation_id = "decide", tag = "records", request_body = Ruling,
    security(("bearer" = [])),
    params(("document" = super::json::words::IdText, Path, description = "The record")),
    responses((status = 200, body = RecordShown, description = "The record as it is now")))]
pub(super) async fn decide(
    state: State<Arc<Api>>,
    reader: Reader,
    Id(document): Id<DocumentId>,
    Body(ruling): Body<Ruling>,
) -> Result<Json<RecordShown>, Problem> {
    let Ruling { submit, ruling, reason, note } = ruling;
    let ruled = Ruled { document, submit, ruling, reason, note: note.0 };
    state.engine.decide(reader.session.tenant, reader.user.id, ruled).await?;
    show(state, reader, Id(document)).await
}

impl Api {
    fn record_shown(
        &self,
        tenant: TenantId,
        reader: &User,
        document: DocumentId,
    ) -> Result<RecordShown, EngineError> {
        let view = self.engine.view(tenant);
        let record = view.visit(document)?.ok_or(EngineError::NotFound)?;
        if !line::may_see(&view, reader, record.owner)? {
            return Err(EngineError::NotFound);
        }
        let loaded = Document::load(document, &record.saved)
            .map_err(|error| corrupt(format!("record {document} does not load: {error}")))?;
        let refused = view.refused_of(document, REFUSED)?;
        Ok(RecordShown::new(record, &loaded.values(), refused))
    }
}

/// Reads one page; the work is bounded by the number of owners and of records that are looked at.
fn page(view: &View<'_>, reader: &User, query: &RecordsQuery) -> Result<Page<RecordLineShown>, Problem> {
    let by =
        ByPerson { person: query.owner, team: None, after: query.after.as_ref(), limit: query.limit.get() };
    let (lines, next) = by.read(view, reader, |owner, after, limit| {
        let rows = view.keys().rows_of(owner);
        let after = after.map(|row| [rows.as_slice(), row].concat());
        let lines = view.lines_of(owner, after.as_deref(), limit)?;
        Ok(lines.into_iter().map(|(key, line)| (key[rows.len()..].to_vec(), line)).collect())
    })?;
    let fits = |line: &RecordLine| query.phase.is_none_or(|phase| line.status.phase == phase);
    let items = lines.into_iter().filter(fits).map(RecordLineShown::from).collect();
    Ok(Page { items, next })
}
