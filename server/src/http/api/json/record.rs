//! Records in JSON: lines for lists, and one record with everything that is known of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sync_core::{
    admission::RefusalCode,
    document::{FieldValue, Heads, Values},
    hash::Hash,
    id::{CustomerId, DeviceId, DocumentId, UserId},
    record::{Cause, Phase, Ruling, Seal},
    time::Timestamp,
};
use utoipa::{IntoParams, ToSchema};

use super::{
    Place, SubmitShown,
    page::Limit,
    words::{CauseWord, HashText, IdText, Millis, PhaseWord, PlaceText, RefusalWord, RulingWord},
};
use crate::projection::{RecordLine, RefusedEntry, StoredRecord};

/// Which records.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http::api) struct RecordsQuery {
    /// Only those of this user.
    #[param(value_type = Option<IdText>)]
    pub owner: Option<UserId>,
    /// Only those in this phase.
    #[param(value_type = Option<PhaseWord>)]
    pub phase: Option<Phase>,
    /// The `next` of the page before.
    #[param(value_type = Option<PlaceText>)]
    pub after: Option<Place>,
    /// How many records are looked at.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Limit,
}

/// A record in one line.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct RecordLineShown {
    /// The record.
    #[schema(value_type = IdText)]
    document: DocumentId,
    /// Whose record it is.
    #[schema(value_type = IdText)]
    owner: UserId,
    /// The customer who was visited.
    #[schema(value_type = Option<IdText>)]
    customer: Option<CustomerId>,
    /// What sort of visit it was.
    class: Option<String>,
    /// When the visit ended.
    #[schema(value_type = Option<Millis>)]
    ended_ms: Option<Timestamp>,
    /// By when it has to be submitted.
    #[schema(value_type = Option<Millis>)]
    deadline_ms: Option<Timestamp>,
    /// Where it stands.
    #[schema(value_type = PhaseWord)]
    phase: Phase,
    /// The number of the official version, if there is one.
    version: Option<u32>,
    /// Whether a submit waits for a decision.
    decision_waiting: bool,
}

impl From<RecordLine> for RecordLineShown {
    fn from(line: RecordLine) -> Self {
        let status = &line.status;
        Self {
            document: status.document,
            owner: line.owner,
            customer: line.customer,
            ended_ms: status.ended,
            deadline_ms: status.deadline,
            phase: status.phase,
            version: status.official().map(|seal| seal.version.number),
            decision_waiting: status.submits.iter().any(|submit| submit.standing.waits()),
            class: line.class,
        }
    }
}

/// A record with everything that is known of it.
#[derive(Serialize, ToSchema)]
pub(in crate::http::api) struct RecordShown {
    /// The record.
    #[schema(value_type = IdText)]
    document: DocumentId,
    /// Whose record it is.
    #[schema(value_type = IdText)]
    owner: UserId,
    /// When its first page arrived.
    #[schema(value_type = Millis)]
    created_ms: Timestamp,
    /// When the visit ended, as pinned.
    #[schema(value_type = Option<Millis>)]
    ended_ms: Option<Timestamp>,
    /// By when it has to be submitted.
    #[schema(value_type = Option<Millis>)]
    deadline_ms: Option<Timestamp>,
    /// Where it stands.
    #[schema(value_type = PhaseWord)]
    phase: Phase,
    /// What it says now, whether submitted or not: texts, ids in hex, times in milliseconds, counts.
    #[schema(value_type = Object)]
    values: BTreeMap<&'static str, serde_json::Value>,
    /// Its sealed versions, oldest first.
    seals: Vec<SealShown>,
    /// Its submits in the order of arrival.
    submits: Vec<SubmitShown>,
    /// Entries about it that were refused; at most 200.
    refused: Vec<RefusedShown>,
}

impl RecordShown {
    /// Shows a record with its values and the refused entries about it.
    pub(in crate::http::api) fn new(
        record: StoredRecord,
        values: &Values,
        refused: Vec<RefusedEntry>,
    ) -> Self {
        let StoredRecord { owner, created, status, .. } = record;
        Self {
            document: status.document,
            owner,
            created_ms: created,
            ended_ms: status.ended,
            deadline_ms: status.deadline,
            phase: status.phase,
            values: values.iter().map(|(name, value)| (*name, shown(value))).collect(),
            seals: status.seals.into_iter().map(SealShown::from).collect(),
            submits: status.submits.into_iter().map(SubmitShown::from).collect(),
            refused: refused.into_iter().map(RefusedShown::from).collect(),
        }
    }
}

