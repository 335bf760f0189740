//! One record with everything known of it.

use sync_core::{
    directory::User,
    document::{Document, DocumentKind, FieldKind, FieldValue, Heads, Values, Visit, difference, field},
    id::{CustomerId, DocumentId, UserId},
    record::{RecordEvent, RecordStatus, Seal, Standing},
};

use super::{history, names::Names, refused};
use crate::{
    engine::{EngineError, line},
    projection::{StoredRecord, View, corrupt},
    store::StoreError,
    web::view::{
        Amendment, DecisionRow, EvidenceView, FieldChange, FieldRow, RecordView, State, SubmitRow, Value,
        VersionRow,
    },
};

/// No record's page lists more refused entries than this.
const REFUSED_MAX: usize = 100;

/// Reads a record; `version` asks for the fields of a sealed version, otherwise the official ones are shown.
///
/// # Errors
/// [`EngineError::NotFound`] also for a record outside the reader's line.
pub(crate) fn record(
    view: &View<'_>,
    reader: &User,
    id: DocumentId,
    version: Option<u32>,
) -> Result<RecordView, EngineError> {
    let record = view.visit(id)?.ok_or(EngineError::NotFound)?;
    if !line::may_see(view, reader, record.owner)? {
        return Err(EngineError::NotFound);
    }
    let document = Document::load(id, &record.saved)
        .map_err(|error| corrupt(format!("record {id} does not load: {error}")))?;
    let mut names = Names::new(*view);
    let status = &record.status;
    let shown = match version {
        Some(number) => {
            let seal = status.seals.iter().find(|seal| seal.version.number == number);
            Some(seal.ok_or(EngineError::NotFound)?)
        }
        None => status.official(),
    };
    let values = match shown {
        Some(seal) => values_at(&document, &seal.version.heads)?,
        None => document.values(),
    };
    let customer = match Visit::read(&document.values()).customer {
        Some(customer) => names.customer(CustomerId::from_bytes(customer))?.cloned(),
        None => None,
    };
    let (customer, grade, tags) =
        customer.map(|known| (known.name, known.grade, known.tags)).unwrap_or_default();
    let refused = view.refused_of(id, REFUSED_MAX)?;
    Ok(RecordView {
        record: id,
        customer,
        grade,
        tags,
        rep: names.user(record.owner)?,
        state: State::of(status),
        ended: status.ended,
        deadline: status.deadline,
        shown_version: shown.map(|seal| seal.version.number),
        fields: fields(&mut names, id, &values)?,
        versions: status.seals.iter().rev().map(version_row).collect(),
        submits: submits(&mut names, status)?,
        amendments: amendments(&mut names, id, &document, status)?,
        refused: refused
            .into_iter()
            .map(|entry| refused::row(&mut names, entry))
            .collect::<Result<_, _>>()?,
        history: history::history(view.tenant(), &mut names, id, &record, &document)?,
        decisions: decisions(&mut names, &record)?,
        may_decide: line::may_decide(view, reader, record.owner)?,
        returned: None,
    })
}

fn values_at(document: &Document, heads: &Heads) -> Result<Values, StoreError> {
    document.values_at(heads).map_err(|error| corrupt(format!("record {}: {error}", document.id())))
}

/// The fields that are set, in the order of the schema.
fn fields(names: &mut Names<'_>, id: DocumentId, values: &Values) -> Result<Vec<FieldRow>, StoreError> {
    let schema = DocumentKind::of(id).map_or(&[][..], |kind| kind.schema().fields);
    let mut rows = Vec::new();
    for field in schema {
        if let Some(value) = values.get(field.name) {
            rows.push(FieldRow { field: field.name.to_owned(), value: shown(names, id, field.name, value)? });
        }
    }
    Ok(rows)
}

fn shown(
    names: &mut Names<'_>,
    id: DocumentId,
    field: &str,
    value: &FieldValue,
) -> Result<Value, StoreError> {
    let kind = DocumentKind::of(id).and_then(|kind| kind.schema().field(field)).map(|field| field.kind);
    Ok(match value {
        FieldValue::Text(text) if matches!(kind, Some(FieldKind::Choice(_))) => Value::Choice(text.clone()),
        FieldValue::Text(text) => Value::Text(text.clone()),
        FieldValue::Time(at) => Value::Time(*at),
        FieldValue::Count(count) => Value::Count(*count),
        FieldValue::Flag(flag) => Value::Flag(*flag),
        FieldValue::Words(words) => Value::Choices(words.iter().cloned().collect()),
        FieldValue::Id(bytes) => Value::Name(match field {
            field::CUSTOMER => {
                let customer = CustomerId::from_bytes(*bytes);
                names.customer(customer)?.map_or_else(|| customer.to_string(), |known| known.name.clone())
            }
            field::REP => names.user(UserId::from_bytes(*bytes))?,
            _ => hex::encode(bytes),
        }),
    })
}

fn version_row(seal: &Seal) -> VersionRow {
    VersionRow {
        number: seal.version.number,
        at: seal.version.at,
        cause: seal.version.cause,
        value: seal.value,
        submits: u32::try_from(seal.version.submits.len()).unwrap_or(u32::MAX),
    }
}

/// The submits, newest first.
fn submits(names: &mut Names<'_>, status: &RecordStatus) -> Result<Vec<SubmitRow>, StoreError> {
    let mut rows = Vec::new();
    for submit in status.submits.iter().rev() {
        // Every submit that arrived has evidence; one without could not be judged at all.
        let Some(evidence) = EvidenceView::of(&submit.verdict) else { continue };
        rows.push(SubmitRow {
            submit: submit.entry,
            by: names.user(submit.by)?,
            device: names.hand(submit.device)?.1,
            standing: submit.standing,
            reason: submit.reason,
            evidence,
        });
    }
    Ok(rows)
}

/// What the official version would become if each waiting amendment were approved, beside what it is.
fn amendments(
    names: &mut Names<'_>,
    id: DocumentId,
    document: &Document,
    status: &RecordStatus,
) -> Result<Vec<Amendment>, StoreError> {
    let Some(official) = status.official() else { return Ok(Vec::new()) };
    let before = values_at(document, &official.version.heads)?;
    let mut amendments = Vec::new();
    for submit in status.submits.iter().filter(|submit| submit.standing == Standing::Amendment) {
        let both = [official.version.heads.clone(), submit.heads.clone()];
        let joint =
            document.joint_frontier(&both).map_err(|error| corrupt(format!("record {id}: {error}")))?;
        let after = values_at(document, &joint)?;
        let mut changes = Vec::new();
        for differs in difference(&before, &after) {
            let mut value = |value: Option<FieldValue>| {
                value.map(|value| shown(names, id, differs.field, &value)).transpose()
            };
            let (before, after) = (value(differs.before)?, value(differs.after)?);
            changes.push(FieldChange { field: differs.field.to_owned(), before, after });
        }
        amendments.push(Amendment { submit: submit.entry, version: official.version.number, changes });
    }
    Ok(amendments)
}

/// All decisions, newest first.
fn decisions(names: &mut Names<'_>, record: &StoredRecord) -> Result<Vec<DecisionRow>, StoreError> {
    let mut rows = Vec::new();
    for event in record.events.iter().rev() {
        let RecordEvent::Decided(decision) = event else { continue };
        rows.push(DecisionRow {
            at: decision.at,
            by: names.user(decision.by)?,
            submit: decision.submit,
            ruling: decision.ruling,
            reason: decision.reason,
            note: decision.note.clone(),
        });
    }
    Ok(rows)
}
