//! Gate 3: the change's place in the history: its actor, its number, what it builds on and where it starts counting.

use super::{Refusal, RefusalCode, canonical::Decoded};
use crate::document::{Actor, Ancestry, Past};

/// Checks what can be said without knowing the past of the change.
pub(super) fn check_place(decoded: &Decoded<'_>, ancestry: &Ancestry) -> Result<(), Refusal> {
    if decoded.dependencies().is_empty() {
        return Err(Refusal::new(RefusalCode::MissingDependency, "builds on nothing, not even the genesis"));
    }
    if let Some(missing) = decoded.dependencies().iter().find(|dep| !ancestry.knows(dep)) {
        return Err(Refusal::new(
            RefusalCode::MissingDependency,
            format!("builds on {missing}, which is not here"),
        ));
    }
    let expected = ancestry.last_seq(&decoded.actor()) + 1;
    if decoded.seq() != expected {
        return Err(Refusal::new(
            RefusalCode::SequenceBroken,
            format!("sequence number {}, expected {expected}", decoded.seq()),
        ));
    }
    let expected = decoded.dependencies().iter().map(|dep| ancestry.max_op(dep)).max().unwrap_or(0) + 1;
    let start_op = decoded.start_op();
    if start_op != expected {
        return Err(Refusal::new(
            RefusalCode::StartOpWrong,
            format!("starts at operation {start_op}, expected {expected}"),
        ));
    }
    Ok(())
}

pub(super) fn check_actor(decoded: &Decoded<'_>, expected: &Actor) -> Result<(), Refusal> {
    if decoded.actor() == *expected {
        return Ok(());
    }
    let detail = format!("written by {}, this device is {expected}", decoded.actor());
    Err(Refusal::new(RefusalCode::ForeignActor, detail))
}

/// Checks that the change builds on all its own device did before.
pub(super) fn check_own_past(decoded: &Decoded<'_>, ancestry: &Ancestry, past: &Past) -> Result<(), Refusal> {
    if past.has_last_of(ancestry, &decoded.actor()) {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::SequenceBroken, "does not build on its actor's change before"))
}