fn shown(value: &FieldValue) -> serde_json::Value {
    match value {
        FieldValue::Text(text) => text.as_str().into(),
        FieldValue::Id(id) => hex::encode(id).into(),
        FieldValue::Time(time) => time.as_millis().into(),
        FieldValue::Count(count) => (*count).into(),
        FieldValue::Flag(flag) => (*flag).into(),
        FieldValue::Words(words) => words.iter().map(String::as_str).collect(),
    }
}

/// A version that will never change again.
#[derive(Serialize, ToSchema)]
struct SealShown {
    /// Its number, from 1.
    version: u32,
    /// The heads it is fixed at.
    #[schema(value_type = Vec<HashText>)]
    heads: Vec<Hash>,
    /// Hash of the values at these heads.
    #[schema(value_type = HashText)]
    value: Hash,
    /// When it became official.
    #[schema(value_type = Millis)]
    at_ms: Timestamp,
    /// Why it became official.
    #[schema(value_type = CauseWord)]
    cause: &'static str,
    /// What was ruled, if it is a decision's.
    #[schema(value_type = Option<RulingWord>)]
    ruling: Option<Ruling>,
    /// The submits it joins to the version before.
    #[schema(value_type = Vec<HashText>)]
    submits: Vec<Hash>,
    /// Whether nobody submitted exactly this.
    merged: bool,
}

impl From<Seal> for SealShown {
    fn from(seal: Seal) -> Self {
        let (cause, ruling) = match seal.version.cause {
            Cause::InTime => ("in_time", None),
            Cause::ArrivedLate => ("arrived_late", None),
            Cause::Finding => ("finding", None),
            Cause::Decision { ruling, .. } => ("decision", Some(ruling)),
        };
        Self {
            version: seal.version.number,
            heads: hashes(&seal.version.heads),
            value: seal.value,
            at_ms: seal.version.at,
            cause,
            ruling,
            merged: seal.version.merged,
            submits: seal.version.submits,
        }
    }
}

/// The hashes of heads.
pub(super) fn hashes(heads: &Heads) -> Vec<Hash> {
    heads.as_slice().to_vec()
}

/// An entry that was refused.
#[derive(Serialize, ToSchema)]
struct RefusedShown {
    /// Its hash.
    #[schema(value_type = HashText)]
    entry: Hash,
    /// Its index in the log.
    index: u64,
    /// Whose log it is in.
    #[schema(value_type = IdText)]
    device: DeviceId,
    /// When it arrived.
    #[schema(value_type = Millis)]
    arrived_ms: Timestamp,
    /// Which check it failed.
    #[schema(value_type = RefusalWord)]
    code: RefusalCode,
    /// What exactly was wrong.
    detail: String,
}

impl From<RefusedEntry> for RefusedShown {
    fn from(entry: RefusedEntry) -> Self {
        let refused = entry.refused;
        Self {
            entry: refused.entry,
            index: refused.index,
            device: entry.device,
            arrived_ms: entry.arrived,
            code: refused.code,
            detail: refused.detail,
        }
    }
}

#[cfg(test)]
mod tests {
    use sync_core::record::Version;

    use super::*;

    #[test]
    fn every_cause_is_shown_by_its_documented_word() {
        let decision = Cause::Decision { submit: Hash::ZERO, ruling: Ruling::Excuse };
        let causes = [Cause::InTime, Cause::ArrivedLate, Cause::Finding, decision];
        let words = causes.map(|cause| {
            let at = Timestamp::from_millis(0);
            let (heads, submits) = (Heads::default(), Vec::new());
            let version = Version { number: 1, heads, at, cause, submits, merged: false };
            SealShown::from(Seal { version, value: Hash::ZERO }).cause
        });
        assert_eq!(CauseWord::WORDS, words);
    }
}
