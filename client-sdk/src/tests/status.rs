//! What a server says of records, made up by the tests.

use sync_core::{
    document::Heads,
    record::{self, Cause, Seal, Standing, SubmitStatus, Version},
    rules::{Basis, RuleVersion, Verdict},
};

use crate::{DeviceId, Hash, RecordStatus, Timestamp, UserId, VerdictOutcome, VisitId};

/// A record of which nothing arrived.
pub(super) fn draft(document: VisitId) -> RecordStatus {
    RecordStatus {
        document,
        ended: None,
        deadline: None,
        phase: record::Phase::Draft,
        seals: vec![],
        submits: vec![],
        origin: None,
    }
}

/// A late submit that a supervisor has looked at, or not.
pub(super) fn submit(entry: Hash, standing: Standing) -> SubmitStatus {
    let rule = RuleVersion { rule: "S21-R17".into(), pack: "key-account-visits".into(), version: 1 };
    SubmitStatus {
        entry,
        by: UserId::from_bytes([3; 16]),
        device: DeviceId::from_bytes([1; 16]),
        arrived: Timestamp::from_millis(0),
        verdict: Verdict {
            rule,
            deadline: None,
            outcome: VerdictOutcome::Late,
            basis: Basis::None,
            evidence: None,
            facts: Hash::ZERO,
        },
        standing,
        heads: Heads::default(),
        reason: None,
        decisions: vec![],
    }
}

/// A first version with that value.
pub(super) fn seal(value: Hash) -> Seal {
    let version = Version {
        number: 1,
        heads: Heads::default(),
        at: Timestamp::from_millis(0),
        cause: Cause::InTime,
        submits: vec![],
        merged: false,
    };
    Seal { version, value }
}
