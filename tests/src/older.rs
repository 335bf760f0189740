//! What a server and a phone say of their records, in a form in which an older version's word can be kept and compared.

use std::collections::BTreeMap;

use anyhow::Context as _;
use client_sdk::{RecordStatus, Visit, VisitFilter, VisitId};
use serde_json::{Value, json};
use server::engine::Engine;
use sync_core::{document::Document, encoding, hash::Hash, id::TenantId};

use crate::Phone;

/// What a book says of each visit, and how much waits in its outbox.
pub fn said_by_phone(phone: &Phone) -> anyhow::Result<Value> {
    let mut visits = BTreeMap::new();
    for line in phone.book.visits(VisitFilter::All)? {
        let record = phone.record(line.id)?;
        visits.insert(line.id.to_string(), said(&record.fields, record.status.as_ref()));
    }
    Ok(json!({ "visits": visits, "outbox": phone.book.outbox()?.len() }))
}

/// What a server says of visits.
pub fn said_by_server(engine: &Engine, tenant: TenantId, visits: &[VisitId]) -> anyhow::Result<Value> {
    let mut told = BTreeMap::new();
    for visit in visits {
        let stored = engine.view(tenant).record(*visit)?.with_context(|| format!("{visit} is gone"))?;
        let fields = Visit::read(&Document::load(*visit, &stored.saved)?.values());
        told.insert(visit.to_string(), said(&fields, Some(&stored.status)));
    }
    Ok(json!(told))
}

fn said(fields: &Visit, status: Option<&RecordStatus>) -> Value {
    json!({
        "result": fields.result,
        "started": fields.started.map(|time| time.to_string()),
        "ended": fields.ended.map(|time| time.to_string()),
        "phase": status.map(|status| format!("{:?}", status.phase)),
        "deadline": status.and_then(|status| status.deadline).map(|time| time.to_string()),
        "versions": status.map(|status| status.seals.len()),
        "submits": status.map(|status| {
            let submits = status.submits.iter();
            let told = |submit: &client_sdk::SubmitStatus| {
                format!("{:?}, {:?} {:?}", submit.standing, submit.verdict.outcome, submit.verdict.basis)
            };
            submits.map(told).collect::<Vec<_>>()
        }),
        // Every byte of it, evidence included.
        "status": status.map(|status| {
            Hash::of("fieldbook/test/status/1", &[&encoding::encode(status)]).to_string()
        }),
    })
}
