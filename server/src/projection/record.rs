//! A record in the index: evaluated by the rules, put with its line, its due time and its feed item.

use sync_core::{
    document::{Document, DocumentKind, Values, Visit, field},
    id::{CustomerId, DocumentId},
    record::{
        self, Decision, Origin, Phase, RecordEvent, RecordState, RecordStatus, Seal, Standing, SubmitStatus,
    },
    rules::{Fact, Recorded, Rulebook, Verdict, facts_of},
    time::Timestamp,
};

use crate::{
    projection::{RecordLine, StoredRecord, View, Writes, corrupt, facts},
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
    let facts = evaluate(id, &mut after, &document, &values, &*view.rulebook()?, now)?;
    if after.status != before.status {
        after.scopes().for_each(|scope| writes.tell_of_record(scope, None, id));
    }
    put(view, writes, (Some(&before), &after), id, &values, &facts, now)
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

/// Writes a record with its line, its due time and its facts in place of what was there.
pub(super) fn put(
    view: &View<'_>,
    writes: &mut Writes,
    (before, after): (Option<&StoredRecord>, &StoredRecord),
    id: DocumentId,
    values: &Values,
    told: &[Fact],
    at: Timestamp,
) -> Result<(), StoreError> {
    let keys = writes.keys();
    if let Some(before) = before {
        if before.sorted_by != after.sorted_by && is_visit(id) {
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
    if is_visit(id) {
        writes.put(keys.row(after.owner, after.sorted_by, id), &line(after, values));
    }
    writes.put(keys.record(id), after);
    facts::put(view, writes, id, before.map_or(&[], |before| &before.facts), told, at)
}

/// Runs the rule about records over a record as things stand at `now`, and gives the facts that it tells.
pub(super) fn evaluate(
    id: DocumentId,
    record: &mut StoredRecord,
    document: &Document,
    values: &Values,
    rulebook: &Rulebook,
    now: Timestamp,
) -> Result<Vec<Fact>, StoreError> {
    if is_visit(id) {
        judge(id, record, document, rulebook, now)?;
    } else {
        record.status = unjudged(id, record);
    }
    let official = official(id, record, document)?;
    if is_visit(id) {
        // Its times say when it happened; without any, it is when it arrived, and phones have to know that.
        let read = official.as_ref().unwrap_or(values);
        let times = [field::STARTED, field::ENDED, field::PLANNED];
        let is_dated = times.iter().any(|time| read.get(time).is_some());
        record.status.origin = (!is_dated).then(|| origin(record));
    }
    let facts = facts(id, record, (values, official.as_ref()), rulebook);
    record.facts = facts.iter().map(|fact| fact.id).collect();
    Ok(facts)
}

/// What was handed in of a record, if that is not what it holds now.
fn official(
    id: DocumentId,
    record: &StoredRecord,
    document: &Document,
) -> Result<Option<Values>, StoreError> {
    let heads = record.status.heads_that_count().filter(|heads| **heads != document.heads());
    let official = heads.map(|heads| {
        let values = document.values_at(heads);
        values.map_err(|error| corrupt(format!("record {id} does not hold what was handed in: {error}")))
    });
    official.transpose()
}

/// What a record tells the rules, as it stands.
fn facts(
    id: DocumentId,
    record: &StoredRecord,
    (values, official): (&Values, Option<&Values>),
    rulebook: &Rulebook,
) -> Vec<Fact> {
    let Some(zone) = rulebook.zone(record.created) else { return Vec::new() };
    let status = &record.status;
    facts_of(&Recorded {
        document: id,
        owner: record.owner,
        created: record.created,
        evidence: record.evidence.as_ref(),
        values,
        official: status.heads_that_count().map(|_| official.unwrap_or(values)),
        status: Some(status),
        zone,
    })
}

fn judge(
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

/// Whether a document is a record that has to be handed in by a deadline and stands in lists.
pub(crate) fn is_visit(id: DocumentId) -> bool {
    DocumentKind::of(id) == Some(DocumentKind::Visit)
}

/// Where a document stands that no rule about records judges: what was handed in is kept with its evidence, and the
/// engine judges by that whatever is owed.
fn unjudged(id: DocumentId, record: &StoredRecord) -> RecordStatus {
    let committed = record.events.iter().filter_map(|event| match event {
        RecordEvent::Committed(committed) => Some(committed),
        RecordEvent::Decided(_) => None,
    });
    let mut submits: Vec<SubmitStatus> = Vec::new();
    for committed in committed {
        for submitted in &committed.submits {
            // The first commit that holds an entry is its evidence.
            if submits.iter().any(|known| known.entry == submitted.entry) {
                continue;
            }
            let mut evidence = submitted.evidence.clone();
            evidence.not_after.get_or_insert(committed.arrived);
            submits.push(SubmitStatus {
                entry: submitted.entry,
                by: record.owner,
                device: committed.device,
                arrived: committed.arrived,
                verdict: Verdict::of_no_rule(evidence),
                standing: Standing::Official,
                heads: submitted.heads.clone(),
                reason: submitted.reason,
                decisions: Vec::new(),
            });
        }
    }
    RecordStatus {
        document: id,
        ended: None,
        deadline: None,
        phase: if submits.is_empty() { Phase::Draft } else { Phase::Submitted },
        seals: Vec::new(),
        submits,
        origin: Some(origin(record)),
    }
}

fn origin(record: &StoredRecord) -> Origin {
    Origin { owner: record.owner, created: record.created, evidence: record.evidence.clone() }
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
        origin: None,
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
