//! Facts: everything a verdict is computed from, in one hashable value.

use minicbor::Encode;

use super::{Evidence, PackRule, RuleVersion};
use crate::{encoding, hash::Hash, time::Timestamp};

/// Everything a verdict is computed from.
#[derive(Encode)]
#[cbor(map)]
pub(super) struct Facts<'a> {
    #[n(0)]
    rule: &'a RuleVersion,
    #[n(1)]
    pack: &'a Hash,
    #[n(2)]
    deadline: Option<Timestamp>,
    #[n(3)]
    evidence: &'a Evidence,
    #[n(4)]
    missing: Option<&'a [String]>,
}

impl<'a> Facts<'a> {
    /// The facts of a submit that can be judged against a deadline.
    pub(super) fn judged(
        rule: &PackRule<'a>,
        version: &'a RuleVersion,
        deadline: Timestamp,
        evidence: &'a Evidence,
    ) -> Self {
        Self { rule: version, pack: &rule.pack.hash, deadline: Some(deadline), evidence, missing: None }
    }

    /// The facts of a submit that cannot be judged, with what is missing.
    pub(super) fn incomplete(
        rule: &PackRule<'a>,
        version: &'a RuleVersion,
        deadline: Option<Timestamp>,
        evidence: &'a Evidence,
        missing: &'a [String],
    ) -> Self {
        Self { rule: version, pack: &rule.pack.hash, deadline, evidence, missing: Some(missing) }
    }

    /// Their hash: equal facts, equal verdict.
    pub(super) fn hash(&self) -> Hash {
        Hash::of("fieldbook/facts/1", &[&encoding::encode(self)])
    }
}
