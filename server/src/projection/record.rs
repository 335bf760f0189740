//! A record in the index: evaluated by the rules, put with its line, its due time and its feed item.

use sync_core::{
    document::{Document, Values, Visit},
    id::{CustomerId, DocumentId},
    record::{self, Decision, RecordEvent, RecordState, RecordStatus, Seal, SubmitStatus},
    rules::Rulebook,
    time::Timestamp,
};

use crate::{
    projection::{RecordLine, Scope, StoredRecord, View, Writes, corrupt},
    store::StoreError,
};

/// Evaluates a record again after `change`, and writes and tells what came out.
pub(super) fn look_again(
    view: &View<'_>,
    writes: &mut Writes,
    id: DocumentId,
    now: Timestamp,
    change: impl FnOnce(&mut StoredRecord),
) -> Result<(), StoreError> {
    let before = view
        .record(id)?
        .ok_or_else(|| corrupt(format!("the journal speaks of record {id}, which does not exist")))?;
    let document = Document::load(id, &before.saved)
        .map_err(|error| corrupt(format!("record {id} does not load: {error}")))?;
    let mut after = before.clone();
    change(&mut after);
    let values = document.values();
    evaluate(id, &mut after, &document, &*view.rulebook()?, now)?;
    if after.status != before.status {
        writes.tell_of_record(Scope::User(after.owner), None, id);
    }
    put(writes, Some(&before), id, &after, &values);
    Ok(())
}

/// Whether a decision would change anything, by the same fold that will apply it.
pub(crate) fn takes_effect(
    view: &View<'_>,
    id: DocumentId,
    record: &StoredRecord,
    decision: &Decision,
) -> Result<bool, StoreError> {
    let document = Document::load(id, &record.saved)
        .map_err(|error| corrupt(format!("record {id} does not load: {error}")))?;
    let mut decided = record.clone();
    decided.events.push(RecordEvent::Decided(decision.clone()));
    let state = state(&decided, &document, &*view.rulebook()?, decision.at)?;
    Ok(!state.ignored.iter().any(|ignored| ignored.decision == *decision))
}

/// Writes a record with its line and its due time in place of what was there.
pub(super) fn put(
    writes: &mut Writes,
    before: Option<&StoredRecord>,
    id: DocumentId,
    after: &StoredRecord,
    values: &Values,
) {
    let keys = writes.keys();
    if let Some(before) = before {
        if before.sorted_by != after.sorted_by {
            writes.delete(keys.row(before.owner, before.sorted_by, id));
        }
        if let Some(due) = before.look_again
            && before.look_again != after.look_again
        {
            writes.delete(keys.due(due, id));
        }
    }
    if let Some(due) = after.look_again {
        writes.put(keys.due(due, id), &id);
    }
    writes.put(keys.row(after.owner, after.sorted_by, id), &line(after, values));
    writes.put(keys.record(id), after);
}

/// Runs the rules over a record as things stand at `now`.
pub(super) fn evaluate(
    id: DocumentId,
    record: &mut StoredRecord,
    document: &Document,
    rulebook: &Rulebook,
    now: Timestamp,
) -> Result<(), StoreError> {
    let state = state(record, document, rulebook, now)?;
    record.status = status(id, record, document, &state)?;
    record.look_again = state.next_deadline().map(|deadline| deadline.plus_millis(1));
    // A claimed end long ago must not hide from a list of late what only arrived now.
    record.sorted_by = state.ended.unwrap_or(record.created).max(record.created);
    Ok(())
}

fn state(
    record: &StoredRecord,
    document: &Document,
    rulebook: &Rulebook,
    now: Timestamp,
) -> Result<RecordState, StoreError> {
    let ended = record.events.iter().find_map(|event| match event {
        RecordEvent::Committed(committed) => committed.ended_by_arrival(),
        RecordEvent::Decided(_) => None,
    });
    let pack = rulebook
        .record_rule(ended.unwrap_or(record.created))
        .ok_or_else(|| corrupt("the tenant has no rule about records"))?;
    Ok(record::official_state(&pack, rulebook.calendar(), &record.events, &document.frontier(), now))
}

fn status(
    id: DocumentId,
    record: &StoredRecord,
    document: &Document,
    state: &RecordState,
) -> Result<RecordStatus, StoreError> {
    let seals = state
        .versions
        .iter()
        .map(|version| {
            let sealed = record.status.seals.iter().find(|seal| seal.version == *version);
            if let Some(seal) = sealed {
                return Ok(seal.clone());
            }
            let values = document.values_at(&version.heads).map_err(|error| {
                corrupt(format!("record {id} does not hold its version {}: {error}", version.number))
            })?;
            Ok(Seal { version: version.clone(), value: values.hash() })
        })
        .collect::<Result<_, StoreError>>()?;
    let submits = state
        .submits
        .iter()
        .map(|judged| SubmitStatus {
            entry: judged.submit.entry,
            by: record.owner,
            device: judged.device,
            arrived: judged.arrived,
            verdict: judged.verdict.clone(),
            standing: judged.standing,
            heads: judged.submit.heads.clone(),
            reason: judged.submit.reason,
            decisions: judged.decisions.clone(),
        })
        .collect();
    Ok(RecordStatus {
        document: id,
        ended: state.ended,
        deadline: state.deadline,
        phase: state.phase,
        seals,
        submits,
    })
}

fn line(record: &StoredRecord, values: &Values) -> RecordLine {
    let visit = Visit::read(values);
    RecordLine {
        owner: record.owner,
        customer: visit.customer.map(CustomerId::from_bytes),
        class: visit.class,
        status: record.status.clone(),
    }
}
