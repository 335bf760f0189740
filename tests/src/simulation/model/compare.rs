//! Comparing: what the server's index says otherwise than the model, in sentences.

use std::{collections::BTreeSet, fmt::Debug};

use server::{
    projection::{RecordLine, StoredRecord, View},
    store::MAX_SCAN,
};
use sync_core::{
    document::{Document, Heads},
    id::TenantId,
    record::{Seal, SubmitStatus},
    time::Timestamp,
};

use super::{Model, ModelRecord, ModelSubmit, ModelVersion, Record, count};

impl Model {
    /// Where a server's index differs from what must be true of a tenant at an instant; empty if nowhere.
    ///
    /// The server has to have looked at its deadlines at that instant.
    pub fn differences(
        &self,
        tenant: TenantId,
        view: &View<'_>,
        now: Timestamp,
    ) -> anyhow::Result<Vec<String>> {
        let mut found = Differences::default();
        let expected = self.at(tenant, now)?;
        for (id, model) in &expected {
            found.subject = format!("record {id}");
            let record = self.tenants.get(&tenant).and_then(|tenant| tenant.records.get(id));
            match (view.record(*id)?, record) {
                (Some(stored), Some(record)) => found.in_record(&stored, model, record)?,
                _ => found.sentences.push(format!("record {id}: the server does not have it")),
            }
        }
        let mut listed = BTreeSet::new();
        let lines = lines(view)?;
        for line in &lines {
            let id = line.status.document;
            found.subject = format!("the list of {}", line.owner);
            if !listed.insert(id) {
                found.sentences.push(format!("{}: record {id} is in it twice", found.subject));
            }
            let customer = expected.get(&id).map(|model| (model.owner, model.customer));
            found.check("owner and customer", &Some((line.owner, line.customer)), &customer);
            let stored = view.record(id)?.map(|stored| stored.status);
            found.check("status, against the record itself", &Some(&line.status), &stored.as_ref());
        }
        found.subject = format!("tenant {tenant}");
        found.check("records", &listed, &expected.keys().copied().collect());
        let counted = count(lines.iter().map(|line| (line.owner, line.status.phase)));
        found.check("records by owner and phase", &counted, &self.counts(tenant, now)?);
        Ok(found.sentences)
    }
}

/// All lines of all users.
fn lines(view: &View<'_>) -> anyhow::Result<Vec<RecordLine>> {
    let mut lines = Vec::new();
    for user in view.users()? {
        let mut last: Option<Vec<u8>> = None;
        loop {
            let page = view.lines_of(user.id, last.as_deref(), MAX_SCAN)?;
            let Some((key, _)) = page.last() else { break };
            last = Some(key.clone());
            lines.extend(page.into_iter().map(|(_, line)| line));
        }
    }
    Ok(lines)
}

#[derive(Default)]
struct Differences {
    subject: String,
    sentences: Vec<String>,
}

impl Differences {
    fn check<T: PartialEq + Debug>(&mut self, what: &str, server: &T, model: &T) {
        if server != model {
            let subject = &self.subject;
            self.sentences
                .push(format!("{subject}: {what}: the server says {server:?}, the model {model:?}"));
        }
    }

    fn in_record(
        &mut self,
        stored: &StoredRecord,
        model: &ModelRecord,
        record: &Record,
    ) -> anyhow::Result<()> {
        let status = &stored.status;
        self.check("owner", &stored.owner, &model.owner);
        self.check("pinned end", &status.ended, &model.ended);
        self.check("deadline", &status.deadline, &model.deadline);
        self.check("phase", &status.phase, &model.phase);
        let document = Document::load(status.document, &stored.saved)?;
        let past = |heads: &Heads| record.history.past(heads.as_slice());
        self.check("changes", &past(&document.heads()), &model.changes);
        self.check("values", &document.values().hash(), &model.value);
        self.check("number of submits", &status.submits.len(), &model.submits.len());
        for (server, model) in status.submits.iter().zip(&model.submits) {
            let subject = format!("record {}, submit {}", status.document, server.entry);
            self.within(subject, |found| found.in_submit(server, model, record, status.deadline));
        }
        self.check("number of versions", &status.seals.len(), &model.versions.len());
        for (server, model) in status.seals.iter().zip(&model.versions) {
            let subject = format!("record {}, version {}", status.document, server.version.number);
            self.within(subject, |found| found.in_version(server, model, record));
        }
        Ok(())
    }

    fn in_submit(
        &mut self,
        server: &SubmitStatus,
        model: &ModelSubmit,
        record: &Record,
        deadline: Option<Timestamp>,
    ) {
        self.check("entry", &server.entry, &model.entry);
        self.check("user", &server.by, &record.owner);
        self.check("device", &server.device, &model.device);
        self.check("arrival", &server.arrived, &model.arrived);
        self.check("changes", &record.history.past(server.heads.as_slice()), &model.changes);
        self.check("reason", &server.reason, &model.reason);
        self.check("rule", &server.verdict.rule, &model.rule);
        self.check("deadline of the verdict", &server.verdict.deadline, &deadline);
        self.check("outcome", &server.verdict.outcome, &model.outcome);
        self.check("basis", &server.verdict.basis, &model.basis);
        self.check("evidence", &server.verdict.evidence, &Some(model.evidence.clone()));
        self.check("standing", &server.standing, &model.standing);
        self.check("decisions", &server.decisions, &model.decisions);
    }

    fn in_version(&mut self, server: &Seal, model: &ModelVersion, record: &Record) {
        let version = &server.version;
        self.check("number", &version.number, &model.number);
        self.check("instant", &version.at, &model.at);
        self.check("cause", &version.cause, &model.cause);
        self.check("submits", &version.submits, &model.submits);
        self.check("merged", &version.merged, &model.merged);
        self.check("changes", &record.history.past(version.heads.as_slice()), &model.changes);
        self.check("values", &server.value, &model.value);
    }

    fn within(&mut self, subject: String, check: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.subject, subject);
        check(self);
        self.subject = outer;
    }
}
