//! Change inspection: looking at the bytes of a change takes memory in proportion to them, and what passes can be read
//! by the library, within bounds.

use std::panic::catch_unwind;

use automerge::Change;
use sync_core::admission::{Limits, inspect};

use crate::{Outcome, forge, memory::within_mib};

/// Inspects the bytes as they are, and once more as the body of a chunk whose checksum is right.
pub fn run(data: &[u8]) -> Outcome {
    let sealed = forge::chunk(1, forge::body(data));
    let mut outcome = Outcome::Refused;
    for bytes in [data, &sealed] {
        if examine(bytes) {
            outcome = Outcome::Accepted;
        }
    }
    outcome
}

fn examine(bytes: &[u8]) -> bool {
    let limits = Limits::default();
    if let Err(refusal) = within_mib(1, || inspect(bytes, &limits)) {
        assert!(refusal.detail.chars().count() <= 200, "a refusal of any length: {refusal:?}");
        return false;
    }
    assert!(bytes.len() <= limits.change_bytes);
    // The library may still refuse or panic; admission guards that. What it may not do is grow.
    if let Ok(Ok(change)) = within_mib(32, || catch_unwind(|| Change::try_from(bytes))) {
        assert!(change.len() as u64 <= limits.operations, "{} operations", change.len());
        assert!(change.deps().len() as u64 <= limits.dependencies);
        assert!(change.other_actor_ids().len() as u64 <= limits.other_actors);
        assert_eq!(change.raw_bytes(), bytes);
    }
    true
}
